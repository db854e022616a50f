"""Every public callable is fed with values of every kind: what comes out is a ConfigurationError or nothing.

Or the TypeError of Python's own check of a signature: too many arguments, or an unknown one.
"""

import datetime as dt
import decimal
import enum
import fractions
import inspect
import math
import pathlib
import uuid
from collections import OrderedDict, deque, namedtuple
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType, SimpleNamespace
from typing import Any

import cdktf
import pytest

import cdktf_openai_thread
from cdktf_openai_thread import ConfigurationError, OpenaiProvider, Thread, ThreadSet
from cdktf_openai_thread.synth.records import META_ARGUMENTS


class Colour(enum.Enum):
    RED = "red"


class Word(str, enum.Enum):  # noqa: UP042 - as many programs have it
    USER = "user"


@dataclass
class Said:
    role: str
    content: str


class Hostile:
    def __repr__(self) -> str:
        raise RuntimeError("no repr")

    def __str__(self) -> str:
        raise RuntimeError("no str")


Pair = namedtuple("Pair", "role content")  # noqa: PYI024 - as many programs have it
ENDLESS: list[Any] = []
ENDLESS.append(ENDLESS)
PLAIN: list[Any] = [
    *(None, True, False, 0, 1, -1, 1.5, math.nan, math.inf, -math.inf, 2**60, 10**400, 1j),
    *(
        "",
        "x",
        " ",
        "\0",
        "\ud800",
        "é",
        "e\u0301",
        "${x}",
        "%{if}",
        "x" * 70_000,
        "file-1",
        "vs_1",
        "conv_1",
    ),
    *("TfToken[", "${TfToken[TOKEN.99999]}", "#{TfToken[TOKEN.1]}", "&{TfToken[TOKEN.1]}", "a/b", "/"),
    *(b"x", bytearray(b"x"), memoryview(b"x"), range(3), ..., NotImplemented),
    *([], [None], [1], ["x"], [[]], [{}], [{"role": "user"}], ENDLESS, (), ("x",), deque(["x"])),
    *({}, {"a": None}, {"a": 1}, {1: 2}, {"a": "b"}, {"": ""}, {None: None}, {"id": "x"}, {"role": "user"}),
    *(MappingProxyType({"a": "b"}), OrderedDict(a="b"), {"x"}, frozenset({1, "a"}), {"a": {"a": {"a": []}}}),
    *(Colour.RED, Word.USER, Said("user", "x"), Said, Pair("user", "x"), SimpleNamespace(role="user")),
    *(
        decimal.Decimal("1.5"),
        fractions.Fraction(1, 2),
        uuid.UUID(int=1),
        pathlib.Path("x"),
        pathlib.Path("/"),
    ),
    *(dt.datetime(2026, 1, 1, tzinfo=dt.UTC), dt.timedelta(1)),
    *(object(), object, int, len, print, ValueError("x"), Hostile(), (each for each in "ab"), iter([1])),
]


def of_the_framework(stack: cdktf.TerraformStack) -> list[Any]:
    """Return what cdktf has: tokens of every kind, and what is none."""
    names = cdktf.TerraformVariable(stack, "names", type="list(string)")
    labels = cdktf.TerraformVariable(stack, "labels", type="map(string)")
    thread = Thread(stack, "some", messages=[{"role": "user", "content": "x"}])
    return [
        *(names, names.value, names.string_value, names.number_value, names.list_value, names.boolean_value),
        *(
            [*names.list_value, "x"],
            names.list_value[0],
            {**cdktf.Token.as_string_map(labels.value), "a": "b"},
        ),
        cdktf.Token.as_string_map(labels.value),
        cdktf.Token.null_value(),
        cdktf.TerraformIterator.from_list(["a"]),
        cdktf.TerraformIterator.from_map({"a": 1}).value,
        cdktf.TerraformCount.of(2),
        cdktf.TerraformLocal(stack, "local", 1),
        cdktf.TerraformResourceLifecycle(prevent_destroy=True),
        cdktf.LocalExecProvisioner(type="local-exec", command="x"),
        cdktf.Lazy.any_value,
        *(thread, thread.id, thread.messages, thread.messages[0], thread.tool_resources, thread.message_ids),
        *(
            thread.created_at,
            thread.metadata,
            thread.retain_on_destroy,
            thread.say,
            Thread,
            stack,
            stack.node,
        ),
        ThreadSet(stack, "set", {"a": {}})["a"],
        thread.messages_input,
    ]


@pytest.fixture
def stack() -> cdktf.TerraformStack:
    stack = cdktf.TerraformStack(cdktf.Testing.app(), "team")
    OpenaiProvider(stack, "openai")
    return stack


