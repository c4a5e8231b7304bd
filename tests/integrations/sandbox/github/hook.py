"""A webhook receiver that keeps what it got and answers as told."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from integrations.sandbox.serve import Served


@dataclass(slots=True)
class Received:
    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> str:
        return self.headers["x-github-event"]

    @property
    def payload(self) -> dict[str, Any]:
        loaded: dict[str, Any] = json.loads(self.body)
        return loaded

    @property
    def name(self) -> str:
        action = self.payload.get("action")
        return f"{self.event}.{action}" if action else self.event


@dataclass(slots=True)
class Hook:
    status: int = 202
    received: list[Received] = field(default_factory=list)
    url: str = ""
    _served: Served | None = None

    def start(self) -> None:
        self._served = Served(self._answer)
        self.url = f"{self._served.url}/hook"

    def close(self) -> None:
        if self._served:
            self._served.close()

    @property
    def names(self) -> list[str]:
        return [each.name for each in self.received]

    def last(self, name: str) -> dict[str, Any]:
        return next(each.payload for each in reversed(self.received) if each.name == name)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        self.received.append(Received(dict(request.headers), await request.body()))
        await Response(status_code=self.status)(scope, receive, send)
