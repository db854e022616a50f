"""The folder that is packed: Python, its standard library, the provider and its libraries."""

import json
import os
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Final

import provider_shim
from provider_shim import __version__
from provider_shim.launcher.bundle import compiling, licences
from provider_shim.launcher.bundle.distributions import CERTIFICATES, files, needed
from provider_shim.launcher.bundle.elf import is_elf, libraries_of, loader_of, trimmed
from provider_shim.launcher.mirror import executable_name, this_platform

COMMAND: Final = "openai-thread"
FACTS: Final = "bundle.json"
"""What a bundle says of itself; `provider_shim.system.bundled` looks for it."""

PLATFORMS: Final = ("linux_amd64", "linux_arm64")
"""Those that bundles are made for."""
_FOLDERS: Final = frozenset(
    [
        "__phello__",
        "__pycache__",
        "curses",
        "dbm",
        "dist-packages",
        "distutils",
        "ensurepip",
        "idlelib",
        "lib-dynload",
        "lib2to3",
        "pydoc_data",
        "site-packages",
        "test",
        "tests",
        "tkinter",
        "turtledemo",
        "unittest",
        "venv",
        "xmlrpc",
        "wsgiref",
    ]
)
_MODULES: Final = frozenset(
    [
        "antigravity.py",
        "doctest.py",
        "pdb.py",
        "pydoc.py",
        "sitecustomize.py",
        "this.py",
        "turtle.py",
        "usercustomize.py",
    ]
)
"""Parts of the standard library that no provider needs."""
_EXTENSIONS: Final = re.compile(
    r"_?(test|xx|tkinter|curses|readline|nis\.|ossaudiodev|dbm|gdbm|audioop|crypt\.|spwd|lsprof"
    r"|codecs_(cn|hk|jp|kr|tw|iso2022)|ctypes_test)"
)
_WITH_LIBC: Final = ("libnss_dns.so.2", "libnss_files.so.2", "libresolv.so.2", "libgcc_s.so.1")
"""What the C library loads by itself when a name is looked up or a thread ends."""
_MODELS: Final = ("openai/resources/", "openai/types/")
"""Two thousand files of the SDK, of which the provider's way of using it loads one hundred."""
_LOADED: Final = """
import sys
from provider_shim.api.sdk_import import load
load()
import provider_shim.api.sdk
loaded = [each.__file__ for name, each in sys.modules.items() if name.startswith("openai.")]
print(*filter(None, loaded), sep="\\n")
"""
_TEMPLATE: Final = Path(__file__).with_name("start.sh")


class CannotBundle(Exception):  # noqa: N818 - what is the case
    """No bundle can be made here; the text says why, and what to do."""


