"""Leases: how replicas that share a database notice that one of them died.

A claim holds for a minute, and a living process renews its claims three times in that. Where only this process works on the
database (SQLite), claims have no end: the next start gives them back.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, update

from bot.ports.clock import Clock
from bot.ports.errors import WorldError
from storage.database import Database
from storage.deliveries import expire_deliveries
from storage.jobs import expire_jobs
from storage.rows import CLAIMED
from storage.tables import JOBS, OUTBOX

LEASE = timedelta(seconds=60)
RENEW_S = 20.0
EXPIRE_EVERY = timedelta(seconds=5)

_renew = tuple(
    update(table)
    .where(table.c.state == CLAIMED, table.c.worker.in_(bindparam("workers", expanding=True)))
    .values(claimed_until=bindparam("until"))
    for table in (JOBS, OUTBOX)
)


class Leases:
    """Ends of claims: given, renewed by a thread of its own, and taken from the dead."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._workers: set[str] = set()
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._look_at: datetime | None = None

    def until(self, worker: str, now: datetime) -> datetime | None:
        """When a claim made now ends; None: never."""
        if not self._database.shared:
            return None
        if worker not in self._workers:
            with self._lock:
                self._workers = self._workers | {worker}
                self._start()
        return now + LEASE

    def _start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._keep, name="leases", daemon=True)
            self._thread.start()

    def _keep(self) -> None:
        while not self._stop.wait(RENEW_S):
            try:
                self.renew()
            except WorldError:
                continue  # the database is away: the leases run on, and the next round tries again

    def renew(self) -> None:
        """Every claim of this process holds for another minute."""
        values = {"workers": sorted(self._workers), "until": self._clock.now() + LEASE}
        self._write(lambda connection: [connection.execute(statement, values) for statement in _renew])

    def expire(self, now: datetime) -> None:
        """Now and then, give back what the dead held."""
        if not self._database.shared or (self._look_at is not None and now < self._look_at):
            return
        self._look_at = now + EXPIRE_EVERY
        self._write(lambda connection: (expire_jobs(connection, now), expire_deliveries(connection, now)))

    def _write(self, work: Callable[[Connection], object]) -> None:
        with self._database.write(durable=False) as connection:
            work(connection)
            connection.commit()

    def stop(self) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
