"""Write cdktf_openai_thread/bindings/, its public names, and the types of states: `make constructs`.

A resource without a construct gets one, which a person may go on with: it is not written again.
"""

from pathlib import Path

from scripts.constructs.module import index, module
from scripts.constructs.public import construct, public
from scripts.constructs.states import states
from scripts.constructs.subjects import subjects
from scripts.constructs.text import formatted

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "cdktf_openai_thread"
BINDINGS = PACKAGE / "bindings"
PUBLIC = PACKAGE / "__init__.py"
STATES = ROOT / "provider_shim" / "contract" / "states.py"


def written() -> dict[Path, str]:
    """Return what each generated file should hold."""
    found = subjects()
    modules = {each.module: [one for one in found if one.module == each.module] for each in found}
    files = {BINDINGS / f"{name}.py": module(those) for name, those in modules.items()}
    files |= {BINDINGS / "__init__.py": index(found), STATES: states(found), PUBLIC: public(found)}
    own = {PACKAGE / f"{each.module}.py": each for each in found if each.kind == "Resource"}
    files |= {path: construct(each) for path, each in own.items() if not path.exists()}
    return {path: formatted(path, text) for path, text in files.items()}


def main() -> None:
    """Write the files, and remove those of what the contract has no more."""
    files = written()
    BINDINGS.mkdir(exist_ok=True)
    for path in set(BINDINGS.glob("*.py")) - set(files):
        path.unlink()
    for path, text in files.items():
        path.write_text(text)


if __name__ == "__main__":
    main()
