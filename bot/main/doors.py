"""Where forges' deliveries arrive. Verify, store, answer: a delivery answered 2xx is in the database."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import structlog

from bot.core.ids import ForgeName
from bot.handlers.change import matters
from bot.ports.errors import Unavailable
from bot.ports.forge import Forge
from bot.ports.inbound import Ignored, Malformed, Routed
from bot.ports.store import Store
from bot.web.app import Answer, Receiver

log = structlog.get_logger()
BUSY = {"retry-after": "30"}
Headers = Mapping[str, str]
"""By name in small letters."""


@dataclass(frozen=True, slots=True)
class Door:
    """One host of a forge, connected: its port, and how what arrives at `path` is believed and read."""

    key: tuple[ForgeName, str]
    forge: Forge
    path: str
    verify: Callable[[Headers, bytes], str | None]
    """What is wrong with who sent it; nothing where it is really the forge."""
    read: Callable[[Headers, bytes], tuple[Routed, ...] | Ignored | Malformed]
    close: Callable[[], None]


def receiver_of(door: Door, store: Store) -> Receiver:
    """What answers at the door. Another host's secret does not open it, whatever the body says of where it comes from."""

    def receive(headers: Headers, body: bytes) -> Answer:
        problem = door.verify(headers, body)
        if problem:
            log.warning("delivery refused", path=door.path, problem=problem)
            return Answer(401, f"{problem}\n")
        read = door.read(headers, body)
        if isinstance(read, Malformed):
            return Answer(400, f"{read.problem}\n")
        if isinstance(read, Ignored):
            return Answer(202, f"ignored: {read.reason}\n")
        wanted = [routed for routed in read if matters(routed.event)]
        if not wanted:
            return Answer(202, "ignored: a push that touches neither policy nor owners\n")
        try:
            fresh = [store.accept(event, lane, key) for event, lane, key in wanted]
        except Unavailable:
            return Answer(503, "could not store the delivery; nothing was kept; send it again\n", BUSY)
        return Answer(202, "stored\n" if any(fresh) else "seen before\n")

    return receive
