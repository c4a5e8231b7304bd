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


class WallClock(FakeClock):
    """The machine's own time, for a sandbox that a person plays with."""

    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251 - this is a clock

    def advance(self, by: timedelta) -> None:
        raise ValueError(f"nobody moves this clock, not even by {by}")
