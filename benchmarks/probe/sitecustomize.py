"""Where a provider's time goes: Python runs this first wherever its folder is in PYTHONPATH.

Each process that Terraform starts leaves one line of JSON in the file of BENCHMARK_PROBE when it
ends: what was counted, and the CPU and wall seconds that it took.
"""

import json
import os
import sys
import time

if "BENCHMARK_PROBE" in os.environ and "TF_PLUGIN_MAGIC_COOKIE" in os.environ:
    import importlib
    from collections import Counter
    from collections.abc import Callable
    from typing import Any

    Function = Callable[..., Any]

    importing: Any = importlib._bootstrap  # noqa: SLF001 - there Python looks up how to import

    sums: Counter[str] = Counter()
    inside: list[str] = []
    """What the main thread is in: what happens within an import is the import's."""

    def add(what: str, cpu: float, wall: float) -> None:
        """Count one more."""
        sums.update({f"{what} count": 1, f"{what} cpu": cpu, f"{what} wall": wall})

    def measured(what: str, function: Function, *arguments: object) -> object:
        """Call a function and add what it took in this thread."""
        cpu, wall = time.thread_time(), time.perf_counter()
        try:
            return function(*arguments)
        finally:
            add(what, time.thread_time() - cpu, time.perf_counter() - wall)

    def watched_import(name: str, by: object, find: Function = importing._find_and_load) -> object:  # noqa: SLF001 - as above
        """Import a module: the SDK is imported in a thread of its own."""
        main = _thread_id() == os.getpid()
        if inside and main:
            return find(name, by)
        if not main:
            return measured("sdk", find, name, by) if name == "openai" else find(name, by)
        inside.append(name)
        try:
            return measured("imports", find, name, by)
        finally:
            inside.clear()
            watch()

    def _thread_id() -> int:
        import _thread  # noqa: PLC0415 - built in

        return _thread.get_native_id()

    def watch() -> None:
        """Watch what has been imported by now."""
        events: Any = sys.modules.get("asyncio.events")
        server: Any = sys.modules.get("provider_shim.terraform.server")
        if events is not None and not hasattr(events, "watched"):
            events.watched = True
            events.Handle._run = watched_run(events.Handle._run)  # noqa: SLF001 - as above
        if server is not None and not hasattr(server, "watched"):
            server.watched = True
            server.ProviderServer.call = watched_call(server.ProviderServer.call)

    def watched_run(run: Function) -> Function:
        """Tell steps of the loop that serve Terraform from those that call the API."""

        def step(handle: Any) -> None:  # noqa: ANN401 - asyncio's
            callback = getattr(handle._callback, "func", handle._callback)  # noqa: SLF001 - as above
            name = getattr(callback, "__qualname__", "")
            measured("serving" if name.startswith(("_GrpcServer", "Loop")) else "calling", run, handle)

        return step

    def watched_call(call: Function) -> Function:
        """Count the RPCs."""

        def counted(*arguments: object) -> object:
            sums["rpc count"] += 1
            return call(*arguments)

        return counted

    def fsync(file: int, sync: Function = os.fsync) -> None:
        """Flush a file."""
        measured("fsync", sync, file)

    def end(code: int, leave: Function = os._exit) -> None:
        """Write it down; the provider ends with this."""
        sums.update({"process count": 1, "process cpu": time.process_time()})
        sums.update({"process wall": time.perf_counter() - begun})
        with open(os.environ["BENCHMARK_PROBE"], "a") as out:  # noqa: PTH123 - pathlib is a slow import
            out.write(json.dumps(sums) + "\n")
        leave(code)

    begun = time.perf_counter()
    add("start", time.process_time(), 0.0)
    importing._find_and_load = watched_import  # noqa: SLF001 - as above
    os.fsync, os._exit = fsync, end  # type: ignore[assignment]
