"""Creates without an idempotency key: what may have happened is looked for before it is asked for again."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from provider_shim.api.client import Client, Request
from provider_shim.api.problem import ApiProblem, Uncertain
from provider_shim.api.problems import capital

Made = TypeVar("Made")


async def create_once(
    client: Client,
    create: Callable[[], Awaitable[Made]],
    look: Callable[[ApiProblem], Awaitable[Made | None]],
    not_made: Callable[[ApiProblem], ApiProblem],
) -> Made:
    """Make something that no answer may double, as often as ``max_retries`` of the provider allows.

    The client repeats on its own what certainly did not happen. What comes here may have.

    Args:
        client: Has the settings.
        create: Makes the call; its problem is ``uncertain`` where it may have happened all the same.
        look: Looks for what such a call has made; None if it is certainly not there.
        not_made: Returns what to raise once the last call has made nothing either.

    Raises:
        Uncertain: it can't be told what was made.
        ApiProblem: nothing was made.
    """
    left = client.settings.max_retries
    while True:
        try:
            return await create()
        except ApiProblem as failed:
            if isinstance(failed, Uncertain) or not failed.uncertain:
                raise
            problem = failed
        found = await look(problem)
        if found is not None:
            return found
        if left == 0:
            raise not_made(problem)
        left -= 1


def strange(client: Client, request: Request, title: str, answered: str) -> ApiProblem:
    """Return the problem of a create whose answer does not tell what was made."""
    problem = ApiProblem(
        "strange",
        f"{capital(request.action)} failed: {title}",
        f"{request.method} {request.path} at {client.settings.origin} was answered with {answered}",
    )
    problem.uncertain = True
    return problem
