"""What answers a response, chosen by one word: ``echo``, a script's file, or an engine's URL."""

import os
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import urlsplit

from provider_shim.local.responses import DEFAULT
from provider_shim.local.responses.echo import Echo
from provider_shim.local.responses.errors import ModelError
from provider_shim.local.responses.pieces import Piece
from provider_shim.local.responses.turn import Turn

__all__ = ["Model", "ModelError", "chosen"]

SCRIPTS: Final = (".yaml", ".yml", ".json")


class Model(Protocol):
    """Something that answers requests."""

    name: str
    """What a response is said to come from where the request names no model."""
    hosted_tools: bool
    """Whether it may be asked with tools that only OpenAI has."""

    def answer(self, turn: Turn) -> AsyncGenerator[Piece, None]:
        """Yield the answer to a request; what is raised before the first piece answers the request."""
        ...

    async def names(self) -> list[str]:
        """Return the models that it answers as."""
        ...

    async def close(self) -> None:
        """Let go of what it holds."""
        ...


def chosen(model: str | os.PathLike[str]) -> Model:
    """Return the model that a word names.

    Args:
        model: ``echo``; the path of a script, which ends in .yaml, .yml or .json; or the URL of an
            engine, with the name of its model behind a ``#``.

    Raises:
        ModelError: There is no such model, or the script can't be read.
    """
    word = os.fspath(model)
    if word == DEFAULT:
        return Echo()
    if urlsplit(word).scheme in {"http", "https"}:
        from provider_shim.local.responses.engine import engine  # noqa: PLC0415 - only where one is asked for

        return engine(word)
    if word.endswith(SCRIPTS):
        from provider_shim.local.responses.script import Script  # noqa: PLC0415 - as above

        return Script.read(Path(word))
    raise ModelError(
        f'The model is "{word}". Allowed: "{DEFAULT}", the path of a script (.yaml), or the URL of an '
        'engine, for example "http://127.0.0.1:11434/v1#llama3.2".'
    )
