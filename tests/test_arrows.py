"""Which package may import which: synth and deploy apart, the contract below both."""

import re
import sys

import pytest

from scripts.contributing import PAGE, renewed
from tests.support.environment import ROOT
from tests.support.imports import PACKAGES, dotted, imports, modules

# Package: what it may import of the two. Itself always; third-party packages freely, except
# where STANDARD_LIBRARY_ONLY names it.
ALLOWED: dict[str, set[str]] = {
    "provider_shim.contract": set(),
    "provider_shim.launcher": set(),
    "provider_shim.system": set(),
    "provider_shim.terraform": {"provider_shim.contract", "provider_shim.system"},
    "provider_shim.api": {
        "provider_shim.contract",
        "provider_shim.system",
        "provider_shim.journal",  # how an object is looked for is what a record says
        "provider_shim.local",  # where base_url asks for the embedded API, and only then
    },
    "provider_shim.resources": {
        "provider_shim.contract",
        "provider_shim.system",
        "provider_shim.terraform",
        "provider_shim.api",
        "provider_shim.journal",
    },
    "provider_shim.journal": {"provider_shim.system"},
    "provider_shim.local": {"provider_shim.contract"},
    "provider_shim.commands": {
        "provider_shim.api",
        "provider_shim.contract",
        "provider_shim.graph",
        "provider_shim.journal",
        "provider_shim.launcher",
        "provider_shim.local",
        "provider_shim.system",
    },
    "provider_shim.cli": {"provider_shim.commands", "provider_shim.launcher"},
    "provider_shim.__main__": {
        "provider_shim.cli",
        "provider_shim.resources",
        "provider_shim.system",
        "provider_shim.terraform",
    },
    "provider_shim.graph": set(),  # reads what synth wrote, whoever wrote it
    # A user's tests read back from the embedded API what they deployed to it.
    "cdktf_openai_thread.testing": {
        "cdktf_openai_thread",
        "provider_shim.contract",
        "provider_shim.local",
        "provider_shim.system",  # which engine deploys
    },
    "cdktf_openai_thread": {"provider_shim.contract", "provider_shim.launcher", "provider_shim.system"},
}
# The version is a constant of the top package, which imports nothing: anyone may ask for it.
FREE = {"provider_shim", "provider_shim.__version__"}
# The contract is imported by both sides, and the launcher by synth: neither may cost. The rest needs no more.
STANDARD_LIBRARY_ONLY = {
    "provider_shim.contract",
    "provider_shim.graph",
    "provider_shim.journal",
    "provider_shim.launcher",
    "provider_shim.system",
}
# Modules of the standard library that are not the same, or not there, on each system.
OF_THE_SYSTEM = {
    "_signal",
    "fcntl",
    "grp",
    "msvcrt",
    "pwd",
    "resource",
    "select",
    "selectors",
    "signal",
    "termios",
}
# What is asked of `os` or `socket`, or read from /proc, and is not the same, or not there, on each system.
WORDS_OF_THE_SYSTEM = re.compile(
    r"\bos\.(?:chown|fchmod|fork|get[a-z]*[ug]id|getpgid|getppid|kill|killpg|memfd_create|setsid|uname|waitpid)\b"
    r"|\b(?:AF_UNIX|prctl)\b|/proc/"
)
SYNTH = {"cdktf", "cdktn", "constructs", "jsii", "cdktf_openai_thread"}


def within(name: str, packages: set[str]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def package_of(module: str) -> str | None:
    return next((package for package in ALLOWED if within(module, {package})), None)


def test_each_package_imports_only_the_packages_its_arrows_point_to() -> None:
    wrong = [
        f"{module} imports {name}"
        for module, path in modules().items()
        if (package := package_of(module))
        for name in imports(path)
        if within(name, set(PACKAGES)) and name not in FREE
        if not within(name, {package} | ALLOWED[package])
    ]

    assert wrong == []


def test_every_module_is_of_a_package_with_arrows() -> None:
    assert [module for module in modules() if package_of(module) is None] == ["provider_shim"]


def test_the_provider_imports_nothing_that_starts_node() -> None:
    wrong = [
        f"{module} imports {name}"
        for module, path in modules().items()
        if within(module, {"provider_shim"})
        for name in imports(path)
        if within(name, SYNTH)
    ]

    assert wrong == []


def test_the_contract_the_launcher_and_what_draws_need_only_the_standard_library() -> None:
    wrong = [
        f"{module} imports {name}"
        for module, path in modules().items()
        if package_of(module) in STANDARD_LIBRARY_ONLY
        for name in imports(path)
        if not within(name, set(PACKAGES)) and name.split(".")[0] not in sys.stdlib_module_names
    ]

    assert wrong == []


def test_what_depends_on_the_operating_system_is_in_one_package() -> None:
    found = {
        module: names
        for module, path in modules().items()
        if (names := OF_THE_SYSTEM & {name.split(".")[0] for name in imports(path)})
    }

    assert found == {
        "provider_shim.system.locks": {"fcntl"},
        "provider_shim.system.descriptors": {"resource"},
        "provider_shim.system.poll": {"select"},
        "provider_shim.system.signals": {"_signal"},
    }


def test_what_only_some_systems_have_is_asked_for_in_that_package() -> None:
    found = {module for module, path in modules().items() if WORDS_OF_THE_SYSTEM.search(path.read_text())}

    assert found == {f"provider_shim.system.{each}" for each in ("home", "listener", "memory_file", "parent")}


def test_what_tests_share_is_in_their_kit() -> None:
    """A module of tests is imported by none; a helper beside tests by those of its own folder."""
    files = (path for folder in ("benchmarks", "scripts", "tests") for path in (ROOT / folder).rglob("*.py"))
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in sorted(files)
        for name in imports(path)
        if within(name, {"tests"}) and not within(name, {"tests.support"})
        if not within(name, {dotted(path).rpartition(".")[0]})
        or any(step == "conftest" or step.startswith("test_") for step in name.split(".")[:-1])
    ]

    assert wrong == []


def test_the_page_for_who_carries_on_shows_the_packages_and_functions_that_there_are() -> None:
    assert PAGE.read_text() == renewed(PAGE.read_text()), "run make reference"


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("[`Thread`]", "[`Thraed`]", "Thraed is defined nowhere"),
        ("    system[", "    sistem[", "the drawing has no node for system"),
        (" --> ", " --- ", "the drawing has no arrow"),
    ],
)
def test_what_the_page_names_and_is_not_there_is_an_error(old: str, new: str, problem: str) -> None:
    with pytest.raises(LookupError, match=problem):
        renewed(PAGE.read_text().replace(old, new))


def test_a_link_follows_its_function_to_another_file() -> None:
    text = PAGE.read_text()

    assert renewed(text.replace("provider_shim/contract/check.py", "provider_shim/check.py")) == text
