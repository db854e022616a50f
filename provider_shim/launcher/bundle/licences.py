"""The licences of all that a bundle carries, in one folder: whoever passes it on has to pass them on."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from provider_shim.launcher.bundle.distributions import is_licence

FOLDER: Final = "licenses"
NOT_FOUND: Final = "NOT-FOUND.txt"
"""Names the libraries whose licence is not on the machine that the bundle was made on."""


def not_found(bundle: Path) -> list[str]:
    """Return the libraries whose licence is missing in a bundle."""
    note = bundle / FOLDER / NOT_FOUND
    return note.read_text(encoding="utf-8").split("\n")[2:-1] if note.exists() else []


def gather(folder: Path) -> None:
    """Gather the licences of all that is in the bundle where a person looks for them."""
    to = folder / FOLDER
    to.mkdir(exist_ok=True)
    for file in sorted(folder.rglob("*")):
        name = file.relative_to(folder).as_posix()
        if not file.is_file() or file.is_relative_to(to):
            continue
        if is_licence(name):
            before, _, below = name.partition(".dist-info/")
            library = before.rpartition("/")[2].rpartition("-")[0]
            file.rename(to / f"{library}-{below.removeprefix('licenses/').replace('/', '-')}")
        elif file.name == "LICENSE.txt":
            file.rename(to / "Python-LICENSE.txt")


def of_the_system(libraries: Iterable[Path], folder: Path) -> None:
    """Copy the licences of the system's libraries as Debian keeps them; note those that have none."""
    packages: dict[str, str] = {}
    for each in Path("/var/lib/dpkg/info").glob("*.list"):
        package = each.name.removesuffix(".list").partition(":")[0]
        packages |= dict.fromkeys(each.read_text(encoding="utf-8").split("\n"), package)
    folder.mkdir()
    without = []
    for file in sorted({Path(os.path.realpath(each)) for each in libraries}):
        # Since everything lies below /usr, Debian's lists have either name.
        package = packages.get(str(file)) or packages.get(str(file).removeprefix("/usr"), "-")
        terms = Path("/usr/share/doc", package, "copyright")
        if terms.is_file():
            (folder / f"{package}-copyright").write_bytes(terms.read_bytes())
        elif not file.is_relative_to(sys.base_prefix):
            without.append(file.name)
    if without:
        text = "Their licences were not found on the machine that this was made on:\n"
        (folder / NOT_FOUND).write_text("\n".join([text, *without, ""]), encoding="utf-8")
