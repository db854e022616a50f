"""What a user gives, made into what Terraform JSON takes: plain, checked, escaped."""

import dataclasses
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from enum import Enum
from typing import Any, NamedTuple
from unicodedata import normalize

from cdktf_openai_thread.synth.framework import tf
from cdktf_openai_thread.synth.hcl import joined, text_expression
from cdktf_openai_thread.synth.ids import id_problem, kind_of
from cdktf_openai_thread.synth.templates import read_whole
from cdktf_openai_thread.synth.texts import checked
from cdktf_openai_thread.synth.tokens import (
    STRING_TOKEN,
    is_expression,
    is_jsii,
    is_resolvable,
    is_token,
    parted,
    shown,
)
from provider_shim.contract.attributes import (
    Attribute,
    Contract,
    Json,
    ListOf,
    MapOf,
    Object,
    String,
    Type,
    write_only_values,
)
from provider_shim.contract.check import Problem, check
from provider_shim.contract.path import Key, Path, spelled


class Prepared(NamedTuple):
    """The attributes of a construct as plain values, none where there are problems."""

    values: dict[str, Any]
    problems: list[Problem]
    template: Path | None
    """Where a person's text has what elsewhere is an expression; whoever makes the construct warns of it."""


class _Findings:
    """What is found on the way through the values."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.template: Path | None = None


def prepared(contract: Contract, given: Mapping[str, object]) -> Prepared:
    """Make plain values of what was given, and tell what is to be said of them."""
    found = _Findings()
    values = {
        name: _plain(value, (name,), found, _type_of(contract.attributes, name))
        for name, value in given.items()
        if value is not None
    }
    problems = found.problems
    if isinstance(own := values.get("id"), str) and contract.attributes["id"].required:
        problems += filter(None, [id_problem(own, contract.type_name.removeprefix("openai_"), ("id",))])
    if not problems:
        problems = list(check(contract, values, is_expression))
        problems += [
            _literal_write_only(path)
            for path, value in write_only_values(contract.attributes, values)
            if not is_expression(value)
        ]
    return Prepared({}, problems, None) if problems else Prepared(values, [], found.template)


def _literal_write_only(path: Path) -> Problem:
    name = str(path[-1])
    return Problem(
        path,
        "Literal text that is to stay out of the state",
        f"{spelled(path)} is a literal (not repeated here): it would be written into cdk.tf.json. Allowed: a "
        f"token. Give {name.removesuffix('_wo')} if the state may hold it; else the string_value of a "
        'TerraformVariable on which add_override("ephemeral", True) was called.',
    )


def written(contract: Contract, values: Mapping[str, object]) -> dict[str, Any]:
    """Return plain values as Terraform JSON takes them: a person's text escaped."""
    return {name: _literal(contract.attributes[name].type, value) for name, value in values.items()}


def _plain(value: object, path: Path, found: _Findings, kind: Type | None) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, str):
        return _text(value, path, found, kind)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        return _number(float(value) if isinstance(value, float) else int(value), path, found.problems)
    if is_jsii(value):
        if not is_resolvable(value):
            found.problems.append(_construct(value, path))
        return value
    return _compound(value, path, found, kind)


def _compound(value: object, path: Path, found: _Findings, kind: Type | None) -> Any:  # noqa: ANN401 - JSON
    if len(path) > _DEEPEST:
        found.problems.append(_too_deep(path))
        return None
    if type(value) is dict:  # most are, and need not be asked what else they could be
        return {**value} if is_token(value) else _mapping(value, path, found, kind)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        value = {each.name: getattr(value, each.name) for each in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return dict(value) if is_token(value) else _mapping(value, path, found, kind)
    if isinstance(value, AbstractSet):
        value = sorted(value, key=str)
    if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray, memoryview, range)):
        if is_token(value):
            return list(value)
        inner = kind.element if isinstance(kind, ListOf) else None
        return [_plain(each, (*path, index), found, inner) for index, each in enumerate(value)]
    found.problems.append(unsupported(value, path))
    return None


