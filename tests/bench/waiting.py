"""A thousand open requests and a hundred thousand, on one database, in turn: what a tick costs in which a hundred come due."""

from __future__ import annotations

import gc
import random
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, insert, make_url

from bot.core.attendance import Assignment
from bot.core.escalation.model import Chain, ChainStep, Deed, Escalation, Reminder
from bot.core.evaluate import evaluate
from bot.core.ids import ChangeRef, PersonId
from bot.handlers.escalation.ticks import ESCALATE, Ticks
from bot.ports.store import ChangeRecord
from integrations.sandbox.clock import FakeClock
from storage.assignments import assignment_row
from storage.codec import dump
from storage.database import open_database
from storage.escalation_tables import ASSIGNMENTS, ESCALATIONS, REMINDERS
from storage.escalations import escalation_row
from storage.migrate import upgrade
from storage.reminders import reminder_row
from storage.store import SqlStore
from storage.tables import REQUESTS
from tests.bench.rows import Row, said
from tests.bench.turns import Timed
from tests.core.build import facts
from tests.handlers.errands import house
from tests.postgres import PostgresServer
from tests.storage.material import SHOP, request
from tests.storage.test_records import counted

FEW, MANY, DUE = 1_000, 100_000, 100
ROUNDS, WARM = 21, 3
PEOPLE = 300
AT_ONCE = 5_000
SEED = 20_26
SEAT = "anyone"
CHAIN = Chain(steps=(ChainStep(240, "nudge"), ChainStep(480, "widen")))
DEEDS: tuple[Deed, ...] = ("nudge", "widen")
"""One needs what is on the row, the other also what was last known of the change."""
LIMITS: Mapping[Deed, str] = {"nudge": "statements; the commit", "widen": "reading the last facts; a line in each thread"}
GROWS = "1.3 times"
SOON = timedelta(days=3)
"""When the first of those comes due that are in no tick here."""


@dataclass
class Queue:
    """So many requests, each with a channel, a seat that waits, somebody asked, and a reminder told long ago."""

    url: str
    size: int
    folder: Path
    clock: FakeClock = field(default_factory=FakeClock)
    chosen: random.Random = field(default_factory=lambda: random.Random(SEED))
    """The same in each run."""

    def __post_init__(self) -> None:
        upgrade(self.url)
        database = open_database(self.url)
        with database.write() as connection:
            for first in range(0, self.size, AT_ONCE):
                _fill(connection, range(first, min(first + AT_ONCE, self.size)), self.clock.now())
            if database.dialect == "postgresql":
                connection.exec_driver_sql("ANALYZE")  # which the server does by itself in time
            connection.commit()
        database.close()  # SQLite then writes its log into the file
        self.store = SqlStore(self.url, self.clock)
        self.ticks = Ticks(house(self.store, self.clock, self.folder).kit, "bench")
        about = facts()
        self._judged = (dump(about), dump(evaluate(about)))

    def wind(self, deed: Deed) -> None:
        """A hundred seats anywhere come due for this step, as if it had not been done yet."""
        with self.store.begin() as unit:
            for number in self.chosen.sample(range(self.size), DUE):
                unit.save_change(ChangeRecord(ChangeRef(SHOP, number), None, (), *self._judged, None, (), None))
                (row,) = unit.escalations(_token(number))
                due = replace(row, step=DEEDS.index(deed), epoch=row.epoch + 1, next_at=self.clock.now())
                unit.put_escalation(due, row.epoch)
            unit.commit()
        self._empty_log()

    def _empty_log(self) -> None:
        """What SQLite has yet to copy from its log into the file is not the next tick's to pay."""
        path = make_url(self.url).database if self.url.startswith("sqlite") else None
        if path:
            connection = sqlite3.connect(path)
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.close()

    def tick(self) -> int:
        """Returns how many steps were done."""
        return self.ticks.tick(ESCALATE)

    def close(self) -> None:
        self.store.close()


@dataclass(frozen=True, slots=True)
class Ticked:
    """By the step that was due; statements of one tick, by the number of open requests."""

    timed: Mapping[Deed, Timed]
    statements: Mapping[Deed, Mapping[int, int]]


def way(size: int) -> str:
    return f"{size:,}"


