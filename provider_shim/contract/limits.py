"""What the OpenAI API accepts, each number once.

Source: OpenAI's OpenAPI document, version 2.3.0.
"""

METADATA_PAIRS = 16
METADATA_KEY = 64
METADATA_VALUE = 512

ITEMS_PER_CALL = 20
"""Items in one ``POST /conversations`` or ``POST /conversations/{id}/items``."""

PAGE = 100
"""Objects on one page of a list call, at most."""

IMPORTED_MESSAGES = 1_000
"""Messages that an import reads, at most. Our own limit: a state is no archive."""

CODE_INTERPRETER_FILES = 20
FILE_SEARCH_STORES = 1

FILE_BYTES = 512 * 1024 * 1024
FILE_EXPIRES_SECONDS = (3_600, 2_592_000)

VECTOR_STORE_FILES = 500
"""File ids in one ``POST /vector_stores``."""
BATCH_FILES = 2_000
"""File ids in one file batch."""
CHUNK_TOKENS = (100, 4_096)
VECTOR_STORE_EXPIRES_DAYS = (1, 365)
