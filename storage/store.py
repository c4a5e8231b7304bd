"""The store: implements `bot.ports.store.Store` on SQLite and PostgreSQL.

Opening it brings the database up to date. Everything it raises is a `bot.ports.errors.WorldError`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TypeVar

from sqlalchemy import Connection

from bot.core.events import Event
from bot.ports.clock import Clock
from bot.ports.errors import Conflict
from bot.ports.store import Backlog, Delivery, Job, Unit
from storage.backlog import prune, read_backlog
from storage.database import open_database
from storage.deliveries import claim_delivery, drop_delivery, finish_delivery, release_deliveries, retry_delivery
from storage.intake import Intake
from storage.jobs import claim_job, finish_job, job_row, release_jobs, retry_job
from storage.leases import Leases
from storage.migrate import upgrade_database
from storage.unit import SqlUnit

T = TypeVar("T")
RACES = 8
"""How often a claim may lose the race for its lane to another replica before it says that nothing is free."""


class SqlStore:
    """State, inbox and outbox in one database."""

    def __init__(self, url: str, clock: Clock) -> None:
        self._clock = clock
        self._database = open_database(url)
        try:
            upgrade_database(self._database)
        except BaseException:
            self._database.close()
            raise
        self._intake = Intake(self._database)
        self._leases = Leases(self._database, clock)
        self._wakes: tuple[Callable[[int, int], None], ...] = ()

    @contextmanager
    def begin(self, durable: bool = True) -> Iterator[Unit]:
        """One transaction. On SQLite it is the only one that writes, so keep it short and wait for nothing inside."""
        with self._database.write(durable) as connection:
            unit = SqlUnit(connection)
            yield unit
        if unit.committed and (unit.stored_jobs or unit.stored_actions):
            self._wake(unit.stored_jobs, unit.stored_actions)

    @contextmanager
    def look(self) -> Iterator[Unit]:
        """A unit that only reads: it waits for no writer, and what it would change is undone."""
        with self._database.read() as connection:
            yield SqlUnit(connection)

    def accept(self, event: Event, lane: str, dedupe_key: str) -> bool:
        """Store one event durably before this returns; many callers share one transaction. False: seen before."""
        new = self._intake.store(job_row(event, lane, dedupe_key, self._clock.now()))
        if new:
            self._wake(1, 0)
        return new

    def claim_job(self, worker: str) -> Job | None:
        """The oldest due job of a lane nobody works on, with the pending `ChangeTouched` of that lane."""
        now = self._clock.now()
        until = self._leases.until(worker, now)
        self._leases.expire(now)
        return self._race(lambda connection: claim_job(connection, worker, now, until))

    def finish_job(self, job: Job) -> None:
        self._note(lambda connection: finish_job(connection, job, self._clock.now()))

    def retry_job(self, job: Job, error: str, after_s: float) -> None:
        """Put it back for later; after too many attempts it is kept as dead."""
        self._note(lambda connection: retry_job(connection, job, error, self._clock.now(), after_s))

    def claim_delivery(self, worker: str, lane_prefix: str) -> Delivery | None:
        """The oldest due action of a lane that begins so and that nobody delivers for."""
        now = self._clock.now()
        until = self._leases.until(worker, now)
        self._leases.expire(now)
        return self._race(lambda connection: claim_delivery(connection, worker, lane_prefix, now, until))

    def finish_delivery(self, delivery: Delivery, external_id: str | None) -> None:
        """It is shown as `external_id`: durably, because a forgotten id is a card posted twice."""
        with self._database.write() as connection:
            finish_delivery(connection, delivery, external_id, self._clock.now())
            connection.commit()

    def retry_delivery(self, delivery: Delivery, error: str, after_s: float) -> None:
        self._note(lambda connection: retry_delivery(connection, delivery, error, self._clock.now(), after_s))

    def drop_delivery(self, delivery: Delivery, error: str) -> None:
        self._note(lambda connection: drop_delivery(connection, delivery, error))

    def inherit(self, worker_prefix: str) -> int:
        """At a start: give back what the dead held, by name where others may live, all of it where nobody else can."""
        return self.release(worker_prefix if self._database.shared else "")

    def release(self, worker_prefix: str) -> int:
        """Give back what workers so named held when their process died. Returns how many claims."""
        now = self._clock.now()
        with self._database.write(durable=False) as connection:
            released = release_jobs(connection, worker_prefix, now) + release_deliveries(connection, worker_prefix)
            connection.commit()
            return released

    def renew_leases(self) -> None:
        """Every claim of this process holds for another minute. A thread of the store does this by itself."""
        self._leases.renew()

    def on_work(self, wake: Callable[[int, int], None]) -> None:
        """Call `wake(jobs, actions)` after each commit of this process that stored so many."""
        self._wakes = (*self._wakes, wake)

    def backlog(self) -> Backlog:
        with self._database.read() as connection:
            return read_backlog(connection)

    def prune(self, older_than: timedelta) -> int:
        """Delete what is over and older than this, but never the memory of a delivery of the last seven days."""
        now = self._clock.now()
        with self._database.write(durable=False) as connection:
            deleted = prune(connection, now, older_than)
            connection.commit()
            return deleted

    def close(self) -> None:
        """Let go of every connection. Claims stay, as they would if the process were killed."""
        self._leases.stop()
        self._database.close()

    def _wake(self, jobs: int, actions: int) -> None:
        for wake in self._wakes:
            wake(jobs, actions)

    def _note(self, work: Callable[[Connection], None]) -> None:
        with self._database.write(durable=False) as connection:
            work(connection)
            connection.commit()

    def _race(self, claim: Callable[[Connection], T | None]) -> T | None:
        """Claim in a transaction. The unique index on lanes tells the slower of two replicas to look for another lane."""
        for _ in range(RACES):
            try:
                with self._database.write(durable=False) as connection:
                    claimed = claim(connection)
                    if claimed is not None:
                        connection.commit()
                    return claimed
            except Conflict:
                continue
        return None
