"""openai_thread_set: any number of threads, each treated as an openai_thread is."""

from collections.abc import Callable, Hashable, Mapping
from typing import TYPE_CHECKING, Any

from provider_shim.contract.identifiers import api_of
from provider_shim.contract.path import spelled
from provider_shim.contract.thread import THREAD
from provider_shim.contract.thread_set import AT_ONCE, THREAD_SET
from provider_shim.resources import ownership
from provider_shim.resources.by_key import first_of, gathered, keys_named
from provider_shim.resources.connection import Connection
from provider_shim.resources.lifecycle import absent
from provider_shim.resources.parallel import in_parallel
from provider_shim.resources.problems import diagnostics_of
from provider_shim.resources.renames import PAGE, content_of
from provider_shim.resources.thread import ThreadHandler
from provider_shim.resources.thread_set_apply import MOST_FAILURES, Failing, Steps, at_once, new_id, progress
from provider_shim.resources.thread_set_import import import_ids
from provider_shim.resources.thread_set_layout import (
    IN_A_SET,
    Flags,
    Kept,
    asked_for,
    configured,
    entry_of,
    exists,
    flags_destroyed,
    flags_of,
    flags_removed,
    flags_replaced,
    is_half_made,
    new_of,
    private_of,
    thread_of,
)
from provider_shim.terraform import plan
from provider_shim.terraform.diagnostics import Diagnostic, Failure, warning
from provider_shim.terraform.guard import finished
from provider_shim.terraform.handler import Change, Values, Work, resource
from provider_shim.terraform.values import UNKNOWN

if TYPE_CHECKING:
    from provider_shim.contract.states import ThreadSetState

    Threads = Mapping[str, Any]


