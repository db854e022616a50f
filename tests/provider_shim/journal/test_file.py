"""A file of lines that several processes write: whole lines or none, and whose process is alive."""

import asyncio
import errno
import fcntl
import os
import resource
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from provider_shim.journal.file import LineFile, Unusable


def append(file: LineFile, *lines: str) -> None:
    with file.locked():
        file.append(lines)


def close(file: LineFile, *, remove: bool = False) -> None:
    file.close(remove=lambda: remove)


def test_lines_are_read_as_they_were_written(tmp_path: Path) -> None:
    file = LineFile(tmp_path / "lines", 1)
    append(file, "one", "two")
    append(file, "three")
    with file.locked():
        lines = file.read()
    close(file)

    assert lines == ["one", "two", "three"]
    assert (tmp_path / "lines").stat().st_mode & 0o777 == 0o600


def test_a_line_without_an_end_is_none_and_is_cut_off(tmp_path: Path) -> None:
    (tmp_path / "lines").write_text('one\n{"event":"pending"}')
    file = LineFile(tmp_path / "lines", 1)
    with file.locked():
        before = file.read()
    append(file, "two")
    close(file)

    assert before == ["one"]
    assert (tmp_path / "lines").read_text() == "one\ntwo\n"


@pytest.mark.parametrize("tail", ["{", "x" * 9])
@pytest.mark.parametrize("whole", ["", "one\n", "one\ntwo\n"])
def test_only_what_is_behind_the_last_end_is_cut_off(tmp_path: Path, whole: str, tail: str) -> None:
    (tmp_path / "lines").write_text(whole + tail)
    file = LineFile(tmp_path / "lines", 1)
    append(file, "new")
    close(file)

    assert (tmp_path / "lines").read_text() == f"{whole}new\n"


def test_a_line_that_is_no_text_is_read_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "lines").write_bytes(b"one\n\xff\nthree\n")
    file = LineFile(tmp_path / "lines", 1)
    with file.locked():
        lines = file.read()
    close(file)

    assert lines == ["one", "\N{REPLACEMENT CHARACTER}", "three"]


def test_of_what_could_be_written_in_part_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write

    def full(file: int, data: memoryview) -> int:
        if len(data) < 5:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(file, data[:3])

    file = LineFile(tmp_path / "lines", 1)
    append(file, "one")
    with monkeypatch.context() as broken:
        broken.setattr(os, "write", full)
        with pytest.raises(Unusable):
            append(file, "does not fit")
    left = (tmp_path / "lines").read_text()
    close(file)

    assert left == "one\n"


def test_a_file_is_there_when_it_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "lines").write_text("one\n")

    assert LineFile(tmp_path / "lines", 1).is_there()
    assert not LineFile(tmp_path / "none", 1).is_there()


def test_what_can_neither_be_written_nor_cut_off_is_an_error_of_the_writing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def refused(*_: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    file = LineFile(tmp_path / "lines", 1)
    append(file, "one")
    with monkeypatch.context() as broken:
        broken.setattr(os, "write", full)
        broken.setattr(os, "ftruncate", refused)
        with pytest.raises(Unusable) as caught:
            append(file, "two")
    close(file)

    assert caught.value.trouble == "full"


def test_who_asks_whether_a_run_lives_leaves_it_as_dead_as_it_was(tmp_path: Path) -> None:
    code = """
        import sys
        from pathlib import Path
        from provider_shim.journal.file import LineFile

        file = LineFile(Path(sys.argv[1]), 2)
        with file.locked():
            print(file.lives(7), file.lives(1), end="")
    """
    path = tmp_path / "lines"
    file = LineFile(path, 1)
    with file.locked():
        asked, own = file.lives(7), file.lives(1)
    command = [sys.executable, "-c", textwrap.dedent(code), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)
    close(file, remove=True)

    assert (asked, own) == (False, True)
    assert done.stdout == "False True"
    assert not file.is_there()


def test_a_write_that_the_disk_has_no_room_for_leaves_nothing(tmp_path: Path) -> None:
    """A limit on the size of files stands in for a full disk: the kernel writes a part, then refuses."""
    code = """
        import resource, signal, sys
        from pathlib import Path
        from provider_shim.journal.file import LineFile, Unusable

        file = LineFile(Path(sys.argv[1]), 1)
        with file.locked():
            file.append(["whole"])
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (10, resource.RLIM_INFINITY))
        try:
            with file.locked():
                file.append(["does not fit"])
        except Unusable as problem:
            print(problem.trouble, end="")
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        with file.locked():
            file.append(["fits"])
    """
    path = tmp_path / "lines"
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), str(path)],
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )

    assert done.stdout == "failed"  # EFBIG
    assert path.read_text() == "whole\nfits\n"
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY


