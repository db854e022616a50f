"""The style sheet and the icon, which a browser keeps: their address changes with their content."""

import hashlib
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

_FOLDER: Final = Path(__file__).parent
_KINDS: Final = {"page.css": "text/css", "icon.svg": "image/svg+xml"}
_CONTENT: Final = {name: (_FOLDER / name).read_bytes() for name in _KINDS}

PATH: Final = "/assets/{digest}/{name}"


def _address(name: str) -> str:
    return PATH.format(digest=hashlib.sha256(_CONTENT[name]).hexdigest()[:12], name=name)


STYLE: Final = _address("page.css")
ICON: Final = _address("icon.svg")


async def asset(request: Request) -> Response:
    """Answer with the asset of that name; an outdated address gets the present one."""
    name = request.path_params["name"]
    if name not in _KINDS:
        return Response("There is no such asset.\n", 404, media_type="text/plain")
    return Response(
        _CONTENT[name],
        media_type=_KINDS[name],
        headers={
            "cache-control": "private, max-age=31536000, immutable",
            # An image that is opened by itself is a document: it may do nothing either.
            "content-security-policy": "default-src 'none'",
            "x-content-type-options": "nosniff",
        },
    )
