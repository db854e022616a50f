"""The Python types of an attribute: what is given for it, what was configured, what refers to it."""

from provider_shim.contract.attributes import Bool, Json, ListOf, MapOf, Number, Object, String, Type

TOKEN = "tf.IResolvable"  # noqa: S105 - not that kind of token


def given(kind: Type, name: str) -> str:
    """Return what a user may give: a value, or a token where it is no text."""
    match kind:
        case String():
            return plain(kind, name)
        case Json():
            return f"{plain(kind, name)} | str | {TOKEN}"
        case ListOf(String(one_of)) if one_of:
            # The elements of a list variable are any text to the type checker.
            return f"{plain(kind, name)} | list[str] | {TOKEN}"
        case _:
            return f"{plain(kind, name)} | {TOKEN}"


def assigned(kind: Type, name: str) -> str:
    """Return what can be assigned: as what is given, but a list only of what is allowed."""
    return given(kind, name).replace(" | list[str]", "")


def plain(kind: Type, name: str) -> str:  # noqa: PLR0911 - one return a type
    """Return the type of a literal value. `name`: the class of an object in it."""
    match kind:
        case String(one_of) if one_of:
            return f"Literal[{', '.join(repr(each) for each in one_of)}]"
        case String():
            return "str"
        case Number():
            return "float"
        case Bool():
            return "bool"
        case Json(nested=nested):
            return "Mapping[str, Any]" if nested else "Mapping[str, str | float | bool]"
        case ListOf(element):
            return f"Sequence[{plain(element, name)}]"
        case MapOf(element):
            return f"Mapping[str, {plain(element, name)}]"
        case Object():
            return name


def reference(kind: Type, name: str) -> tuple[str, str]:  # noqa: PLR0911 - one return a type
    """Return the type of a reference to the deployed value, and the expression that makes it of `{}`."""
    match kind:
        case String() | Json():
            return "str", "self._string({})"
        case Number():
            return "float", "self._number({})"
        case Bool():
            return TOKEN, "self._boolean({})"
        case ListOf(String()):
            return "list[str]", "self._strings({})"
        case MapOf(String()):
            return "Mapping[str, str]", "self._string_map({})"
        case Object():
            return _nested(f"{name}OutputReference")
        case ListOf(Object()):
            return _nested(f"{name}List")
        case MapOf(Object()):
            return _nested(f"{name}Map")
        case _:
            return TOKEN, "self._any({})"


def _nested(kind: str) -> tuple[str, str]:
    return kind, f"self._nested({{}}, {kind})"
