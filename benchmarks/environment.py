"""What is measured against, from PyPI, in folders of its own: nothing of it is a dependency of ours."""

import importlib.metadata
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.support.environment import ROOT

FOLDER = ROOT / ".bench"
TF = "tf==1.2.0"
RANDOM = "cdktf-cdktf-provider-random==12.0.1"


@dataclass(frozen=True)
class Peers:
    """Where they are."""

    tf: Path
    """The Python of an environment with `tf` and the SDK that we use ourselves."""
    random: Path
    """A folder with the prebuilt bindings of hashicorp/random."""


def peers() -> Peers:
    """Return the peers, and install them where they are not yet."""
    found = Peers(FOLDER / "tf" / "bin" / "python", FOLDER / "random")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "-qq"]
    stamp = FOLDER / "installed"
    wanted = f"{TF} {RANDOM} openai=={importlib.metadata.version('openai')}"
    if not stamp.is_file() or stamp.read_text() != wanted:
        subprocess.run([sys.executable, "-m", "venv", "--clear", FOLDER / "tf"], check=True)
        sdk = f"openai=={importlib.metadata.version('openai')}"
        subprocess.run([found.tf, *pip[1:], TF, sdk], check=True)
        subprocess.run([*pip, "--upgrade", "--no-deps", "--target", found.random, RANDOM], check=True)
        stamp.write_text(wanted)
    return found
