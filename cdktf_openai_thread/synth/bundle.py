"""Brings the provider along: what `terraform init` needs lies in each stack's folder after synth.

    cdktf.out/stacks/STACK/
      cdk.tf.json
      .terraform.lock.hcl             pins the provider
      terraform.d/
        plugins/                      the mirror that Terraform finds by itself: the launcher, or a bundle
        openai-thread/python          which Python the launcher becomes
        openai-thread/framework       cdktf or cdktn, for the doctor to tell

It is done by a stack synthesizer, the one hook that runs in every synth: validation skipped or
not, JSON or HCL. It runs once for a stack and after the stack's own files are written.
"""

import json
import os
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import jsii

from cdktf_openai_thread.errors import ConfigurationError, construct_of
from cdktf_openai_thread.synth import for_each
from cdktf_openai_thread.synth.framework import other_stack, tf
from provider_shim.contract.check import Problem
from provider_shim.contract.paths import as_name
from provider_shim.launcher.bundles import CONTEXT, VARIABLE, Bundle, UnusableFolder, read
from provider_shim.launcher.cli_configuration import cli_configuration_warning
from provider_shim.launcher.lock import lock_text
from provider_shim.launcher.mirror import (
    FRAMEWORK,
    PLUGINS,
    POINTER,
    write_if_different,
    write_mirror,
    write_pointer,
)
from provider_shim.system.engine import VARIABLE as ENGINE
from provider_shim.system.engine import chosen, cli_finds_no, word
from provider_shim.system.home import home_folder

_TOLD: set[str] = set()
"""Warnings that this process has printed: once, however many stacks there are."""

if TYPE_CHECKING:
    from constructs import IConstruct

NO_BUNDLES: Final[Mapping[str, Bundle]] = {}


def attach(scope: "IConstruct") -> None:
    """Have the stack around `scope` bring the provider along when it is synthesized.

    Any number of calls does it once for a stack. The first also adds a warning to the stack where
    Terraform's CLI configuration would keep it from finding the provider.

    Raises:
        ConfigurationError: The stack is of the other framework.
    """
    stack = tf.TerraformStack.of(scope)
    wrong = other_stack(stack)
    if wrong is not None:
        problem = Problem(("scope",), "Stack of another framework", wrong)
        raise ConfigurationError(construct_of(scope), [problem])
    inner = stack.synthesizer
    if isinstance(inner, _BundlingSynthesizer):
        return
    engine = chosen(os.environ)
    warning = cli_configuration_warning(os.environ, home_folder(), tofu=word(engine) == "tofu")
    stack.synthesizer = _BundlingSynthesizer(inner, stack, warning)
    if warning is not None:
        tf.Annotations.of(stack).add_warning(warning)
    if engine is not None and (unseen := cli_finds_no(engine, os.environ)) is not None:
        tf.Annotations.of(stack).add_warning(f"{unseen}. Set {ENGINE}=tofu in the environment.")


@jsii.implements(tf.IStackSynthesizer)
class _BundlingSynthesizer:
    """Synthesizes a stack as before, then puts the provider beside it."""

    def __init__(
        self, inner: "tf.IStackSynthesizer", stack: "tf.TerraformStack", warning: str | None
    ) -> None:
        self._inner = inner
        self._stack = stack
        self._warning = warning

    def synthesize(self, session: "tf.ISynthesisSession") -> None:
        self._inner.synthesize(session)
        manifest = session.manifest.for_stack(self._stack)
        outdir = Path(as_name(session.outdir))
        folder = outdir / as_name(manifest.working_directory)
        configuration = outdir / as_name(manifest.synthesized_stack_path)
        metadata = outdir / as_name(manifest.stack_metadata_path)
        if configuration.suffix != ".json" and metadata.exists():
            # HCL, with the same facts as JSON beside it. (Without: App(hcl_output=True) outside
            # the cdktf CLI, which gives JSON the name of HCL.)
            configuration = metadata
        # An exception that crosses jsii comes out as two traces of its kernel, with the message in
        # between. SystemExit is no Exception and does not cross: Python ends with the message alone.
        try:
            written = json.loads(configuration.read_bytes())
            with_locals = for_each.with_locals(written) if configuration != metadata else None
            if with_locals is not None:
                text = json.dumps(with_locals, indent=2, ensure_ascii=False)
                configuration.write_text(text, encoding="utf-8")
            bundle(folder, _required_providers(written), _bundles(self._stack))
        except UnusableFolder as problem:
            raise SystemExit(f"{problem}.") from None
        except OSError as problem:
            raise SystemExit(_explain(folder, problem)) from None
        except json.JSONDecodeError:
            raise SystemExit(_no_json(configuration)) from None
        if self._warning is not None and self._warning not in _TOLD:
            # The framework's command shows the annotation, and nothing of stderr; nobody else shows it.
            _TOLD.add(self._warning)
            sys.stderr.write(f"Warning: {self._warning}\n")


