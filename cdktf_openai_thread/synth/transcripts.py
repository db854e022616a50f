"""What a thread starts with, from a file that ``openai-thread export`` wrote."""

from collections.abc import Mapping
from os import PathLike
from typing import Any

from cdktf_openai_thread.errors import ConfigurationError
from provider_shim.contract.check import Problem
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
    config: dict[str, Any] = {"messages": [_message(each, where) for each in messages]}
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


def _message(message: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Return the message as the contract has it; files of a part become attachments where it has no parts."""
    known = ThreadMessages.__annotations__
    if "parts" in known or "parts" not in message:
        return {name: value for name, value in message.items() if name in known}
    texts = [part["text"] for part in message["parts"] if part.get("type") == "text"]
    files = [
        part["file_id"] for part in message["parts"] if part.get("type") == "file" and part.get("file_id")
    ]
    if not texts or len(texts) + len(files) != len(message["parts"]):
        raise _refused(
            where,
            "a message of the file has a part that is neither text nor an uploaded file. Take it out of the "
            "file, or make the thread with openai-thread seed.",
        )
    attachments = [*message.get("attachments", ()), *({"file_id": one} for one in files)]
    kept = {name: value for name, value in message.items() if name in known}
    return {**kept, "content": "\n".join(texts), **({"attachments": attachments} if attachments else {})}


def _refused(where: str, detail: str) -> ConfigurationError:
    return ConfigurationError(where, [Problem((), "Not a transcript", detail)])
