"""Any number of threads as one resource with ``for_each``."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Never, TypeVar, cast
from unicodedata import normalize

import jsii

from cdktf_openai_thread.errors import ConfigurationError
from cdktf_openai_thread.synth.framework import tf
from cdktf_openai_thread.synth.frozen import frozen
from cdktf_openai_thread.synth.hcl import resolved
from cdktf_openai_thread.synth.hcl import spelled as spelled_in_hcl
from cdktf_openai_thread.synth.ids import remember
from cdktf_openai_thread.synth.making import check_place, titled
from cdktf_openai_thread.synth.records import META_ARGUMENTS
from cdktf_openai_thread.synth.resource import Resource
from cdktf_openai_thread.synth.texts import checked
from cdktf_openai_thread.synth.tokens import is_token, shown
from cdktf_openai_thread.synth.values import escaped, prepared, twice, written
from provider_shim.contract.attributes import ListOf, MapOf, Number
from provider_shim.contract.check import Problem
from provider_shim.contract.path import Key, spelled
from provider_shim.contract.thread import THREAD

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Self, Unpack

    from constructs import Construct

    from cdktf_openai_thread.bindings.thread import ThreadConfig
    from cdktf_openai_thread.synth.records import MetaArguments

    class _Arguments(ThreadConfig, MetaArguments):
        """What every thread has."""

    Threads = Mapping[str, ThreadConfig] | tf.TerraformIterator | tf.TerraformVariable | tf.IResolvable

_OF_EACH: Mapping[str, str] = {
    name: f"${{try(each.value.{name}, null)}}"
    for name, attribute in THREAD.attributes.items()
    if attribute.optional
}
"""Each attribute as the thread in hand has it, or absent."""


Value = TypeVar("Value")


class _Input(Generic[Value]):
    """What was configured for every thread, to be read."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name.removesuffix("_input")

    def __get__(self, threads: ThreadSet | None, owner: type | None = None) -> Value | None:
        if threads is None:
            return cast("Value", self)
        return cast("Value | None", threads._given(self._name))  # noqa: SLF001 - a class in parts