def bundle(folder: Path, required: dict[str, str | None], bundles: Mapping[str, Bundle] = NO_BUNDLES) -> None:
    """Write provider, pointer and lock entry into the folder of a stack.

    Args:
        folder: Where Terraform will run.
        required: Every provider the stack requires: address to version constraint.
        bundles: What stands in for the launcher, by platform: it needs no Python there.

    Raises:
        OSError: A file cannot be read or written; `filename` tells which.
    """
    write_mirror(folder / PLUGINS, bundles={platform: each.archive for platform, each in bundles.items()})
    if sys.executable:  # empty where Python is embedded in another program
        write_pointer(folder / POINTER, sys.executable)
    write_if_different(folder / FRAMEWORK, f"{tf.__name__}\n".encode())
    lock = folder / ".terraform.lock.hcl"
    try:
        old = lock.read_text(encoding="utf-8", errors="surrogateescape")
    except FileNotFoundError:
        old = ""
    text = lock_text(old, required, bundles=[each.h1 for each in bundles.values()])
    write_if_different(lock, text.encode("utf-8", errors="surrogateescape"))


def _bundles(stack: "tf.TerraformStack") -> Mapping[str, Bundle]:
    """Return the bundles that the environment or the context of ``cdktf.json`` names; most name none.

    Raises:
        UnusableFolder: What is named has none for this version, or a damaged one.
        OSError: A file cannot be read; `filename` tells which.
    """
    folder, by = os.environ.get(VARIABLE), VARIABLE
    if not folder:
        folder, by = stack.node.try_get_context(CONTEXT), f'"{CONTEXT}" in the context of cdktf.json'
    if folder is None:
        return NO_BUNDLES
    if not isinstance(folder, str) or not folder:
        raise UnusableFolder(
            f"{by} is {folder!r}. Allowed: the path of a folder that openai-thread bundle wrote"
        )
    return _read(folder, by)


@cache
def _read(folder: str, by: str) -> Mapping[str, Bundle]:
    """Read the bundles once for all stacks of an app."""
    try:
        return read(Path(folder))
    except UnusableFolder as problem:
        raise UnusableFolder(f"{by}: {problem}") from None


def _required_providers(configuration: Mapping[str, Any]) -> dict[str, str | None]:
    """Return what a synthesized stack requires: provider address to version constraint."""
    required = configuration.get("terraform", {}).get("required_providers", {})
    return {provider.get("source", name): provider.get("version") for name, provider in required.items()}


def _no_json(configuration: Path) -> str:
    given = os.environ.get("SYNTH_HCL_OUTPUT")
    return (
        f"{configuration}: {tf.__name__} did not write JSON into it. SYNTH_HCL_OUTPUT is {given!r}. Allowed: "
        '"true", or nothing: with "1" the text is HCL and the name of the file is that of JSON, which '
        f"Terraform can't read. Use {tf.__name__} synth --hcl, or set SYNTH_HCL_OUTPUT=true."
    )


def _explain(folder: Path, problem: OSError) -> str:
    where = problem.filename or folder
    reason = problem.strerror or problem
    if isinstance(problem, FileNotFoundError) and not folder.is_absolute():
        step = (
            "cdktf wrote the stack elsewhere, because the working directory changed after cdktf "
            "was imported. Change it before the import, or give App(outdir=...) an absolute path."
        )
    else:
        step = "Make the folder writable, with space left, or choose another with CDKTF_OUTDIR."
    return f"{where}: cdktf-openai-thread cannot put its provider beside the stack: {reason}. {step}"
