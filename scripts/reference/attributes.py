"""Tables of attributes, of limits, and of what an API keeps, from a contract."""

from collections.abc import Iterator, Mapping

from provider_shim.contract import limits as numbers
from provider_shim.contract.attributes import (
    Attribute,
    Bool,
    Contract,
    Json,
    ListOf,
    MapOf,
    Number,
    Object,
    String,
    Type,
)
from provider_shim.contract.provider import PROVIDER

OF_THE_API = "OpenAI's API document, 2.3.0"
OURS = "this provider"
# The pairs and the single numbers of the API, apart: a count of 20 is not a time-out of 20.
_RANGES = (numbers.FILE_EXPIRES_SECONDS, numbers.CHUNK_TOKENS, numbers.VECTOR_STORE_EXPIRES_DAYS)
_MAXIMA = (
    numbers.METADATA_PAIRS,
    numbers.METADATA_KEY,
    numbers.METADATA_VALUE,
    numbers.CODE_INTERPRETER_FILES,
    numbers.FILE_SEARCH_STORES,
)


def sections(contract: Contract, changes: Mapping[str, str] | None) -> str:
    """Return Required, Optional, Read-only and the nested attributes.

    Args:
        contract: What the attributes are read off.
        changes: What a change does, by attribute, where it is neither "in place" nor "a new one". None
            where nothing is changed by Terraform: data sources, the provider.
    """
    given = contract.attributes.values()
    parts = [
        ("Required", [each for each in given if each.required]),
        ("Optional", [each for each in given if each.optional]),
        ("Read-only", [each for each in given if not each.settable]),
    ]
    text = ""
    for title, rows in parts:
        if rows:
            # What is computed nobody changes.
            text += f"\n## {title}\n\n{_table(rows, changes if title != 'Read-only' else None)}"
    every = list(_nested(contract.attributes, ()))
    text += "\n## Nested attributes\n" if every else ""
    for path, attribute, nested in every:
        text += f"\n### {_heading(path)} {{ #{_anchor(path)} }}\n\n"
        text += "Of each element:\n\n" if isinstance(attribute.type, ListOf | MapOf) else ""
        text += _nested_table(nested, path, settable=attribute.settable)
    return text


def _heading(path: tuple[str, ...]) -> str:
    return "`" + ".".join(path) + "`"


def _anchor(path: tuple[str, ...]) -> str:
    return "-".join(path)


def _table(rows: list[Attribute], changes: Mapping[str, str] | None) -> str:
    if changes is None:
        lines = ["| Attribute | Type | |", "| --- | --- | --- |"]
        lines += [f"| `{each.name}` | {_type(each, ())} | {_sentence(each)} |" for each in rows]
    else:
        lines = ["| Attribute | Type | | A change |", "| --- | --- | --- | --- |"]
        for each in rows:
            # Terraform compares no write-only value.
            usual = "is not seen" if each.write_only else "makes a new one" if each.replace else "in place"
            change = changes.get(each.name, usual)
            lines.append(f"| `{each.name}` | {_type(each, ())} | {_sentence(each)} | {change} |")
    return "\n".join(lines) + "\n"


def _nested_table(nested: Object, path: tuple[str, ...], *, settable: bool) -> str:
    head = ["| Attribute | Type | | |", "| --- | --- | --- | --- |"]
    plain = ["| Attribute | Type | |", "| --- | --- | --- |"]
    lines = head if settable else plain
    for each in nested.attributes.values():
        line = f"| `{each.name}` | {_type(each, path)} | "
        if settable:
            line += "required | " if each.required else "optional | " if each.optional else "read-only | "
        lines.append(f"{line}{_sentence(each)} |")
    return "\n".join(lines) + "\n"


def _type(attribute: Attribute, within: tuple[str, ...]) -> str:
    link = f"(#{_anchor((*within, attribute.name))})"
    match attribute.type:
        case Object():
            return f"[object]{link}"
        case ListOf(Object()):
            return f"list of [objects]{link}"
        case MapOf(Object()):
            return f"map of [objects]{link}"
        case kind:
            return _name(kind)


def _name(kind: Type) -> str:  # noqa: PLR0911 - one return a type
    match kind:
        case String():
            return "string"
        case Json():
            return "mapping, as JSON text"
        case Number():
            return "number"
        case Bool():
            return "bool"
        case ListOf(element):
            return f"list of {_name(element)}s"
        case MapOf(element):
            return f"map of {_name(element)}s"
        case Object():
            return "object"


def _sentence(attribute: Attribute) -> str:
    text = attribute.description
    allowed = _allowed(attribute.type)
    # What a description names already it need not be told again.
    if allowed and not all(f'"{each}"' in text for each in allowed):
        listed = ", ".join(f'`"{each}"`' for each in allowed)
        text += f" Allowed: {listed}."
    if _is_prose(attribute.type):
        text += " Prose: in Python `${` in it is text."
    if attribute.sensitive:
        text += " Sensitive."
    if attribute.deprecated:
        text += f" **Deprecated.** {attribute.deprecated}"
    return text.replace("|", "\\|")


def _is_prose(kind: Type) -> bool:
    return isinstance(kind, String) and kind.prose


