"""Kills a replica in the middle of a statement: what it had not committed is gone, as when a machine loses its power."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, event


class Killed(BaseException):
    """Nobody catches it but the simulation."""


class Killer:
    """Counts the statements of the replica it aims at, and strikes at the one it was told."""

    def __init__(self) -> None:
        self._aim: int | None = None
        self._target: int | None = None
        self._left = 0
        self._thread = threading.get_ident()
        event.listen(Engine, "before_cursor_execute", self._heard)

    def close(self) -> None:
        event.remove(Engine, "before_cursor_execute", self._heard)

    def arm(self, replica: int, statements: int) -> None:
        """Strike at that replica's statement of this number, counted from now."""
        self._target, self._left = replica, statements

    @contextmanager
    def aiming_at(self, replica: int) -> Iterator[None]:
        """What runs inside, on this thread, runs as that replica."""
        self._aim = replica
        try:
            yield
        finally:
            self._aim = None

    def _heard(self, *_: object) -> None:
        if self._target is None or self._aim != self._target or threading.get_ident() != self._thread:
            return
        self._left -= 1
        if self._left <= 0:
            self._target = None
            raise Killed
