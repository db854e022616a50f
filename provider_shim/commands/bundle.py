"""Makes the provider self-contained for this platform."""

import sys
import tempfile
from pathlib import Path

from provider_shim import __version__
from provider_shim.launcher.bundle import licences
from provider_shim.launcher.bundle.making import CannotBundle, is_program, make
from provider_shim.launcher.bundles import VARIABLE, UnusableFolder, pack, write
from provider_shim.system.bundled import bundled


def bundle(folder: Path) -> int:
    """Make a bundle and put it into ``folder``; return the exit code."""
    if (inside := bundled()) is not None:
        print(
            f"{inside} is a bundle itself. Make another with an installed package: pip install "
            f"'cdktf-openai-thread[bundle]=={__version__}'.",
            file=sys.stderr,
        )
        return 1
    try:
        with tempfile.TemporaryDirectory(prefix="openai-thread-bundle-") as work:
            made = Path(work)
            facts = make(made)
            files = sorted(each for each in made.rglob("*") if each.is_file())
            names = [each.relative_to(made).as_posix() for each in files]
            packed = pack(
                (name, file.read_bytes(), is_program(name)) for name, file in zip(names, files, strict=True)
            )
            missing = licences.not_found(made)
            unpacked = sum(each.stat().st_size for each in files)
        platform = str(facts["platform"])
        written = write(folder, platform, packed)
    except (CannotBundle, UnusableFolder) as problem:
        print(f"openai-thread bundle: {problem}".rstrip(".") + ".", file=sys.stderr)
        return 1
    except OSError as problem:
        where = problem.filename or folder
        print(
            f"{where}: {problem.strerror or problem}. Give --to a folder that can be written, with 40 MB "
            "left, and have 100 MB left for temporary files (TMPDIR).",
            file=sys.stderr,
        )
        return 1
    print(
        f"{written}\n"
        f"cdktf-openai-thread {__version__} for {platform}, with Python {facts['python']} and "
        f"{facts['c_library']}: {len(packed.archive) / 1e6:.1f} MB, unpacked {unpacked / 1e6:.0f} MB "
        f"in {len(files)} files\n"
        f"{packed.h1}\n"
    )
    if missing:
        print(f"The licences of {', '.join(missing)} were not found here: add them before you pass it on.\n")
    print(f"cdktf synth takes it with {VARIABLE}={folder}")
    return 0
