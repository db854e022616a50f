"""Does what the embedded API can't: merges, adds to or tidies metadata, counts late, lists oldest first.

A server of /files and /vector_stores in memory, for the servers that do so. Files named bad-* can't be
indexed, busy-* never are. What it does to metadata and when it counts: see ``Storage``.
"""

import itertools
import time
from typing import TYPE_CHECKING, Any, Final, Literal

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Object = dict[str, Any]
SERVERS_OWN: Final = {"provider_id": "faiss", "embedding_model": "m", "embedding_dimension": "8", "v": "1"}


class Storage:
    """What is kept.

    Args:
        polls: How often a store is read until its files are indexed.
        kind: Whether an update ``"merges"`` metadata, a null taking a key out, or ``"replaces"`` it.
            ``"adds"`` replaces, keeps four keys of its own in each store, and loses a store without them.
            ``"tidies"`` replaces, and takes blanks off the ends of names and values.
        lag: How often a store is read after files were added until it counts them.
        adds: Metadata that the server adds to each store when it is made.
    """

    def __init__(
        self,
        polls: int = 1,
        kind: Literal["merges", "replaces", "adds", "tidies"] = "merges",
        lag: int = 0,
        adds: "Mapping[str, str] | None" = None,
    ) -> None:
        self._kind = kind
        self._lag = lag
        self.files: dict[str, Object] = {}
        self.stores: dict[str, Object] = {}
        self.content: dict[str, bytes] = {}
        self.batches: list[int] = []
        self.updates: list[Object] = []
        self._polls = polls
        self._adds = adds or {}
        self.keep_name: Callable[[str], str] = lambda name: name
        """What the server makes of the name between the quotes of the header."""
        self.newest_first = True
        """Whether the list of files heeds order=desc."""
        self._numbers = itertools.count(1)
        self.app = Starlette(
            routes=[
                Route("/v1/files", self._files, methods=["GET", "POST"]),
                Route("/v1/files/{id}", self._file, methods=["GET", "DELETE"]),
                Route("/v1/vector_stores", self._stores, methods=["GET", "POST"]),
                Route("/v1/vector_stores/{id}", self._store, methods=["GET", "POST", "DELETE"]),
                Route("/v1/vector_stores/{id}/files", self._store_files, methods=["GET"]),
                Route("/v1/vector_stores/{id}/files/{file}", self._store_file, methods=["DELETE"]),
                Route("/v1/vector_stores/{id}/file_batches", self._batch, methods=["POST"]),
            ]
        )

    async def _files(self, request: Request) -> Response:
        if request.method == "GET":
            files = self.files if self.newest_first else dict(reversed(self.files.items()))
            return _page(request, files)
        body = await request.body()
        boundary = b"--" + request.headers["content-type"].partition("boundary=")[2].encode()
        fields = {}
        for part in body.split(boundary)[1:-1]:
            head, _, value = part[2:-2].partition(b"\r\n\r\n")
            name = head.partition(b'name="')[2].partition(b'"')[0].decode()
            fields[name] = value
            if name == "file":
                filename = self.keep_name(head.partition(b'filename="')[2].partition(b'"')[0].decode())
        made = self._made("file", object="file", bytes=len(fields["file"]), filename=filename)
        made |= {"purpose": fields["purpose"].decode(), "status": "processed"}
        if "expires_after[seconds]" in fields:
            made["expires_at"] = made["created_at"] + int(fields["expires_after[seconds]"])
        self.files[made["id"]] = made
        self.content[made["id"]] = fields["file"]
        return JSONResponse(made)

    async def _file(self, request: Request) -> Response:
        return _single(request, self.files, "No such File object: {}")

    async def _stores(self, request: Request) -> Response:
        if request.method == "GET":
            return _page(request, {key: self._counted(store) for key, store in self.stores.items()})
        made = self._made("vs", **{"name": None, "metadata": {}, **self._tidied(await request.json())})
        made |= {"status": "completed", "files": {}, "reads": 0, "counted": {}}
        made["metadata"] |= SERVERS_OWN if self._kind == "adds" else {}
        made["metadata"] |= self._adds
        self.stores[made["id"]] = made
        return JSONResponse(self._counted(made))

    async def _store(self, request: Request) -> Response:
        store = self.stores.get(request.path_params["id"])
        if store and request.method == "POST":
            changes = self._tidied(await request.json())
            self.updates.append(changes)
            if (given := changes.pop("metadata", None)) is not None:
                merged = {**(store["metadata"] if self._kind == "merges" else {}), **given}
                store["metadata"] = {key: value for key, value in merged.items() if value is not None}
            if self._kind == "adds" and not SERVERS_OWN.keys() <= store["metadata"].keys():
                del self.stores[store["id"]]
            store |= changes
        if store and request.method != "DELETE":
            store["reads"] += 1
            return JSONResponse(self._counted(store))
        return _single(request, self.stores, "Vector store with id '{}' not found.")

    async def _batch(self, request: Request) -> Response:
        ids = (await request.json())["file_ids"]
        self.batches.append(len(ids))
        store = self.stores[request.path_params["id"]]
        store["counted"] = dict(store["files"])
        store["files"] |= dict.fromkeys(ids)
        store["reads"] = 0
        return JSONResponse(self._made("vsfb", object="vector_store.file_batch", status="in_progress"))

    async def _store_files(self, request: Request) -> Response:
        store, wanted = self.stores.get(request.path_params["id"]), request.query_params.get("filter")
        if store is None:
            return _absent("Vector store with id '{}' not found.", request.path_params["id"])
        found = {each: self._indexed(store, each) for each in store["files"]}
        return _page(request, {k: v for k, v in found.items() if wanted in (None, v["status"])})

    async def _store_file(self, request: Request) -> Response:
        files = self.stores[request.path_params["id"]]["files"]
        if request.path_params["file"] in files:
            del files[request.path_params["file"]]
            return JSONResponse({"id": request.path_params["file"], "deleted": True})
        return _absent("No file found with id '{}' in vector store.", request.path_params["file"])

    def _tidied(self, given: Object) -> Object:
        if self._kind != "tidies":
            return given
        pairs = {key: value and value.strip() for key, value in (given.get("metadata") or {}).items()}
        name = {"name": given["name"].strip()} if given.get("name") else {}
        return {**given, **name, **({"metadata": pairs} if "metadata" in given else {})}

    def _made(self, prefix: str, **members: Any) -> Object:
        return {"id": f"{prefix}-{next(self._numbers)}", "created_at": int(time.time()), **members}

    def _indexed(self, store: Object, identifier: str) -> Object:
        done = store["reads"] > self._polls and not identifier.startswith("busy-")
        bad = identifier.startswith("bad-")
        problem = {"code": "unsupported_file", "message": "no text in it"} if done and bad else None
        status = "in_progress" if not done else "failed" if bad else "completed"
        return {"id": identifier, "status": status, "last_error": problem}

    def _states(self, store: Object) -> list[str]:
        return [self._indexed(store, each)["status"] for each in store["files"]]

    def _counted(self, store: Object) -> Object:
        lags = 0 < store["reads"] <= self._lag
        states = ["completed"] * len(store["counted"]) if lags else self._states(store)
        names = ("in_progress", "completed", "failed", "cancelled")
        counts = {name: states.count(name) for name in names} | {"total": len(states)}
        status = "in_progress" if counts["in_progress"] else "completed"
        return {k: v for k, v in store.items() if k not in ("files", "reads", "counted")} | {
            "file_counts": counts,
            "status": status,
        }


def _page(request: Request, objects: dict[str, Object]) -> Response:
    query = request.query_params
    ids = list(objects)[:: -1 if query.get("order") == "desc" else 1]
    start = ids.index(query["after"]) + 1 if "after" in query else 0
    page = ids[start : start + int(query.get("limit", "20"))]
    more = start + len(page) < len(ids)
    return JSONResponse({"data": [objects[each] for each in page], "has_more": more})


def _single(request: Request, objects: dict[str, Object], absent: str) -> Response:
    identifier = request.path_params["id"]
    if identifier not in objects:
        return _absent(absent, identifier)
    if request.method == "DELETE":
        del objects[identifier]
        return JSONResponse({"id": identifier, "deleted": True})
    return JSONResponse(objects[identifier])


def _absent(words: str, identifier: str) -> Response:
    problem = {
        "message": words.format(identifier),
        "type": "invalid_request_error",
        "param": None,
        "code": None,
    }
    return JSONResponse({"error": problem}, status_code=404)
