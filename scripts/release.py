"""Write what a release consists of: wheel, sdist, and the provider as a registry serves it.

    python -m scripts.release [--source HOST/NAMESPACE/openai] [FOLDER]

FOLDER (dist) then has

    cdktf_openai_thread-V-py3-none-any.whl, cdktf_openai_thread-V.tar.gz
    mirror/                                      for a filesystem or network mirror
    registry/                                    for a registry, or the release page that one reads
      terraform-provider-openai_V_OS_ARCH.zip    this platform's bundle
      terraform-provider-openai_V_manifest.json  the plugin protocol
      terraform-provider-openai_V_SHA256SUMS     to be signed: SHA256SUMS.sig beside it

A second call, with bundles of other platforms put into FOLDER/mirror before, has them all in it.
"""

import argparse
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from provider_shim import __version__
from provider_shim.launcher.mirror import SOURCE

ROOT = Path(__file__).resolve().parents[1]
ADDRESS = re.compile(r"[a-z0-9.-]+(?::\d+)?/[a-z0-9][a-z0-9_-]*/openai")
PLACE = Path("provider_shim", "launcher", "mirror.py")
PROTOCOL = "6.0"


def release(folder: Path, source: str) -> None:
    """Write a release into a folder.

    Args:
        folder: Is made; files of the same names are written anew.
        source: The provider's address that wheel, sdist and bundle are to have.
    """
    if not ADDRESS.fullmatch(source):
        raise SystemExit(
            f"release: --source is {source!r}. Allowed: HOST/NAMESPACE/openai, such as "
            "registry.example.com/platform/openai. The last part is the name of the provider's program."
        )
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as work:
        tree = Path(work, "tree")
        copy(tree, source)
        _run([sys.executable, "-m", "hatchling", "build", "-d", str(folder.resolve())], tree)
        (wheel,) = folder.glob(f"*-{__version__}-*.whl")
        python = installed(wheel, Path(work, "environment"))
        _run(
            [str(python.with_name("openai-thread")), "bundle", "--to", str(folder.resolve() / "mirror")], tree
        )
    _registry(folder / "mirror" / source, folder / "registry")


def gather(parts: Path, folder: Path) -> None:
    """Put the releases of several platforms, each in a folder below ``parts``, into one."""
    for part in sorted(each for each in parts.iterdir() if each.is_dir()):
        for each in [*part.glob("*.whl"), *part.glob("*.tar.gz")]:
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copy(each, folder)
        for noted in (part / "mirror").rglob(f"{__version__}.json"):
            place = folder / "mirror" / noted.parent.relative_to(part / "mirror")
            place.mkdir(parents=True, exist_ok=True)
            shutil.copytree(noted.parent, place, ignore=shutil.ignore_patterns("*.json"), dirs_exist_ok=True)
            shutil.copy(noted.with_name("index.json"), place)
            known = place / noted.name
            archives = json.loads(known.read_bytes())["archives"] if known.exists() else {}
            archives |= json.loads(noted.read_bytes())["archives"]
            known.write_text(json.dumps({"archives": archives}, indent=2) + "\n", encoding="utf-8")
            _registry(place, folder / "registry")


def copy(tree: Path, source: str) -> None:
    """Copy what is under version control, and give it the address."""
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout  # noqa: S607 - of the PATH
    for name in filter(None, names.decode().split("\0")):
        if (ROOT / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, tree / name)
    text = (tree / PLACE).read_text(encoding="utf-8")
    changed = text.replace(f'SOURCE: Final = "{SOURCE}"', f'SOURCE: Final = "{source}"')
    if source not in changed:
        raise SystemExit(f"release: {PLACE} has no line SOURCE")
    (tree / PLACE).write_text(changed, encoding="utf-8")


def installed(wheel: Path, folder: Path) -> Path:
    """Install the wheel; its dependencies are those of this environment. Return the Python."""
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    (site,) = folder.glob("lib/*/site-packages")
    (site / "dependencies.pth").write_text("\n".join(each for each in sys.path if "site-packages" in each))
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "--python", str(python)]
    _run([*pip, "install", "--no-deps", "--no-index", "--force-reinstall", str(wheel.resolve())], folder)
    return python


def _registry(mirror: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for archive in mirror.glob(f"terraform-provider-openai_{__version__}_*.zip"):
        shutil.copy(archive, folder)
    stem = f"terraform-provider-openai_{__version__}"
    manifest = {"version": 1, "metadata": {"protocol_versions": [PROTOCOL]}}
    (folder / f"{stem}_manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    files = sorted([*folder.glob(f"{stem}_*.zip"), folder / f"{stem}_manifest.json"])
    sums = [f"{hashlib.sha256(each.read_bytes()).hexdigest()}  {each.name}\n" for each in files]
    (folder / f"{stem}_SHA256SUMS").write_text("".join(sums), encoding="utf-8")


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"release: {' '.join(command[:4])} failed\n{done.stdout}{done.stderr}")


def main() -> None:
    """Write the release that the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m scripts.release", description="Write a release.")
    parser.add_argument("folder", nargs="?", type=Path, default=Path("dist"))
    parser.add_argument("--source", default=SOURCE, help="the provider's address (default: %(default)s)")
    parser.add_argument("--gather", type=Path, metavar="PARTS", help="releases of platforms to make one of")
    given = parser.parse_args()
    if given.gather is None:
        release(given.folder, given.source)
    else:
        gather(given.gather, given.folder)
    for each in sorted(each for each in given.folder.rglob("*") if each.is_file()):
        print(each)


if __name__ == "__main__":
    main()
