"""What a thread starts with, from a file that ``openai-thread export`` wrote."""

from collections.abc import Mapping
from os import PathLike
from typing import Any

from cdktf_openai_thread.errors import ConfigurationError
from provider_shim.contract.check import Problem
from provider_shim.contract.parts import joined
from provider_shim.contract.thread import ThreadMessages
from provider_shim.contract.transcript import Transcript, TranscriptError, read


def beginning(path: str | PathLike[str], thread: str | None, where: str) -> tuple[dict[str, Any], int]:
    """Return metadata and messages of a thread, and how many items it has that no thread can start with.

    Args:
        path: The file.
        thread: The id of the thread in the file; None where it holds one.
        where: What an error calls the construct.

    Raises:
        ConfigurationError: The file can't be read, is no transcript, or holds no such thread.
    """
    try:
        found = read(path)
    except OSError as problem:
        raise _refused(where, f"{path} can't be read: {problem.strerror}.") from None
    except TranscriptError as problem:
        raise _refused(where, f"{problem}") from None
    chosen = _chosen(found, thread, path, where)
    messages = chosen.messages()
    config: dict[str, Any] = {"messages": [_message(each) for each in messages]}
    if chosen.metadata:
        config["metadata"] = chosen.metadata
    return config, len(chosen.entries) - len(messages)


def _chosen(found: list[Transcript], thread: str | None, path: str | PathLike[str], where: str) -> Transcript:
    if thread is None and len(found) == 1:
        return found[0]
    for transcript in found:
        if thread is not None and transcript.id == thread:
            return transcript
    ids = ", ".join(str(transcript.id) for transcript in found)
    asked = "holds several threads" if thread is None else f"holds no thread {thread}"
    raise _refused(where, f"{path} {asked}. Name one of them with thread=: {ids}.")


def _message(message: Mapping[str, Any]) -> dict[str, Any]:
    """Return the message as the contract has it; texts of the assistant, which has one, as one."""
    known = ThreadMessages.__annotations__
    kept = {name: value for name, value in message.items() if name in known}
    parts = kept.get("parts")
    if parts and kept["role"] == "assistant" and all(each.get("type") == "text" for each in parts):
        del kept["parts"]
        kept["content"] = joined(parts)
    return kept


def _refused(where: str, detail: str) -> ConfigurationError:
    return ConfigurationError(where, [Problem((), "Not a transcript", detail)])
