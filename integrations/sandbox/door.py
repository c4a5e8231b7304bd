"""The way into a forge's stand-in: one ASGI application that tells API calls, git and everything else apart.

It knows what goes wrong on purpose, and writes everything down. Who calls, what a route does and how answers look is each
forge's; see the `Face` of either. Routes run in the server's own thread, one at a time under the world's lock: reading
memory and git's open process is quick, and a thread hop would cost more than most answers. Only git itself, which may take
its time, waits in another thread.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from integrations.sandbox.faults import Fault, Faults, LoggedCall
from integrations.sandbox.graphql.documents import operation as operation_of
from integrations.sandbox.stage import ForgeRefused
from integrations.sandbox.world import ForgeWorld

GRAPHQL = "/api/graphql"
Who = TypeVar("Who")


class GitOverHttp(Protocol):
    def answer(self, request: Request, body: bytes) -> Response: ...


class Door(ABC, Generic[Who]):
    """`Who` is a caller as the forge knows one; `nobody` is who shows no credentials."""

    rest: ClassVar[str]
    """What the path of a REST call begins with."""
    media: ClassVar[str]
    """What the forge calls its JSON."""

    def __init__(self, world: ForgeWorld, faults: Faults, git: GitOverHttp, nobody: Who) -> None:
        self._world = world
        self._faults = faults
        self._git = git
        self._nobody = nobody

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        body = await request.body()
        path = str(scope["path"])
        if path.startswith((f"{self.rest}/", GRAPHQL)):
            if self._faults.latency_s:
                await asyncio.sleep(self._faults.latency_s)
            response = self._api(request, path, body)
        elif ".git/" in path:
            response = await asyncio.to_thread(self._git.answer, request, body)
        else:
            response = self._on_site(request, path, body)
        await response(scope, receive, send)

    @abstractmethod
    def _caller(self, request: Request, path: str) -> Who:
        """Who calls. Refuses credentials that it does not know."""

    @abstractmethod
    def _spend(self, caller: Who, path: str) -> None:
        """Count the call. Refuses where the limit is used up."""

    @abstractmethod
    def _graph(self, body: bytes, caller: Who) -> dict[str, Any]:
        """The answer to a GraphQL document."""

    @abstractmethod
    def _route(self, request: Request, path: str, body: bytes, caller: Who) -> tuple[str, Response] | None:
        """The route's template and its answer; None where there is no such route."""

    def _page(self, request: Request, path: str, body: bytes) -> Response | None:  # noqa: ARG002 - for those that have any
        """What the site itself answers, beside both APIs and git: where people sign in. None where there is no such page."""
        return None

    @abstractmethod
    def _broken(self, fault: Fault) -> Response:
        """What was planned, else what the forge would say with that status."""

    @abstractmethod
    def _lost(self, method: str, path: str) -> Response:
        """What the forge says of a path it does not know."""

    @abstractmethod
    def _dressed(self, response: Response, caller: Who, path: str) -> Response:
        """The answer with the headers that all have."""

    def _api(self, request: Request, path: str, body: bytes) -> Response:
        """Answer one API request, whatever happens to it, and write it down."""
        short = "/graphql" if path == GRAPHQL else path.removeprefix(self.rest)
        operation = operation_of(body) if short == "/graphql" else ""
        fault = self._faults.take(request.method, short, operation)
        route, caller = short, self._nobody
        if fault and not fault.after:
            response = self._broken(fault)
        else:
            try:
                caller = self._caller(request, short)
                self._spend(caller, short)
                route, response = self._carried_out(request, short, body, caller)
            except ForgeRefused as refused:
                response = self._refused(refused, f"{request.method} {short}")
            except Exception as failed:  # a fault of the sandbox: recorded, and no 5xx, which clients would retry
                self._faults.log_unmodelled(f"{request.method} {short} failed: {failed!r}")
                response = self._json({"message": f"The sandbox failed: {failed!r}"}, 400)
            if fault:
                response = self._broken(fault)
        self._faults.log(LoggedCall(request.method, short, route, response.status_code, operation))
        return self._dressed(response, caller, short)

    def _on_site(self, request: Request, path: str, body: bytes) -> Response:
        """Answer a browser, or a client that asks the site and not the API. None of this is in the log of API calls."""
        if fault := self._faults.take(request.method, path):
            return self._broken(fault)
        with self._world.lock:
            return self._page(request, path, body) or self._unmodelled(request.method, path)

    def _carried_out(self, request: Request, path: str, body: bytes, caller: Who) -> tuple[str, Response]:
        if path == "/graphql":
            if request.method != "POST":
                return path, self._unmodelled(request.method, path)
            with self._world.lock:
                return path, self._json(self._graph(body, caller))
        raw = request.scope.get("raw_path", path.encode()).decode().split("?")[0].removeprefix(self.rest)
        with self._world.lock:
            return self._route(request, raw, body, caller) or (path, self._unmodelled(request.method, path))

    def _refused(self, refused: ForgeRefused, call: str) -> Response:  # noqa: ARG002 - a forge may write some calls down
        return self._json(refused.answer(), refused.status, refused.headers)

    def _unmodelled(self, method: str, path: str) -> Response:
        """What nobody knows here: answered, and written down."""
        self._faults.log_unmodelled(f"{method} {path}")
        return self._lost(method, path)

    def _json(self, body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
        raw = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        return Response(raw, status, dict(headers or {}), self.media)


def unless_known(request: Request, response: Response, digits: int) -> Response:
    """The answer with its ETag, of so many digits; 304 where the client has it already."""
    tag = f'W/"{hashlib.sha256(bytes(response.body)).hexdigest()[:digits]}"'
    response.headers["ETag"] = tag
    if tag in (each.strip() for each in request.headers.get("if-none-match", "").split(",")):
        return Response(status_code=304, headers={"ETag": tag})
    return response
