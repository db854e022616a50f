"""Which room may import which: the wall between synth and deploy, and the order of the floors."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("cdktf_openai_thread", "provider_shim")
LONGEST = 400

# Room: what it may import of the two packages. Itself always; third-party packages freely, except
# where STANDARD_LIBRARY_ONLY names it.
ALLOWED = {
    "provider_shim.contract": set(),
    "provider_shim.launcher": set(),
    "provider_shim.terraform": {"provider_shim.contract"},
    "provider_shim.api": {
        "provider_shim.contract",
        "provider_shim.terraform.diagnostics",
        "provider_shim.terraform.values",
        "provider_shim.local",  # where base_url asks for the embedded API, and only then
    },
    "provider_shim.resources": {"provider_shim.contract", "provider_shim.terraform", "provider_shim.api"},
    "provider_shim.local": {"provider_shim.contract"},
    "provider_shim.graph": set(),  # reads what synth wrote, whoever wrote it
    # A user's tests read back from the embedded API what they deployed to it.
    "cdktf_openai_thread.testing": {"cdktf_openai_thread", "provider_shim.contract", "provider_shim.local"},
    "cdktf_openai_thread": {"provider_shim.contract", "provider_shim.launcher"},
}
# The version is a constant of the top package, which imports nothing: anyone may ask for it.
FREE = {"provider_shim", "provider_shim.__version__"}
# The ground floor is imported by both sides, and the launcher's room by synth: neither may cost. What
# draws needs no more either.
STANDARD_LIBRARY_ONLY = {"provider_shim.contract", "provider_shim.launcher", "provider_shim.graph"}
SYNTH = {"cdktf", "cdktn", "constructs", "jsii", "cdktf_openai_thread"}


def modules() -> dict[str, Path]:
    """Return every module of the two packages by its dotted name."""
    files = (path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    return {dotted(path): path for path in sorted(files)}


def dotted(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> Iterator[str]:
    """Yield the dotted name of everything a module imports, wherever in the module it does so."""
    package = dotted(path) if path.stem == "__init__" else dotted(path).rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(), path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package.split(".")[: len(package.split(".")) + 1 - node.level] if node.level else []
            origin = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{origin}.{alias.name}" for alias in node.names)


def within(name: str, rooms: set[str]) -> bool:
    return any(name == room or name.startswith(f"{room}.") for room in rooms)


def room_of(module: str) -> str | None:
    return next((room for room in ALLOWED if within(module, {room})), None)


def test_each_room_imports_only_the_rooms_its_arrows_point_to() -> None:
    wrong = [
        f"{module} imports {name}"
        for module, path in modules().items()
        if (room := room_of(module))
        for name in imports(path)
        if within(name, set(PACKAGES)) and name not in FREE
        if not within(name, {room} | ALLOWED[room])
    ]

    assert wrong == []


def test_the_provider_imports_nothing_that_starts_node() -> None:
    wrong = [
        f"{module} imports {name}"
        for module, path in modules().items()
        if within(module, {"provider_shim"})
        for name in imports(path)
        if within(name, SYNTH)
    ]

    assert wrong == []


def test_the_ground_floor_the_launcher_and_the_drawing_need_only_the_standard_library() -> None:
    wrong = [
        f"{module} imports {name}"
        for module, path in modules().items()
        if room_of(module) in STANDARD_LIBRARY_ONLY
        for name in imports(path)
        if not within(name, set(PACKAGES)) and name.split(".")[0] not in sys.stdlib_module_names
    ]

    assert wrong == []


def test_the_picture_of_the_house_has_every_room() -> None:
    picture = (ROOT / "CONTRIBUTING.md").read_text().split("```")[1]
    rooms = [path.name for path in (ROOT / "provider_shim").iterdir() if (path / "__init__.py").exists()]

    assert len(rooms) > len(PACKAGES)
    assert [room for room in rooms if f"{room}/" not in picture] == []


def test_every_file_is_short_enough_to_have_one_subject() -> None:
    folders = (*PACKAGES, "benchmarks", "examples", "scripts", "tests")
    files = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text().splitlines())
        for path in files
        if not {"cdktf.out", "bindings"} & {*path.parts}  # what is generated has the contract's length
    }

    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}
