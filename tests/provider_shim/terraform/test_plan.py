from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from provider_shim.contract.attributes import Attribute, Contract, Json, ListOf, MapOf, Number, Object, String
from provider_shim.contract.path import Key
from provider_shim.terraform import plan
from provider_shim.terraform.values import UNKNOWN, without_unknowns
from tests.support.tiny_provider import BOX


def config(**attributes: object) -> dict[str, Any]:
    return dict.fromkeys(BOX.attributes) | {"name": "one"} | attributes


def item(**attributes: object) -> dict[str, Any]:
    return {"text": "a", "weight": None, "kind": None, "serial": None} | attributes


def state(**attributes: object) -> dict[str, Any]:
    return config(id="box-1", opened_at=17, open=False) | attributes


def test_a_create_plans_what_is_configured_and_computes_the_rest() -> None:
    change = plan.change(BOX, None, config(size=2, items=[item()]))

    assert change.planned == config(
        size=2, items=[item(serial=UNKNOWN)], open=False, id=UNKNOWN, opened_at=UNKNOWN
    )
    assert change.replace == []
    assert (change.prior, change.config) == (None, config(size=2, items=[item()]))


def test_a_destroy_plans_nothing() -> None:
    change = plan.change(BOX, state(), None)

    assert change.planned is None
    assert change.prior == state()


def test_nothing_changes_where_the_configuration_is_as_before() -> None:
    prior = state(size=2, items=[item(serial="s")], tags={"a": "b"})

    change = plan.change(BOX, prior, config(size=2.0, items=[item()], tags={"a": "b"}))

    assert change.planned == prior
    assert change.replace == []


def test_json_that_says_the_same_is_no_change_however_it_is_written() -> None:
    attribute = Attribute("attributes", Json(), "", optional=True, replace=True)
    contract = Contract("openai_box", "", {"attributes": attribute})
    written, other, another = '{"a":1,"b":"x"}', '{ "b": "x", "a": 1.0 }', '{"a": 2}'

    def planned(prior: str | None, wanted: str) -> tuple[Any, Any]:
        before = None if prior is None else {"attributes": prior}
        change = plan.change(contract, before, {"attributes": wanted})
        return (change.planned or {})["attributes"], change.replace

    assert planned(written, other) == (written, [])
    assert planned(written, another) == (another, [("attributes",)])
    assert planned(None, other) == (other, [])


def test_an_update_carries_what_is_computed() -> None:
    change = plan.change(BOX, state(items=[item(serial="s")]), config(size=3, items=[item(text="b")]))

    assert change.planned == state(size=3, items=[item(text="b", serial="s")])
    assert change.replace == []
    assert change.prior == state(items=[item(serial="s")])
    assert change.config == config(size=3, items=[item(text="b")])


def test_a_new_element_computes_its_own() -> None:
    change = plan.change(BOX, state(items=[item(serial="s")]), config(items=[item(), item(text="b")]))

    assert change.planned == state(items=[item(serial="s"), item(text="b", serial=UNKNOWN)])


def test_an_unknown_element_is_planned_as_unknown() -> None:
    change = plan.change(BOX, state(items=[item(serial="s")]), config(items=[UNKNOWN], tags=UNKNOWN))

    assert change.planned is not None
    assert change.planned["items"] == [UNKNOWN]
    assert change.planned["tags"] is UNKNOWN


def test_an_attribute_that_replaces_is_named() -> None:
    assert plan.change(BOX, state(), config(name="two")).replace == [("name",)]


def test_an_unknown_value_replaces_too() -> None:
    assert plan.change(BOX, state(), config(name=UNKNOWN)).replace == [("name",)]


def test_a_nested_attribute_that_replaces_is_named_with_its_element() -> None:
    prior = state(items=[item(), item(kind="old")])

    change = plan.change(BOX, prior, config(items=[item(), item(kind="new"), item(kind="more")]))

    assert change.replace == [("items", 1, "kind")]


def test_a_replacement_computes_everything_anew() -> None:
    assert plan.anew(BOX, config(name="two", items=[item()])) == config(
        name="two", items=[item(serial=UNKNOWN)], open=False, id=UNKNOWN, opened_at=UNKNOWN
    )


