"""Storing deliveries while their senders wait: callers that come together share one transaction.

Whoever gets the turn stores what everybody has queued by then; the others find their answer when their turn comes. A burst
costs a few commits instead of hundreds, and each caller returns only after the commit that holds its row.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass

from bot.ports.errors import Unavailable
from storage.database import Database
from storage.jobs import add_jobs

BATCH = 500


@dataclass(slots=True, eq=False)
class _Waiting:
    row: dict[str, object]
    stored: bool | None = None
    error: Exception | None = None


class Intake:
    """The way in for events."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._queue: deque[_Waiting] = deque()
        self._turn = threading.Lock()

    def store(self, row: dict[str, object]) -> bool:
        """Durable when this returns. False: its dedupe key was stored before."""
        waiting = _Waiting(row)
        self._queue.append(waiting)
        with self._turn:
            while waiting.stored is None and waiting.error is None:
                self._store_all([self._queue.popleft() for _ in range(min(BATCH, len(self._queue)))])
        if waiting.error is not None:
            raise type(waiting.error)(str(waiting.error)) from waiting.error
        return bool(waiting.stored)

    def _store_all(self, batch: list[_Waiting]) -> None:
        try:
            new = self._commit([waiting.row for waiting in batch])
        except Exception as error:
            self._blame(batch, error)
            return
        for waiting in batch:
            key = str(waiting.row["dedupe_key"])
            waiting.stored = key in new
            new.discard(key)  # a second delivery in the same batch is a duplicate

    def _commit(self, rows: list[dict[str, object]]) -> set[str]:
        try:
            return self._insert(rows)
        except Unavailable:
            if not self._database.shared:
                raise
            return self._insert(rows)  # a server that restarted leaves dead connections behind; the next one is new

    def _insert(self, rows: list[dict[str, object]]) -> set[str]:
        with self._database.write() as connection:
            new = add_jobs(connection, rows)
            connection.commit()
            return new

    def _blame(self, batch: list[_Waiting], error: Exception) -> None:
        """Nothing of the batch was stored. What only one row is guilty of, the others do not pay for."""
        if len(batch) == 1 or isinstance(error, Unavailable):
            for waiting in batch:
                waiting.error = error
        else:
            for waiting in batch:
                self._store_all([waiting])
