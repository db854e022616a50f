"""Writes what a class has for one attribute: a property, `_input`, `put_` and `reset_`."""

from typing import Literal

from provider_shim.contract.attributes import Attribute, ListOf, MapOf, Object
from scripts.constructs.text import docstring
from scripts.constructs.types import assigned, given, plain, reference

Style = Literal["reference", "setting"]
"""What reading gives: a reference to the deployed value; of a provider, what was configured."""


def members(of: Attribute, name: str, style: Style) -> str:
    """Return the members. `name`: the class of an object in the attribute."""
    quoted = f'"{of.name}"'
    optional = f"{plain(of.type, name)} | None"
    kind, made = reference(of.type, name) if style == "reference" else (optional, "self._given({})")
    lines = [
        "",
        "    @property",
        f"    def {of.name}(self) -> {kind}:",
        docstring(described(of), of.name, 8),
        f"        return {made.format(quoted)}",
    ]
    if not of.settable:
        return "\n".join(lines) + "\n"
    lines += [
        "",
        f"    @{of.name}.setter",
        f"    def {of.name}(self, value: {assigned(of.type, name)} | None) -> None:",
        f"        self._change({quoted}, value)",
        "",
        "    @property",
        f"    def {of.name}_input(self) -> {optional}:",
        f'        """What was configured as `{of.name}`, None where it is absent."""',
        f"        return self._given({quoted})",
    ]
    lines += _put(of, name)
    if of.optional:
        lines += [
            "",
            f"    def reset_{of.name}(self) -> None:",
            f'        """Configure no `{of.name}`."""',
            f"        self._change({quoted}, None)",
        ]
    return "\n".join(lines) + "\n"


def _put(of: Attribute, name: str) -> list[str]:
    match of.type:
        case Object():
            return [
                "",
                "    @overload",
                f"    def put_{of.name}(self, value: {given(of.type, name)}, /) -> None: ...",
                "    @overload",
                f"    def put_{of.name}(self, **given: Unpack[{name}]) -> None: ...",
                f"    def put_{of.name}(self, *value: object, **given: object) -> None:",
                f'        """Configure `{of.name}`: one object, or its attributes by name."""',
                f'        self._put("{of.name}", value, given)',
            ]
        case ListOf(Object()) | MapOf(Object()):
            return [
                "",
                f"    def put_{of.name}(self, value: {given(of.type, name)}) -> None:",
                f'        """Configure `{of.name}`."""',
                f'        self._put("{of.name}", (value,), {{}})',
            ]
        case _:
            return []


def described(of: Attribute) -> str:
    """Return what is said of an attribute."""
    return f"{of.description} Deprecated: {of.deprecated}" if of.deprecated else of.description
