"""What the OpenAI API accepts, each number once.

Source: OpenAI's OpenAPI document, version 2.3.0.
"""

METADATA_PAIRS = 16
METADATA_KEY = 64
METADATA_VALUE = 512
"""Attributes of a file in a vector store have the same three."""
METADATA = (
    f"at most {METADATA_PAIRS}, keys of 1 to {METADATA_KEY} characters, values of at most {METADATA_VALUE}"
)
"""The three in words."""

SEARCH_RESULTS = (1, 50)
LISTED_OBJECTS = 10_000
"""Objects that a data source lists, at most. Our own limit."""

ITEMS_PER_CALL = 20
"""Items in one ``POST /conversations`` or ``POST /conversations/{id}/items``."""

PAGE = 100
"""Objects on one page of a list call, at most."""

IMPORTED_MESSAGES = 1_000
"""Messages that an import reads, at most. Our own limit: a state is no archive."""

PART_DATA = 1_000_000
"""Characters of a `file_data` or of an `image_url` in a part. Our own limit, far below the API's: a state
holds each of them, and Terraform reads and writes the whole of it several times in a run."""

CODE_INTERPRETER_FILES = 20
FILE_SEARCH_STORES = 1

FILE_MEGABYTES = 512
FILE_BYTES = FILE_MEGABYTES * 1024 * 1024
FILE_EXPIRES_SECONDS = (3_600, 2_592_000)

VECTOR_STORE_FILES = 500
"""File ids in one ``POST /vector_stores``."""
BATCH_FILES = 2_000
"""File ids in one file batch that OpenAI takes."""
BATCH_FILES_SENT = 500
"""File ids in one file batch that is sent: other servers take no more."""
CHUNK_TOKENS = (100, 4_096)
VECTOR_STORE_EXPIRES_DAYS = (1, 365)

INDEXING_SECONDS = (1, 86_400)
"""What a wait for indexing may be limited to. Our own limit, as the next."""
CALL_SECONDS = (1, 3_600)

SWITCHED_OFF = "2026-08-26"
"""The day on which OpenAI switched the Assistants API off."""


def spoken(limits: tuple[int, int]) -> str:
    """Return both ends of what is allowed, as a text has them."""
    least, most = limits
    return f"{least:,} to {most:,}"