class _Deployed(Generic[Value]):
    """A reference to what is deployed of one thread."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, thread: ThreadOfSet | None, owner: type | None = None) -> Value:
        if thread is None:
            return cast("Value", self)
        return cast("Value", thread._reference(self._name))  # noqa: SLF001 - a class in parts

    def __set__(self, thread: ThreadOfSet, value: Never) -> None:
        raise AttributeError(f"{self._name} is set by the provider and can't be given")


class ThreadSet(Resource):
    """Threads by key, made, changed and destroyed one by one: adding one touches one.

    ``threads`` says which there are:

    - a mapping from keys to what each thread is made from, as ``Thread`` takes it;
    - a ``TerraformIterator``: then the keyword arguments say what each thread is made from;
    - a ``TerraformVariable``, or another token, of a map whose values may have the attributes
      ``metadata``, ``tools``, ``tool_resources``, ``messages``, ``retain_on_destroy`` and
      ``force_destroy``.

    An attribute given by keyword holds for every thread of a mapping that has none of its own, and for
    every thread of a variable: what the variable says of that attribute is not looked at.

    ``threads["acme"].id`` refers to one of them; ``threads.ids`` to the ids of all, and is what to use in
    another stack.

    :raises ConfigurationError: for what no API would take, with the key of the thread.
    """

    TF_RESOURCE_TYPE: ClassVar[str] = THREAD.type_name
    _CONTRACT = THREAD

    def __init__(self, scope: Construct, id_: str, threads: Threads, **config: Unpack[_Arguments]) -> None:
        """Put the threads into the stack.

        :param threads: the threads by key, an iterator, or a variable.
        :param config: what every thread has; in a mapping, that has none of its own. See ``Thread``. And
            Terraform's own arguments, ``count`` and ``for_each`` excepted.
        """
        check_place(self, scope, id_)
        self._title = titled(self, scope, id_)
        self._threads: dict[str, dict[str, Any]] | None = None
        self._whole = False
        self._in_hcl = False
        self._members: dict[str, ThreadOfSet] = {}
        self._ids: tf.TerraformLocal | None = None
        if isinstance(threads, tf.TerraformIterator):
            iterator: tf.ITerraformIterator = threads
        elif isinstance(threads, tf.TerraformVariable) or is_token(threads):
            self._whole = True
            value = threads.value if isinstance(threads, tf.TerraformVariable) else threads
            iterator = tf.TerraformIterator.from_map(tf.Token.as_any_map(value))
        elif isinstance(threads, Mapping):
            self._threads = {}
            # Of a plain mapping cdktf would rewrite the keys, and know what is added too late.
            later = tf.Token.as_any_map(tf.Lazy.any_value(_ForEach(self)))
            iterator = tf.TerraformIterator.from_map(later)
            for key, thread in threads.items():
                self._put_thread(key, thread)
        else:
            raise ConfigurationError(self._title, [_no_threads(threads)])
        given: dict[str, Any] = {**config, "for_each": iterator}
        super().__init__(scope, id_, given, {name: given.pop(name, None) for name in META_ARGUMENTS})

    metadata_input = _Input[Mapping[str, str]]()
    tools_input = _Input[Sequence[str]]()
    tool_resources_input = _Input[Mapping[str, Any]]()
    messages_input = _Input[Sequence[Mapping[str, Any]]]()
    retain_on_destroy_input = _Input[bool]()
    force_destroy_input = _Input[bool]()

    @property
    def threads_input(self) -> Mapping[str, Mapping[str, Any]] | None:
        """What each thread is made from, by key; None where only the deploy knows."""
        return cast("Mapping[str, Mapping[str, Any]] | None", frozen(self._threads, self, "threads"))

    @property
    def ids(self) -> Mapping[str, str]:
        """A reference to the ids of all threads, by key.

        In another stack it hands over the ids and nothing else. A reference to one thread would hand over
        all there is to know of the set, messages included.
        """
        if self._ids is None:
            every = tf.TerraformIterator.from_map(tf.Token.as_any_map(self.fqn))
            self._ids = tf.TerraformLocal(self, "ids", every.for_expression_for_map("key", "val.id"))
        return cast("Mapping[str, str]", self._ids.expression)

    def add(self, key: str, **config: Unpack[ThreadConfig]) -> Self:
        """Add a thread, or put it in the place of the one with this key.

        :raises ConfigurationError: for what no API would take, or if the threads are a token.
        :returns: the set, so that calls can be chained.
        """
        if self._threads is None:
            raise ConfigurationError(self._title, [_only_at_deploy("be added")])
        self._put_thread(key, config)
        return self

    def __getitem__(self, key: str) -> ThreadOfSet:
        """Refer to one thread.

        :raises ConfigurationError: if there is none with this key.
        """
        known = self._threads is None or (isinstance(key, str) and key in self._threads)
        if not isinstance(key, str) or not (known or is_token(key)):
            raise ConfigurationError(self._title, [_unknown(key, self._threads or {})])
        if key not in self._members:
            self._members[key] = ThreadOfSet(self, key)
        return self._members[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._known())

    def __len__(self) -> int:
        return len(self._known())

    def __bool__(self) -> bool:
        return True  # a construct, also where it has no threads

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and key in self._known()

    def _known(self) -> Mapping[str, Any]:
        if self._threads is None:
            raise ConfigurationError(self._title, [_only_at_deploy("be listed")])
        return self._threads

    def _put_thread(self, key: object, thread: Mapping[str, Any]) -> None:
        assert self._threads is not None
        problems: list[Problem] = []
        if isinstance(key, str):
            key = checked(str.__str__(key), ("threads", Key(key)), problems)
            if not key.isascii():
                same = normalize("NFC", key)
                others = [each for each in self._threads if normalize("NFC", each) == same and each != key]
                problems += [twice(("threads",), key, other) for other in others]
        else:
            problems.append(_no_key(key))
        if problems:
            raise ConfigurationError(self._title, problems)
        self._threads[str(key)] = self._checked(str(key), thread)

    def _checked(self, key: str, thread: Mapping[str, Any]) -> dict[str, Any]:
        if not isinstance(thread, Mapping):
            raise ConfigurationError(self._title, [_no_thread(key, thread)])
        values, problems = prepared(THREAD, thread)
        if problems:
            raise ConfigurationError(f'{self._title}, thread "{key}"', problems)
        return values

    def _synthesize_attributes(self) -> dict[str, Any]:
        self._in_hcl = False
        shared = super()._synthesize_attributes()
        if self._threads is None:
            return {**_OF_EACH, **shared} if self._whole else shared
        own = self._names()
        return {**shared, **{name: _OF_EACH[name] for name in own}}

    def _synthesize_hcl_attributes(self) -> dict[str, Any]:
        spelled_out = super()._synthesize_hcl_attributes()
        self._in_hcl = True  # cdktf asks for the attributes of a resource, then for its for_each
        return spelled_out

    def _names(self) -> list[str]:
        given = {name for thread in (self._threads or {}).values() for name in thread}
        return [name for name in _OF_EACH if name in given]

    def for_each_thread(self) -> Any:  # noqa: ANN401 - JSON
        """Return what ``for_each`` goes through where the threads are a mapping."""
        own = self._names()
        shared = written(THREAD, {name: value for name, value in self._values.items() if name in own})
        every = {escaped(key): {**shared, **written(THREAD, each)} for key, each in self._known().items()}
        return spelled_in_hcl(resolved(self, every)) if self._in_hcl else every


@jsii.implements(tf.IAnyProducer)
class _ForEach:
    def __init__(self, threads: ThreadSet) -> None:
        self._set = threads

    def produce(self, _context: object) -> Any:  # noqa: ANN401 - JSON
        return self._set.for_each_thread()


class ThreadOfSet:
    """One thread of a ``ThreadSet``, to refer to."""

    def __init__(self, threads: ThreadSet, key: str) -> None:
        """Refer to the thread with this key."""
        self._set = threads
        self._key = key
        self._references: dict[str, object] = {}

    id = _Deployed[str]()
    created_at = _Deployed[float]()
    object = _Deployed[str]()
    api = _Deployed[str]()
    message_ids = _Deployed[list[str]]()
    response_tools = _Deployed[str]()
    metadata = _Deployed[Mapping[str, str]]()
    tools = _Deployed[list[str]]()

    @property
    def thread_id(self) -> str:
        """The same as ``id``: what every ``IThread`` has."""
        return self.id

    def _reference(self, name: str) -> Any:  # noqa: ANN401 - a token of any type
        if name not in self._references:
            key = self._key if is_token(self._key) else tf.Fn.raw_string(self._key.replace("\\", "\\\\"))
            value = tf.Fn.lookup_nested(self._set.fqn, [key, name])
            match THREAD.attributes[name].type:
                case Number():
                    self._references[name] = tf.Token.as_number(value)
                case ListOf():
                    self._references[name] = tf.Token.as_list(value)
                case MapOf():
                    self._references[name] = tf.Token.as_string_map(value)
                case _:
                    self._references[name] = tf.Token.as_string(value)
            if name == "id":
                remember(str(self._references[name]), self._set.TF_RESOURCE_TYPE)
        return self._references[name]


def _no_threads(given: object) -> Problem:
    return Problem(
        ("threads",),
        "Wrong type",
        f"threads is a {type(given).__name__}. Allowed: a mapping from keys to threads, a TerraformIterator, "
        'a TerraformVariable. Give each thread a key that stays: {"acme": {…}}.',
    )


def _no_thread(key: str, given: object) -> Problem:
    path = ("threads", Key(key))
    return Problem(
        path,
        "Wrong type",
        f"{spelled(path)} is a {type(given).__name__}. Allowed: a dictionary with what Thread takes, "
        "{} for an empty thread.",
    )


def _no_key(given: object) -> Problem:
    return Problem(
        ("threads",),
        "Wrong type",
        f"threads has the key {shown(given)} ({type(given).__name__}). Allowed: keys that are strings. "
        "Put it in quotes.",
    )


def _only_at_deploy(what: str) -> Problem:
    return Problem(
        ("threads",),
        "Known only at deploy",
        f"threads is an iterator or a token, so no thread can {what} here. Allowed: a mapping. "
        "Use cdktf.TerraformIterator to go through what is known at deploy.",
    )


def _unknown(key: str, known: Mapping[str, Any]) -> Problem:
    near = difflib.get_close_matches(str(key), known, n=1) if isinstance(key, str) else []
    step = f'Did you mean "{near[0]}"?' if near else "Add it to the mapping."
    listed = ", ".join(f'"{each}"' for each in list(known)[:5]) + (", …" if len(known) > 5 else "")  # noqa: PLR2004 - as many as a line takes
    return Problem(
        ("threads", Key(key) if isinstance(key, str) else Key(shown(key))),
        "Unknown key",
        f"{shown(key)} is no key of these threads. Allowed: {listed or 'none, the mapping is empty'}. {step}",
    )
