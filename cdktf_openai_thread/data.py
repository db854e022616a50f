"""What Terraform reads and does not manage, as constructs."""

from cdktf_openai_thread.bindings.data import *  # noqa: F403 - what is given, and refers to it
from cdktf_openai_thread.bindings.data import (
    DataOpenaiFileBase,
    DataOpenaiFilesBase,
    DataOpenaiThreadBase,
    DataOpenaiThreadMessagesBase,
    DataOpenaiVectorStoreBase,
    DataOpenaiVectorStoreFilesBase,
    DataOpenaiVectorStoresBase,
    DataOpenaiVectorStoreSearchBase,
)


class DataOpenaiThread(DataOpenaiThreadBase):
    """A thread that is managed elsewhere.

    Raises:
        ConfigurationError: What no deploy could use: an empty id, an unknown key.
    """


class DataOpenaiThreadMessages(DataOpenaiThreadMessagesBase):
    """The messages of a thread, whoever wrote them.

    Raises:
        ConfigurationError: What no deploy could use: an empty id, an unknown key.
    """


class DataOpenaiFile(DataOpenaiFileBase):
    """A file that is managed elsewhere.

    Raises:
        ConfigurationError: What no deploy could use: an empty id, an unknown key.
    """


class DataOpenaiVectorStore(DataOpenaiVectorStoreBase):
    """A vector store that is managed elsewhere.

    Raises:
        ConfigurationError: What no deploy could use: an empty id, an unknown key.
    """


class DataOpenaiFiles(DataOpenaiFilesBase):
    """The files of the project, whoever uploaded them.

    Raises:
        ConfigurationError: What no deploy could use: an unknown order, a limit of 0, an unknown key.
    """


class DataOpenaiVectorStores(DataOpenaiVectorStoresBase):
    """The vector stores of the project, whoever made them.

    Raises:
        ConfigurationError: What no deploy could use: an unknown order, a limit of 0, an unknown key.
    """


class DataOpenaiVectorStoreFiles(DataOpenaiVectorStoreFilesBase):
    """The files in a vector store, whoever put them in.

    Raises:
        ConfigurationError: What no deploy could use: an empty id, an unknown status, an unknown key.
    """


class DataOpenaiVectorStoreSearch(DataOpenaiVectorStoreSearchBase):
    """The passages of a vector store that answer a question.

    Raises:
        ConfigurationError: What no deploy could use: an empty query, filters that are no mapping, an unknown
            key.
    """