def _mapping(value: Mapping[Any, Any], path: Path, found: _Findings, kind: Type | None) -> dict[str, Any]:
    made: dict[str, Any] = {}
    is_map = not isinstance(kind, Object)
    for key, each in value.items():
        if not _is_key(key, path, found.problems):
            continue
        here = (*path, _step(kind, key))
        name = _key(key, value, here, found.problems) if is_map else key
        # An absent attribute is one that is None; a map has no such values.
        if each is not None or isinstance(kind, MapOf | Json):
            made[name] = _plain(each, here, found, _within(kind, key))
    return made


def _key(key: str, among: Iterable[Any], path: Path, problems: list[Problem]) -> str:
    name = checked(str.__str__(key), path, problems)
    if name == "__proto__":
        problems.append(
            Problem(
                path,
                "Key not allowed",
                f"{spelled(path[:-1])} has the key __proto__, which jsii carries in no map. "
                "Allowed: any other key. Give another.",
            )
        )
    if not name.isascii():
        same = normalize("NFC", name)
        other = next(each for each in among if isinstance(each, str) and normalize("NFC", each) == same)
        if other != name:
            problems.append(twice(path[:-1], name, other))
    return name


def _too_deep(path: Path) -> Problem:
    return Problem(
        path[:1],
        "Nested too deep",
        f"{path[0]} is nested deeper than {_DEEPEST} levels. Allowed: {path[0]} as its type says. "
        "Look for a list or dictionary that contains itself.",
    )


def unsupported(value: object, path: Path) -> Problem:
    """Refuse what no JSON can be made of, with what to write instead."""
    return Problem(
        path,
        "Wrong type",
        f"{spelled(path)} is {shown(value)} ({type(value).__name__}). Allowed: strings, numbers, booleans, "
        f"dictionaries, dataclasses, lists, tuples, sets and tokens.{_instead(value)}",
    )


def _instead(value: object) -> str:
    kind = type(value)
    steps = (
        (isinstance(value, Enum), "its value: color.value"),
        (hasattr(kind, "model_dump"), "a dictionary: model.model_dump(exclude_none=True)"),
        (hasattr(kind, "__attrs_attrs__"), "a dictionary: attrs.asdict(value)"),
        (isinstance(value, bytes | bytearray | memoryview), 'a text: data.decode("utf-8")'),
        (kind.__module__ in ("decimal", "fractions", "datetime", "uuid", "pathlib"), "a text: str(value)"),
        (isinstance(value, Iterable) and not isinstance(value, type), "a list: list(values)"),
        (callable(value) and not isinstance(value, type), "what it returns: call it"),
    )
    step = next((text for holds, text in steps if holds), "")
    return f" Give {step}." if step else ""


def twice(path: Path, key: str, other: str) -> Problem:
    """Refuse keys that Terraform takes for one: it composes accents, as in U+00E9 for e and U+0301."""
    return Problem(
        (*path, Key(key)),
        "Twice the same key",
        f"{spelled(path)} has the key {key!a} and the key {other!a}, which Terraform takes for one: they "
        "differ in how an accent is composed. Allowed: a key once. Remove one.",
    )


def _text(value: str, path: Path, found: _Findings, kind: Type | None) -> str:
    text = checked(value if type(value) is str else str.__str__(value), path, found.problems)
    last = path[-1] if type(path[-1]) is not int else path[-2]
    if type(last) is str and (of := kind_of(last)) and (problem := id_problem(text, of, path)):
        found.problems.append(problem)
    if "${" in text and isinstance(kind, String) and kind.prose and "${" in text.replace(STRING_TOKEN, ""):
        found.template = found.template or path
    return text


def _construct(value: object, path: Path) -> Problem:
    return Problem(
        path,
        "Wrong type",
        f"{spelled(path)} is a construct ({type(value).__name__}). Allowed: a value, or a reference to one. "
        "Give what is meant of it: the id of a resource, the string_value of a variable.",
    )


def _is_key(key: object, path: Path, problems: list[Problem]) -> bool:
    if isinstance(key, str):
        return True
    problems.append(
        Problem(
            path,
            "Wrong type",
            f"{spelled(path)} has the key {shown(key)} ({type(key).__name__}). Allowed: keys that are "
            "strings. Put it in quotes.",
        )
    )
    return False


def _step(kind: Type | None, key: str) -> str:
    """Spell a key in a path: in brackets in a map, and where no attribute could have that name."""
    return Key(key) if isinstance(kind, MapOf | Json) or not key.isidentifier() else key


