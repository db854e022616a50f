"""How the threads of a set lie in its values and in its private data. Pure.

A thread of a set is an openai_thread: what decides about the one decides about the other. So each is made
into the values and the private data of an openai_thread, and back. What follows from the rest is left out,
because a set may have ten thousand.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from provider_shim.contract.attributes import MapOf, Object
from provider_shim.contract.identifiers import api_of
from provider_shim.contract.thread import THREAD
from provider_shim.contract.thread_set import THREAD_SET
from provider_shim.resources import ownership
from provider_shim.resources.tools import response_tools
from provider_shim.terraform.handler import Values
from provider_shim.terraform.values import UNKNOWN


def _attributes() -> tuple[str, ...]:
    kind = THREAD_SET.attributes["threads"].type
    assert isinstance(kind, MapOf)
    assert isinstance(kind.element, Object)
    return tuple(kind.element.attributes)


IN_A_SET: Final = _attributes()
"""Attributes of a thread that its set holds."""
MADE: Final = tuple(name for name in IN_A_SET if THREAD.attributes[name].computed)
"""Those that the API gives."""
FLAGS: Final = tuple(
    name for name, each in THREAD_SET.attributes.items() if each.optional and name in THREAD.attributes
)
"""What a set says for all threads that do not say it themselves."""

Flags = Mapping[str, Any]


def flags_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the flags that are said; a set's, or those of a thread in it."""
    return {name: values[name] for name in FLAGS if values.get(name) is not None}


def flags_destroyed(entry: Mapping[str, Any], prior: Mapping[str, Any]) -> Flags:
    """Return the flags by which a thread goes when its set is destroyed: its own, then the set's."""
    return {**_SAY_NOTHING, **flags_of(prior), **flags_of(entry)}


def flags_removed(entry: Mapping[str, Any], new: Flags) -> Flags:
    """Return the flags by which a thread goes whose key has left: the set's new ones, then its own."""
    return {**_SAY_NOTHING, **flags_of(entry), **new}


def flags_replaced(new: Flags, own: Flags) -> Flags:
    """Return the flags by which a thread goes that is made anew: its own new ones, then the set's."""
    return {**_SAY_NOTHING, **new, **own}


_SAY_NOTHING: Final[Flags] = dict.fromkeys(FLAGS)


def thread_of(entry: Mapping[str, Any], flags: Flags, api: object) -> Values:
    """Return the values of an openai_thread.

    Args:
        entry: What the set holds of it.
        flags: What holds where the thread does not say it.
        api: The one that it lives on.
    """
    return {
        **_ABSENT,
        **_with_flags(entry, flags),
        "object": "thread",
        "api": api,
        "response_tools": response_tools(entry["tools"], entry["tool_resources"]),
    }


_ABSENT: Final[Values] = dict.fromkeys(THREAD.attributes)


def asked_for(key: str, thread: Values) -> Values:
    """Return a planned thread as it is asked for, with its key: none takes over the thread of another."""
    return {**thread, "key": key}


def new_of(key: str, entry: Mapping[str, Any], flags: Flags) -> Values:
    """Return the plan of an openai_thread that does not exist yet, from what is planned for its set."""
    return asked_for(key, {**_ABSENT, **_with_flags(entry, flags), **dict.fromkeys(MADE, UNKNOWN)})


def configured(entry: Mapping[str, Any], flags: Flags) -> Values:
    """Return the configuration of an openai_thread."""
    return {**_ABSENT, **_with_flags(entry, flags), **dict.fromkeys(MADE)}


def _with_flags(entry: Mapping[str, Any], flags: Flags) -> Values:
    """Return what a set holds of a thread, with the flags that hold where the thread does not say them."""
    return {**entry, **{name: flags[name] for name in FLAGS if entry[name] is None and name in flags}}


def entry_of(thread: Mapping[str, Any], said: Mapping[str, Any]) -> Values:
    """Return what the set holds of an openai_thread; its flags as ``said`` has them."""
    return {name: said[name] if name in FLAGS else thread[name] for name in IN_A_SET}


def unmade(entry: Mapping[str, Any]) -> Values:
    """Return what the set holds of a thread that could not be made: an entry without id."""
    return {**entry, **dict.fromkeys(MADE)}


def exists(entry: Mapping[str, Any] | None) -> bool:
    """Return whether there is a thread: of one that could not be made the entry has no id."""
    return entry is not None and entry["id"] is not None


def is_half_made(state: Mapping[str, Any]) -> bool:
    """Return whether a create has ended before all threads were made, with all of their messages."""
    threads = state["threads"] or {}
    return (state["ids"] or {}).keys() != threads.keys() or not all(map(exists, threads.values()))


class Kept:
    """The private data of a set: of each thread what an openai_thread has, and once what all have."""

    def __init__(self, private: Mapping[str, Any]) -> None:
        """Take what Terraform kept."""
        self._shared: dict[str, Any] = private.get("shared") or {}
        self._threads: dict[str, dict[str, Any]] = private.get("threads") or {}

    def of(self, key: str) -> dict[str, Any]:
        """Return what is kept of one thread."""
        own = {**self._shared, **self._threads.get(key, {})}
        return {"v": ownership.LAYOUT, **{name: each for name, each in own.items() if each is not None}}

    def api_of(self, key: str, identifier: object, default: object) -> object:
        """Return the API that a thread lives on."""
        return api_of(identifier) or self.of(key).get("api") or default


def private_of(
    privates: Mapping[str, Mapping[str, Any]], apis: Mapping[str, object], made: Iterable[str]
) -> dict[str, Any]:
    """Return the private data of a set.

    Args:
        privates: Of each thread.
        apis: That each lives on, where its id does not tell.
        made: The keys of the threads that are there.
    """
    every = {key: _own(privates.get(key) or {}, apis.get(key)) for key in made}
    first = next(iter(every.values()), {})
    shared: dict[str, Any] = {name: first[name] for name in ("account", "api") if name in first}
    threads = {}
    for key, own in every.items():
        differing = {name: each for name, each in own.items() if shared.get(name) != each}
        differing |= {name: None for name in shared if name not in own}
        if differing:
            threads[key] = differing
    kept: dict[str, Any] = {"v": ownership.LAYOUT}
    if shared:
        kept["shared"] = shared
    if threads:
        kept["threads"] = threads
    return kept


def _own(private: Mapping[str, Any], api: object) -> dict[str, Any]:
    own = {name: each for name, each in private.items() if name not in ("v", "leaving")}
    if api is not None and api is not UNKNOWN:
        own["api"] = api
    return own
