"""Install the lowest version of every dependency that pyproject.toml allows, and test with it.

    python -m scripts.floors [PYTEST ARGUMENTS]

So that a lower bound is one that was tried, and not one that was guessed.
"""

import re
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENT = ROOT / ".floors"
# What loads each dependency and does with it what the provider, synth and the embedded API do.
TESTS = (
    "tests/provider_shim/api/test_client.py",
    "tests/provider_shim/api/test_connections.py",
    "tests/provider_shim/launcher",
    "tests/provider_shim/local",
    "tests/provider_shim/terraform",
    "tests/cdktf_openai_thread/test_corpus.py",
    "tests/cdktf_openai_thread/test_values.py",
    "tests/e2e/test_thread_plan.py",
)


def floors() -> list[str]:
    """Return each dependency at its lower bound."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["bundle"]]
    found = [re.match(r"([A-Za-z0-9_.-]+)>=([0-9.]+)", each) for each in wanted]
    return [f"{each[1]}=={each[2]}" for each in found if each]


def main() -> None:
    """Make the environment anew and run the tests in it."""
    venv.create(ENVIRONMENT, with_pip=False, clear=True)
    python = ENVIRONMENT / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "--python", str(python)]
    subprocess.run([*pip, "install", *floors()], check=True)
    # The tests' own tools come from .venv, behind what was installed here.
    (site,) = ENVIRONMENT.glob("lib/*/site-packages")
    rest = [each for each in sys.path if each.endswith("site-packages")]
    (site / "zz_rest.pth").write_text("\n".join([*rest, str(ROOT)]) + "\n", encoding="utf-8")
    print(*floors(), sep="\n", flush=True)
    tests = sys.argv[1:] or [each for each in TESTS if (ROOT / each).exists()]
    pytest = [str(python), "-m", "pytest", "-q", "--ignore=tests/provider_shim/local/test_schemathesis.py"]
    raise SystemExit(subprocess.run([*pytest, *tests], cwd=ROOT, check=False).returncode)


if __name__ == "__main__":
    main()