def _within(kind: Type | None, key: str) -> Type | None:
    if isinstance(kind, MapOf):
        return kind.element
    return _type_of(kind.attributes, key) if isinstance(kind, Object) else None


def _type_of(attributes: Mapping[str, Attribute], name: str) -> Type | None:
    return attributes[name].type if name in attributes else None


_EXACT = 2**53
_DEEPEST = 20
"""Steps of a path. The deepest attribute of any contract has 6."""


def _number(value: float, path: Path, problems: list[Problem]) -> float:
    if value - value != 0:
        problems.append(
            Problem(
                path,
                "Not a number",
                f"{spelled(path)} is {value}. Allowed: finite numbers. Terraform has no other.",
            )
        )
    elif isinstance(value, int) and abs(value) > _EXACT:
        problems.append(
            Problem(
                path,
                "Number too large",
                f"{spelled(path)} is {value}. Allowed: whole numbers up to 2**53; "
                'beyond that cdktf changes the digits. Give it as a string: "…".',
            )
        )
    return value


def _literal(kind: Type, value: Any) -> Any:  # noqa: ANN401, PLR0911 - JSON, one return a type
    """Escape what Terraform would take for a template in text that a person wrote."""
    if isinstance(value, str):
        return read_whole(escaped(value) if isinstance(kind, String) and kind.prose else _dollars_kept(value))
    if is_token(value):
        return value
    match kind:
        case Json():
            return _json(value)
        case ListOf(element) | MapOf(element):
            if isinstance(value, list):
                return [_literal(element, each) for each in value]
            return {read_whole(key): _literal(element, each) for key, each in value.items()}
        case Object(_, attributes):
            return {key: _literal(attributes[key].type, each) for key, each in value.items()}
    return value


def _json(value: Mapping[str, object]) -> str:
    """Return JSON text, or the expression that makes it where a part is known only at deploy."""
    if _has_expression(value):
        pairs = (f"({_expression(key)}) = {_expression(each)}" for key, each in value.items())
        return f"${{jsonencode({{{', '.join(pairs)}}})}}"
    return read_whole(json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False))


def _expression(value: object) -> str:
    """Return a value as an expression: cdktf's own ``Fn.jsonencode`` escapes no quotes."""
    if isinstance(value, Mapping) and not is_token(value):
        # Braces within would end the expression in cdktf's eyes. Of mixed values this makes an object, too.
        return f"zipmap({_expression([*value])}, {_expression([*value.values()])})"
    if isinstance(value, list) and not is_token(value):
        return f"[{', '.join(map(_expression, value))}]"
    if not isinstance(value, str):
        return str(tf.Token.as_string(value)) if is_token(value) else json.dumps(value)
    # Within an expression cdktf writes a token without its braces, also where it stands in quotes.
    return joined(
        [each if each.startswith(STRING_TOKEN) else text_expression(each) for each in parted(value)]
    )


def _has_expression(value: object) -> bool:
    if isinstance(value, Mapping) and not is_token(value):
        return any(_has_expression(each) for pair in value.items() for each in pair)
    if isinstance(value, list) and not is_token(value):
        return any(map(_has_expression, value))
    return is_expression(value)


def escaped(text: str) -> str:
    """Make ``${`` and ``%{`` mean themselves, and leave tokens alone."""
    if "{" not in text:
        return text
    if STRING_TOKEN not in text:
        return text.replace("${", "$${").replace("%{", "%%{")
    # cdktf takes $${ for the beginning of an expression, up to the next }, and writes tokens bare within it.
    parts = (re.sub(_OPENING, r'${"\1"}{', each) for each in text.split(STRING_TOKEN))
    return _dollars_kept(STRING_TOKEN.join(each.replace("%{", "%%{") for each in parts))


_OPENING = r"(\$+)\{"
_DOLLARS = r"\$+(?=\$\{TfToken\[)"


def _dollars_kept(text: str) -> str:
    """Keep a token behind a dollar sign, as in ``f"${price}"``, from being read as escaped."""
    return re.sub(_DOLLARS, r'${"\g<0>"}', text) if STRING_TOKEN in text else text
