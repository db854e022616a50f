"""Break what decides, one small change at a time, and see that a test of it fails: `make mutants`.

    python -m scripts.mutants [FILE...]

What is broken, and by which tests it should be found, is in pyproject.toml, [tool.mutmut]. A change that no
test finds has survived: nine of ten must not, and each that may is in tests/mutants.toml with its reason.
What was not tried counts as not found. Without FILE a run goes on where the last one ended, with one it tries
that file anew; `rm -r mutants` begins all anew, which a new function needs: nobody knows its tests before.
"""

import re
import subprocess
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
ACCEPTED: Final = ROOT / "tests" / "mutants.toml"
LEAST: Final = 0.9
"""Of the changes in each file, how many a test must find."""
FOUND: Final = frozenset({"killed", "timeout", "segfault", "caught by type check"})


def mutmut(*arguments: str, quiet: bool = False) -> str:
    """Run the command; return what it says, or show nothing of its progress."""
    command = [str(Path(sys.executable).with_name("mutmut")), *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode and quiet:
        raise SystemExit(f"{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    return done.stdout


def wanted(files: Iterable[str]) -> list[str]:
    """Return mutmut's patterns for the functions in these files."""
    return [f"{file.removesuffix('.py').replace('/', '.')}.*" for file in files]


def changed(diff: str) -> str:
    """Return what a change is, on one line: the line before, and the line after."""
    lines = [line for line in diff.splitlines() if re.match(r"[-+](?!--|\+\+)", line)]
    before, after = ([line[1:].strip() for line in lines if line[0] == sign] for sign in "-+")
    return f"{' '.join(before)} -> {' '.join(after)}"


def module_of(name: str) -> str:
    """Return the file of a mutant: provider_shim.terraform.plan.x_change__mutmut_3."""
    return name.rpartition(".")[0].replace(".", "/") + ".py"


def unexplained(survivors: Iterable[tuple[str, str]], accepted: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Return the survivors, as (file, change), that have no reason."""
    return [f"{file}: {change}" for file, change in survivors if change not in accepted.get(file, {})]


def main() -> None:
    """Run and print; exit with 1 if too many have survived, or one without a reason."""
    files = sys.argv[1:]
    mutmut("run", *wanted(files), quiet=True)
    statuses: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for name, status in re.findall(
        r"^ *(\S+__mutmut_\d+): (.+)$", mutmut("results", "--all", "true"), re.MULTILINE
    ):
        if not files or module_of(name) in files:
            statuses[module_of(name)][name] = status
    survivors = []
    short = []
    for file, found in sorted(statuses.items()):
        left = [name for name, status in found.items() if status not in FOUND]
        share = 1 - len(left) / len(found)
        short += [file] if share < LEAST else []
        print(f"{share:6.1%}  {len(found) - len(left):4} of {len(found):4}  {file}")
        survivors += [(file, changed(mutmut("show", name))) for name in left]
    lacking = unexplained(survivors, tomllib.loads(ACCEPTED.read_text()))
    if lacking:
        print(f"\nNo test finds, and {ACCEPTED.relative_to(ROOT)} has no reason for:")
        print("\n".join(lacking))
    raise SystemExit(bool(short or lacking or not statuses))


if __name__ == "__main__":
    main()
