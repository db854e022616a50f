"""Each problem has a title and a sentence, and its limits are where the contract says."""

from typing import Any

import pytest

from provider_shim.contract.attributes import (
    Attribute,
    Between,
    Bool,
    Contract,
    Count,
    Json,
    Length,
    ListOf,
    MapOf,
    Number,
    Object,
    String,
    Type,
)
from provider_shim.contract.check import Problem, check
from provider_shim.contract.path import Key, Path
from provider_shim.terraform.values import UNKNOWN, is_unknown

SIZED = MapOf(String(length=Length(0, 3)), Count(1, 2), Length(1, 3))
FLAT = Json(Count(1, 2), Length(1, 3), Length(0, 2))
ANY = Json(key=Length(1, 3), nested=True)
OF_FLAT = "Allowed: an object, as JSON text, each value a string, a number, true or false."
BOX = Object("Box", {"lid": Attribute("lid", Bool(), "Whether it has a lid.", required=True)})


def problems(
    value: object,
    kind: Type | None = None,
    *,
    name: str = "it",
    rules: tuple[Any, ...] = (),
    **attribute: Any,
) -> list[Problem]:
    attributes = {
        "it": Attribute("it", kind or String(), "What it is.", **{"optional": True} | attribute),
        "id": Attribute("id", String(), "Its id.", computed=True),
    }
    return list(check(Contract("thing", "", attributes, rules=rules), {name: value}, is_unknown))


@pytest.mark.parametrize(
    ("kind", "value", "path", "summary", "detail"),
    [
        (String(("a",)), "b", (), "Value not allowed", 'it is "b". Allowed: "a".'),
        (String(length=Length(1)), "", (), "Too short", "it is empty. Allowed: at least 1 character."),
        (
            String(length=Length(3)),
            "ab",
            (),
            "Too short",
            "it has 2 characters. Allowed: at least 3 characters.",
        ),
        (
            String(length=Length(0, 2)),
            "abc",
            (),
            "Too long",
            "it has 3 characters. Allowed: at most 2. Shorten it by 1.",
        ),
        (
            String(),
            "a\0",
            (),
            "Not valid text",
            "it has a NUL character at position 1. Allowed: Unicode text without it. Remove it.",
        ),
        (
            String(),
            "\udfff",
            (),
            "Not valid text",
            (
                "it has half a surrogate pair (U+DFFF) at position 0. Allowed: Unicode text without it. "
                "Remove it."
            ),
        ),
        (Number(Between(1)), 0, (), "Out of range", "it is 0. Allowed: a whole number of at least 1."),
        (Number(Between(1, 5)), 6, (), "Out of range", "it is 6. Allowed: a whole number from 1 to 5."),
        (Number(Between(1, 5)), 1.5, (), "Out of range", "it is 1.5. Allowed: a whole number from 1 to 5."),
        (SIZED, {}, (), "Too few pairs", "it has 0 pairs. Allowed: at least 1."),
        (
            SIZED,
            {"a": "", "b": "", "c": ""},
            (),
            "Too many pairs",
            "it has 3 pairs. Allowed: at most 2. Remove 1.",
        ),
        (
            ListOf(String(), Count(0, 1)),
            ["a", "b"],
            (),
            "Too many elements",
            "it has 2 elements. Allowed: at most 1. Remove 1.",
        ),
        (
            SIZED,
            {"long": ""},
            (Key("long"),),
            "Too long",
            'The key "long" of it has 4 characters. Allowed: at most 3. Shorten it by 1.',
        ),
        (
            SIZED,
            {"a": None},
            (Key("a"),),
            "Missing value",
            'it["a"] is null. Allowed: a string. Leave it out instead.',
        ),
        (
            ListOf(MapOf(Number())),
            ["x"],
            (0,),
            "Wrong type",
            'it[0] is a string ("x"). Allowed: a map from strings, each value a number.',
        ),
        (String(), ["x"], (), "Wrong type", "it is a list. Allowed: a string."),
        (Number(), [], (), "Wrong type", "it is a list. Allowed: a number."),
        (Number(), True, (), "Wrong type", "it is True (bool). Allowed: a number."),
        (Bool(), "no", (), "Wrong type", 'it is a string ("no"). Allowed: true or false.'),
        (Bool(), "x" * 61, (), "Wrong type", f'it is a string ("{"x" * 60}…"). Allowed: true or false.'),
        (Bool(), "x" * 60, (), "Wrong type", f'it is a string ("{"x" * 60}"). Allowed: true or false.'),
        (
            BOX,
            {},
            ("lid",),
            "Missing attribute",
            "it.lid is missing, and it is required: Whether it has a lid.",
        ),
        (
            BOX,
            {"lit": True},
            ("lit",),
            "Unknown attribute",
            'it.lit is not known. Allowed: lid. Did you mean "lid"?',
        ),
        (BOX, {"lid": True, "x": 1}, ("x",), "Unknown attribute", "it.x is not known. Allowed: lid."),
        (FLAT, 3, (), "Wrong type", f"it is 3 (int). {OF_FLAT}"),
        (
            ANY,
            3,
            (),
            "Wrong type",
            "it is 3 (int). Allowed: an object, as JSON text, each value anything.",
        ),
        (
            FLAT,
            "year = 1",
            (),
            "Not JSON",
            (
                'it is "year = 1", which is no JSON: Expecting value: line 1 column 1 (char 0). '
                f"{OF_FLAT} In HCL: jsonencode({{ … }})."
            ),
        ),
        (
            FLAT,
            '{"a": NaN}',
            (),
            "Not JSON",
            (
                'it is "{"a": NaN}", which is no JSON: NaN is no number. '
                f"{OF_FLAT} In HCL: jsonencode({{ … }})."
            ),
        ),
        (
            FLAT,
            "[" * 100_000,
            (),
            "Not JSON",
            (
                f'it is "{"[" * 60}…", which is no JSON: it is nested too deep. '
                f"{OF_FLAT} In HCL: jsonencode({{ … }})."
            ),
        ),
        (FLAT, "[1]", (), "Wrong type", f"it is JSON of a list. {OF_FLAT}"),
        (FLAT, "null", (), "Wrong type", f"it is JSON of null. {OF_FLAT}"),
        (FLAT, "true", (), "Wrong type", f"it is JSON of true. {OF_FLAT}"),
        (FLAT, "1.5", (), "Wrong type", f"it is JSON of 1.5. {OF_FLAT}"),
        (FLAT, "2", (), "Wrong type", f"it is JSON of 2. {OF_FLAT}"),
        (FLAT, '"x"', (), "Wrong type", f'it is JSON of a string ("x"). {OF_FLAT}'),
        (FLAT, "{}", (), "Too few pairs", "it has 0 pairs. Allowed: at least 1."),
        (
            FLAT,
            '{"a": 1, "b": 2, "c": 3}',
            (),
            "Too many pairs",
            "it has 3 pairs. Allowed: at most 2. Remove 1.",
        ),
        (
            FLAT,
            {"long": 1},
            (Key("long"),),
            "Too long",
            'The key "long" of it has 4 characters. Allowed: at most 3. Shorten it by 1.',
        ),
        (
            ANY,
            {"a": {}, "long": {}},
            (Key("long"),),
            "Too long",
            'The key "long" of it has 4 characters. Allowed: at most 3. Shorten it by 1.',
        ),
        (
            FLAT,
            {"a": "abc"},
            (Key("a"),),
            "Too long",
            'it["a"] has 3 characters. Allowed: at most 2. Shorten it by 1.',
        ),
        (
            FLAT,
            {"a": UNKNOWN, "b": None},
            (Key("b"),),
            "Wrong type",
            'it["b"] is null. Allowed: a string, a number, true or false.',
        ),
        (
            FLAT,
            '{"a": {"b": 1}}',
            (Key("a"),),
            "Wrong type",
            'it["a"] is an object. Allowed: a string, a number, true or false.',
        ),
    ],
)
def test_a_problem_has_a_path_a_title_and_a_sentence(
    kind: Type, value: object, path: Path, summary: str, detail: str
) -> None:
    assert problems(value, kind) == [Problem(("it", *path), summary, detail)]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Number(Between(1, 5)), 1),
        (Number(Between(1, 5)), 5),
        (Number(Between(1, 5)), "3"),
        (Number(Between(1)), 1_000_000),
        (Bool(), "false"),
        (Bool(), "true"),
        (String(length=Length(1, 2)), "a"),
        (String(length=Length(1, 2)), "ab"),
        (String(length=Length(1, 2)), "\n"),
        (String(length=Length(1, 2)), "\n\n"),
        (SIZED, {"abc": "abc"}),
        (SIZED, {UNKNOWN: "abc"}),
        (SIZED, {"a": UNKNOWN}),
        (FLAT, '{"a": true, "b": 1.5}'),
        (FLAT, {"abc": "ab", "b": False}),
        (FLAT, {UNKNOWN: "ab"}),
        (ANY, {"a": {"long": [None]}}),
    ],
)
def test_what_is_within_its_limits_is_no_problem(kind: Type, value: object) -> None:
    assert problems(value, kind) == []


