"""What Terraform reads and does not manage, as constructs."""

from cdktf_openai_thread.bindings.data import *  # noqa: F403 - what is given, and refers to it
from cdktf_openai_thread.bindings.data import (
    DataOpenaiFileBase,
    DataOpenaiThreadBase,
    DataOpenaiThreadMessagesBase,
    DataOpenaiVectorStoreBase,
)


class DataOpenaiThread(DataOpenaiThreadBase):
    """A thread that is managed elsewhere.

    :raises ConfigurationError: for what no deploy could use: an empty id, an unknown key.
    """


class DataOpenaiThreadMessages(DataOpenaiThreadMessagesBase):
    """The messages of a thread, whoever wrote them.

    :raises ConfigurationError: for what no deploy could use: an empty id, an unknown key.
    """


class DataOpenaiFile(DataOpenaiFileBase):
    """A file that is managed elsewhere.

    :raises ConfigurationError: for what no deploy could use: an empty id, an unknown key.
    """


class DataOpenaiVectorStore(DataOpenaiVectorStoreBase):
    """A vector store that is managed elsewhere.

    :raises ConfigurationError: for what no deploy could use: an empty id, an unknown key.
    """
