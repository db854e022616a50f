"""Two threads of equal content are never given one id, whatever Terraform leaves unread."""

import os
import signal

from tests.faults.ground import SECONDS, Ground, Site, ids_in, report, site, wait_until
from tests.support.faulty import Fault
from tests.support.served import ServedApi

EQUAL = {"metadata": {"a": "1"}, "messages": [{"role": "user", "content": "one"}]}
WAYS = {
    "-refresh=false": ["-refresh=false"],
    "-target": ["-refresh=false", "-target=openai_thread.b"],
}


def stack(ground: Ground, api: ServedApi, *names: str) -> None:
    """Write a stack of threads with the same content."""
    ground.terraform.write(
        {
            "provider": {"openai": {"base_url": api.base_url}},
            "resource": {"openai_thread": dict.fromkeys(names, EQUAL)},
        }
    )


def added(place: Site, options: list[str]) -> bool:
    """Make one, then an equal one beside it; tell whether they are two."""
    with place.ground() as (ground, api):
        stack(ground, api, "a")
        ground.terraform.apply()
        stack(ground, api, "a", "b")
        ground.terraform.apply(*options)
        return _distinct(ground, 2)


def in_another_workspace(place: Site) -> bool:
    """Kill everything while one is made, make an equal one elsewhere; tell whether they are two."""
    with place.ground() as (ground, api):
        stack(ground, api, "a")
        _kill(ground, api)
        folder = ground.terraform.folder
        ground.terraform.environment["TF_WORKSPACE"] = "other"
        (folder / "terraform.tfstate.d" / "other").mkdir(parents=True)  # as `workspace new` does
        ground.terraform.apply("-refresh=false")
        there = ids_in(ground.terraform.state(), "openai_thread")
        ground.terraform.environment["TF_WORKSPACE"] = "default"
        ground.terraform.apply("-refresh=false")
        here = ids_in(ground.terraform.state(), "openai_thread")
        return len({*here, *there}) == 2


def after_a_kill(place: Site, count: int) -> bool:
    """Kill everything while equal threads are made, add one more; tell whether all are distinct."""
    with place.ground() as (ground, api):
        names = [f"t{number}" for number in range(count)]
        stack(ground, api, *names)
        _kill(ground, api)
        stack(ground, api, *names, "b")
        ground.terraform.apply("-refresh=false")
        return _distinct(ground, count + 1)


def after_a_save(place: Site) -> bool:
    """Kill Terraform once it has saved a thread, make an equal one alone; tell whether they are two."""
    with place.ground() as (ground, api):
        # Something of the same provider goes on after the thread is in the state.
        slow = {"depends_on": ["openai_thread.a"], "metadata": {"slow": "1"}}
        ground.terraform.write(
            {
                "provider": {"openai": {"base_url": api.base_url}},
                "resource": {"openai_thread": {"a": EQUAL, "slow": slow}},
            }
        )
        api.fail("POST", "/conversations", Fault(then="hang"), after=1)
        state = ground.terraform.folder / "terraform.tfstate"
        with ground.terraform.start("apply", "-auto-approve") as process:
            wait_until(lambda: state.exists() and "conv_" in state.read_text())
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate(timeout=SECONDS)
        api.heal()
        ground.terraform.unlock()
        stack(ground, api, "a", "b")
        ground.terraform.apply("-refresh=false", "-target=openai_thread.b")
        return _distinct(ground, 2)


def _kill(ground: Ground, api: ServedApi) -> None:
    """Apply, and kill Terraform and the provider when messages are added."""
    api.fail("POST", "/items", Fault(commit=True, then="hang"), after=1)
    with ground.terraform.start("apply", "-auto-approve") as process:
        wait_until(lambda: any(each.path.endswith("/items") for each in api.seen))
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate(timeout=SECONDS)
    api.heal()
    ground.terraform.unlock()


def _distinct(ground: Ground, count: int) -> bool:
    ids = ids_in(ground.terraform.state(), "openai_thread")
    return len(ids) == len(set(ids)) == count and set(ids) <= ground.objects("openai_thread")


def main() -> None:
    """Each way once; killed runs of 1 to 12 threads."""
    with site() as place:
        ways = {name: added(place, options) for name, options in WAYS.items()}
        killed = {count: after_a_kill(place, count) for count in (1, 2, 5, 12)}
        others = {"workspace": in_another_workspace(place), "killed after a save": after_a_save(place)}
        report("Equal threads", distinct={**ways, **others, "killed": killed})


if __name__ == "__main__":
    main()