@resource
class ThreadSetHandler:
    """Plans and does for each key what ThreadHandler plans and does."""

    contract = THREAD_SET

    def __init__(self, connection: Connection) -> None:
        """Work through the provider's connection."""
        self._connection = connection
        self._thread = ThreadHandler(connection, alone=False)
        self._refreshed: set[str] = set()
        """Ids of the sets that this process has refreshed."""
        self._planned: dict[str, tuple[Mapping[str, Any], Values]] = {}
        """State and private data of the sets that this process has planned, by id: of a replacement Terraform
        asks twice, the second time without them."""
        self._handed_over: list[dict[str, tuple[Values, Values]]] = []
        """What half-made sets held that are being replaced: by key the values of the thread, and its private
        data."""

    # --- plan ---------------------------------------------------------------------------

    def plan_new(self, change: "Change[ThreadSetState]") -> None:
        """Promise what is known already of a set that does not exist yet."""
        planned, config = change.planned, change.config
        assert planned is not None
        assert config is not None
        leaving = change.private.get("leaving") or {}
        change.private = {"v": ownership.LAYOUT, "leaving": {**leaving, **_flags_left(config)}}
        if planned["threads"] is UNKNOWN:
            planned["ids"] = UNKNOWN
            return
        found: list[tuple[str, Diagnostic]] = []
        for key, entry in config["threads"].items():
            if entry is UNKNOWN:
                continue
            found += self._plan_one(key, entry, flags_of(config), planned["threads"])
        planned["ids"] = _ids(planned["threads"])
        change.diagnostics += gathered(found)

    async def plan(self, change: "Change[ThreadSetState]") -> None:
        """Decide for each key, and name those that go and those that are made anew."""
        prior, planned = change.prior, change.planned
        if prior is None:
            await self._plan_replacement(change)
            return
        self._note_stored(prior["threads"])
        self._planned[prior["id"]] = prior, change.private
        kept = change.private
        change.private = {**kept, "leaving": {"id": prior["id"]}}
        if planned is None:
            change.private["leaving"]["destroy"] = True
            found = await self._judged(prior, kept, lambda _, entry: flags_destroyed(entry, prior), change)
            change.diagnostics += gathered(found)
            return
        change.private["leaving"] |= _flags_left(planned)
        change.replace[:] = [path for path in change.replace if path[0] != "threads"]
        if planned["threads"] is UNKNOWN:
            planned["ids"] = UNKNOWN
            change.diagnostics.append(_unknown(prior["threads"]))
            return
        change.applying = change.applying or self._is_applied(prior["id"])
        await self._plan_threads(change, kept)

    async def _plan_threads(self, change: "Change[ThreadSetState]", kept: Values) -> None:
        prior, planned, config = change.prior, change.planned, change.config
        assert prior is not None
        assert planned is not None
        assert config is not None
        before, threads, privates = prior["threads"] or {}, planned["threads"], Kept(kept)
        flags, said = flags_of(prior), flags_of(config)
        found: list[tuple[str, Diagnostic]] = []
        anew: dict[str, str] = {}

        async def step(key: str) -> bool:
            entry = config["threads"][key]
            thread = self._held(key, before[key], privates, flags)
            each = plan.change(THREAD, thread, configured(entry, said))
            each.private, each.applying = privates.of(key), change.applying
            await self._thread.plan(each)
            if each.replace:
                anew[key] = spelled(each.replace[0])
                found.extend((key, told) for told in each.diagnostics)
                private = each.private
                each = plan.change(THREAD, None, configured(entry, said))
                each.private, each.applying = private, change.applying
                await self._thread.plan(each)
            found.extend((key, told) for told in each.diagnostics)
            threads[key] = entry_of(each.planned or {}, entry)
            return True

        for key, entry in config["threads"].items():
            if entry is not UNKNOWN and not exists(before.get(key)):
                found += self._plan_one(key, entry, said, threads)
        changed = [
            key
            for key, entry in threads.items()
            if entry is not UNKNOWN
            and exists(before.get(key))
            and (entry != before[key] or privates.of(key).get("missing"))
        ]
        await in_parallel(changed, at_once(planned), step)
        gone = [key for key, entry in before.items() if exists(entry) and key not in threads]
        leaving = {**prior, "threads": {key: before[key] for key in gone}}
        found += await self._judged(leaving, kept, lambda _, entry: flags_removed(entry, said), change)
        planned["ids"] = _ids(threads)
        if (gone or anew) and not change.applying:
            made = {key: entry for key, entry in threads.items() if not exists(before.get(key))}
            renamed = _renamed({key: before[key] for key in gone}, made)
            change.diagnostics.append(
                _named(gone, {key: anew[key] for key in threads if key in anew}, renamed)
            )
        change.diagnostics += gathered(found)

    async def _plan_replacement(self, change: "Change[ThreadSetState]") -> None:
        """Plan the second half of a replacement: Terraform gives no prior state, the first plan had it."""
        left = str((change.private.get("leaving") or {}).get("id"))
        self.plan_new(change)
        if left in self._planned:
            prior, kept = self._planned[left]
            new = change.private["leaving"]
            new["kept"] = kept
            change.diagnostics += gathered(
                await self._judged(prior, kept, lambda key, entry: _replaced(key, entry, new), change)
            )

    def _plan_one(
        self, key: str, entry: "Threads", flags: Flags, threads: dict[str, Any]
    ) -> list[tuple[str, Diagnostic]]:
        """Plan a thread that does not exist yet, into ``threads``; return what is to be said of it."""
        # The set's own plan has made the values fit the contract of a thread already.
        each: Change[Any] = Change(None, configured(entry, flags), new_of(key, threads[key], flags))
        self._thread.plan_new(each)
        threads[key] = entry_of(each.planned or {}, entry)
        return [(key, said) for said in each.diagnostics]

    async def _judged(
        self,
        prior: Mapping[str, Any],
        kept: Values,
        flags: Callable[[str, "Threads"], Flags],
        change: "Change[ThreadSetState]",
    ) -> list[tuple[str, Diagnostic]]:
        """Say what is lost, or kept, with threads that go.

        Args:
            prior: The set with the threads that go.
            kept: Its private data.
            flags: Returns the flags by which one goes.
            change: The plan. Where it is made while Terraform applies, the moment of deletion decides.
        """
        privates = Kept(kept)
        found: list[tuple[str, Diagnostic]] = []
        there = {key: entry for key, entry in (prior["threads"] or {}).items() if exists(entry)}

        async def step(key: str) -> bool:
            entry = there[key]
            each: Change[Any] = Change(
                {**self._held(key, entry, privates, {}), **flags(key, entry)}, None, None
            )
            each.private, each.applying = privates.of(key), change.applying
            _, failed = await finished(
                self._thread.plan(each), f"Planning the thread {key!r}", diagnostics_of
            )
            found.extend((key, said) for said in [*each.diagnostics, *failed])
            return True

        await in_parallel(there, at_once(prior), step)
        order = {key: index for index, key in enumerate(there)}
        return sorted(found, key=lambda each: order[each[0]])

    def _is_applied(self, set_id: str) -> bool:
        """Return whether this plan is the one that Terraform makes again before it applies.

        Its first plan comes after a refresh in the same process, unless the refresh is turned off.
        """
        if set_id in self._refreshed:
            return False
        return not self._connection.without_refresh

    def _note_stored(self, threads: "Threads | None") -> None:
        there = [entry for entry in (threads or {}).values() if exists(entry)]
        self._connection.recovery.stored(
            *(each["id"] for each in there),
            *(message for each in there for message in each["message_ids"] or ()),
        )

    # --- create and update --------------------------------------------------------------

    async def create(self, work: "Work[ThreadSetState]") -> None:
        """Make all threads, or go on with those of a half-made set that this one replaces."""
        threads = work.planned["threads"]
        before = self._taken_back(threads)
        work.private = {}
        steps = Steps(self._thread, self._connection, work, before)
        if before:
            work.diagnostics.append(_goes_on(before, threads))
            await self._plan_again(work, steps)
        await steps.run()

    async def update(self, work: "Work[ThreadSetState]") -> None:
        """Turn what is there into what is planned, each key for itself."""
        prior = work.prior
        assert prior is not None
        privates = Kept(work.private)
        before = {
            key: (self._held(key, entry, privates, flags_of(prior)), privates.of(key))
            for key, entry in (prior["threads"] or {}).items()
            if exists(entry)
        }
        await Steps(self._thread, self._connection, work, before).run()

    async def _plan_again(self, work: "Work[ThreadSetState]", steps: Steps) -> None:
        """Plan what becomes of the threads of a half-made set: Terraform's plan did not know of them."""
        config = work.config
        for key, thread in steps.before.items():
            if key not in steps.planned:
                continue
            each = plan.change(THREAD, thread, configured(config["threads"][key], flags_of(config)))
            each.private, each.applying = steps.privates[key], True
            await self._thread.plan(each)
            if not each.replace:
                steps.planned[key] = each.planned or {}

    def _taken_back(self, threads: "Threads") -> dict[str, tuple[Values, Values]]:
        """Return what was handed over of the set that has most in common with this one."""
        if not self._handed_over:
            return {}

        def common(each: Mapping[str, tuple[Values, Values]]) -> tuple[int, int]:
            same = [key for key in each if key in threads]
            alike = [key for key in same if each[key][0]["metadata"] == threads[key]["metadata"]]
            return len(alike), len(same)

        best = max(self._handed_over, key=common)
        if not common(best)[1]:
            return {}
        self._handed_over.remove(best)
        return best

    def _held(self, key: str, entry: "Threads", privates: Kept, flags: Flags) -> Values:
        return thread_of(entry, flags, privates.api_of(key, entry["id"], self._connection.api))

    # --- read ---------------------------------------------------------------------------

    async def read(self, work: "Work[ThreadSetState]") -> None:
        """Refresh each thread; one that is gone leaves the set."""
        state = work.reached
        kept = Kept(work.private)
        threads: dict[str, Any] = dict(state["threads"] or {})
        privates, apis = {key: kept.of(key) for key in threads}, dict[str, object]()
        found: list[tuple[str, Diagnostic]] = []

        async def step(key: str) -> bool:
            entry = threads[key]
            thread = self._held(key, entry, kept, flags_of(state))
            each: Work[Any] = Work(thread, work.stopping, private=privates[key])
            apis[key] = None if api_of(entry["id"]) else thread["api"]
            _, failed = await finished(self._thread.read(each), f"Reading the thread {key!r}", diagnostics_of)
            found.extend((key, said) for said in [*each.diagnostics, *failed])
            privates[key] = each.private
            threads[key] = None if each.state is None else entry_of(each.state, entry)
            return not failed

        there = [key for key, entry in threads.items() if exists(entry)]
        await in_parallel(there, at_once(state), step, progress("read", len(there)))
        work.diagnostics += gathered(found)
        threads = {key: entry for key, entry in threads.items() if entry is not None}
        ids = {key: each for key, each in (state["ids"] or {}).items() if key in threads}
        work.state = {**state, "threads": threads, "ids": ids}
        made = [key for key, entry in threads.items() if exists(entry)]
        work.private = private_of(privates, apis, made)
        self._refreshed.add(state["id"])

    # --- delete -------------------------------------------------------------------------

    async def delete(self, work: "Work[ThreadSetState]") -> None:
        """Delete each thread; of a half-made set that is being replaced, none."""
        state = work.reached
        leaving = work.private.get("leaving") or {}
        # The private data of a replacement is the new set's.
        kept = Kept(leaving.get("kept") or work.private)
        tainted = not leaving.get("destroy") and "id" not in leaving
        if tainted and is_half_made(state):
            await self._hand_over(state, kept)
            work.state = None
            return
        if tainted:
            # Terraform keeps from the plan, and from this delete, what is stored beside a tainted state.
            kept = Kept(await self._connection.private_of(state["id"]) or work.private)
        threads = dict(state["threads"] or {})
        found: list[tuple[str, Diagnostic]] = []
        failing = Failing()

        async def step(key: str) -> bool:
            entry = threads[key]
            if entry["id"] in self._connection.recovery.adopted:
                del threads[key]  # a create of this run goes on with it
                return True
            flags = _replaced(key, entry, leaving) if "flags" in leaving else flags_destroyed(entry, state)
            thread = {**self._held(key, entry, kept, {}), **flags}
            each: Work[Any] = Work(thread, work.stopping, private=kept.of(key))
            _, failed = await finished(
                self._thread.delete(each), f"Deleting the thread {key!r}", failing.explain
            )
            found.extend((key, said) for said in [*each.diagnostics, *failed])
            if each.state is None:
                del threads[key]
            return failing.go_on(failed, work.stopping)

        there = [key for key, entry in threads.items() if exists(entry)]
        await in_parallel(there, at_once(state), step, progress("deleted", len(there)))
        work.diagnostics += gathered(found)
        threads = {key: entry for key, entry in threads.items() if exists(entry)}
        ids = {key: each for key, each in (state["ids"] or {}).items() if key in threads}
        work.state = {**state, "threads": threads, "ids": ids} if threads else None

    async def _hand_over(self, state: Mapping[str, Any], kept: Kept) -> None:
        """Leave the threads of a half-made set to the create that follows; the journal has them meanwhile."""
        there = {key: entry for key, entry in state["threads"].items() if exists(entry)}
        held = {
            key: (self._held(key, entry, kept, flags_of(state)), kept.of(key)) for key, entry in there.items()
        }
        if not held:
            return
        await self._connection.recovery.hand_over(
            THREAD.type_name, {str(thread["id"]): _content(key, thread) for key, (thread, _) in held.items()}
        )
        self._handed_over.append(held)

    # --- import -------------------------------------------------------------------------

    async def import_state(self, work: "Work[ThreadSetState]", identifier: str) -> None:
        """Read threads by a JSON object of keys and ids."""
        ids = import_ids(identifier)
        threads: dict[str, Any] = {}
        privates: dict[str, Values] = {}
        apis: dict[str, object] = {}
        found: list[tuple[str, Diagnostic]] = []
        failures: list[Diagnostic] = []

        async def step(key: str) -> bool:
            each: Work[Any] = Work(None, work.stopping)
            reading = self._thread.import_state(each, ids[key])
            _, failed = await finished(reading, f"Importing the thread {key!r}", diagnostics_of)
            found.extend((key, said) for said in [*each.diagnostics, *failed])
            failures.extend(failed)
            if each.state is not None:
                threads[key] = {name: each.state[name] for name in IN_A_SET}
                privates[key] = each.private
                apis[key] = None if api_of(ids[key]) else each.state["api"]
            return len(failures) < MOST_FAILURES

        await in_parallel(ids, AT_ONCE, step, progress("imported", len(ids)))
        if failures:
            raise Failure(*gathered(found))
        work.diagnostics += gathered(found)
        work.state = absent(THREAD_SET) | {
            "id": new_id(),
            "parallelism": AT_ONCE,
            "threads": {key: threads[key] for key in ids},
            "ids": ids,
        }
        work.private = private_of(privates, apis, ids)


