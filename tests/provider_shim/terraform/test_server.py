"""Each RPC, as Terraform calls it, on a provider with boxes."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgpack
import pytest

from provider_shim.terraform import tfplugin6
from provider_shim.terraform.values import UNKNOWN
from tests.support.provider_process import Client, box, connected, dynamic, opened

KEY = "sk-very-secret-0123456789"
NOTHING = dynamic(None)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def client(folder: Path) -> Iterator[Client]:
    with connected() as client:
        client.call("ConfigureProvider", config=dynamic({"folder": str(folder), "key": KEY}))
        yield client


def create(client: Client, **attributes: object) -> Any:
    planned = {"open": False, "id": UNKNOWN, "opened_at": UNKNOWN} | attributes
    return client.call(
        "ApplyResourceChange",
        type_name="tiny_box",
        prior_state=NOTHING,
        planned_state=box(**planned),
        config=box(**attributes),
    )


def plan(client: Client, prior: tfplugin6.DynamicValue, config: tfplugin6.DynamicValue) -> Any:
    return client.call(
        "PlanResourceChange",
        type_name="tiny_box",
        prior_state=prior,
        proposed_new_state=config,
        config=config,
    )


def shown(response: Any) -> str:
    return "\n".join(f"{each.summary}\n{each.detail}" for each in response.diagnostics)


# --- what there is ----------------------------------------------------------------------


def test_metadata_names_the_types_and_what_the_provider_can_do(client: Client) -> None:
    metadata = client.call("GetMetadata")

    assert [each.type_name for each in metadata.resources] == ["tiny_box"]
    assert list(metadata.data_sources) == []
    capabilities = metadata.server_capabilities
    assert capabilities.plan_destroy
    assert capabilities.get_provider_schema_optional
    assert capabilities.move_resource_state
    assert capabilities.generate_resource_config


def test_the_schema_says_what_the_contract_says(client: Client) -> None:
    schema = client.call("GetProviderSchema")

    attributes = {each.name: each for each in schema.resource_schemas["tiny_box"].block.attributes}
    assert schema.resource_schemas["tiny_box"].version == 1
    assert attributes["name"].required
    assert attributes["id"].computed
    assert not attributes["id"].optional
    assert attributes["open"].computed
    assert attributes["open"].optional
    assert json.loads(attributes["tags"].type) == ["map", "string"]
    assert attributes["items"].type == b""
    assert attributes["items"].nested_type.nesting == tfplugin6.LIST
    assert [each.name for each in attributes["items"].nested_type.attributes] == [
        "text",
        "weight",
        "kind",
        "serial",
    ]
    provider = {each.name: each for each in schema.provider.block.attributes}
    assert provider["key"].sensitive


def test_a_deprecated_attribute_says_what_to_use(client: Client) -> None:
    schema = client.call("GetProviderSchema").resource_schemas["tiny_box"]
    attributes = {each.name: each for each in schema.block.attributes}

    assert attributes["size"].deprecated
    assert attributes["size"].deprecation_message == "Use the tags."
    assert not attributes["name"].deprecated


def test_an_identity_is_made_of_what_the_contract_says(client: Client) -> None:
    schemas = client.call("GetResourceIdentitySchemas").identity_schemas

    [part] = schemas["tiny_box"].identity_attributes
    assert (part.name, json.loads(part.type), part.required_for_import) == ("id", "string", True)
    assert part.description == "The id."


def test_there_are_no_functions(client: Client) -> None:
    assert list(client.call("GetFunctions").diagnostics) == []


# --- validation -------------------------------------------------------------------------


def test_a_valid_configuration_has_no_diagnostics(client: Client) -> None:
    found = client.call("ValidateResourceConfig", type_name="tiny_box", config=box(name="a", tags=UNKNOWN))

    assert list(found.diagnostics) == []


def test_a_problem_of_the_contract_names_its_path(client: Client) -> None:
    config = box(name="a", tags={"t": None})

    (problem,) = client.call("ValidateResourceConfig", type_name="tiny_box", config=config).diagnostics

    assert problem.severity == tfplugin6.ERROR
    assert [vars(step) for step in problem.attribute.steps] == [
        {"attribute_name": "tags"},
        {"element_key_string": "t"},
    ]


def test_of_many_problems_the_first_are_told_and_the_rest_counted(client: Client) -> None:
    config = box(name="a", tags={f"t{number}": None for number in range(1_012)})

    *first, last = client.call("ValidateResourceConfig", type_name="tiny_box", config=config).diagnostics

    assert [each.summary for each in first] == ["Missing value"] * 10
    assert last.summary == "1,002 more problems"


def test_the_handler_judges_what_the_contract_cannot(client: Client) -> None:
    found = client.call("ValidateResourceConfig", type_name="tiny_box", config=box(name="forbidden"))

    assert [each.summary for each in found.diagnostics] == ["Forbidden name"]


@pytest.mark.parametrize("data", [b"", b"\xc1", b"\xa1x", b"\x81\xa4name\x01"])
def test_a_configuration_that_is_none_breaks_nothing(client: Client, data: bytes) -> None:
    client.call("ValidateResourceConfig", type_name="tiny_box", config=tfplugin6.DynamicValue(msgpack=data))

    assert client.call("GetMetadata").resources


@pytest.mark.parametrize("rpc", ["ValidateResourceConfig", "ValidateDataResourceConfig", "ReadDataSource"])
def test_a_type_that_does_not_exist_is_a_bug(client: Client, rpc: str) -> None:
    found = client.call(rpc, type_name="tiny_lid", config=NOTHING)

    assert "tiny_lid" in shown(found)
    assert "please report it" in shown(found)


# --- state ------------------------------------------------------------------------------


def upgrade(client: Client, version: int, state: str) -> Any:
    raw = tfplugin6.RawState(json=state.encode())
    return client.call("UpgradeResourceState", type_name="tiny_box", version=version, raw_state=raw)


def test_a_state_of_today_gets_absent_attributes_and_loses_others(client: Client) -> None:
    answer = upgrade(client, 1, '{"id": "box-1", "name": "a", "gone": true, "size": 0.5}')

    state = opened(answer.upgraded_state)
    assert state is not None
    assert (state["id"], state["size"], state["tags"]) == ("box-1", 0.5, None)
    assert "gone" not in state


def test_an_older_state_goes_through_the_handler(client: Client) -> None:
    state = opened(upgrade(client, 0, '{"id": "box-1", "title": "old"}').upgraded_state)

    assert state is not None
    assert state["name"] == "old (from 0)"


@pytest.mark.parametrize(
    ("version", "text", "expected"),
    [
        (2, "{}", "newer"),
        (1, "", "Terraform 0.11"),
        (1, "{", "no JSON"),
        (1, "[]", "list instead of an object"),
        (1, '{"tags": "x"}', "tags in the state is a string instead of a map"),
        (0, "{}", "KeyError"),
    ],
)
def test_a_state_that_cannot_be_read_is_an_error(
    client: Client, version: int, text: str, expected: str
) -> None:
    assert expected in shown(upgrade(client, version, text))


def test_another_providers_state_is_moved(client: Client) -> None:
    answer = client.call(
        "MoveResourceState",
        source_type_name="null_box",
        source_schema_version=3,
        source_state=tfplugin6.RawState(json=b'{"id": "7"}'),
        target_type_name="tiny_box",
    )

    state = opened(answer.target_state)
    assert state is not None
    assert (state["id"], state["name"]) == ("7", "moved with version 3")


def test_a_state_of_our_own_is_moved_as_it_is_with_what_is_kept_beside_it(client: Client) -> None:
    """OpenTofu asks also where nothing but the address changes."""
    answer = client.call(
        "MoveResourceState",
        source_type_name="tiny_box",
        source_schema_version=1,
        source_state=tfplugin6.RawState(json=b'{"id": "7", "name": "a"}'),
        source_private=b'{"made":true}',
        target_type_name="tiny_box",
    )

    state = opened(answer.target_state)
    assert state is not None
    assert (state["id"], state["name"], answer.target_private) == ("7", "a", b'{"made":true}')
    assert list(answer.diagnostics) == []


def test_what_cannot_be_moved_is_said(client: Client) -> None:
    answer = client.call(
        "MoveResourceState",
        source_type_name="other",
        source_state=tfplugin6.RawState(json=b"{}"),
        target_type_name="tiny_box",
    )

    assert [each.summary for each in answer.diagnostics] == ["Can't move"]


def test_a_box_that_has_gone_reads_as_null(client: Client, folder: Path) -> None:
    made = create(client, name="a")
    (folder / "box-1.json").unlink()

    answer = client.call(
        "ReadResource", type_name="tiny_box", current_state=made.new_state, private=made.private
    )

    assert opened(answer.new_state) is None
    assert list(answer.diagnostics) == []


def test_a_read_that_fails_keeps_the_state_and_what_is_private(client: Client, folder: Path) -> None:
    made = create(client, name="a")
    (folder / "box-1.json").write_text("{")

    answer = client.call(
        "ReadResource", type_name="tiny_box", current_state=made.new_state, private=made.private
    )

    assert opened(answer.new_state) == opened(made.new_state)
    assert answer.private == made.private == b'{"made":true}'
    assert "JSONDecodeError" in shown(answer)


def test_an_import_reads_the_box(client: Client) -> None:
    made = create(client, name="a")

    (imported,) = client.call("ImportResourceState", type_name="tiny_box", id="box-1").imported_resources

    assert opened(imported.state) == opened(made.new_state)


def test_a_configuration_is_made_of_what_a_user_would_write(client: Client) -> None:
    items = [{"text": "a", "weight": 1, "kind": None, "serial": "7"}]
    state = box(
        name="a", size=7, open=False, tags={"t": "1"}, items=items, lid={"color": "red"}, id="1", opened_at=5
    )

    answer = client.call("GenerateResourceConfig", type_name="tiny_box", state=state)

    config = opened(answer.config)
    assert config is not None
    assert {name: value for name, value in config.items() if value is not None} == {
        "name": "a",
        "tags": {"t": "1"},
        "items": [{"text": "a", "weight": 1, "kind": None, "serial": None}],
        "lid": {"color": "red"},
    }
    assert list(answer.diagnostics) == []


def test_a_configuration_of_nothing_that_is_known_is_an_error(client: Client) -> None:
    answer = client.call("GenerateResourceConfig", type_name="tiny_lid", state=NOTHING)

    assert "tiny_lid" in shown(answer)


def test_an_import_of_nothing_is_an_error(client: Client) -> None:
    answer = client.call("ImportResourceState", type_name="tiny_box", id="box-9")

    assert list(answer.imported_resources) == []
    assert 'no tiny_box with the id "box-9"' in shown(answer)


# --- identity ---------------------------------------------------------------------------


def unsure(value: object) -> tfplugin6.DynamicValue:
    """Return a value that may be unknown."""
    packed = msgpack.packb(value, default=lambda _: msgpack.ExtType(0, b"\0"))
    return tfplugin6.DynamicValue(msgpack=packed)


def told(identifier: object) -> tfplugin6.ResourceIdentityData:
    return tfplugin6.ResourceIdentityData(identity_data=dynamic({"id": identifier}))


def identifier_of(identity: tfplugin6.ResourceIdentityData) -> object:
    """Return what an identity says; None where there is none."""
    data = identity.identity_data.msgpack
    return msgpack.unpackb(data)["id"] if data else None


def test_an_identity_goes_with_the_box_from_its_plan_to_its_end(client: Client, folder: Path) -> None:
    planned = plan(client, NOTHING, box(name="a"))
    made = create(client, name="a")
    read = client.call(
        "ReadResource", type_name="tiny_box", current_state=made.new_state, current_identity=told("box-1")
    )
    in_place = plan(client, made.new_state, box(name="a", size=2))
    replaced = plan(client, made.new_state, box(name="b"))
    destroyed = plan(client, made.new_state, NOTHING)
    imported = client.call("ImportResourceState", type_name="tiny_box", identity=told("box-1"))
    (folder / "box-1.json").unlink()
    gone = client.call("ReadResource", type_name="tiny_box", current_state=made.new_state)

    assert identifier_of(planned.planned_identity) is None  # OpenTofu 1.12 can't store an unknown one
    assert identifier_of(made.new_identity) == identifier_of(read.new_identity) == "box-1"
    assert identifier_of(in_place.planned_identity) == "box-1"
    assert identifier_of(replaced.planned_identity) is None
    assert identifier_of(destroyed.planned_identity) is None
    assert identifier_of(imported.imported_resources[0].identity) == "box-1"
    assert identifier_of(gone.new_identity) is None


@pytest.mark.parametrize("call", ["ReadResource", "PlanResourceChange"])
def test_a_state_with_the_identity_of_another_box_is_refused(client: Client, call: str) -> None:
    made = create(client, name="a")
    given = (
        {"current_state": made.new_state, "current_identity": told("box-2")}
        if call == "ReadResource"
        else {
            "prior_state": made.new_state,
            "prior_identity": told("box-2"),
            "proposed_new_state": box(name="a"),
            "config": box(name="a"),
        }
    )

    answer = client.call(call, type_name="tiny_box", **given)

    assert [each.summary for each in answer.diagnostics] == ["The state has the identity of another object"]
    assert 'id "box-1" beside the identity "box-2"' in shown(answer)


@pytest.mark.parametrize("given", [None, "", " ", UNKNOWN])
def test_an_import_by_an_identity_without_its_parts_is_refused(client: Client, given: object) -> None:
    identity = tfplugin6.ResourceIdentityData(identity_data=unsure({"id": given}))

    answer = client.call("ImportResourceState", type_name="tiny_box", identity=identity)

    assert [each.summary for each in answer.diagnostics] == ["Not an identity"]
    assert list(answer.imported_resources) == []


@pytest.mark.parametrize(
    ("version", "text", "expected", "said"),
    [
        (0, '{"id": "box-1", "gone": 1}', "box-1", ""),
        (0, "{}", None, ""),
        (1, '{"id": "box-1"}', None, "The identity of an tiny_box was written with schema version 1"),
        (0, '{"id": 7}', None, "id of the identity of an tiny_box is a number instead of a string"),
        (0, "[", None, "no JSON"),
    ],
)
def test_an_identity_of_a_state_file_is_read(
    client: Client, version: int, text: str, expected: str | None, said: str
) -> None:
    answer = client.call(
        "UpgradeResourceIdentity",
        type_name="tiny_box",
        version=version,
        raw_identity=tfplugin6.RawState(json=text.encode()),
    )

    assert identifier_of(answer.upgraded_identity) == expected
    assert said in shown(answer)
    assert bool(shown(answer)) == bool(said)


# --- lists ------------------------------------------------------------------------------


def boxes(client: Client, limit: int = 100, *, states: bool = False, **config: object) -> Any:
    """Begin a list of boxes; its answers come one by one."""
    request = tfplugin6.ListResource.Request(
        type_name="tiny_box",
        config=dynamic({"count": 0, "letters": None, "behave": None} | config),
        include_resource_object=states,
        limit=limit,
    )
    begin = client.channel.unary_stream("/tfplugin6.Provider/ListResource", bytes, bytes)
    return begin(request.SerializeToString(), timeout=20)


def events(call: Any) -> list[tfplugin6.ListResource.Response]:
    return [tfplugin6.ListResource.Response.FromString(each) for each in call]


def test_a_list_is_announced_with_what_can_be_asked_of_it(client: Client) -> None:
    schema = client.call("GetProviderSchema").list_resource_schemas["tiny_box"]

    assert [each.type_name for each in client.call("GetMetadata").list_resources] == ["tiny_box"]
    assert [each.name for each in schema.block.attributes] == ["count", "letters", "behave"]


def test_the_question_of_a_list_is_judged(client: Client) -> None:
    def asked(value: object) -> str:
        config = {"count": value, "letters": None, "behave": None}
        return shown(client.call("ValidateListResourceConfig", type_name="tiny_box", config=unsure(config)))

    assert (asked(3), asked(UNKNOWN)) == ("", "")
    assert "count is missing" in asked(None)


@pytest.mark.parametrize(("limit", "named"), [(100, 23), (23, 23), (7, 7), (0, 0)])
def test_a_list_names_what_is_there_up_to_its_limit_and_looks_no_further(
    client: Client, folder: Path, limit: int, named: int
) -> None:
    found = events(boxes(client, limit, count=23))

    assert [identifier_of(each.identity) for each in found] == [f"box-{n}" for n in range(1, named + 1)]
    assert [each.display_name for each in found][:1] == ["box 1"][:named]
    assert all(not each.resource_object.msgpack and not each.diagnostic for each in found)
    assert not named or (folder / "asked").read_text() == str(named)


def test_a_list_has_states_where_they_are_asked_for_and_says_which_can_not_be_read(
    client: Client, folder: Path
) -> None:
    made = create(client, name="a")
    create(client, name="b")
    (folder / "box-2.json").write_text("{")

    first, second = events(boxes(client, count=2, states=True))

    assert opened(first.resource_object) == opened(made.new_state)
    assert not second.resource_object.msgpack
    assert identifier_of(second.identity) == "box-2"
    [said] = second.diagnostic
    assert said.severity == tfplugin6.WARNING
    assert said.summary.startswith("box 2 can't be read")


def test_a_list_that_fails_says_so_at_its_end(client: Client, folder: Path) -> None:
    *_, last = events(boxes(client, count=3, behave="fail"))

    assert [each.summary for each in last.diagnostic] == ["The lid is stuck"]
    assert last.diagnostic[0].severity == tfplugin6.ERROR
    assert (folder / "ended").exists()


def test_a_list_of_what_there_is_not_is_a_bug(client: Client) -> None:
    request = tfplugin6.ListResource.Request(type_name="tiny_lid", limit=1).SerializeToString()
    begin = client.channel.unary_stream("/tfplugin6.Provider/ListResource", bytes, bytes)

    [event] = events(begin(request, timeout=20))

    assert "tiny_lid" in event.diagnostic[0].detail


def test_a_list_is_sent_as_fast_as_it_is_taken_and_ends_when_it_is_given_up(
    client: Client, folder: Path
) -> None:
    call = boxes(client, 2_000, count=2_000, letters=100_000)
    first = tfplugin6.ListResource.Response.FromString(next(call))
    before, asked = -1, 0
    while before != asked:  # until nothing more is made for a client that reads nothing
        time.sleep(0.5)
        before, asked = asked, int((folder / "asked").read_text())
    ended = (folder / "ended").exists()
    call.cancel()
    until = time.monotonic() + 10
    while not (folder / "ended").exists() and time.monotonic() < until:
        time.sleep(0.05)

    assert first.display_name.startswith("box 1.")
    assert asked < 1_000
    assert not ended
    assert (folder / "ended").exists()
    assert int((folder / "asked").read_text()) < 1_500
    assert client.call("GetMetadata").resources


def test_a_long_list_arrives_whole_beside_other_calls(client: Client) -> None:
    call = boxes(client, 1_000, count=300, letters=50_000)
    some = [next(call) for _ in range(10)]
    others = [client.call("GetMetadata") for _ in range(5)]
    found = events([*some, *call])

    assert len(found) == 300
    assert all(len(each.display_name) > 50_000 for each in found)
    assert all(each.resources for each in others)


# --- change -----------------------------------------------------------------------------


def test_a_replacement_names_its_path_and_knows_nothing(client: Client) -> None:
    made = create(client, name="a")

    answer = plan(client, made.new_state, box(name="b"))

    planned = opened(answer.planned_state)
    assert planned is not None
    assert planned["id"] is UNKNOWN
    assert [[vars(step) for step in path.steps] for path in answer.requires_replace] == [
        [{"attribute_name": "name"}]
    ]


def test_a_destroy_is_planned_as_nothing(client: Client) -> None:
    made = create(client, name="a")

    answer = client.call(
        "PlanResourceChange",
        type_name="tiny_box",
        prior_state=made.new_state,
        proposed_new_state=NOTHING,
        config=NOTHING,
    )

    assert opened(answer.planned_state) is None
    assert list(answer.diagnostics) == []


def test_a_box_is_made_changed_and_removed(client: Client, folder: Path) -> None:
    made = create(client, name="a", size=0.1)
    planned = plan(client, made.new_state, box(name="a", size=2)).planned_state
    changed = client.call(
        "ApplyResourceChange",
        type_name="tiny_box",
        prior_state=made.new_state,
        planned_state=planned,
        config=box(name="a", size=2),
    )
    removed = client.call(
        "ApplyResourceChange",
        type_name="tiny_box",
        prior_state=changed.new_state,
        planned_state=NOTHING,
        config=NOTHING,
    )

    state = opened(changed.new_state)
    assert state is not None
    assert (state["id"], state["size"]) == ("box-1", 2)
    assert opened(removed.new_state) is None
    assert [shown(each) for each in (made, changed, removed)] == ["", "", ""]
    assert list(folder.glob("*.json")) == []


def test_a_failure_after_the_box_was_made_keeps_it(client: Client) -> None:
    answer = create(client, name="a", behave="fail")

    state = opened(answer.new_state)
    assert state is not None
    assert state["id"] == "box-1"
    assert [each.summary for each in answer.diagnostics] == ["The lid is stuck"]
    assert answer.private == b'{"made":true}'


def test_a_bug_keeps_the_box_and_says_where_it_is_without_the_key(client: Client) -> None:
    answer = create(client, name="a", behave="crash")

    state = opened(answer.new_state)
    assert state is not None
    assert state["id"] == "box-1"
    assert "This is a bug in cdktf-openai-thread, please report it" in shown(answer)
    assert "KeyError: '(sensitive value)'" in shown(answer)
    assert KEY not in shown(answer)
    assert "Traceback" not in shown(answer)


def test_what_is_still_unknown_after_apply_is_a_bug_that_names_it(client: Client) -> None:
    answer = create(client, name="a", behave="unknown")

    state = opened(answer.new_state)
    assert state is not None
    assert (state["id"], state["opened_at"]) == ("box-1", None)
    assert "opened_at of tiny_box is still unknown" in shown(answer)


def test_a_state_of_the_wrong_type_is_a_bug_and_the_rest_is_kept(client: Client) -> None:
    answer = create(client, name="a", behave="nonsense")

    state = opened(answer.new_state)
    assert state is not None
    assert (state["id"], state["size"]) == ("box-1", None)
    assert "size of tiny_box is a string instead of a number" in shown(answer)


def test_stop_ends_what_is_under_way_and_it_answers_with_the_box(client: Client, folder: Path) -> None:
    with ThreadPoolExecutor(1) as pool:
        creating = pool.submit(create, client, name="a", behave="slow")
        while not (folder / "slow").exists():
            assert not creating.done()
        stopped = client.call("StopProvider")
        answer = creating.result()

    state = opened(answer.new_state)
    assert stopped.Error == ""
    assert state is not None
    assert state["id"] == "box-1"
    assert [each.summary for each in answer.diagnostics] == ["Stopped"]


def test_a_hundred_boxes_are_made_at_the_same_time(client: Client, folder: Path) -> None:
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda number: create(client, name=f"box {number}"), range(100)))

    assert [shown(each) for each in answers] == [""] * 100
    assert len(list(folder.glob("*.json"))) == 100


# --- log --------------------------------------------------------------------------------


@pytest.mark.parametrize(("level", "logged"), [("debug", True), ("warn", False), ("", False)])
def test_the_log_has_the_traceback_and_not_the_key(tmp_path: Path, level: str, logged: bool) -> None:
    from tests.support.provider_process import identity, started  # noqa: PLC0415 - used here alone

    terraform = identity()
    with started(terraform, TF_LOG_PROVIDER=level) as provider:
        client = Client(provider, terraform)
        with client.channel:
            client.call("ConfigureProvider", config=dynamic({"folder": str(tmp_path), "key": KEY}))
            create(client, name="a", behave="crash")
            client.raw("/plugin.GRPCController/Shutdown")
        assert provider.process.stderr is not None
        text = provider.process.stderr.read()

    lines = [json.loads(line) for line in text.splitlines()]
    assert KEY not in text
    assert any("Traceback" in each["@message"] for each in lines) is logged
    assert all(each.keys() == {"@level", "@message", "@module", "@timestamp"} for each in lines)
