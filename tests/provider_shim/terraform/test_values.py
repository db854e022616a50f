import msgpack
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provider_shim.contract.attributes import Attribute, Bool, ListOf, MapOf, Number, Object, String, Type
from provider_shim.contract.path import Key, Path
from provider_shim.terraform.values import (
    UNKNOWN,
    Malformed,
    Written,
    conform,
    decode,
    encode,
    same,
    unknown_paths,
    without_unknowns,
)


def shape(**kinds: Type) -> dict[str, Attribute]:
    return {name: Attribute(name, kind, "", optional=True) for name, kind in kinds.items()}


INNER = shape(text=String(), weight=Number())
ALL = shape(
    text=String(),
    number=Number(),
    flag=Bool(),
    texts=ListOf(String()),
    pairs=MapOf(String()),
    one=Object("One", INNER),
    many=ListOf(Object("One", INNER)),
    named=MapOf(Object("One", INNER)),
)

valid_text = st.text(st.characters(exclude_categories=["Cs"]))


def maybe(strategy: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.none() | st.just(UNKNOWN) | strategy


numbers = st.integers(-(10**30), 10**30) | st.floats(allow_nan=False, allow_infinity=False)
inner = st.fixed_dictionaries({"text": maybe(valid_text), "weight": maybe(numbers)})
everything = st.fixed_dictionaries(
    {
        "text": maybe(valid_text),
        "number": maybe(numbers),
        "flag": maybe(st.booleans()),
        "texts": maybe(st.lists(maybe(valid_text), max_size=3)),
        "pairs": maybe(st.dictionaries(valid_text, maybe(valid_text), max_size=3)),
        "one": maybe(inner),
        "many": maybe(st.lists(inner, max_size=2)),
        "named": maybe(st.dictionaries(valid_text, inner, max_size=2)),
    }
)


class Problems(list[tuple[Path, str]]):
    def __call__(self, path: Path, problem: str) -> None:
        self.append((path, problem))


def known(value: object) -> object:
    """UNKNOWN is equal to nothing, so a text stands for it."""
    if value is UNKNOWN:
        return "unknown"
    if isinstance(value, dict):
        return {name: known(each) for name, each in value.items()}
    if isinstance(value, list):
        return [known(each) for each in value]
    return value


@settings(max_examples=150, deadline=None)
@given(everything)
def test_what_is_sent_comes_back_the_same(value: dict[str, object]) -> None:
    problems = Problems()

    back = decode(ALL, encode(ALL, value, problems))

    assert known(back) == known(value)
    assert problems == []


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=60))
def test_no_garbage_is_more_than_malformed(data: bytes) -> None:
    try:
        value = decode(ALL, data)
    except Malformed:
        return

    assert value is None or value.keys() == ALL.keys()


@settings(max_examples=150, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(ALL)), inner, max_size=4)
        ),
        max_leaves=8,
    )
)
def test_whatever_a_handler_makes_can_be_sent(value: object) -> None:
    sent = encode(ALL, dict.fromkeys(ALL, value), Problems())

    assert decode(ALL, sent) is not None


@pytest.mark.parametrize(
    ("packed", "expected"),
    [
        (7, 7),
        (2**53 + 1, 2**53 + 1),
        ("123456789012345678901234567890", 123456789012345678901234567890),
        (2.0, 2),
        (0.5, 0.5),
        ("0.1", 0.1),
        ("-3", -3),
    ],
)
def test_numbers_arrive_however_terraform_sends_them(packed: object, expected: float) -> None:
    value = decode(shape(number=Number()), msgpack.packb({"number": packed}))

    assert value == {"number": expected}


@pytest.mark.parametrize("digits", ["0.1", "0.30000000000000000000001", "1.000000000000000000001", "-0.7"])
def test_all_digits_of_a_number_go_back_to_terraform(digits: str) -> None:
    attributes = shape(number=Number())

    value = decode(attributes, msgpack.packb({"number": digits}))

    assert msgpack.unpackb(encode(attributes, value, Problems())) == {"number": digits}


