"""Root folders with an engine, a shell and a C library, and nothing else: what a small image has."""

import os
import shlex
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from provider_shim.launcher.bundle.elf import libraries_of, loader_of
from tests.support.environment import engine

USER = 61234
"""A user whom no file of the root knows."""
SECONDS = 120


class Root:
    """A folder that commands take for the whole machine: no Python, no home, no /proc, no certificates.

    Args:
        folder: Is made.
        libc: ``glibc``, this machine's; or ``musl``, of Debian's packages musl and busybox-static.
    """

    def __init__(self, folder: Path, libc: str) -> None:
        self.folder = folder
        for name in ("bin", "dev", "tmp"):
            (folder / name).mkdir(parents=True)
        (folder / "tmp").chmod(0o1777)
        os.mknod(folder / "dev/null", 0o020666, os.makedev(1, 3))
        (folder / "dev/null").chmod(0o666)
        self._put(engine().resolve(), "bin/terraform")
        {"glibc": self._glibc, "musl": self._musl}[libc]()

    def take(self, source: Path, name: str, owner: int = USER) -> Path:
        """Copy a folder to `name` and give it to a user."""
        target = self.folder / name
        shutil.copytree(source, target, symlinks=True)
        for each in [target, *target.rglob("*")]:
            os.chown(each, owner, owner, follow_symlinks=False)
        return target

    @contextmanager
    def mounted(self, name: str, option: str) -> Iterator[None]:
        """Have a new folder be a file system in memory with an option, which every user may write."""
        folder = self.folder / name
        folder.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", f"{option},mode=1777", "none", str(folder)]
        subprocess.run(mount, check=True)
        try:
            yield
        finally:
            subprocess.run(["umount", str(folder)], check=True)

    def run(
        self, script: str, *, cwd: str = "/", user: int = USER, environment: Mapping[str, str] | None = None
    ) -> str:
        """Run a script of the shell as a user; return what it says, raise where it fails."""
        given = {"PATH": "/bin", "TMPDIR": "/tmp", "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1"}  # noqa: S108 - of the root
        command = [shutil.which("chroot", path="/usr/sbin:/sbin:/usr/bin:/bin") or "chroot"]
        command += [
            f"--userspec={user}:{user}",
            str(self.folder),
            "/bin/sh",
            "-euc",
            f"cd {shlex.quote(cwd)}\n{script}",
        ]
        done = subprocess.run(
            command,
            env=given | dict(environment or {}),
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        if done.returncode:
            raise AssertionError(f"{script}\n{done.stdout}{done.stderr}")
        return done.stdout

    def _put(self, source: Path, name: str) -> None:
        target = self.folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)

    def _glibc(self) -> None:
        shell = Path("/bin/sh").resolve()
        loader = loader_of(shell)
        assert loader is not None
        self._put(shell, "bin/sh")
        self._put(loader, str(loader).lstrip("/"))
        for file in libraries_of(shell, loader).values():
            self._put(file, str(file).lstrip("/"))

    def _musl(self) -> None:
        (loader,) = Path("/lib").glob("ld-musl-*.so.1")
        self._put(loader.resolve(), f"lib/{loader.name}")
        self._put(Path("/bin/busybox"), "bin/busybox")
        for name in ("sh", "readlink"):
            (self.folder / "bin" / name).symlink_to("busybox")


def missing(libc: str) -> str:
    """Return why such a root can't be made here; nothing where it can."""
    if os.geteuid() != 0:
        return "only root may change the root folder"
    if loader_of(engine().resolve()) is not None or engine().resolve().read_bytes()[:2] == b"#!":
        return f"{engine()} needs more than itself"
    if libc == "musl" and not [*Path("/lib").glob("ld-musl-*.so.1")]:
        return "Debian's packages musl and busybox-static are not installed"
    return ""
