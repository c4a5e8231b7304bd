"""Somebody's endpoint: it keeps what it is told, and answers as it is set to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Listener:
    """An ASGI app."""

    status: int = 204
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    told: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        body, more = b"", True
        while more:
            part = await receive()
            body, more = body + part.get("body", b""), part.get("more_body", False)
        self.told.append(({name.decode(): value.decode() for name, value in scope["headers"]}, body))
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        await send({"type": "http.response.body", "body": b"" if self.status == 204 else b"nothing for you"})