NEEDED: dict[str, dict[str, Any]] = {
    "Message": {"thread_id": "conv_1", "role": "user", "content": "x"},
    "File": {"content": "x", "filename": "x.md"},
    "ThreadSet": {"threads": {}},
    "ExistingThread": {"thread_id": "conv_1"},
    "DataOpenaiThread": {"id": "conv_1"},
    "DataOpenaiThreadMessages": {"thread_id": "conv_1"},
    "DataOpenaiFile": {"id": "file-1"},
    "DataOpenaiVectorStore": {"id": "vs_1"},
    "DataOpenaiVectorStoreFiles": {"vector_store_id": "vs_1"},
    "DataOpenaiVectorStoreSearch": {"vector_store_id": "vs_1", "query": "x"},
    "VectorStoreFile": {"vector_store_id": "vs_1", "file_id": "file-1"},
    "OpenaiProvider": {"alias": "b"},
}
CONSTRUCTS = [
    name
    for name in cdktf_openai_thread.__all__
    if inspect.isclass(kind := getattr(cdktf_openai_thread, name)) and hasattr(kind, "node")
]


def calls(stack: cdktf.TerraformStack) -> Iterator[tuple[str, Callable[[Any], object]]]:
    """Yield each argument of each public callable, as a function of one value."""
    number = iter(range(1_000_000))

    def made(name: str, /, **given: Any) -> Any:
        kind = getattr(cdktf_openai_thread, name)
        return kind(
            given.pop("scope", stack),
            given.pop("id_", f"n{next(number)}"),
            **{**NEEDED.get(name, {}), **given},
        )

    for name in CONSTRUCTS:
        kind = getattr(cdktf_openai_thread, name)
        more = META_ARGUMENTS if issubclass(kind, cdktf.TerraformElement) else ()
        attributes = (
            [each.name for each in kind._CONTRACT.attributes.values()] if hasattr(kind, "_CONTRACT") else []
        )
        extra = {"File": ["path"], "VectorStore": ["files"], "OpenaiProvider": ["alias"]}.get(name, [])
        for argument in ("scope", "id_", "unknown", *NEEDED.get(name, ()), *more, *attributes, *extra):
            yield f"{name}({argument}=)", partial(_give, partial(made, name), argument)
        one = made(name)
        for member, item in inspect.getmembers(kind):
            if (
                isinstance(item, property)
                and item.fset
                and item.fset.__module__.startswith("cdktf_openai_thread")
            ):
                yield f"{name}.{member} =", partial(setattr, one, member)
            if member.startswith("put_"):
                yield f"{name}.{member}()", getattr(one, member)
                yield f"{name}.{member}(**)", partial(_give, getattr(one, member), "x")
    thread = made("Thread").say("user", "x")
    threads = made("ThreadSet")
    yield "say(role)", lambda value: thread.say(value, "x")
    yield "say(content)", lambda value: thread.say("user", value)
    yield "say(metadata=)", lambda value: thread.say("user", "x", metadata=value)
    yield "say(attachments=)", lambda value: thread.say("user", "x", attachments=value)
    yield "attach", thread.attach
    yield "search", thread.search
    yield "outputs", thread.outputs
    yield "from_thread_id", lambda value: Thread.from_thread_id(stack, f"n{next(number)}", value)
    yield "messages.get", thread.messages.get
    yield "messages[0].content =", lambda value: setattr(thread.messages[0], "content", value)
    yield "messages[0].internal_value =", lambda value: setattr(thread.messages[0], "internal_value", value)
    yield "tool_resources.put_file_search", thread.tool_resources.put_file_search
    yield "ThreadSet.add(key)", threads.add
    yield "ThreadSet.add(metadata=)", lambda value: threads.add("a", metadata=value)
    yield "ThreadSet[]", lambda value: threads[value]
    yield "in ThreadSet", lambda value: value in threads
    yield (
        "generate_config_for_import",
        lambda value: Thread.generate_config_for_import(stack, f"n{next(number)}", value),
    )
    yield (
        "generate_config_for_import(id)",
        lambda value: Thread.generate_config_for_import(stack, value, "conv_1"),
    )


def _give(callee: Callable[..., object], argument: str, value: object) -> object:
    return callee(**{argument: value})


def test_nothing_but_a_configuration_error_comes_out(stack: cdktf.TerraformStack) -> None:
    values = [*PLAIN, *of_the_framework(stack)]
    wrong: dict[str, str] = {}
    tried = 0
    for name, call in calls(stack):
        for index, value in enumerate(values):
            tried += 1
            try:
                call(value)
            except ConfigurationError as error:
                if not error.problems or not all(each.detail for each in error.problems):
                    wrong.setdefault(f"{name} {index}", "says nothing")
            except Exception as error:  # noqa: BLE001 - which ones come out is the question
                if not _is_of_the_signature(error):
                    shown = type(value).__name__
                    wrong.setdefault(
                        f"{name} of {shown}", f"{type(error).__name__}: {str(error).strip()[:150]}"
                    )

    assert tried > 30_000
    assert wrong == {}


def _is_of_the_signature(error: Exception) -> bool:
    return isinstance(error, TypeError) and ("unexpected keyword" in str(error) or "required" in str(error))
