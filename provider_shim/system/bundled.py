"""Whether this process runs from a bundle, which brings its own Python, libraries and certificates."""

import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:  # costs each start of the provider more than the work here
    from pathlib import Path

FACTS: Final = "bundle.json"
"""What a bundle says of itself, in its folder."""

CERTIFICATES: Final = "cacert.pem"
"""The certificates of the authorities, where neither ``SSL_CERT_FILE`` nor ``SSL_CERT_DIR`` is set."""


def bundled() -> "Path | None":
    """Return the folder of the bundle that this process runs from; None in an ordinary Python."""
    from pathlib import Path  # noqa: PLC0415 - see above

    folder = Path(sys.prefix)
    return folder if (folder / FACTS).is_file() else None


def without_ours(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment without the certificates of the bundle: they are for this process alone."""
    ours = os.path.join(sys.prefix, CERTIFICATES)  # noqa: PTH118 - compared with what the start wrote
    return {name: value for name, value in environment.items() if (name, value) != ("SSL_CERT_FILE", ours)}
