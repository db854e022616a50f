"""A storm of 429 while many threads are made at a time: all are made, and the server is not hammered."""

import time
from email.utils import formatdate
from typing import Any

from tests.faults.ground import Site, load, report, site
from tests.support.faulty import Fault, Seen

GRANTED = 10
"""Calls that the server serves in each window, and seconds that a window lasts."""
WINDOW = 0.5


def storm(place: Site, threads: int) -> dict[str, Any]:
    """Make as many threads at parallelism 10 on a server that serves GRANTED calls in each WINDOW."""
    granted: list[float] = []
    refused: list[float] = []

    def decide(_request: Seen, _number: int) -> Fault | None:
        now = time.monotonic()
        if sum(now - each < WINDOW for each in granted) < GRANTED:
            granted.append(now)
            return None
        refused.append(now)
        # Every other server says when as a date, which has whole seconds.
        after = f"{WINDOW}" if len(refused) % 2 else formatdate(time.time() + 1, usegmt=True)
        return Fault(
            status=429,
            headers={"retry-after": after},
            body='{"error": {"message": "Rate limit reached", "code": "rate_limit_exceeded"}}',
        )

    with place.ground() as (ground, api):
        ground.terraform.write(
            {
                "provider": {"openai": {"base_url": api.base_url, "api_key": "sk-faults"}},
                "resource": {
                    "openai_thread": {
                        f"t{number}": {"metadata": {"n": f"{number}"}} for number in range(threads)
                    }
                },
            }
        )
        api.decide = decide
        began = time.monotonic()
        ground.terraform.apply("-parallelism=10")
        seconds = time.monotonic() - began
        return {
            "threads": threads,
            "made": len(ground.objects("openai_thread")),
            "in_state": len(ground.terraform.state()),
            "requests": len(api.seen),
            "refused": len(refused),
            "seconds": round(seconds, 1),
        }


def main(threads: int = 100) -> None:
    """Make 100 threads."""
    with site() as place:
        report("A storm of 429", **storm(place, threads), load=load())


if __name__ == "__main__":
    main()