def measure_ticks(url_of: Callable[[int], str]) -> Ticked:
    """`url_of` makes a fresh database for so many open requests."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        queues = [Queue(url_of(size), size, folder) for size in (FEW, MANY)]
        for queue in queues:
            stack.callback(queue.close)
        statements = {deed: {queue.size: _statements(queue, deed) for queue in queues} for deed in DEEDS}
        return Ticked({deed: _timed(queues, deed) for deed in DEEDS}, statements)


def _timed(queues: Sequence[Queue], deed: Deed) -> Timed:
    """Each queue once in every round, each round begun by another; what makes them due is not counted."""
    taken: dict[str, list[float]] = {way(queue.size): [] for queue in queues}
    gc.collect()
    gc.disable()
    try:
        for number in range(WARM + ROUNDS):
            for queue in queues if number % 2 else reversed(queues):
                seconds = _one_tick(queue, deed)
                if number >= WARM:
                    taken[way(queue.size)].append(seconds)
    finally:
        gc.enable()
    return Timed(taken)


def _one_tick(queue: Queue, deed: Deed) -> float:
    queue.wind(deed)
    started = time.perf_counter()
    done = queue.tick()
    seconds = time.perf_counter() - started
    if done != DUE:
        raise ValueError(f"saw {done} steps done in a tick; wanted {DUE}")
    return seconds


def _statements(queue: Queue, deed: Deed) -> int:
    queue.wind(deed)
    with counted() as seen:
        queue.tick()
    return len(seen)


def _token(number: int) -> str:
    """In no order, as tokens are."""
    return f"{number * 2_654_435_761 % 2**32:08x}-{number}"


def _fill(connection: Connection, numbers: Sequence[int], now: datetime) -> None:
    waiting = [_waiting(number, now) for number in numbers]
    connection.execute(insert(REQUESTS), [_request(row) for row in waiting])
    connection.execute(insert(ESCALATIONS), [escalation_row(row) for row in waiting])
    connection.execute(insert(ASSIGNMENTS), [_asked(row) for row in waiting])
    connection.execute(insert(REMINDERS), [_told(row) for row in waiting])


def _waiting(number: int, now: datetime) -> Escalation:
    due, since = now + SOON + timedelta(seconds=number), now - timedelta(minutes=number % 10_000)
    person = PersonId(f"person-{number % PEOPLE}")
    return Escalation(_token(number), SEAT, ChangeRef(SHOP, number), person, "high", CHAIN, 0, 1, since, due)


def _request(row: Escalation) -> dict[str, object]:
    made = asdict(request(row.token, row.change)) | {"created_at": row.since, "updated_at": row.since}
    return {name: value for name, value in made.items() if name != "change"} | {"change_key": row.change.key}


def _asked(row: Escalation) -> dict[str, object]:
    return assignment_row(row.token, row.change, row.tier, Assignment(row.person, "routed", row.since))


def _told(row: Escalation) -> dict[str, object]:
    told = Reminder(row.person, "asked", row.change, row.token, row.seat, 1, "high", row.since, f"{row.token}:asked")
    return {**reminder_row(told), "state": "sent", "told_at": row.since}


def ticks() -> list[Row]:
    said(f"a tick with {FEW:,} and {MANY:,} open requests, SQLite")
    with tempfile.TemporaryDirectory(prefix="llmgate-ticks-") as folder:
        embedded = measure_ticks(lambda size: f"sqlite:///{folder}/{size}.sqlite3")
    said(f"a tick with {FEW:,} and {MANY:,} open requests, PostgreSQL")
    server = PostgresServer(durable=True)
    try:
        shared = measure_ticks(lambda _: server.create())
    finally:
        server.stop()
    return [*_rows("SQLite", "400 ms", embedded), *_rows("PostgreSQL", "200 ms", shared)]


def _rows(name: str, aim: str, got: Ticked) -> Iterator[Row]:
    for deed in DEEDS:
        timed, statements = got.timed[deed], got.statements[deed]
        what = f"{DUE} due to {deed} of {MANY:,} open, {name}"
        yield Row(what, f"{timed.ms(way(MANY)):.0f} ms", aim, LIMITS[deed])
        grown = f"{timed.ratio(way(MANY), way(FEW)):.2f} times, {timed.ms(way(FEW)):.0f} ms there"
        yield Row(f"the same against {FEW:,} open", grown, GROWS)
        yield Row("statements of it", f"{statements[FEW]} and {statements[MANY]}")
