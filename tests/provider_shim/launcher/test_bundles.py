"""A folder of bundles: a mirror as Terraform writes one, and errors for each way in which it is not."""

import hashlib
import io
import json
import stat
import zipfile
from pathlib import Path

import pytest

from provider_shim import __version__
from provider_shim.launcher.bundle import making
from provider_shim.launcher.bundles import UnusableFolder, pack, read, write
from provider_shim.launcher.mirror import SOURCE, archive_name, executable_name
from provider_shim.system import bundled

FILES = [(executable_name(), b"#!/bin/sh\n", True), ("lib/a.pyc", b"code", False)]
OTHER = "9.9.9"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a bundle."""
    write(tmp_path / "bundles", "linux_amd64", pack(FILES))
    return tmp_path / "bundles"


def noted(folder: Path) -> Path:
    return folder / SOURCE / f"{__version__}.json"


def test_the_order_of_the_files_makes_no_difference_and_programs_can_be_started() -> None:
    bundle = pack(FILES)
    with zipfile.ZipFile(io.BytesIO(bundle.archive)) as archive:
        modes = {each.filename: stat.S_IMODE(each.external_attr >> 16) for each in archive.infolist()}

    assert pack(reversed(FILES)) == bundle
    assert modes == {executable_name(): 0o755, "lib/a.pyc": 0o644}


def test_the_hash_is_that_of_the_names_and_the_content(folder: Path) -> None:
    (archive,) = (folder / SOURCE).glob("*.zip")
    hashes = json.loads(noted(folder).read_bytes())["archives"]["linux_amd64"]["hashes"]

    assert hashes == sorted([pack(FILES).h1, f"zh:{hashlib.sha256(archive.read_bytes()).hexdigest()}"])
    assert pack([(name, b"x", program) for name, _, program in FILES]).h1 != pack(FILES).h1
    assert pack([(f"x{name}", content, program) for name, content, program in FILES]).h1 != pack(FILES).h1


def test_platforms_and_versions_lie_beside_each_other_as_a_mirror_has_them(folder: Path) -> None:
    (folder / SOURCE / f"{OTHER}.json").write_text("{}")
    arm = pack([(executable_name(), b"arm", True)])
    write(folder, "linux_arm64", arm)

    assert read(folder) == {"linux_amd64": pack(FILES), "linux_arm64": arm}
    assert json.loads((folder / SOURCE / "index.json").read_bytes()) == {
        "versions": {__version__: {}, OTHER: {}}
    }
    assert json.loads(noted(folder).read_bytes())["archives"]["linux_arm64"]["url"] == archive_name(
        "linux_arm64"
    )


def test_a_second_bundle_for_a_platform_takes_the_place_of_the_first(folder: Path) -> None:
    newer = pack([(executable_name(), b"newer", True)])
    write(folder, "linux_amd64", newer)

    assert read(folder) == {"linux_amd64": newer}


def damaged(folder: Path) -> None:
    archive = folder / SOURCE / archive_name("linux_amd64")
    archive.write_bytes(archive.read_bytes()[:-1])


@pytest.mark.parametrize(
    ("break_it", "said"),
    [
        pytest.param(
            lambda folder: folder.rename(folder.with_name("x")), "is no folder. Make it with", id="none"
        ),
        pytest.param(
            lambda folder: noted(folder).unlink(), f"has no bundle (no {SOURCE}); needed", id="empty"
        ),
        pytest.param(
            lambda folder: noted(folder).rename(noted(folder).with_name(f"{OTHER}.json")),
            f"has bundles of {OTHER} only; needed is one of cdktf-openai-thread {__version__}",
            id="another version",
        ),
        pytest.param(
            lambda folder: (folder / SOURCE / archive_name("linux_amd64")).unlink(),
            "is not there, and",
            id="incomplete",
        ),
        pytest.param(
            damaged, "is not what `openai-thread bundle` wrote: incomplete, or changed", id="damaged"
        ),
        pytest.param(
            lambda folder: noted(folder).write_text('{"archives": []}'),
            "is no list of a mirror's",
            id="no mirror",
        ),
        pytest.param(
            lambda folder: noted(folder).write_text('{"archives": {"a": {"url": "../../x", "hashes": []}}}'),
            "is no list of a mirror's",
            id="leads elsewhere",
        ),
        pytest.param(
            lambda folder: noted(folder).write_text('{"archives": {"../x": {"url": "x", "hashes": []}}}'),
            "is no list of a mirror's",
            id="no platform",
        ),
    ],
)
def test_a_folder_that_can_not_be_used_says_why_and_what_to_do(
    break_it: object, said: str, folder: Path
) -> None:
    break_it(folder)  # type: ignore[operator]
    with pytest.raises(UnusableFolder, match=r"(?i)make (it|the bundle)") as raised:
        read(folder)

    assert said in str(raised.value)


def test_what_runs_looks_for_what_is_made() -> None:
    """The launcher may import nothing of the provider's side, and that nothing of it."""
    start = Path(making.__file__).with_name("start.sh").read_text()

    assert bundled.FACTS == making.FACTS
    assert f'here + "/{bundled.CERTIFICATES}"' in start
