"""The libraries that the provider needs at deploy, as they are installed in this Python."""

import re
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Final

PACKAGE: Final = "cdktf-openai-thread"
NOT_AT_DEPLOY: Final = frozenset({"cdktf", "constructs", "jsii"})
"""What only synth imports; the last of them would start Node.js."""
NOT_NEEDED: Final = frozenset({"pycparser"})
"""What a library asks for when it is built, or for a use that is not ours."""
CERTIFICATES: Final = "certifi"
"""Has the certificates of the authorities; the extra ``bundle`` brings it."""

_NAME: Final = re.compile(r"[A-Za-z0-9._-]+")
_LEFT_OUT: Final = re.compile(
    r"^(cffi|pydantic/v1|[^/]+/tests?)/"
    r"|\.(pyi|pyx|pxd|c|h|pth|typed)$"
    r"|^\.\.|(^|/)__pycache__/|^bin/"
)
_LICENCE: Final = re.compile(
    r"\.dist-info/(.*/)?(LICEN[CS]E|COPYING|NOTICE|AUTHORS)[^/]*$|/licenses/", re.IGNORECASE
)


def needed() -> list[metadata.Distribution]:
    """Return the libraries of the provider, and what they need themselves, by name.

    Raises:
        LookupError: One is not installed.
    """
    found: dict[str, metadata.Distribution] = {}
    open_ = [(name, PACKAGE, True) for name in _required(metadata.distribution(PACKAGE))]
    open_ = [each for each in open_ if each[0] not in NOT_AT_DEPLOY] + [(CERTIFICATES, PACKAGE, True)]
    while open_:
        name, by, sure = open_.pop()
        if name in found or name in NOT_NEEDED:
            continue
        try:
            found[name] = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            if not sure:  # for another Python or system, then
                continue
            extra = "[bundle]" if name == CERTIFICATES else ""
            raise LookupError(
                f"{name} is not installed, and {by} needs it. pip install '{PACKAGE}{extra}'"
            ) from None
        open_ += [(each, name, False) for each in _required(found[name])]
    return [found[name] for name in sorted(found)]


def files(distribution: metadata.Distribution) -> Iterator[tuple[str, Path]]:
    """Yield what a library consists of at deploy: its name below ``site-packages``, and the file.

    Raises:
        LookupError: It is installed as a link to its source.
    """
    anything = False
    for each in distribution.files or ():
        name = each.as_posix()
        if _LEFT_OUT.search(name):
            continue
        if ".dist-info/" in name and not (name.endswith("/METADATA") or is_licence(name)):
            continue
        anything = anything or name.endswith((".py", ".so"))
        yield name, Path(str(each.locate()))
    if not anything:
        raise LookupError(
            f"{distribution.name} is installed as a link to its source, which can't be bundled. Install it "
            "from a wheel"
        )


def is_licence(name: str) -> bool:
    """Return whether a file of a library is its licence."""
    return _LICENCE.search(name) is not None


def _required(distribution: metadata.Distribution) -> Iterator[str]:
    """Yield the names of what a library asks for, its extras left out."""
    for each in distribution.requires or ():
        name = _NAME.match(each)
        if name and "extra ==" not in each.partition(";")[2]:
            yield re.sub(r"[-_.]+", "-", name[0]).lower()
