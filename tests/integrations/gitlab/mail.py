"""Deliveries as GitLab sends them, and what becomes of one."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.core.events import ChangeTouched
from bot.core.ids import ChangeRef, RepoRef
from bot.ports.inbound import Ignored, Malformed, Routed
from integrations.gitlab.inbound import Source, read_delivery

SAMPLES = Path(__file__).parent / "samples"
REPO = RepoRef("gitlab", "gitlab.com", "acme/web/shop")
HEAD = "5b1c" * 10
KEY = "5f0c0d0e-16f7-41f1-9e1b-3a1f0e8f2c11"
SOURCE = Source("gitlab.com", 9900)
NOW = datetime(2026, 1, 5, 9, 12, tzinfo=UTC)


def sample(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((SAMPLES / f"{name}.json").read_text())
    return loaded


def deliver(payload: object, source: Source = SOURCE, **headers: str) -> tuple[Routed, ...] | Ignored | Malformed:
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    told = {"X-Gitlab-Event": "Some Hook", "Idempotency-Key": KEY, **{n.replace("_", "-"): v for n, v in headers.items()}}
    return read_delivery({name: value for name, value in told.items() if value}, body, source, NOW)


def only(read: tuple[Routed, ...] | Ignored | Malformed) -> Routed:
    assert isinstance(read, tuple), read
    assert len(read) == 1
    return read[0]


def touched(number: int, reason: str, **more: str) -> ChangeTouched:
    return ChangeTouched(ChangeRef(REPO, number), reason, **{"head_sha": HEAD, "base_ref": "main", **more})
