"""A provider that dies, or whose Terraform dies, at an exact place of a create.

Terraform starts the provider with the Python that ``crashing_python`` writes: the real one, told to
run this file first. Nothing of the provider is replaced; calls are watched on their way through.
"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar, Final, Literal, get_args

Boundary = Literal["before send", "sent", "committed", "answer read", "noted", "before reply"]
Victim = Literal["provider", "terraform"]
BOUNDARIES: Final[tuple[Boundary, ...]] = get_args(Boundary)
VICTIMS: Final[tuple[Victim, ...]] = get_args(Victim)

AT: Final = "TEST_CRASH_AT"
"""Environment variable: the boundary; absent in a run that is to live."""
BUG: Final = "a bug"
"""In place of a boundary: every call raises an exception with the key in its text."""
VICTIM: Final = "TEST_CRASH_VICTIM"
PIDS: Final = "TEST_CRASH_PIDS"
"""Environment variable: the file that tells the process ids to a server that kills them."""

SCRIPT: Final = """#!/bin/sh
# Ours is the boot program of the launcher, after "-c": one line goes before it.
shift
boot=$1
shift
exec "{python}" -c "import sys; sys.path.insert(0, '{root}'); from tests.faults.crash import arm; arm()
$boot" "$@"
"""


def crashing_python(path: Path, python: Path, root: Path) -> Path:
    """Write the Python that the launcher is to start."""
    path.write_text(SCRIPT.format(python=python, root=root))
    path.chmod(0o755)
    return path


def kill(victim: str, provider: int, terraform: int) -> None:
    """Let one of them die at once."""
    os.kill(provider if victim == "provider" else terraform, signal.SIGKILL)


def arm() -> None:
    """Die where the environment says, in the provider's process."""
    boundary, victim = os.environ.get(AT), os.environ.get(VICTIM, "provider")
    if PIDS in os.environ:
        pids = Path(os.environ[PIDS])
        whole = pids.with_suffix(f".{os.getpid()}")
        whole.write_text(f"{os.getpid()} {os.getppid()}")
        whole.replace(pids)
    if boundary is None:
        return

    def die() -> None:
        kill(victim, os.getpid(), os.getppid())

    wanted: dict[str, dict[str, Callable[[Any], None]]] = {
        BUG: {"provider_shim.api.client": _with_a_bug},
        "before send": {"provider_shim.api.client": lambda module: _before_send(module, die)},
        "answer read": {
            "provider_shim.journal.journal": lambda module: _around_made(module, die, before=True)
        },
        "noted": {"provider_shim.journal.journal": lambda module: _around_made(module, die, before=False)},
        "before reply": {
            "provider_shim.journal.journal": _note_making,
            "provider_shim.terraform.loop": lambda module: _before_reply(module, die),
        },
    }
    _Finder.wanted = wanted.get(boundary, {})
    sys.meta_path.insert(0, _Finder)


class _Finder:
    """Finds nothing itself: changes a module right after it was imported."""

    wanted: ClassVar[dict[str, Callable[[Any], None]]] = {}

    @classmethod
    def find_spec(cls, name: str, path: Any = None, target: Any = None) -> Any:  # noqa: ARG003 - the protocol's
        change = cls.wanted.pop(name, None)
        if change is None:
            return None
        from importlib.util import find_spec  # noqa: PLC0415 - in the provider's process alone

        spec = find_spec(name)
        assert spec is not None
        assert spec.loader is not None
        run = spec.loader.exec_module

        def run_and_change(module: Any) -> None:
            run(module)
            change(module)

        spec.loader.exec_module = run_and_change  # type: ignore[method-assign]
        return spec


def _before_send(module: Any, die: Callable[[], None]) -> None:
    send = module.Client._send

    async def dying(self: Any, sdk: Any, request: Any) -> Any:
        if request.repeat is module.Repeat.NEVER_TWICE:
            die()
        return await send(self, sdk, request)

    module.Client._send = dying


def _with_a_bug(module: Any) -> None:
    async def broken(self: Any, *_given: Any) -> Any:
        raise RuntimeError(f"the key is {self.settings.api_key or self.settings.headers['authorization']}")

    module.Client._send = broken


def _around_made(module: Any, die: Callable[[], None], *, before: bool) -> None:
    made = module.Pending.made

    def dying(self: Any, identifier: str) -> None:
        if before:
            die()
        made(self, identifier)
        if not before:
            die()

    module.Pending.made = dying


_made: list[str] = []


def _note_making(module: Any) -> None:
    made = module.Pending.made

    def noting(self: Any, identifier: str) -> None:
        made(self, identifier)
        _made.append(identifier)

    module.Pending.made = noting


def _before_reply(module: Any, die: Callable[[], None]) -> None:
    run = module.Loop.run

    def dying(self: Any, coroutine: Any, done: Any) -> None:
        def ended(result: Any, failure: Any) -> None:
            if _made:
                die()
            done(result, failure)

        run(self, coroutine, ended)

    module.Loop.run = dying