def test_a_computed_attribute_can_not_be_given() -> None:
    detail = "id is set by the provider and can't be given. Remove it."

    assert problems("x", name="id") == [Problem(("id",), "Read-only attribute", detail)]


@pytest.mark.parametrize(
    ("kind", "value", "detail"),
    [
        (String(("a", "b")), "hidden", 'it is not an allowed value. Allowed: "a" or "b".'),
        (Number(), "hidden", "it is of the type str. Allowed: a number."),
    ],
)
def test_a_sensitive_value_is_not_repeated(kind: Type, value: str, detail: str) -> None:
    (problem,) = problems(value, kind, sensitive=True)

    assert problem.detail == detail


def test_of_two_names_alike_the_nearest_is_meant_and_of_none_none() -> None:
    near, far = (problems(value, String(("reader", "readers", "writer"))) for value in ("readerss", "zzz"))

    assert near[0].detail.endswith('Did you mean "readers"?')
    assert far[0].detail.endswith('or "writer".')


def test_half_of_a_name_is_near_enough() -> None:
    assert problems("text", String(("content",)))[0].detail.endswith('Did you mean "content"?')


def test_a_rule_is_asked_only_where_nothing_else_is_wrong() -> None:
    def rule(values: object, _is_unknown: object) -> list[tuple[Path, str, str]]:
        return [((), "A rule", f"{values}")]

    assert problems("x", rules=(rule,)) == [Problem((), "A rule", "{'it': 'x'}")]
    assert [each.summary for each in problems([], rules=(rule,))] == ["Wrong type"]
