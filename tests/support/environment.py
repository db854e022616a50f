"""What the real tools run in: the environment's own commands and nothing of the caller's settings."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

from provider_shim.system.engine import word

ROOT = Path(__file__).resolve().parents[2]

FRAMEWORK = os.environ.get("TEST_FRAMEWORK", "cdktf")
"""What apps import and what deploys them: cdktf, or with TEST_FRAMEWORK=cdktn its successor."""

BIN = ROOT / {"cdktf": ".venv", "cdktn": ".cdktn"}[FRAMEWORK] / "bin"

ENGINE = "TEST_TERRAFORM"
"""The environment variable that names another terraform or tofu to test with. Default: .venv/bin's."""

# Of the caller's: a CLI configuration, a key, a workspace or options of pytest would decide what a test sees.
FOREIGN = ("TF_", "OPENAI_", "CDKTF_", "TERRAFORM_CONFIG", "VIRTUAL_ENV", "PYTHON", "PYTEST_")


def in_framework(program: str) -> str:
    """Return a program that imports cdktf as one that imports the framework under test."""
    program = re.sub(r"\bfrom cdktf import\b", f"from {FRAMEWORK} import", program)
    return re.sub(r"\bimport cdktf$", f"import {FRAMEWORK} as cdktf", program, flags=re.MULTILINE)


def engine() -> Path:
    """Return the terraform (or tofu) that the tests run."""
    return Path(os.environ.get(ENGINE, BIN / "terraform"))


def registry() -> str:
    """Return the host that the engine under test means where an address names none."""
    return {"terraform": "registry.terraform.io", "tofu": "registry.opentofu.org"}[word(engine().resolve())]


def clean(given: Mapping[str, str]) -> dict[str, str]:
    """Return the environment for a tool, with what a test gives it on top."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    return {
        **kept,
        "PATH": f"{BIN}{os.pathsep}{kept['PATH']}",
        "CI": "1",
        "CHECKPOINT_DISABLE": "1",
        "NO_COLOR": "1",
        **given,
    }
