"""The packed provider: bytes that a lock file can pin, written whole or not at all."""

import base64
import errno
import hashlib
import io
import os
import stat
import zipfile
from pathlib import Path

import pytest

from provider_shim import __version__
from provider_shim.launcher.mirror import (
    PLATFORMS,
    executable_name,
    h1,
    launcher,
    packed,
    this_platform,
    write_if_different,
    write_mirror,
    write_pointer,
)

# Every released version's launcher, for good: its hash is in lock files. A change of launcher.sh
# needs a new version, and a line here.
PINNED = {"0.1.0": "h1:Pd+RYhLqvoq1ih/AOUhyP4hDbbo2Jy8nIt0wppeWuJg="}


def test_the_launcher_of_each_version_is_what_it_was() -> None:
    assert h1(__version__) == PINNED[__version__]


def test_the_hash_is_that_of_terraform_over_the_unpacked_files() -> None:
    with zipfile.ZipFile(io.BytesIO(packed("1.2.3"))) as archive:
        (name,) = archive.namelist()
        content = archive.read(name)
    line = hashlib.sha256(content).hexdigest() + "  terraform-provider-openai_v1.2.3\n"

    assert name == executable_name("1.2.3")
    assert h1("1.2.3") == "h1:" + base64.b64encode(hashlib.sha256(line.encode()).digest()).decode()


def test_the_version_is_all_that_makes_a_launcher_differ() -> None:
    assert launcher("1.2.3").replace(b"1.2.3", b"4.5.6") == launcher("4.5.6")
    assert b"@" not in launcher("1.2.3").replace(b'"$@"', b"")


def test_the_zip_is_the_same_at_any_time_and_unpacks_an_executable(monkeypatch: pytest.MonkeyPatch) -> None:
    first = packed()
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        (member,) = archive.infolist()

    assert packed() == first
    assert member.date_time == (1980, 1, 1, 0, 0, 0)
    assert member.create_system == 3
    assert stat.S_IMODE(member.external_attr >> 16) == 0o755


def test_the_mirror_holds_one_zip_for_each_platform_and_is_written_once(tmp_path: Path) -> None:
    write_mirror(tmp_path)
    folder = tmp_path / "localhost/cdktf-openai-thread/openai"
    before = {path: path.stat() for path in folder.iterdir()}
    write_mirror(tmp_path)

    assert {path.name for path in before} == {
        f"terraform-provider-openai_{__version__}_{platform}.zip" for platform in PLATFORMS
    }
    assert {path: path.stat() for path in folder.iterdir()} == before
    assert {path.read_bytes() for path in before} == {packed()}


def test_a_damaged_zip_is_replaced_and_the_others_stay(tmp_path: Path) -> None:
    write_mirror(tmp_path)
    damaged, *others = sorted(tmp_path.rglob("*.zip"))
    kept = [path.stat().st_ino for path in others]
    damaged.write_bytes(b"half")
    write_mirror(tmp_path)

    assert damaged.read_bytes() == packed()
    assert [path.stat().st_ino for path in others] == kept


def test_a_pointer_is_the_path_in_bytes_and_a_newline(tmp_path: Path) -> None:
    write_pointer(tmp_path / "a/python", "/opt/py\udcff thon")

    assert (tmp_path / "a/python").read_bytes() == b"/opt/py\xff thon\n"


def test_a_symbolic_link_stays_and_its_file_changes(tmp_path: Path) -> None:
    (tmp_path / "kept").write_bytes(b"old")
    (tmp_path / "link").symlink_to("kept")
    write_if_different(tmp_path / "link", b"new")

    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "kept").read_bytes() == b"new"


def test_a_full_disk_leaves_the_old_file_alone_and_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int, mode: str) -> io.BufferedWriter:
        os.close(descriptor)
        assert mode == "wb"
        return Path("/dev/full").open("wb", buffering=0)  # type: ignore[return-value]

    (tmp_path / "file").write_bytes(b"old")
    monkeypatch.setattr(os, "fdopen", full)
    with pytest.raises(OSError, match="No space left") as raised:
        write_if_different(tmp_path / "file", b"new")

    assert raised.value.errno == errno.ENOSPC
    assert raised.value.filename == str(tmp_path / "file")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("file", b"old")]


@pytest.mark.parametrize(
    ("expected", "system", "machine"),
    [
        ("linux_amd64", "Linux", "x86_64"),
        ("linux_arm64", "Linux", "aarch64"),
        ("darwin_arm64", "Darwin", "arm64"),
        ("freebsd_amd64", "FreeBSD", "amd64"),
    ],
)
def test_a_platform_has_the_name_that_terraform_gives_it(
    expected: str, system: str, machine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platform.system", lambda: system)
    monkeypatch.setattr("platform.machine", lambda: machine)

    assert this_platform() == expected
    assert expected in PLATFORMS
