"""What an openai_thread_set is: any number of threads in one resource."""

from collections.abc import Mapping
from typing import Annotated, Final, NotRequired, TypedDict

from provider_shim.contract.attributes import Between, Default, Made, Resolvable, contract
from provider_shim.contract.parts import threads_rule
from provider_shim.contract.thread import ThreadComputed, ThreadConfig

AT_ONCE: Final = 10
"""Threads that are worked on at a time where nothing is said: as many as Terraform works on."""
MOST_AT_ONCE: Final = 100


class ThreadSetConfig(TypedDict):
    """What a set of threads is made from."""

    threads: Annotated[
        Mapping[str, Annotated[ThreadConfig, Made(ThreadComputed, ("id", "created_at", "message_ids"))]]
        | Resolvable,
        "The threads by key, each with what an `openai_thread` takes. A key is the identity of its thread: "
        "each is made, changed and destroyed for itself.",
    ]
    parallelism: NotRequired[
        Annotated[
            float | Resolvable,
            f"How many threads are worked on at a time, 1 to {MOST_AT_ONCE}. Default: {AT_ONCE}.",
            Between(1, MOST_AT_ONCE),
            Default(AT_ONCE),
        ]
    ]
    retain_on_destroy: NotRequired[
        Annotated[
            bool | Resolvable,
            "`retain_on_destroy` of each thread that does not say it itself, and of a key that leaves the "
            "configuration.",
        ]
    ]
    force_destroy: NotRequired[
        Annotated[
            bool | Resolvable,
            "`force_destroy` of each thread that does not say it itself, and of a key that leaves the "
            "configuration.",
        ]
    ]
    purge_on_destroy: NotRequired[
        Annotated[
            bool | Resolvable,
            "`purge_on_destroy` of each thread that does not say it itself, and of a key that leaves the "
            "configuration.",
        ]
    ]


class ThreadSetComputed(TypedDict):
    """What the provider sets on a set of threads."""

    id: Annotated[str, "Tells this set from others in logs. No API knows it."]
    ids: Annotated[
        Mapping[str, str],
        "Ids of the threads by key. The way to hand them to another stack or to an application.",
    ]


THREAD_SET = contract(
    "openai_thread_set",
    "Any number of threads as one resource, at a cost that grows with their number.",
    ThreadSetConfig,
    ThreadSetComputed,
    rules=(threads_rule,),
)
