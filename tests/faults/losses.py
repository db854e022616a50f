"""Creates whose answers are lost after they happened: 500, reset, time-out. Nothing may be there twice."""

import random
from collections import Counter
from typing import Any, Final

from tests.faults.ground import TABLES, Ground, Site, ids_in, load, report, site
from tests.support.faulty import Fault, Seen
from tests.support.terraform import TerraformError

KINDS: Final[dict[str, Fault]] = {
    "500": Fault(commit=True),
    "reset": Fault(commit=True, then="reset"),
    "time-out": Fault(commit=True, then="hang"),
}
CREATES: Final = ("/conversations", "/items", "/files", "/vector_stores")
MESSAGES: Final = ("one", "two", "three")


def stack(ground: Ground, base_url: str, thread_id: str, each: int) -> dict[str, Any]:
    """Return as many resources of each type, all of different content."""
    (ground.terraform.folder / "files").mkdir(exist_ok=True)
    for number in range(each):
        (ground.terraform.folder / "files" / f"{number}.md").write_text(f"file {number}")
    return {
        "provider": {"openai": {"base_url": base_url, "api_key": "sk-faults", "timeout": 1}},
        "resource": {
            "openai_thread": {
                f"t{number}": {
                    "metadata": {"number": f"{number}"},
                    "messages": [{"role": "user", "content": f"{text} {number}"} for text in MESSAGES],
                }
                for number in range(each)
            },
            "openai_message": {
                f"m{number}": {"thread_id": thread_id, "role": "user", "content": f"message {number}"}
                for number in range(each)
            },
            "openai_file": {f"f{number}": {"file": f"files/{number}.md"} for number in range(each)},
            "openai_vector_store": {f"s{number}": {"name": f"store {number}"} for number in range(each)},
        },
    }


def lost(place: Site, faults: int, each: int) -> dict[str, Any]:
    """Lose this many answers while so many resources of each type are made, then apply until it is done."""
    chance = random.Random(17)  # noqa: S311 - no secret
    injected: Counter[str] = Counter()

    def decide(request: Seen, _number: int) -> Fault | None:
        create = request.method == "POST" and request.path.endswith(CREATES)
        if not create or injected.total() == faults or chance.random() > 0.9:
            return None
        kind = chance.choice(list(KINDS))
        injected[kind] += 1
        return KINDS[kind]

    with place.ground() as (ground, api):
        ground.terraform.seconds = 900
        thread_id = ground.database.ask(lambda client: client.conversations.create()).id
        ground.terraform.write(stack(ground, api.base_url, thread_id, each))
        api.decide = decide
        stopped = 0
        while injected.total() < faults:
            stopped += _stopped(ground)
        api.heal()
        ground.terraform.apply()
        empty = ground.terraform.plan().actions == {}
        state = ground.terraform.state()
        held = {type_name: set(ids_in(state, type_name)) for type_name in TABLES}
        there = {type_name: ground.objects(type_name) for type_name in TABLES}
        there["openai_thread"].discard(thread_id)
        named = [line for line in ground.journal if line.id is None and line.type_name == "openai_thread"]
        texts = Counter(text for _, text in ground.database.messages(thread_id))
        threads = [values for address, values in state.items() if address.startswith("openai_thread.")]
        twice = sum(count - 1 for count in texts.values())
        twice += sum(
            len(ground.database.messages(thread["id"])) != len(MESSAGES)
            or len(thread["message_ids"]) != len(MESSAGES)
            for thread in threads
        )
        return {
            "faults": dict(injected),
            "resources": len(state),
            "distinct": sum(map(len, held.values())),
            "stopped_and_named": stopped,
            "second_plan_empty": empty,
            "duplicates": {
                "openai_thread": len(there["openai_thread"] - held["openai_thread"]) - len(named),
                "openai_file": len(there["openai_file"] - held["openai_file"]),
                "openai_vector_store": len(there["openai_vector_store"] - held["openai_vector_store"]),
                "messages": twice,
            },
        }


def _stopped(ground: Ground) -> int:
    """Apply; return how many creates ended with the word that the object may have been made."""
    try:
        ground.terraform.apply()
    except TerraformError as failed:
        found = [each.summary for each in failed.errors]
        assert set(found) == {"A conversation may have been made, its id is not known"}, found
        return len(found)
    return 0


def main(faults: int = 1_000, each: int = 150) -> None:
    """Lose 1,000 answers."""
    with site() as place:
        report("Lost answers to creates", **lost(place, faults, each), load=load())


if __name__ == "__main__":
    main()
