"""Run the corpus on real generated bindings and write down what they are and what they synthesize.

    python scripts/corpus.py

`cdktf get` generates the bindings from the provider's own schema, in a temporary folder. Beside each
program of tests/cdktf_openai_thread/corpus goes its JSON, and names.json holds the public names.
"""

import enum
import importlib
import inspect
import json
import os
import runpy
import subprocess
import sys
import tempfile
from pathlib import Path

from cdktf import TerraformStack, Testing

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT / "tests" / "cdktf_openai_thread" / "corpus"
BIN = ROOT / ".venv" / "bin"
MODULES = ("provider", "thread")


def generate(folder: Path) -> None:
    """Write the bindings into the folder, as the package `imports.openai`."""
    sys.path.insert(0, str(ROOT))
    mirror = importlib.import_module("provider_shim.launcher.mirror")
    version = importlib.import_module("provider_shim").__version__
    mirror.write_mirror(folder / "plugins")
    cli = folder / "cli.tfrc"
    cli.write_text(f'provider_installation {{ filesystem_mirror {{ path = "{folder / "plugins"}" }} }}\n')
    settings = {"language": "python", "app": "true", "projectId": "corpus", "sendCrashReports": "false"}
    providers = {"codeMakerOutput": "imports", "terraformProviders": [f"{mirror.SOURCE}@{version}"]}
    (folder / "cdktf.json").write_text(json.dumps({**settings, **providers}))
    variables = {
        "CDKTF_OPENAI_THREAD_PYTHON": str(BIN / "python"),
        "CHECKPOINT_DISABLE": "1",
        "CI": "1",
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "TF_CLI_CONFIG_FILE": str(cli),
    }
    subprocess.run(
        [BIN / "cdktf", "get"],
        cwd=folder,
        env={**os.environ, **variables},
        stdout=subprocess.DEVNULL,
        check=True,
    )


def synthesized(program: Path) -> object:
    """Return the JSON of one program."""
    stack = TerraformStack(Testing.app(), "corpus")
    runpy.run_path(str(program))["build"](stack)
    return json.loads(Testing.synth(stack))


def names() -> dict[str, dict[str, object]]:
    """Return each class of the bindings: its public names, and what its constructor takes."""
    found: dict[str, dict[str, object]] = {}
    for module in MODULES:
        bindings = importlib.import_module(f"imports.openai.{module}")
        found[module] = {
            name: {
                "names": sorted(each for each in dir(kind) if not each.startswith("_")),
                "arguments": _arguments(kind),
            }
            for name, kind in vars(bindings).items()
            if inspect.isclass(kind)
            and kind.__module__ == bindings.__name__
            and not issubclass(kind, enum.Enum)
        }
    return found


def _arguments(kind: type) -> list[str]:
    return [name for name in inspect.signature(kind).parameters if name not in ("scope", "id")]


def _write(path: Path, data: object) -> None:
    path.write_text(json.dumps(data, indent=1, sort_keys=True) + "\n")


def main() -> None:
    """Generate, then write every file anew."""
    with tempfile.TemporaryDirectory() as folder:
        generate(Path(folder))
        sys.path.insert(0, folder)
        for program in sorted(CORPUS.glob("*.py")):
            _write(program.with_suffix(".json"), synthesized(program))
        _write(CORPUS / "names.json", names())


if __name__ == "__main__":
    main()