def test_after_a_failed_fsync_nothing_more_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(_file: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    file = LineFile(tmp_path / "lines", 1)
    append(file, "one")
    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", failing)
        with pytest.raises(Unusable) as caught:
            asyncio.run(file.on_disk())

    assert caught.value.trouble == "failed"
    with pytest.raises(Unusable):  # the system may say now that all is well
        append(file, "two")
    with pytest.raises(Unusable) as again:
        asyncio.run(file.on_disk())
    assert again.value.path == tmp_path / "lines"
    close(file)


def test_a_wait_without_a_line_costs_no_fsync(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    file = LineFile(tmp_path / "lines", 1)
    with file.locked():
        monkeypatch.setattr(os, "fsync", synced.append)
    asyncio.run(file.on_disk())
    close(file)

    assert synced == []


def test_a_second_wait_without_a_new_line_costs_no_fsync(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    file = LineFile(tmp_path / "lines", 1)
    append(file, "one")
    monkeypatch.setattr(os, "fsync", synced.append)

    async def twice() -> None:
        await file.on_disk()
        await file.on_disk()

    asyncio.run(twice())
    close(file)

    assert len(synced) == 1


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    file = LineFile(tmp_path / "missing" / "lines", 1)

    with pytest.raises(Unusable) as caught:
        append(file, "one")
    assert caught.value.trouble == "no folder"
    assert caught.value.path == tmp_path / "missing" / "lines"
    assert str(caught.value) == f"{tmp_path / 'missing' / 'lines'}: No such file or directory"


def test_a_trouble_without_words_of_the_system_is_told_in_its_own() -> None:
    assert str(Unusable(Path("lines"), OSError("no number"))) == "lines: no number"


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL])
def test_a_file_system_without_locks_is_said_and_left_without_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def no_locks(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "lockf", no_locks)
    file = LineFile(tmp_path / "lines", 1)

    with pytest.raises(Unusable) as caught:
        append(file, "one")
    assert caught.value.trouble == "no locks"
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_removed_while_it_is_waited_for_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, lockf = tmp_path / "lines", fcntl.lockf

    def removed(file: int, *rest: int) -> None:
        monkeypatch.setattr(fcntl, "lockf", lockf)
        path.unlink()  # as the run does that held the lock
        lockf(file, *rest)

    file = LineFile(path, 1)
    monkeypatch.setattr(fcntl, "lockf", removed)
    append(file, "one")
    close(file)

    assert path.read_text() == "one\n"


def test_a_file_that_was_closed_can_be_opened_again(tmp_path: Path) -> None:
    file = LineFile(tmp_path / "lines", 1)
    append(file, "one")
    close(file, remove=True)
    there = file.is_there()
    append(file, "two")
    close(file)

    assert not there
    assert (tmp_path / "lines").read_text() == "two\n"


def test_of_two_runs_that_find_no_locks_both_say_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "lines"

    def no_locks(*_: object) -> None:
        path.unlink()  # the other run tidies up first
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "lockf", no_locks)

    with pytest.raises(Unusable) as caught:
        append(LineFile(path, 1), "one")
    assert caught.value.trouble == "no locks"


def test_a_rewriting_keeps_the_inode_and_one_that_died_in_the_middle_is_finished(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    file = LineFile(path, 1)
    append(file, *map(str, range(100)))
    before = path.stat().st_ino
    with file.locked():
        file.rewrite(["left", "right"])
    close(file)
    rewritten = path.read_text()
    (tmp_path / "lines.kept").write_text('copy\n{"event":"end"}\n')
    path.write_text("half of i")
    again = LineFile(path, 2)
    with again.locked():
        lines = again.read()
    close(again)

    assert rewritten == "left\nright\n"
    assert path.stat().st_ino == before
    assert lines == ["copy"]
    assert list(tmp_path.iterdir()) == [path]


def test_a_rewriting_that_fails_leaves_all_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, modes = tmp_path / "lines", list[int]()

    def failing(_file: int) -> None:
        modes.extend(each.stat().st_mode & 0o777 for each in tmp_path.glob("*.kept"))
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    file = LineFile(path, 1)
    append(file, "one", "two")
    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", failing)
        with pytest.raises(Unusable), file.locked():
            file.rewrite(["left"])
    close(file)

    assert modes == [0o600]
    assert path.read_text() == "one\ntwo\n"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_can_not_be_removed_is_emptied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_path: Path, *, missing_ok: bool = False) -> None:
        raise PermissionError(errno.EPERM, f"{missing_ok}")

    file = LineFile(tmp_path / "lines", 1)
    append(file, "one")
    with monkeypatch.context() as broken:
        broken.setattr(Path, "unlink", refused)
        close(file, remove=True)

    assert (tmp_path / "lines").read_bytes() == b""


def test_creates_at_the_same_time_share_an_fsync_and_none_goes_on_before_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "lines"
    file = LineFile(path, 1)
    synced: list[str] = []
    fsync = os.fsync

    def watched(descriptor: int) -> None:
        before = path.read_text()
        fsync(descriptor)
        synced.append(before)

    async def create(number: int) -> None:
        for line in (f"pending {number},", f"made {number},"):
            append(file, line)
            await file.on_disk()
            assert line in synced[-1]
            await asyncio.sleep(0.02)  # the call

    async def create_all() -> None:
        await asyncio.gather(*map(create, range(50)))

    monkeypatch.setattr(os, "fsync", watched)
    asyncio.run(create_all())
    close(file)

    assert len(synced) <= 10