def _allowed(kind: Type) -> tuple[str, ...]:
    match kind:
        case String(one_of):
            return one_of
        case ListOf(element):
            return _allowed(element)
        case _:
            return ()


def _object_of(kind: Type) -> Object | None:
    inner = kind.element if isinstance(kind, ListOf | MapOf) else kind
    return inner if isinstance(inner, Object) else None


def _nested(
    attributes: Mapping[str, Attribute], within: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], Attribute, Object]]:
    for each in attributes.values():
        nested = _object_of(each.type)
        if nested is not None:
            yield (*within, each.name), each, nested
            yield from _nested(nested.attributes, (*within, each.name))


# --- limits -----------------------------------------------------------------------------


def limits(contract: Contract) -> str:
    """Return a table of every limit, and who sets it."""
    paths: dict[tuple[str, str], list[str]] = {}
    for path, text, source in _limits(contract.attributes, ()):
        paths.setdefault((text, source), []).append(f"`{path}`")
    if not paths:
        return ""
    lines = ["## Limits", "", "| Limit | Attribute | Set by |", "| --- | --- | --- |"]
    lines += [f"| {text} | {', '.join(names)} | {source} |" for (text, source), names in paths.items()]
    return "\n".join(lines) + "\n"


def _limits(attributes: Mapping[str, Attribute], within: tuple[str, ...]) -> Iterator[tuple[str, str, str]]:
    for each in attributes.values():
        if each.settable:
            star = "[*]" if isinstance(each.type, ListOf | MapOf) else ""
            yield from _of_type(each.type, ".".join((*within, each.name)))
            nested = _object_of(each.type)
            if nested is not None:
                yield from _limits(nested.attributes, (*within, each.name + star))


def _of_type(kind: Type, path: str) -> Iterator[tuple[str, str, str]]:  # noqa: C901 - one case a type
    match kind:
        case String(_, length) if length.maximum is not None or length.minimum:
            yield path, _span(length.minimum, length.maximum, "character"), _by(length.maximum)
        case Number(between) if between is not None:
            source = OF_THE_API if between in _RANGES else OURS
            yield path, f"a whole number, {_span(between.minimum, between.maximum, '')}".strip(), source
        case Json(size, key, text):
            if size.maximum is not None:
                yield path, _span(size.minimum, size.maximum, "pair"), _by(size.maximum)
            if key.maximum is not None:
                yield f"{path} (keys)", _span(key.minimum, key.maximum, "character"), _by(key.maximum)
            if text.maximum is not None:
                yield f"{path}[*]", _span(text.minimum, text.maximum, "character"), _by(text.maximum)
        case ListOf(element, size):
            if size.maximum is not None:
                yield path, _span(size.minimum, size.maximum, "element"), _by(size.maximum)
            if not isinstance(element, Object):
                yield from _of_type(element, f"{path}[*]")
        case MapOf(element, size, key):
            if size.maximum is not None:
                yield path, _span(size.minimum, size.maximum, "pair"), _by(size.maximum)
            if key.maximum is not None:
                yield f"{path} (keys)", _span(key.minimum, key.maximum, "character"), _by(key.maximum)
            yield from _of_type(element, f"{path}[*]")


def _span(minimum: int, maximum: int | None, unit: str) -> str:
    def of(number: int) -> str:
        return f"{number:,} {unit}{'' if number == 1 or not unit else 's'}".strip()

    if maximum is None:
        return "not empty" if minimum and unit else f"at least {of(minimum)}"
    return f"{minimum:,} to {of(maximum)}" if minimum else f"at most {of(maximum)}"


def _by(maximum: int | None) -> str:
    return OF_THE_API if maximum in _MAXIMA else OURS


# --- what an API keeps ------------------------------------------------------------------


def kept(contract: Contract) -> str:
    """Return a table of what only some API keeps, or nothing."""
    rows = list(_kept(contract.attributes, ()))
    if not rows:
        return ""
    kind = PROVIDER.attributes["api"].type
    assert isinstance(kind, String)
    lines = [
        "## What an API can't keep",
        "",
        "It stays in the Terraform state, and a warning says so on the plan that introduces it.",
        "",
        f"| Attribute | {' | '.join(f'`{each}`' for each in kind.one_of)} |",
        f"| --- |{' --- |' * len(kind.one_of)}",
    ]
    for path, by in rows:
        cells = ["kept" if api in by else "in the state only" for api in kind.one_of]
        lines.append(f"| `{path}` | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _kept(
    attributes: Mapping[str, Attribute], within: tuple[str, ...]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    for each in attributes.values():
        if each.persisted_by is not None:
            yield ".".join((*within, each.name)), each.persisted_by
        nested = _object_of(each.type)
        if nested is not None:
            star = "[*]" if isinstance(each.type, ListOf | MapOf) else ""
            yield from _kept(nested.attributes, (*within, each.name + star))


def identity(contract: Contract) -> str:
    """Return how an import block names an object by its identity."""
    parts = ", ".join(f'{name} = "…"' for name in contract.identity)
    return (
        "From Terraform or OpenTofu 1.12 on an import block takes the identity as well, in place of the id:\n"
        f"`identity = {{ {parts} }}`. The same is beside each state, and `terraform show -json` tells it."
    )