configs = st.builds(
    config,
    name=st.sampled_from(["one", "two"]),
    size=st.none() | st.integers(0, 2),
    open=st.none() | st.booleans(),
    tags=st.none() | st.dictionaries(st.sampled_from("ab"), st.sampled_from("xy")),
    items=st.none()
    | st.lists(st.builds(item, text=st.sampled_from("ab"), kind=st.none() | st.just("k")), max_size=2),
    lid=st.none() | st.fixed_dictionaries({"color": st.none() | st.just("red")}),
)


@settings(max_examples=150, deadline=None)
@given(configs)
def test_once_applied_a_configuration_plans_no_change(configured: dict[str, Any]) -> None:
    applied = without_unknowns(plan.change(BOX, None, configured).planned)

    again = plan.change(BOX, applied, configured)

    assert again.planned == applied
    assert again.replace == []


@settings(max_examples=150, deadline=None)
@given(configs, configs)
def test_what_is_configured_is_planned_as_configured(before: dict[str, Any], after: dict[str, Any]) -> None:
    prior = without_unknowns(plan.change(BOX, None, before).planned)

    planned = plan.change(BOX, prior, after).planned

    assert planned is not None
    assert {name: planned[name] for name in ("name", "size", "tags", "lid")} == {
        name: after[name] for name in ("name", "size", "tags", "lid")
    }
    assert after["open"] in (None, planned["open"])


DRAWER = Object(
    "Drawer",
    {
        "colour": Attribute("colour", String(), "", optional=True),
        "lock": Attribute("lock", String(), "", optional=True, replace=True),
        "number": Attribute("number", Number(), "", computed=True),
    },
)
CHEST = Contract(
    "chest",
    "",
    {
        "name": Attribute("name", String(), "", required=True, replace=True),
        "drawers": Attribute("drawers", MapOf(DRAWER), "", optional=True),
        "shelves": Attribute("shelves", ListOf(DRAWER), "", optional=True),
        "top": Attribute("top", DRAWER, "", optional=True),
    },
)


def drawer(**attributes: object) -> dict[str, Any]:
    return {"colour": "red", "lock": None, "number": None} | attributes


def chest(**attributes: object) -> dict[str, Any]:
    return {"name": "oak", "drawers": None, "shelves": None, "top": None} | attributes


def test_an_element_of_a_map_carries_what_is_computed_by_its_key() -> None:
    prior = chest(drawers={"a": drawer(number=1), "b": drawer(number=2)})

    change = plan.change(CHEST, prior, chest(drawers={"b": drawer(colour="blue"), "c": drawer()}))

    assert change.planned == chest(
        drawers={"b": drawer(colour="blue", number=2), "c": drawer(number=UNKNOWN)}
    )
    assert change.replace == []


def test_what_replaces_is_named_however_deep_and_each_of_it() -> None:
    prior = chest(drawers={"a": drawer()}, shelves=[drawer()], top=drawer())
    other = drawer(lock="brass")

    change = plan.change(
        CHEST, prior, chest(name="elm", drawers={"a": other, "b": other}, shelves=[other, other], top=other)
    )

    assert change.replace == [
        ("name",),
        ("drawers", Key("a"), "lock"),
        ("shelves", 0, "lock"),
        ("top", "lock"),
    ]
    assert isinstance(change.replace[1][1], Key)


def test_a_number_written_in_another_way_is_the_one_from_before() -> None:
    prior = state(size=2)
    planned = plan.change(BOX, prior, config(size=2.0)).planned

    assert planned is not None
    assert planned["size"] is prior["size"]


def test_where_the_state_holds_another_kind_everything_is_anew() -> None:
    prior = chest(drawers=[1], shelves={"a": 1}, top="x")

    change = plan.change(CHEST, prior, chest(drawers={"a": drawer()}, shelves=[drawer()], top=drawer()))

    assert change.planned == chest(
        drawers={"a": drawer(number=UNKNOWN)}, shelves=[drawer(number=UNKNOWN)], top=drawer(number=UNKNOWN)
    )
    assert change.replace == []