def test_a_float_that_a_handler_computed_is_sent_as_it_reads() -> None:
    attributes = shape(small=Number(), large=Number(), whole=Number(), huge=Number())
    value = {"small": 1e-7, "large": 0.1, "whole": 3.0, "huge": 2**60}

    sent = msgpack.unpackb(encode(attributes, value, Problems()))

    assert sent == {"small": "0.0000001", "large": "0.1", "whole": 3, "huge": str(2**60)}


@pytest.mark.parametrize("number", ["nan", "inf", "1_000", "0x10", "", "9" * 2_000])
def test_what_is_no_number_is_malformed(number: str) -> None:
    with pytest.raises(Malformed, match="number"):
        decode(shape(number=Number()), msgpack.packb({"number": number}))


@pytest.mark.parametrize("number", [float("nan"), float("inf"), True, "7"])
def test_what_is_no_number_is_reported_and_sent_as_null(number: object) -> None:
    problems = Problems()

    sent = encode(shape(number=Number()), {"number": number}, problems)

    assert msgpack.unpackb(sent) == {"number": None}
    assert [path for path, _ in problems] == [("number",)]


def test_half_a_surrogate_pair_becomes_a_replacement_character() -> None:
    attributes = shape(text=String(), pairs=MapOf(String()))

    sent = encode(attributes, {"text": "a\ud800b", "pairs": {"\udfff": "\0"}}, Problems())

    assert msgpack.unpackb(sent) == {"text": "a\ufffdb", "pairs": {"\ufffd": "\0"}}


def test_a_refined_unknown_is_unknown() -> None:
    data = msgpack.packb({"text": msgpack.ExtType(12, b"\x81\x01\xc2")})

    assert decode(shape(text=String()), data) == {"text": UNKNOWN}


@pytest.mark.parametrize("data", [b"\x81\x90\x01", b"\x81\x80\x01"], ids=["a list", "a map"])
def test_a_key_that_is_no_text_is_malformed(data: bytes) -> None:
    with pytest.raises(Malformed, match="is no msgpack"):
        decode(shape(text=String()), data)


def test_another_extension_is_malformed() -> None:
    with pytest.raises(Malformed, match="extension 5"):
        decode(shape(text=String()), msgpack.packb({"text": msgpack.ExtType(5, b"")}))


def test_an_old_state_gets_todays_attributes() -> None:
    problems = Problems()

    state = conform(ALL, {"text": "kept", "gone": 1, "one": {"weight": 2}}, problems)

    assert state == dict.fromkeys(ALL) | {"text": "kept", "one": {"text": None, "weight": 2}}
    assert problems == []


def test_a_value_of_another_type_is_reported_with_its_path() -> None:
    problems = Problems()

    conform(ALL, {"named": {"a b": {"weight": []}}}, problems)

    assert problems == [(("named", Key("a b"), "weight"), "is a list instead of a number")]


def test_an_attribute_that_does_not_exist_is_reported() -> None:
    problems = Problems()

    encode(shape(text=String()), {"text": None, "txet": "a"}, problems)

    assert problems == [(("txet",), "is no attribute")]


def test_every_unknown_is_found_and_made_null() -> None:
    value = {"a": UNKNOWN, "b": [1, {"c": UNKNOWN}]}

    assert unknown_paths(value) == [("a",), ("b", 1, "c")]
    assert without_unknowns(value) == {"a": None, "b": [1, {"c": None}]}


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (1, 1.0, True),
        (1, True, False),
        (None, None, True),
        (None, "", False),
        (UNKNOWN, UNKNOWN, False),
        ("a", UNKNOWN, False),
        ([1, {"a": 2.0}], [1.0, {"a": 2}], True),
        ([1], [1, 2], False),
        ({"a": 1}, {"b": 1}, False),
        (Written("0.10"), Written("0.1"), True),
        (Written("0.1"), Written("0.1000000000000000000001"), False),
        (Written("0.1"), 0.1, True),
    ],
)
def test_values_are_compared_as_terraform_does(one: object, other: object, expected: bool) -> None:
    assert same(one, other) is expected


def test_unknown_can_not_be_taken_for_true_or_false() -> None:
    with pytest.raises(TypeError, match="neither"):
        bool(UNKNOWN)
