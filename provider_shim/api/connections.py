"""What the HTTP library does not say of a connection by itself: what went out, and what is left in it."""

from typing import Any, Final

import httpx2

_SENT: Final = "openai_thread_sent"
"""Of a request's extensions: whether any of it went to the API itself."""
_BUFFER: Final = ("_stream", "_httpcore_stream", "_stream", "_connection", "_h11_state")
"""The way from a response's stream to what has read its connection; a test holds it."""


async def watch_sending(request: httpx2.Request) -> None:
    """Note when a request itself is sent: before, a proxy is only asked for a way to the API."""
    request.extensions[_SENT] = False

    async def trace(event: str, info: dict[str, Any]) -> None:
        if event.endswith("send_request_headers.started") and info["request"].method != b"CONNECT":
            request.extensions[_SENT] = True

    request.extensions["trace"] = trace


def never_sent(request: httpx2.Request) -> bool:
    """Return whether nothing of a request was sent; False where that was not watched."""
    return not request.extensions.get(_SENT, True)


async def close_if_more(response: httpx2.Response) -> None:
    """Close a connection that has more than its answer, which the next call would take for its own.

    Some servers give a 204 a body, or count characters as the length of a body instead of bytes.
    """
    buffer: Any = response.stream
    for name in _BUFFER:
        buffer = getattr(buffer, name, None)
    if buffer is not None and buffer.trailing_data[0]:
        await response.extensions["network_stream"].aclose()
