"""Deliveries as GitHub sends them, and what becomes of one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bot.core.events import ChangeTouched
from bot.core.ids import ChangeRef, RepoRef
from bot.ports.inbound import Ignored, Malformed, Routed
from integrations.github.inbound import Source, read_delivery

SAMPLES = Path(__file__).parent / "samples"
REPO = RepoRef("github", "github.com", "acme/shop")
HEAD = "5b1c" * 10
DELIVERY = "5f0c0d0e-16f7-11f1-9e1b-3a1f0e8f2c11"
SOURCE = Source("github.com", "llmgate[bot]")


def sample(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((SAMPLES / f"{name}.json").read_text())
    return loaded


def deliver(event: str, payload: object, source: Source = SOURCE) -> tuple[Routed, ...] | Ignored | Malformed:
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return read_delivery({"X-GitHub-Event": event, "X-GitHub-Delivery": DELIVERY}, body, source)


def only(read: tuple[Routed, ...] | Ignored | Malformed) -> Routed:
    assert isinstance(read, tuple), read
    assert len(read) == 1
    return read[0]


def touched(number: int, reason: str, **more: str) -> ChangeTouched:
    return ChangeTouched(ChangeRef(REPO, number), reason, **more)