def _ids(threads: "Threads") -> dict[str, Any]:
    return {key: UNKNOWN if entry is UNKNOWN else entry["id"] for key, entry in threads.items()}


def _content(key: str, thread: Values) -> Values:
    """Return what a create asks for that makes this thread."""
    unknown = dict.fromkeys(("id", "created_at"), UNKNOWN)
    planned = {**thread, **unknown, "message_ids": [UNKNOWN] * len(thread["messages"] or ())}
    return asked_for(key, planned)


def _flags_left(values: "Threads") -> Values:
    """Return what the delete of a replacement has to know of the new configuration: what it says."""
    threads = values["threads"]
    if threads is UNKNOWN:
        return {"flags": _known(flags_of(values))}
    return {
        "flags": _known(flags_of(values)),
        "threads": {
            key: _known(flags_of(entry)) if isinstance(entry, dict) else {}
            for key, entry in (threads or {}).items()
        },
    }


def _known(flags: Flags) -> dict[str, Any]:
    return {name: each for name, each in flags.items() if each is not UNKNOWN}


def _replaced(key: str, entry: "Threads", new: Mapping[str, Any]) -> Flags:
    """Return the flags by which a thread goes with its set, which a new configuration replaces."""
    if key in new.get("threads", ()):
        return flags_replaced(new["flags"], new["threads"][key])
    return flags_removed(entry, new["flags"])


