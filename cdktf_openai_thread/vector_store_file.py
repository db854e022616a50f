"""A file in a vector store that is managed elsewhere, as a construct."""

from cdktf_openai_thread.bindings.vector_store_file import *  # noqa: F403 - what is given to it, and refers to it
from cdktf_openai_thread.bindings.vector_store_file import VectorStoreFileBase


class VectorStoreFile(VectorStoreFileBase):
    """Puts one file into a vector store of another stack, another team or an application.

    For the files of a store of this stack, see ``VectorStore(files=...)``. ``attributes`` is a mapping of
    texts, numbers, true and false; searches can filter by them.

    Raises:
        ConfigurationError: What no API would take: too many attributes, a list as the value of one,
            chunks that overlap by more than half, an unknown key.
    """
