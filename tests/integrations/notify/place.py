"""Some service that takes JSON, as Apprise sends it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

TOKEN = "s3cr3t-t0ken"


@dataclass
class Place:
    """It keeps what it is told, and answers as it is set to."""

    status: int = 200
    told: list[tuple[str, bytes]] = field(default_factory=list)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        body, more = b"", True
        while more:
            part = await receive()
            body, more = body + part.get("body", b""), part.get("more_body", False)
        self.told.append((scope["path"], body))
        await send({"type": "http.response.start", "status": self.status, "headers": []})
        await send({"type": "http.response.body", "body": b""})
