"""What of a folder HCP Terraform gets when a run is started from it: the rules of .terraformignore."""

import re
import shutil
from pathlib import Path

ALWAYS = (".terraform/", "!.terraform/modules/", ".git/")


def upload(source: Path, target: Path) -> Path:
    """Copy a folder as it is uploaded."""
    file = source / ".terraformignore"
    own = file.read_text().splitlines() if file.exists() else []
    rules = [_rule(line.strip()) for line in (*ALWAYS, *own) if line.strip() and line.strip()[0] != "#"]
    target.mkdir(parents=True)
    for path in sorted(each for each in source.rglob("*") if each.is_file()):
        name = path.relative_to(source).as_posix()
        # As in .gitignore, the last rule that matches decides.
        left_out = [leaves_out for leaves_out, pattern in rules if pattern.fullmatch(name)][-1:]
        if left_out != [True]:
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target / name)
    return target


def _rule(line: str) -> tuple[bool, re.Pattern[str]]:
    """Return whether a rule leaves out, and the names of files that it means.

    A folder's name needs its slash; without a slash ahead, a rule means each folder below as well.
    """
    pattern = line.removeprefix("!")
    pattern += "**" if pattern.endswith("/") else ""
    pattern = pattern[1:] if pattern.startswith("/") else f"**/{pattern}"
    parts = re.split(r"(\*\*/?$|\*\*/?|\*|\?)", pattern)
    words = {"*": "[^/]*", "?": "[^/]", "**": "(?:.*/)?", "**/": "(?:.*/)?", "": ""}
    text = "".join(words[each] if number % 2 else re.escape(each) for number, each in enumerate(parts))
    if pattern.endswith(("**", "**/")):
        text = text.removesuffix(words["**"]) + ".*"
    return not line.startswith("!"), re.compile(text)
