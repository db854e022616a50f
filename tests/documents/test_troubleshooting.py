"""Each text by which a reader finds an answer is one that a user can see."""

import ast
import re
from pathlib import Path

from tests.support.blocks import DOCS
from tests.support.environment import ROOT

PAGE = DOCS / "troubleshooting.md"
# Said by Terraform or cdktf themselves, about what is tested in the file named.
OF_OTHERS = {
    "execvp(3) failed.: No such file or directory": "tests/provider_shim/test_cli_doctor.py",
    "Failed to query available provider packages": "tests/provider_shim/launcher/test_cli_configuration.py",
    "could not retrieve providers for locking": "tests/provider_shim/launcher/test_lock.py",
    "Provider produced inconsistent final plan": "tests/e2e/test_file.py",
    "no such file or directory, mkdtemp": "tests/provider_shim/test_cli_doctor.py",
    "Node 20 is end-of-life": "tests/e2e/test_example_quickstart.py",
}


def texts(module: Path) -> list[str]:
    """Return the strings of a module; `…` stands for what an f-string fills in."""
    found = []
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.JoinedStr):
            parts = [str(each.value) if isinstance(each, ast.Constant) else "…" for each in node.values]
            found.append("".join(parts))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.append(node.value)
    return found


def test_each_quoted_text_is_in_the_sources() -> None:
    modules = [*(ROOT / "provider_shim").rglob("*.py"), *(ROOT / "cdktf_openai_thread").rglob("*.py")]
    said = "\n".join(text for module in modules for text in texts(module))
    said += (ROOT / "provider_shim/launcher/launcher.sh").read_text()
    quoted = re.findall(r"^### `([^`]+)`", PAGE.read_text(), re.MULTILINE)

    assert len(quoted) > 20
    assert [each for each in quoted if each not in said and each not in OF_OTHERS] == []


def test_what_others_say_is_about_what_is_tested() -> None:
    assert [path for path in OF_OTHERS.values() if not (ROOT / path).is_file()] == []
