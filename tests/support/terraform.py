"""Runs the real Terraform in a folder and reads what it says."""

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from provider_shim.launcher.lock import lock_text
from provider_shim.launcher.mirror import PLUGINS, POINTER, SOURCE, write_mirror, write_pointer
from tests.support.environment import BIN, clean, engine

REQUIRED = {"required_providers": {"openai": {"source": SOURCE}}}
SECONDS = 120
NOTHING: Mapping[str, str] = {}


@dataclass(frozen=True)
class Diagnostic:
    """One error or warning, unwrapped, as Terraform's JSON output has it."""

    severity: str
    summary: str
    detail: str
    address: str = ""

    def __str__(self) -> str:
        return f"{self.severity}: {self.summary} ({self.address})\n{self.detail}"


class TerraformError(AssertionError):
    """A command failed; the text is all it said."""

    def __init__(self, command: str, diagnostics: list[Diagnostic], output: str) -> None:
        said = "\n\n".join(map(str, diagnostics)) or output
        super().__init__(f"terraform {command} failed\n{said}")
        self.errors = [each for each in diagnostics if each.severity == "error"]
        self.output = output


@dataclass(frozen=True)
class Said:
    """What `plan`, `apply`, `refresh` and `destroy` report with -json."""

    actions: dict[str, str]
    """Planned: address of a resource to create, update, replace or delete. No-ops are left out."""
    drift: dict[str, str]
    """Found changed outside Terraform: address to action."""
    warnings: list[Diagnostic]
    output: str


class TerraformProject:
    """A folder with a configuration, the bundled provider beside it, and the commands run in it.

    Args:
        folder: Where Terraform runs; is made if it does not exist.
        initialised: A folder in which `terraform init` has run for the same providers: its result
            is reused, which saves a test the half second.
        environment: More variables for Terraform and so for the provider.
    """

    def __init__(
        self, folder: Path, *, initialised: Path | None = None, environment: Mapping[str, str] = NOTHING
    ) -> None:
        self.folder = folder
        self.environment = dict(environment)
        self.seconds = SECONDS
        self._initialised = initialised
        folder.mkdir(parents=True, exist_ok=True)

    def write(self, configuration: dict[str, Any], *, name: str = "main.tf.json") -> Self:
        """Write the configuration; `terraform.required_providers` is added."""
        terraform = {**REQUIRED, **configuration.get("terraform", {})}
        text = json.dumps({**configuration, "terraform": terraform}, indent=2)
        (self.folder / name).write_text(text)
        return self

    def init(self) -> Self:
        """Put the provider beside the configuration and have Terraform find it."""
        if self._initialised is not None:
            for name in (".terraform", ".terraform.lock.hcl", "terraform.d"):
                # A link is enough: after init Terraform only reads them.
                (self.folder / name).symlink_to(self._initialised / name)
            return self
        write_mirror(self.folder / PLUGINS)
        write_pointer(self.folder / POINTER, str(BIN / "python"))
        (self.folder / ".terraform.lock.hcl").write_text(lock_text("", {SOURCE: None}))
        self.run("init", "-input=false", "-no-color")
        return self

    def plan(self, *options: str) -> Said:
        """Plan, and keep the plan for the next `apply`."""
        return self._report("plan", "-out=plan.bin", *options)

    def apply(self, *options: str) -> Said:
        """Plan and apply at once."""
        return self._report("apply", "-auto-approve", *options)

    def apply_plan(self) -> Said:
        """Apply what `plan` kept."""
        return self._report("apply", "plan.bin")

    def refresh(self) -> Said:
        return self._report("refresh")

    def destroy(self, *options: str) -> Said:
        return self._report("destroy", "-auto-approve", *options)

    def validate(self) -> list[Diagnostic]:
        """Return the errors and warnings of `terraform validate`."""
        text = self.execute("validate", "-json").stdout
        return [_diagnostic(each) for each in json.loads(text)["diagnostics"]]

    def planned(self) -> dict[str, Any]:
        """Return the kept plan as `terraform show -json` has it."""
        return dict(json.loads(self.run("show", "-json", "plan.bin")))

    def state(self) -> dict[str, dict[str, Any]]:
        """Return the values of every resource in the root module, by its address, without deposed ones."""
        shown = json.loads(self.run("show", "-json"))
        resources = shown.get("values", {}).get("root_module", {}).get("resources", [])
        return {each["address"]: each["values"] for each in resources if "deposed_key" not in each}

    def outputs(self) -> dict[str, Any]:
        shown = json.loads(self.run("output", "-json"))
        return {name: each["value"] for name, each in shown.items()}

    def version(self) -> tuple[int, ...]:
        """Return the engine's major and minor version."""
        said = json.loads(self.run("version", "-json"))["terraform_version"]
        return tuple(map(int, re.findall(r"\d+", said)[:2]))

    def run(self, *arguments: str) -> str:
        """Run any command; return its stdout, raise `TerraformError` where it fails."""
        done = self.execute(*arguments)
        if done.returncode:
            raise TerraformError(" ".join(arguments), [], done.stdout + done.stderr)
        return done.stdout

    def _report(self, command: str, *options: str) -> Said:
        # Terraform wants options before the name of a plan file.
        done = self.execute(command, "-json", "-input=false", *options)
        events = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        found = [_diagnostic(each["diagnostic"]) for each in events if each["type"] == "diagnostic"]
        if done.returncode:
            raise TerraformError(command, found, done.stdout + done.stderr)
        return Said(
            actions=_changes(events, "planned_change"),
            drift=_changes(events, "resource_drift"),
            warnings=[each for each in found if each.severity == "warning"],
            output=done.stdout + done.stderr,
        )

    def execute(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run any command, whether it fails or not."""
        return subprocess.run(
            [engine(), *arguments],
            cwd=self.folder,
            env=clean(self.environment),
            capture_output=True,
            text=True,
            timeout=self.seconds,
            check=False,
        )

    def start(self, *arguments: str, output: int = subprocess.PIPE) -> "subprocess.Popen[str]":
        """Start a command in a process group of its own."""
        return subprocess.Popen(
            [engine(), *arguments],
            cwd=self.folder,
            env=clean(self.environment),
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def unlock(self) -> None:
        """Remove what a killed Terraform leaves; its lock itself has gone with it."""
        (self.folder / ".terraform.tfstate.lock.info").unlink(missing_ok=True)


def killed(terraform: TerraformProject, condition: Callable[[], bool]) -> None:
    """Apply, and kill Terraform, and its provider where it lives, at once when the condition holds."""
    process = terraform.start("apply", "-auto-approve", output=subprocess.DEVNULL)
    until = time.monotonic() + 60
    while not condition() and time.monotonic() < until:
        time.sleep(0.005)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    terraform.unlock()


def _diagnostic(said: dict[str, Any]) -> Diagnostic:
    return Diagnostic(said["severity"], said["summary"], said["detail"], said.get("address", ""))


def _changes(events: list[dict[str, Any]], kind: str) -> dict[str, str]:
    changes = (event["change"] for event in events if event["type"] == kind)
    return {each["resource"]["addr"]: each["action"] for each in changes if each["action"] != "noop"}
