"""Any number of threads as one resource."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final, cast
from unicodedata import normalize

from cdktf_openai_thread.bindings.thread_set import *  # noqa: F403 - what is given to a set, and refers to it
from cdktf_openai_thread.bindings.thread_set import (
    ThreadSetBase,
    ThreadSetThreads,
    ThreadSetThreadsMap,
    ThreadSetThreadsOutputReference,
)
from cdktf_openai_thread.errors import ConfigurationError, construct_of
from cdktf_openai_thread.synth.framework import tf
from cdktf_openai_thread.synth.hcl import expression, resolved
from cdktf_openai_thread.synth.ids import remember
from cdktf_openai_thread.synth.making import check_place, titled
from cdktf_openai_thread.synth.native import load
from cdktf_openai_thread.synth.records import META_ARGUMENTS
from cdktf_openai_thread.synth.templates import read_whole
from cdktf_openai_thread.synth.texts import checked
from cdktf_openai_thread.synth.tokens import is_expression, is_token, shown
from cdktf_openai_thread.synth.values import escaped, prepared, twice, written
from provider_shim.contract.check import Problem
from provider_shim.contract.path import Key
from provider_shim.contract.thread import THREAD
from provider_shim.contract.thread_set import THREAD_SET

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import NotRequired, Self, Unpack

    from constructs import Construct

    from cdktf_openai_thread.bindings.thread import ThreadConfig
    from cdktf_openai_thread.synth.records import MetaArguments

    class _Arguments(ThreadConfig, MetaArguments):
        """What every thread has, and what the set has beside its threads."""

        parallelism: NotRequired[float | tf.IResolvable]

    Threads = Mapping[str, ThreadConfig] | tf.TerraformIterator | tf.TerraformVariable | tf.IResolvable

_MERGED: Final = "merge({}, {{ for name, value in {} : name => value if value != null }})"
"""What all share, and a thread that only the deploy knows, which goes before where it says something."""


class ThreadSet(ThreadSetBase):
    """Threads by key, made, changed and destroyed one by one: adding one touches one.

    ``threads`` says which there are:

    - a mapping from keys to what each thread is made from, as ``Thread`` takes it;
    - a ``TerraformVariable``, or another token, of a map whose values may have these attributes;
    - a ``TerraformIterator``: then the keyword arguments say what each thread is made from, with
      ``iterator.key`` and ``iterator.value``.

    An attribute given by keyword holds for every thread that has none of its own.

    ``threads["acme"].id`` refers to one of them; ``threads.ids`` to the ids of all.

    Raises:
        ConfigurationError: What no API would take, with the key of the thread.
    """

    def __init__(self, scope: Construct, id_: str, threads: Threads, **config: Unpack[_Arguments]) -> None:
        """Put the threads into the stack.

        Args:
            scope: The stack, or a construct in it.
            id_: Names it within the scope, and in Terraform's state.
            threads: The threads by key, a variable or another token of such a map, or an iterator.
            **config: ``metadata``, ``tools``, ``tool_resources`` and ``messages`` of every thread that has
                none of its own; ``parallelism``, ``force_destroy``, ``retain_on_destroy`` and
                ``purge_on_destroy`` of the set. And Terraform's own arguments.
        """
        check_place(self, scope, id_)
        self._title = titled(self, scope, id_)
        given: dict[str, Any] = {**config}
        meta = {name: given.pop(name, None) for name in META_ARGUMENTS}
        of_set = {name: given.pop(name) for name in THREAD_SET.attributes if name in given}
        self._shared: dict[str, Any] = {}
        self._known: dict[str, Any] | None = None
        self._of_all: tf.TerraformLocal | None = None
        self._composed: dict[str, str] = {}
        self._each: dict[str, Any] | None = None
        if isinstance(threads, tf.TerraformIterator):
            every = threads.for_expression_for_list("{ key = key, value = val }")
            self._each = self._checked(given)
            super().__init__(scope, id_, **of_set, threads=every, **meta)
        elif isinstance(threads, tf.TerraformVariable) or is_token(threads):
            value = threads.value if isinstance(threads, tf.TerraformVariable) else threads
            self._shared = self._checked(given)
            super().__init__(scope, id_, **of_set, threads=cast("tf.IResolvable", value), **meta)
            self._share()
        elif isinstance(threads, Mapping):
            self._shared = self._checked(given)
            self._known = {}
            for key, thread in threads.items():
                self._put_thread(key, thread)
            super().__init__(scope, id_, **of_set, threads={}, **meta)
            self._values["threads"] = self._known
        else:
            raise ConfigurationError(self._title, [_no_threads(threads)])
        self._references["threads"] = _Threads(self, "threads")

    @property
    def threads_input(self) -> Mapping[str, ThreadSetThreads] | None:
        """What each thread is made from, by key; None where only the deploy knows."""
        return None if self._known is None else super().threads_input

    def add(self, key: str, **config: Unpack[ThreadConfig]) -> Self:
        """Add a thread, or put it in the place of the one with this key.

        Returns:
            The set, so that calls can be chained.

        Raises:
            ConfigurationError: What no API would take, or threads that are a token.
        """
        self._put_thread(key, config)
        self._warn_of_template()
        return self

    def __getitem__(self, key: str) -> ThreadOfSet:
        """Refer to one thread.

        Raises:
            ConfigurationError: There is none with this key.
        """
        known = self._known is None or (isinstance(key, str) and key in self._known)
        if not isinstance(key, str) or not (known or is_token(key)):
            raise ConfigurationError(self._title, [_unknown(key, self._known or {})])
        return cast("ThreadOfSet", self.threads.get(key))

    def __iter__(self) -> Iterator[str]:
        return iter(self._listed("be listed"))

    def __len__(self) -> int:
        return len(self._listed("be listed"))

    def __bool__(self) -> bool:
        return True  # a construct, also where it has no threads

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and key in self._listed("be listed")

    def _listed(self, what: str) -> dict[str, Any]:
        if self._known is None:
            raise ConfigurationError(self._title, [_only_at_deploy(what)])
        return self._known

    def _checked(self, shared: Mapping[str, Any]) -> dict[str, Any]:
        values, problems, self._template = prepared(THREAD, shared)
        if problems:
            raise ConfigurationError(self._title, problems)
        return values

    def _put_thread(self, key: object, thread: Mapping[str, Any]) -> None:
        known = self._listed("be added")
        problems: list[Problem] = []
        if isinstance(key, str):
            key = checked(str.__str__(key), ("threads", Key(key)), problems)
            if not key.isascii():
                other = self._composed.setdefault(normalize("NFC", key), key)
                problems += [twice(("threads",), key, other)] if other != key else []
        else:
            problems.append(_no_key(key))
        values: dict[str, Any] = {}
        if not problems:
            values, problems, template = prepared(THREAD_SET, {"threads": {key: thread}})
            self._template = self._template or template
        if problems:
            raise ConfigurationError(self._title, problems)
        known[str(key)] = self._with_shared(values["threads"][key])

    def _with_shared(self, thread: Any) -> Any:  # noqa: ANN401 - an object, or a token of one
        return thread if is_expression(thread) else {**self._shared, **thread}

    def _share(self) -> None:
        """Give the threads what all share, where they say nothing themselves."""
        if self._known is not None:
            self._known.update({key: self._with_shared(each) for key, each in self._known.items()})
        elif self._shared and "threads" in self._values:
            self._values["threads"] = self._merged(self._values["threads"])

    def _merged(self, threads: object) -> tf.IResolvable:
        """Return the threads of a token with what all share, which stands in a local once."""
        if self._of_all is None:
            self._of_all = tf.TerraformLocal(self, "shared", written(THREAD, self._shared))
        every = tf.TerraformIterator.from_map(tf.Token.as_any_map(threads))
        return every.for_expression_for_map("key", _MERGED.format(self._of_all.fqn, "val"))

    def _change(self, name: str, value: object) -> None:
        self._change_within(name, value)
        if name == "threads":
            self._share()

    def _change_within(self, name: str, value: object) -> None:
        # What a thread of the set was told not to have, it does not get back from what all share.
        super()._change(name, value)
        if name == "threads":
            self._each = None
            given = self._values.get("threads")
            self._known = given if isinstance(given, dict) and not is_token(given) else None
            self._composed = {normalize("NFC", key): key for key in self._known or () if not key.isascii()}

    def _at_hand(self) -> list[Any]:
        """Return nothing: Node asks at synth, when no more threads are added."""
        load()
        return []

    def _synthesize_attributes(self) -> dict[str, Any]:
        attributes = super()._synthesize_attributes()
        if self._known is not None:
            # Terraform reads the keys of an object as templates, too.
            each_written = attributes["threads"].values()
            keys = (read_whole(escaped(key)) for key in self._known)
            attributes["threads"] = dict(zip(keys, map(self._with_own, each_written), strict=True))
        elif self._each is not None:
            every = resolved(self, attributes["threads"]).removeprefix("${").removesuffix("}")
            thread = expression(resolved(self, written(THREAD, self._each)))
            # What the iterator gives is called each, as in a resource with for_each.
            attributes["threads"] = f"${{{{ for each in {every} : each.key => {thread} }}}}"
        return attributes

    def _with_own(self, thread: object) -> Any:  # noqa: ANN401 - an object, or a token of one
        """Return a thread that only the deploy knows with what all share."""
        if not self._shared or not is_expression(thread):
            return thread
        own = resolved(self, thread).removeprefix("${").removesuffix("}")
        return f"${{{_MERGED.format(expression(resolved(self, written(THREAD, self._shared))), own)}}}"


class ThreadOfSet(ThreadSetThreadsOutputReference):
    """One thread of a ``ThreadSet``, to refer to."""

    @property
    def id(self) -> str:
        """Id at the API: `conv_…` or `thread_…`."""
        return remember(super().id, THREAD.type_name)

    @property
    def thread_id(self) -> str:
        """The same as ``id``: what every ``IThread`` has."""
        return self.id

    @property
    def response_tools(self) -> str:
        """JSON of the ``tools`` argument for ``responses.create``, made of what is configured.

        Raises:
            ConfigurationError: Only the deploy knows the thread or its tools.
        """
        if "response_tools" not in self._references:
            given = self._configured()
            tools, resources = self._values.get("tools"), self._values.get("tool_resources")
            if given is None or is_expression(given) or is_token(tools) or is_token(resources):
                raise ConfigurationError(construct_of(self), [_only_at_deploy("be asked for its tools")])
            self._references["response_tools"] = tf.Fn.jsonencode(_tools(tools, resources or {}))
        return cast("str", self._references["response_tools"])


class _Threads(ThreadSetThreadsMap):
    """A reference to the map `threads`."""

    _ELEMENT: ClassVar[type[ThreadSetThreadsOutputReference]] = ThreadOfSet


def _tools(named: list[str] | None, resources: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return tools as the Responses API takes them: those that are named, else those with resources."""
    made: list[dict[str, Any]] = []
    for name in dict.fromkeys(named if named is not None else resources):
        given = resources.get(name) or {}
        if name == "code_interpreter":
            ids = {"file_ids": given["file_ids"]} if given.get("file_ids") else {}
            made.append({"type": name, "container": {"type": "auto", **ids}})
        elif given.get("vector_store_ids"):
            made.append({"type": name, "vector_store_ids": given["vector_store_ids"]})
    return made


def _no_threads(given: object) -> Problem:
    return Problem(
        ("threads",),
        "Wrong type",
        f"threads is a {type(given).__name__}. Allowed: a mapping from keys to threads, a TerraformIterator, "
        'a TerraformVariable. Give each thread a key that stays: {"acme": {…}}.',
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
        f"threads is a token, so no thread can {what} here. Allowed: a mapping. Refer to a thread by its "
        'key, threads["acme"], and to all by threads.ids.',
    )


def _unknown(key: str, known: Mapping[str, Any]) -> Problem:
    near = difflib.get_close_matches(str(key), known, n=1) if isinstance(key, str) else []
    given = f'"{key:.60}"' if isinstance(key, str) else shown(key)
    step = f'Did you mean "{near[0]}"?' if near else "Add it to the mapping."
    listed = ", ".join(f'"{each}"' for each in list(known)[:5]) + (", …" if len(known) > 5 else "")  # noqa: PLR2004 - as many as a line takes
    return Problem(
        ("threads", Key(key) if isinstance(key, str) else Key(shown(key))),
        "Unknown key",
        f"{given} is no key of these threads. Allowed: {listed or 'none, the mapping is empty'}. {step}",
    )
