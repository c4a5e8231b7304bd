"""The way into a forge's stand-in: one ASGI application that tells API calls, git and everything else apart."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from typing import ClassVar, Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from integrations.sandbox.faults import Faults

GRAPHQL = "/api/graphql"


class GitOverHttp(Protocol):
    def answer(self, request: Request, body: bytes) -> Response: ...


class Door(ABC):
    """API calls are answered in the server's own thread, git in another: it may take its time."""

    rest: ClassVar[str]
    """What the path of a REST call begins with."""

    def __init__(self, faults: Faults, git: GitOverHttp) -> None:
        self._faults = faults
        self._git = git

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
            response = self._unmodelled(request.method, path)
        await response(scope, receive, send)

    @abstractmethod
    def _api(self, request: Request, path: str, body: bytes) -> Response:
        """Answer one API request, whatever happens to it, and write it down."""

    @abstractmethod
    def _unmodelled(self, method: str, path: str) -> Response:
        """What nobody knows here: answered, and written down."""
