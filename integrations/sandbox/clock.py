"""A clock that moves when a test says so."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta


class FakeClock:
    """Implements `bot.ports.clock.Clock`. Starts on a Tuesday morning, UTC."""

    def __init__(self, start: datetime = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)) -> None:
        self._now = start
        self._lock = threading.Lock()

    def now(self) -> datetime:
        with self._lock:
            return self._now

    def advance(self, by: timedelta) -> None:
        if by < timedelta():
            raise ValueError(f"time moves forward only, not by {by}")
        with self._lock:
            self._now += by