def make(folder: Path) -> dict[str, object]:
    """Make the provider with all that it needs in an empty folder; return what the bundle says of itself.

    Raises:
        CannotBundle: Something is not installed, or not as it has to be.
        OSError: A file can't be read or written.
    """
    target = this_platform()
    if target not in PLATFORMS:
        raise CannotBundle(
            f"Bundles are made on Linux, for x86_64 or aarch64; this is {sys.platform}, "
            f"{platform.machine()}. Make it where Terraform runs, for example in a container of "
            "python:3.13, and synthesize with it here."
        )
    program = Path(os.path.realpath(getattr(sys, "_base_executable", sys.executable)))
    loader = loader_of(program)
    if loader is None:
        raise CannotBundle(f"{program} is linked statically: a bundle needs a Python that loads libraries.")
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    standard = folder / "lib" / name
    site = standard / "site-packages"
    try:
        libraries = needed()
        sources = [*_standard_library(standard), *_provider(site)]
        models = _models()
        for each in libraries:
            sources += (
                (site / below, file)
                for below, file in files(each)
                if not below.startswith(_MODELS) or below in models
            )
        (certificates,) = (file for to, file in sources if to == site / CERTIFICATES / "cacert.pem")
        _copy(sources, folder)
        _copy([(folder / "bin" / name, program), (folder / "lib" / loader.name, loader)], folder)
        _carry_libraries([(folder / "bin" / name, program), *sources], loader, folder / "lib")
    except LookupError as problem:
        raise CannotBundle(f"{problem.args[0]}.") from problem
    shutil.move(site / CERTIFICATES / "cacert.pem", folder / certificates.name)
    licences.gather(folder)
    facts: dict[str, object] = {
        "version": __version__,
        "platform": target,
        "python": platform.python_version(),
        "c_library": (platform.libc_ver()[0] and os.confstr("CS_GNU_LIBC_VERSION")) or loader.name,
        "libraries": {each.name: each.version for each in libraries},
    }
    (folder / FACTS).write_text(json.dumps(facts, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    for file, module in ((executable_name(), "provider_shim.__main__"), (COMMAND, "provider_shim.cli")):
        (folder / file).write_bytes(_start(loader.name, name, module))
    return facts


def is_program(name: str) -> bool:
    """Return whether a file of a bundle is one that is started: the others need no such right."""
    return name in (executable_name(), COMMAND) or name.startswith(("bin/", "lib/ld-"))


def _start(loader: str, python: str, module: str) -> bytes:
    # glibc takes the place of the program for $ORIGIN, so that a colon in a path does no harm; musl does not.
    libraries = '"$here/lib"' if "musl" in loader else "'$ORIGIN/../lib'"
    text = _TEMPLATE.read_text(encoding="ascii")
    for word, value in (
        ("VERSION", __version__),
        ("LOADER", loader),
        ("LIBRARIES", libraries),
        ("PYTHON", python),
        ("MODULE", module),
    ):
        text = text.replace(f"@{word}@", value)
    return text.encode("ascii")


def _standard_library(to: Path) -> Iterator[tuple[Path, Path]]:
    where = Path(sysconfig.get_path("stdlib"))
    for file in sorted(where.rglob("*.py")):
        below = file.relative_to(where)
        unneeded = file.name in _MODULES or below.parts[0].startswith("config-")
        if not unneeded and _FOLDERS.isdisjoint(below.parts[:-1]):
            yield to / below, file
    for file in sorted(where.glob("lib-dynload/*.so")):
        if not _EXTENSIONS.match(file.name):
            yield to / "lib-dynload" / file.name, file
    for file in sorted({*where.glob("LICENSE*"), Path(sys.base_prefix, "LICENSE"), *_python_licences()}):
        if file.is_file():
            yield to / "LICENSE.txt", file
            return
    raise LookupError("The licence of this Python was not found. Use a Python that has it")


def _python_licences() -> Iterator[Path]:
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for folder in (name, f"{name}-minimal", f"lib{name}-stdlib"):
        yield Path("/usr/share/doc", folder, "copyright")


def _models() -> frozenset[str]:
    """Return the files of the SDK that are loaded when the provider makes its client."""
    done = subprocess.run([sys.executable, "-c", _LOADED], capture_output=True, text=True, check=False)
    if done.returncode:
        raise LookupError(f"The OpenAI SDK can't be loaded: {done.stderr.strip().rpartition(chr(10))[2]}")
    where = Path(metadata.distribution("openai").locate_file(""))  # type: ignore[arg-type]  # a path
    return frozenset(Path(each).relative_to(where).as_posix() for each in done.stdout.splitlines())


def _provider(to: Path) -> Iterator[tuple[Path, Path]]:
    where = Path(provider_shim.__file__).parent
    for file in sorted(where.rglob("*")):
        if file.is_file() and file.suffix not in (".pyc", ".typed"):
            yield to / "provider_shim" / file.relative_to(where), file


def _copy(sources: list[tuple[Path, Path]], folder: Path) -> None:
    """Write each file as it is to lie in the bundle: programs trimmed, sources compiled."""
    lines = []
    for to, file in sorted(sources):
        to.parent.mkdir(parents=True, exist_ok=True)
        if to.suffix == ".py":
            lines.append(f"{file}\t{to.with_suffix('.pyc')}\t{to.relative_to(folder)}\n")
            continue
        data = file.read_bytes()
        to.write_bytes(trimmed(data) if is_elf(data) else data)
    if lines:
        subprocess.run(
            [getattr(sys, "_base_executable", sys.executable), "-S", "-s", compiling.__file__],
            input="".join(lines),
            text=True,
            encoding="utf-8",
            errors="surrogateescape",
            env={"PYTHONHASHSEED": "0", "PYTHONUTF8": "1", "PYTHONSAFEPATH": "1"},
            check=True,
        )


def _carry_libraries(sources: list[tuple[Path, Path]], loader: Path, to: Path) -> None:
    """Copy the libraries of the system that programs and libraries are loaded with, the C library too."""
    found: dict[str, Path] = {}
    for target, file in sources:
        if target.suffix == ".so" or target.parent.name == "bin":
            found |= libraries_of(file, loader)
    beside = {each.parent for each in found.values()}
    for name in _WITH_LIBC:
        for file in (folder / name for folder in sorted(beside)):
            if file.exists():
                found[name] = file
    licences.of_the_system([loader, *found.values()], to.parent / licences.FOLDER)
    for name, file in found.items():
        if Path(name).name != loader.name:
            (to / Path(name).name).write_bytes(trimmed(file.read_bytes()))
