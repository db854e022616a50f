import os
import subprocess
import sys
from pathlib import Path

import pytest

from provider_shim.system import locks
from provider_shim.system.listener import listen
from provider_shim.system.memory_file import memory_file
from provider_shim.system.options import destroys
from provider_shim.system.parent import identity, is_there, lives, parent
from provider_shim.system.poll import ready

FAR = 1 << 41
ON_LINUX = pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="the system has no files in memory")


def from_another_process(path: Path, byte: int, number: int) -> bool:
    program = (
        "import os, sys\n"
        "from provider_shim.system.locks import try_lock\n"
        "file = os.open(sys.argv[1], os.O_RDWR)\n"
        "print(try_lock(file, int(sys.argv[2]), int(sys.argv[3])))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, path, str(byte), str(number)],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout == "True\n"


def test_a_byte_is_locked_for_other_processes_until_it_is_let_go(tmp_path: Path) -> None:
    path = tmp_path / "file"
    file = os.open(path, os.O_RDWR | os.O_CREAT)
    locks.lock(file, FAR)
    places = ((FAR, 1), (FAR - 9, locks.TO_THE_END), (FAR + 1, 1), (0, 1))
    held = [not from_another_process(path, *place) for place in places]
    locks.unlock(file, FAR)
    free = from_another_process(path, FAR, 1)
    os.close(file)

    assert held == [True, True, False, False]
    assert free


def test_a_file_that_can_not_be_locked_is_told_from_one_that_is_held(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch()
    file = os.open(path, os.O_RDONLY)
    with pytest.raises(locks.NoLocks):
        locks.try_lock(file, 0)
    os.close(file)


def test_a_process_is_told_from_a_later_one_with_its_number() -> None:
    ours = identity(os.getpid())

    assert is_there(ours)
    assert not is_there(f"{os.getpid()}.1.00000000")
    with subprocess.Popen(["sleep", "60"]) as process:
        theirs = identity(process.pid)
        during = is_there(theirs)
        process.kill()
    assert (during, is_there(theirs)) == (True, False)


def test_a_listener_leaves_nothing_behind() -> None:
    listener = listen("")
    there = Path(listener.address).is_socket()
    listener.close()
    listener.close()

    assert there
    assert not Path(listener.folder).exists()


@pytest.mark.parametrize("in_memory", [False, pytest.param(True, marks=ON_LINUX)])
def test_a_memory_file_can_be_read_and_is_gone_afterwards(
    in_memory: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not in_memory:
        monkeypatch.delattr(os, "memfd_create", raising=False)
    with memory_file(b"content", str(tmp_path)) as path:
        content = Path(path).read_bytes()
        modes = [each.stat().st_mode & 0o777 for each in tmp_path.iterdir()]

    assert content == b"content"
    assert modes == ([] if in_memory else [0o600])
    assert list(tmp_path.iterdir()) == []


def test_a_poll_returns_what_can_be_read_or_written() -> None:
    source, target = os.pipe()
    try:
        nothing = ready([(source, False)], 0)
        writable = ready([(source, False), (target, True)], 1)
        os.write(target, b".")
        readable = ready([(source, False)], 1)
    finally:
        os.close(source)
        os.close(target)

    assert (nothing, writable, readable) == ([], [target], [source])


def test_the_parent_lives() -> None:
    assert lives(parent())
    assert not lives(os.getpid())


@pytest.mark.parametrize(
    ("words", "environment", "expected"),
    [
        (["destroy", "-auto-approve"], {}, True),
        (["plan", "-destroy", "-out=plan.bin"], {}, True),
        (["apply", "-auto-approve"], {"TF_CLI_ARGS_apply": "-destroy"}, True),
        (["apply", "-destroy=false", "-target=openai_thread.destroy"], {"PATH": "destroy"}, False),
    ],
)
@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not tell the words of a process")
def test_a_terraform_that_destroys_is_known_by_its_words(
    words: list[str], environment: dict[str, str], *, expected: bool
) -> None:
    waiting = [sys.executable, "-c", "print(flush=True); input()", *words]
    with subprocess.Popen(waiting, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as terraform:
        assert terraform.stdin is not None
        assert terraform.stdout is not None
        terraform.stdout.readline()  # it has its words by now
        told = destroys(terraform.pid, environment)
        terraform.stdin.write(b"\n")

    assert told is expected


def test_a_process_that_has_ended_tells_nothing() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        pass

    assert not destroys(ended.pid, {})
