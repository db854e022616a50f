"""What the user's Terraform or OpenTofu CLI configuration means for our provider."""

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path, PurePath

from provider_shim.launcher.mirror import PLUGINS, SOURCE

# Compiled where they are used: few have such a file, and every app imports this.
_COMMENT = r'(?s)("(?:[^"\\\n]|\\.)*")|/\*.*?\*/|(?:#|//)[^\n]*'
_INSTALLATION = r"(?m)^\s*provider_installation\s*\{"
# A text may have braces in it: OpenTofu's oci_mirror takes a template.
_METHOD = (
    r"\b(filesystem_mirror|network_mirror|oci_mirror|direct|dev_overrides)"
    r'\s*\{((?:[^{}"]|"(?:[^"\\]|\\.)*")*)\}'
)
_PATTERN_LIST = r"\b{}\s*=\s*\[([^\]]*)\]"
_STRING = r'"([^"]*)"'


def cli_configuration_warning(
    environ: Mapping[str, str], home: Path | None, *, tofu: bool = False
) -> str | None:
    """Return what to say if the CLI configuration keeps Terraform or OpenTofu from the provider of a stack.

    An explicit `provider_installation` block turns the implied mirrors off, `terraform.d/plugins`
    among them, and `terraform init` then fails without saying why.

    Args:
        environ: The environment; `TF_CLI_CONFIG_FILE` replaces every other file.
        home: The user's home folder, with `.terraformrc` and `.terraform.d/*.tfrc`; None if there is none.
        tofu: Whether OpenTofu is meant, which reads other files.

    Returns:
        The warning with the block to paste, or None where nothing is in the way. A file that is
        missing or cannot be read is Terraform's to complain about.
    """
    for file in _files(environ, home, tofu=tofu):
        try:
            text = file.read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        if _hides_our_mirror(text, json=file.suffix == ".json"):
            name, command = ("OpenTofu", "tofu") if tofu else ("Terraform", "terraform")
            return (
                f"{file}: its provider_installation block keeps {name} from {PLUGINS}, where "
                f"cdktf-openai-thread puts its provider, and {command} init will fail. "
                "Add to the block:\n"
                "  filesystem_mirror {\n"
                f'    path    = "{PLUGINS}"\n'
                f'    include = ["{SOURCE}"]\n'
                "  }\n"
                f'and exclude = ["{SOURCE}"] to each of its other methods, direct included.'
            )
    return None


def _files(environ: Mapping[str, str], home: Path | None, *, tofu: bool) -> list[Path]:
    """Return the configuration files that are read, in their order."""
    if given := environ.get("TF_CLI_CONFIG_FILE") or environ.get("TERRAFORM_CONFIG"):
        return [Path(given)]
    if home is None:
        return []
    file, folder = home / ".terraformrc", home / ".terraform.d"
    if tofu:
        # OpenTofu reads Terraform's names where its own are not there, and before the XDG folder.
        xdg = environ.get("XDG_CONFIG_HOME")
        own = home / ".tofurc"
        if own.exists() or not file.exists():
            file = own if own.exists() or not xdg else Path(xdg, "opentofu", "tofurc")
        if xdg and not folder.exists():
            folder = Path(xdg, "opentofu")
    return [file, *sorted([*folder.glob("*.tfrc"), *folder.glob("*.tfrc.json")])]


def _hides_our_mirror(text: str, *, json: bool) -> bool:
    """Return whether a `provider_installation` block is there and leaves our mirror out."""
    if json:
        # Rare enough not to be taken apart: whoever names our provider has dealt with it.
        return '"provider_installation"' in text and SOURCE not in text
    text = re.sub(_COMMENT, lambda match: match[1] or " ", text)
    start = re.search(_INSTALLATION, text)
    if start is None:
        return False
    ours = False
    for kind, body in re.findall(_METHOD, text[start.end() :]):
        if kind == "dev_overrides":
            if f'"{SOURCE}"' in body:
                return False
        elif _serves_our_provider(body):
            if kind != "filesystem_mirror" or not _may_hold_our_provider(body):
                return True  # asked as well, and answers with an error
            ours = True
    return not ours


def _serves_our_provider(body: str) -> bool:
    """Return whether Terraform asks the method with this body for our provider."""
    include, exclude = (_patterns(body, name) for name in ("include", "exclude"))
    return _matches(include or ["*/*/*"]) and not _matches(exclude)


def _patterns(body: str, name: str) -> list[str]:
    found = re.search(_PATTERN_LIST.format(name), body)
    return re.findall(_STRING, found[1]) if found else []


def _matches(patterns: list[str]) -> bool:
    return any(fnmatchcase(SOURCE, pattern) for pattern in patterns)


def _may_hold_our_provider(body: str) -> bool:
    """Return whether a mirror is the one in the stack's folder, or has our provider already."""
    found = re.search(r'\bpath\s*=\s*"([^"]*)"', body)
    if found is None:
        return False
    path = PurePath(found[1])
    return path == PLUGINS or (path.is_absolute() and Path(path, SOURCE).is_dir())
