"""Terraform's rules for providers, held by every value that Terraform can send.

The provider's server is asked as Terraform asks it, in this process, with the embedded API behind it.
"""

import asyncio
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import chdir, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

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
from provider_shim.resources.provider import OpenaiProvider
from provider_shim.terraform import tfplugin6 as pb
from provider_shim.terraform import values
from provider_shim.terraform.server import ProviderServer
from provider_shim.terraform.values import UNKNOWN, same, unknown_paths
from tests.faults.ground import report

Values = dict[str, Any]

TYPES = ("openai_thread", "openai_message", "openai_file", "openai_vector_store")


class Asked:
    """A provider, configured for an embedded API, and the calls that Terraform makes."""

    def __init__(self, folder: Path) -> None:
        self.provider = OpenaiProvider({})
        self.server = ProviderServer(self.provider)
        self.loop = asyncio.new_event_loop()
        self.files: list[str] = []
        for number in range(3):
            (folder / f"{number}.txt").write_text(f"file {number}")
            self.files.append(f"{number}.txt")
        config = {"base_url": f"sqlite:{folder}/threads.db"}
        said = self.ask("ConfigureProvider", config=packed(self.provider.contract, config))
        assert not said.diagnostics, said
        self.thread_id = str(
            self.apply("openai_thread", None, self.plan("openai_thread", None, {})[0], {})["id"]
        )

    def contract(self, type_name: str) -> Contract:
        return self.provider.resources[type_name].contract

    def ask(self, rpc: str, **fields: object) -> Any:
        """Call; no answer may be an exception, or tell of a bug."""
        message = getattr(pb, rpc)
        begun = self.server.call(rpc, message.Request(**fields).SerializeToString())
        sent = begun() if callable(begun) else self.loop.run_until_complete(begun)
        answer = message.Response.FromString(sent)
        for each in answer.diagnostics:
            assert "bug" not in each.summary, each.detail
            assert "Traceback" not in each.detail, each.detail
        return answer

    def validate(self, type_name: str, config: Values) -> bool:
        """Tell whether the configuration is valid."""
        sent = packed(self.contract(type_name), config)
        return not _errors(self.ask("ValidateResourceConfig", type_name=type_name, config=sent))

    def plan(
        self, type_name: str, prior: Values | None, config: Values
    ) -> tuple[Values, bool] | tuple[None, bool]:
        """Plan; give the planned state, None where it is refused, and whether the object is replaced."""
        contract = self.contract(type_name)
        sent = packed(contract, config)
        answer = self.ask(
            "PlanResourceChange",
            type_name=type_name,
            prior_state=packed(contract, prior),
            proposed_new_state=sent,
            config=sent,
        )
        if _errors(answer):
            return None, False
        planned = values.decode(contract.attributes, answer.planned_state.msgpack)
        assert planned is not None
        check_planned(contract.attributes, config, planned)
        return planned, bool(answer.requires_replace)

    def apply(self, type_name: str, prior: Values | None, planned: Values | None, config: Values) -> Values:
        """Apply what must succeed; the result is what was planned, and known."""
        contract = self.contract(type_name)
        answer = self.ask(
            "ApplyResourceChange",
            type_name=type_name,
            prior_state=packed(contract, prior),
            planned_state=packed(contract, planned),
            config=packed(contract, config),
        )
        assert not _errors(answer), answer.diagnostics
        state = values.decode(contract.attributes, answer.new_state.msgpack)
        assert state is not None
        assert planned is not None
        assert unknown_paths(state) == []
        check_result(planned, state, type_name)
        return state

    def read(self, type_name: str, state: Values) -> Values | None:
        contract = self.contract(type_name)
        answer = self.ask("ReadResource", type_name=type_name, current_state=packed(contract, state))
        assert not _errors(answer), answer.diagnostics
        return values.decode(contract.attributes, answer.new_state.msgpack)

    def close(self) -> None:
        self.loop.run_until_complete(self.provider.close())
        self.loop.close()


@contextmanager
def asked() -> Iterator[Asked]:
    """Give a provider in a folder of its own, in memory where there is such a thing."""
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - a folder of its own in it
    with TemporaryDirectory(prefix="faults-", dir=memory) as folder, chdir(folder):
        one = Asked(Path(folder))
        try:
            yield one
        finally:
            one.close()


def packed(contract: Contract, value: Values | None) -> pb.DynamicValue:
    """Write a value as Terraform does; it must read the same."""

    def refuse(path: object, problem: str) -> None:
        raise AssertionError(path, problem)

    complete = None if value is None else dict.fromkeys(contract.attributes) | value
    data = values.encode(contract.attributes, complete, refuse)
    again = values.decode(contract.attributes, data)
    assert values.encode(contract.attributes, again, refuse) == data
    return pb.DynamicValue(msgpack=data)


def check_planned(attributes: Mapping[str, Attribute], config: Values, planned: Values) -> None:
    """Hold a plan to the configuration: what is configured is planned so, the rest only if computed."""
    for name, attribute in attributes.items():
        configured = config.get(name)
        if configured is UNKNOWN:
            assert planned[name] is UNKNOWN, name
        elif configured is None:
            assert planned[name] is None or attribute.computed, name
        elif not isinstance(attribute.type, (ListOf, Object)):
            assert same(configured, planned[name]), (name, configured, planned[name])