def _renamed(gone: "Threads", made: "Threads") -> dict[str, str]:
    """Return by key which thread that goes looks like one that is made, where no other looks like either."""
    before, after = (_by_content(entries) for entries in (gone, made))
    return {
        old[0]: after[content][0]
        for content, old in before.items()
        if len(old) == 1 and len(after.get(content, ())) == 1
    }


def _by_content(threads: "Threads") -> dict[Hashable, list[str]]:
    found: dict[Hashable, list[str]] = {}
    for key, entry in threads.items():
        if entry is not UNKNOWN and (content := content_of(THREAD, entry)) is not None:
            found.setdefault(content, []).append(key)
    return found


def _named(gone: list[str], anew: Mapping[str, str], renamed: Mapping[str, str]) -> Diagnostic:
    """Name the threads that a plan destroys or makes anew: Terraform counts one change.

    Of warnings with the same summary Terraform shows one and counts the others, so each summary has a key.

    Args:
        gone: Keys that the configuration lacks.
        anew: By key the path that can't be changed in place.
        renamed: By a key that goes the one that looks like it.
    """
    parts = []
    if gone:
        parts.append(f"{_threads(len(gone))} will be destroyed ({_first_named(gone)})")
    if anew:
        parts.append(f"{_threads(len(anew))} will be made anew ({_first_named(list(anew))})")
    told = []
    if gone:
        told.append(f"The configuration lacks {keys_named(gone)}: destroyed.")
    if renamed:
        pairs = [" to ".join(keys_named([key]) for key in pair) for pair in renamed.items()]
        told.append(
            f"Is that a key renamed, {first_of(pairs)}? The new one gets a new thread. To keep the thread, "
            f"keep the key, or see {PAGE}."
        )
    if anew:
        reasons = [f"{keys_named([key])} ({path})" for key, path in anew.items()]
        told.append(f"What can't be changed in place: {first_of(reasons)}. Made anew, with another id.")
    return warning(" and ".join(parts), " ".join(told), ("threads",))


def _first_named(keys: list[str]) -> str:
    return keys_named(keys[:1]) + ", …" * (len(keys) > 1)


def _threads(count: int) -> str:
    return f"{count:,} thread{'s' * (count != 1)}"


def _unknown(threads: "Threads | None") -> Diagnostic:
    return warning(
        "Which threads there will be is known only after apply",
        f"The set has {_threads(len(threads or {}))}. The plan can't say which of them stay. The apply "
        "destroys those whose key is not there any more, but for those that others have written to: they are "
        "kept at the API unless force_destroy allows to lose them.",
        ("threads",),
    )


def _goes_on(handed: Mapping[str, Any], threads: "Threads") -> Diagnostic:
    stay = [key for key in handed if key in threads]
    return warning(
        "The threads of a half-made set go on",
        f"An apply ended before the set was complete. None of its {_threads(len(stay))} is made again: "
        f"{keys_named(stay)}.",
        ("threads",),
    )
