"""A cdktf app in a folder of its own, and the real cdktf command, or cdktn, run on it."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from tests.support.environment import BIN, FRAMEWORK, clean, in_framework
from tests.support.terraform import NOTHING, TerraformProject

SECONDS = 300


class CdktfError(AssertionError):
    """The command failed; the text is all it said."""

    def __init__(self, command: str, output: str) -> None:
        super().__init__(f"{command} failed\n{output}")
        self.output = output


class CdktfProject:
    """A folder with main.py and cdktf.json.

    Args:
        folder: The project; is made if it does not exist.
        python: The interpreter that runs main.py.
        environment: More variables for every command.
    """

    def __init__(
        self, folder: Path, *, python: Path = BIN / "python", environment: Mapping[str, str] = NOTHING
    ) -> None:
        self.folder = folder
        self.python = python
        self.environment = dict(environment)
        folder.mkdir(parents=True, exist_ok=True)
        settings = {"language": "python", "app": f'"{python}" main.py', "sendCrashReports": "false"}
        (folder / "cdktf.json").write_text(json.dumps({**settings, "projectId": "test"}))

    def write(self, program: str) -> Self:
        """Write main.py."""
        (self.folder / "main.py").write_text(in_framework(program))
        return self

    def synth(self) -> Self:
        """Run main.py alone: what `cdktf synth` does, without the two seconds of its Node program."""
        self._run(str(self.python), "main.py")
        return self

    def stack(self, name: str) -> TerraformProject:
        """Return the folder of a synthesized stack, to run Terraform in it directly."""
        return TerraformProject(self.folder / "cdktf.out" / "stacks" / name, environment=self.environment)

    def deploy(self, *options: str) -> str:
        return self._heard(self._run(str(BIN / FRAMEWORK), "deploy", "--auto-approve", *options))

    def diff(self, *options: str) -> str:
        return self._heard(self._run(str(BIN / FRAMEWORK), "diff", *options))

    def destroy(self, *options: str) -> str:
        return self._heard(self._run(str(BIN / FRAMEWORK), "destroy", "--auto-approve", *options))

    def _heard(self, said: str) -> str:
        """Return what a command has said; some projects look at it first."""
        return said

    def _run(self, *command: str) -> str:
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=clean(self.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        if done.returncode:
            raise CdktfError(" ".join(command), done.stdout)
        return done.stdout