def check_result(planned: Any, state: Any, path: str) -> None:
    """Hold a result to the plan: what was known stays, what was not may be anything."""
    if planned is UNKNOWN:
        return
    if isinstance(planned, dict):
        assert isinstance(state, dict), path
        assert planned.keys() == state.keys(), path
        for name, each in planned.items():
            check_result(each, state[name], f"{path}.{name}")
    elif isinstance(planned, list):
        assert isinstance(state, list), path
        assert len(planned) == len(state), path
        for index, each in enumerate(planned):
            check_result(each, state[index], f"{path}[{index}]")
    else:
        assert (planned is None and state is None) or same(planned, state), (path, planned, state)


def rules_hold(one: Asked, type_name: str, wild: bool, first: Values, second: Values) -> bool:
    """Create, plan again, read, change: as Terraform does. Tell whether anything was applied."""
    if not one.validate(type_name, first):
        return False
    planned, _ = one.plan(type_name, None, first)
    if wild or planned is None:  # what is wild names threads and files that are not there
        return False
    state = one.apply(type_name, None, planned, first)
    again, replaced = one.plan(type_name, state, first)
    assert (again, replaced) == (state, False)
    assert one.read(type_name, state) == state
    if not one.validate(type_name, second):
        return True
    changed, replaced = one.plan(type_name, state, second)
    if changed is None or replaced:
        return True
    after = one.apply(type_name, state, changed, second)
    assert one.plan(type_name, after, second) == (after, False)
    return True


def _errors(answer: Any) -> bool:
    return any(each.severity == pb.ERROR for each in answer.diagnostics)


# --- any value ----------------------------------------------------------------------------

TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)


def configs(
    contract: Contract, known: Mapping[str, st.SearchStrategy[Any]], *, wild: bool
) -> st.SearchStrategy[Values]:
    """Make configurations: such as a person writes, or ``wild``: anything Terraform's types allow."""
    return st.fixed_dictionaries(
        {
            name: known[name] if name in known and not wild else _any(attribute, wild=wild)
            for name, attribute in contract.attributes.items()
            if attribute.settable
        }
    )


def _any(attribute: Attribute, *, wild: bool) -> st.SearchStrategy[Any]:
    value = _of(attribute.type, wild=wild)
    if wild:
        return (
            st.one_of(value, st.none(), st.just(UNKNOWN))
            if not attribute.required
            else value | st.just(UNKNOWN)
        )
    return value if attribute.required else st.none() | value


def _of(kind: Type, *, wild: bool) -> st.SearchStrategy[Any]:  # noqa: C901, PLR0911 - one return a type
    match kind:
        case String(one_of=(), length=length):
            if wild:
                return TEXTS
            return st.text("ab ä😀", min_size=max(1, length.minimum), max_size=min(6, length.maximum or 6))
        case String(one_of=allowed):
            return st.sampled_from(allowed) | TEXTS if wild else st.sampled_from(allowed)
        case Number(between=between) if between is not None and not wild:
            top = between.maximum if between.maximum is not None else between.minimum + 100
            return st.integers(between.minimum, top)
        case Number():
            return st.integers() | st.floats(allow_nan=False, allow_infinity=False)
        case ListOf(element, size):
            most = 3 if wild or size.maximum is None else min(3, size.maximum)
            return st.lists(_of(element, wild=wild), min_size=0 if wild else size.minimum, max_size=most)
        case Json():
            pairs = st.dictionaries(st.text("abc", min_size=1, max_size=3), st.integers() | st.booleans())
            texts = pairs.map(json.dumps)
            return texts | TEXTS if wild else texts
        case MapOf(element, _, key):
            keys = TEXTS if wild else st.text("abc", min_size=max(1, key.minimum), max_size=3)
            return st.dictionaries(keys, _of(element, wild=wild), max_size=3)
        case Object(_, attributes):
            return st.fixed_dictionaries({name: _any(each, wild=wild) for name, each in attributes.items()})
        case Bool():
            return st.booleans()
    raise AssertionError(kind)


def examples(one: Asked, count: int) -> dict[str, int]:
    """Try this many pairs of configurations; give how many of each type were applied."""
    # Of the ways to give a content one is taken: any two of them are refused.
    no_text_unseen = dict.fromkeys(("content_wo", "content_wo_version"), st.none())
    known: dict[str, dict[str, st.SearchStrategy[Any]]] = {
        "openai_message": {
            "thread_id": st.just(one.thread_id),
            "content": st.text("ab ä😀", min_size=1, max_size=6),
            **dict.fromkeys(("parts", "phase", "attachments"), st.none()),
            **no_text_unseen,
        },
        "openai_file": {
            **no_text_unseen,
            "file": st.sampled_from(one.files),
            "purpose": st.sampled_from(["assistants", "user_data"]),
        },
        "openai_vector_store": dict.fromkeys(("file_ids", "files"), st.none() | st.just([])),
    }
    cases = st.sampled_from(TYPES).flatmap(
        lambda name: st.booleans().flatmap(
            lambda wild: st.tuples(
                st.just(name),
                st.just(wild),
                configs(one.contract(name), known.get(name, {}), wild=wild),
                configs(one.contract(name), known.get(name, {}), wild=wild),
            )
        )
    )
    applied = dict.fromkeys(TYPES, 0)

    @seed(7)
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(cases)
    def hold(case: tuple[str, bool, Values, Values]) -> None:
        applied[case[0]] += rules_hold(one, *case)

    hold()
    return applied


def main(count: int = 10_000) -> None:
    """Try 10,000 pairs of configurations."""
    with asked() as one:
        applied = examples(one, count)
    report("Plan contract", examples=count, applied=applied, failures=0)


if __name__ == "__main__":
    main()
