"""The inbox of jobs: stored events, each claimed by one worker, never two of one lane.

The rule about lanes is a unique index, so that no query, however wrong, can break it. Several stored wishes to look at one
change are one look: the claim takes them all, and they share its fate. `attempts` counts claims and so names one: whoever lost
a claim and comes back late finds another number there, and changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import cast, get_args

from sqlalchemy import Connection, RowMapping, bindparam, case, literal_column, null, select, update
from sqlalchemy.sql.dml import ReturningInsert

from bot.core.events import ChangeTouched, Event
from bot.ports.store import Job, NewJob
from storage.codec import dump, load_as
from storage.rows import CLAIMED, DEAD, DONE, MERGED, PENDING, Rows, begins_with, insert_into, storable
from storage.tables import JOBS

ATTEMPTS = 60
"""After so many a job is dead: kept, counted, and no longer tried."""
EVENTS: dict[str, type] = {kind.__name__: kind for kind in get_args(Event)}

_rival = JOBS.alias("rival")
_candidate = JOBS.alias("candidate")
_next = (
    select(_candidate.c.id)
    .where(
        _candidate.c.state == PENDING,
        _candidate.c.due_at <= bindparam("now"),
        _candidate.c.lane.not_in(select(_rival.c.lane).where(_rival.c.state == CLAIMED)),
    )
    .order_by(_candidate.c.due_at, _candidate.c.id)
    .limit(1)
    .with_for_update(skip_locked=True)
    .scalar_subquery()
)
_claim = (
    update(JOBS)
    .where(JOBS.c.id == _next)
    .values(state=CLAIMED, attempts=JOBS.c.attempts + 1, worker=bindparam("by"), claimed_until=bindparam("until"))
    .returning(JOBS.c.id, JOBS.c.lane, JOBS.c.kind, JOBS.c.event, JOBS.c.attempts, JOBS.c.received_at)
)
_alike = (
    select(_candidate.c.id)
    .where(
        _candidate.c.lane == bindparam("of_lane"),
        _candidate.c.state == PENDING,
        _candidate.c.kind == literal_column(f"'{ChangeTouched.__name__}'"),
    )
    .with_for_update(skip_locked=True)  # one that another worker is just claiming waits for this lane: never wait for it
)
_merge = (
    update(JOBS)
    .where(JOBS.c.id.in_(_alike))
    .values(state=MERGED, attempts=JOBS.c.attempts + 1, merged_into=bindparam("into"))
    .returning(JOBS.c.id, JOBS.c.kind, JOBS.c.event)
)
_held = (JOBS.c.id == bindparam("which"), JOBS.c.state == CLAIMED, JOBS.c.attempts == bindparam("claim"))
_over = {"worker": null(), "claimed_until": null(), "merged_into": null()}
_finish = update(JOBS).where(*_held).values(state=DONE, event="", finished_at=bindparam("at"), **_over)
_finish_merged = (
    update(JOBS)
    .where(JOBS.c.merged_into == bindparam("which"))
    .values(state=DONE, event="", finished_at=bindparam("at"), **_over)
)
_again = {
    "state": case((JOBS.c.attempts >= ATTEMPTS, DEAD), else_=PENDING),
    "finished_at": case((JOBS.c.attempts >= ATTEMPTS, bindparam("at", type_=JOBS.c.finished_at.type)), else_=null()),
    **_over,
}
_retry = update(JOBS).where(*_held).values(due_at=bindparam("due"), error=bindparam("why"), **_again)
_retry_merged = (
    update(JOBS)
    .where(JOBS.c.merged_into == bindparam("which"))
    .values(due_at=bindparam("due"), error=bindparam("why"), **_again)
)
_bury = (
    update(JOBS)
    .where(JOBS.c.id == bindparam("which"))
    .values(state=DEAD, error=bindparam("why"), finished_at=bindparam("at"), **_over)
)
_release = (
    update(JOBS)
    .where(JOBS.c.state == CLAIMED, begins_with(JOBS.c.worker, bindparam("prefix")))
    .values(**_again)
    .returning(JOBS.c.id)
)
_expire = (
    update(JOBS).where(JOBS.c.state == CLAIMED, JOBS.c.claimed_until < bindparam("at")).values(**_again).returning(JOBS.c.id)
)
_release_merged = update(JOBS).where(JOBS.c.merged_into == bindparam("which")).values(**_again)


@cache
def _add(dialect: str) -> ReturningInsert[str]:
    return insert_into(JOBS, dialect).on_conflict_do_nothing(index_elements=["dedupe_key"]).returning(JOBS.c.dedupe_key)


def job_row(event: Event, lane: str, dedupe_key: str, now: datetime) -> dict[str, object]:
    """A stored event as its row."""
    return {
        "dedupe_key": storable(dedupe_key),
        "lane": storable(lane),
        "kind": type(event).__name__,
        "event": dump(event).decode(),
        "state": "pending",
        "attempts": 0,
        "received_at": now,
        "due_at": now,
        "worker": None,
        "claimed_until": None,
        "merged_into": None,
        "finished_at": None,
        "error": "",
    }


class JobRows(Rows):
    stored_jobs = 0
    """How many events this unit stored: so many workers have something to wake up for."""

    def add_job(self, event: Event, lane: str, dedupe_key: str, now: datetime, due: datetime | None = None) -> bool:
        """Store an event, for now or for when it is due. False when this delivery was stored before."""
        row = {**job_row(event, lane, dedupe_key, now), "due_at": due or now}
        added = self._execute(_add(self._dialect), row).scalar() is not None
        self.stored_jobs += added
        return added

    def add_jobs(self, jobs: Sequence[NewJob], now: datetime) -> int:
        """Store those that were not stored before, in one statement, to be worked on at once. Returns how many."""
        if not jobs:
            return 0
        rows = [job_row(job.event, job.lane, job.dedupe_key, now) for job in jobs]
        added = len(self._execute(_add(self._dialect), rows).all())
        self.stored_jobs += added
        return added


def add_jobs(connection: Connection, rows: Sequence[dict[str, object]]) -> set[str]:
    """Insert the rows that are new. Returns their dedupe keys."""
    return set(connection.execute(_add(connection.dialect.name), list(rows)).scalars())


def claim_job(connection: Connection, worker: str, now: datetime, until: datetime | None) -> Job | None:
    """Take the oldest due job of a free lane, with every pending wish to look at the same change."""
    while (row := connection.execute(_claim, {"now": now, "by": worker, "until": until}).mappings().one_or_none()) is not None:
        event = _read(connection, row, now)
        if event is None:
            continue
        job = Job(row["id"], row["lane"], event, row["attempts"], row["received_at"])
        if not isinstance(event, ChangeTouched):
            return job
        taken = connection.execute(_merge, {"of_lane": job.lane, "into": job.id}).mappings().all()
        return _merged(job, [_read(connection, each, now) for each in sorted((row, *taken), key=lambda each: int(each["id"]))])
    return None


def _read(connection: Connection, row: RowMapping, now: datetime) -> Event | None:
    """The event, or None: one that this release cannot read is dead, and holds up nobody behind it."""
    try:
        return cast(Event, load_as(EVENTS[row["kind"]], row["event"]))
    except (KeyError, ValueError) as error:
        why = f"saw a stored {row['kind']} that this release cannot read; wanted one of its own or an older release's: {error}"
        connection.execute(_bury, {"which": row["id"], "at": now, "why": storable(why)})
        return None


def _merged(job: Job, events: list[Event | None]) -> Job:
    """The newest event speaks for all. Where it names no commit it borrows the newest one named, with that one's pusher."""
    stored = [event for event in events if isinstance(event, ChangeTouched)]
    newest = stored[-1]
    pushed = next((event for event in reversed(stored) if event.head_sha), newest)
    base_ref = next((event.base_ref for event in reversed(stored) if event.base_ref), "")
    speaker = replace(newest, head_sha=pushed.head_sha, sender=pushed.sender or newest.sender, base_ref=base_ref)
    return replace(job, event=speaker, merged=len(stored) - 1, others=tuple(stored[:-1]))


def finish_job(connection: Connection, job: Job, now: datetime) -> None:
    """Done, with all it answered for. Nothing, if the claim was lost."""
    values = {"which": job.id, "claim": job.attempts, "at": now}
    if connection.execute(_finish, values).rowcount and job.merged:
        connection.execute(_finish_merged, values)


def retry_job(connection: Connection, job: Job, error: str, now: datetime, after_s: float) -> None:
    """Back to pending, each with its own count of attempts; those at their last are dead."""
    due = now + timedelta(seconds=after_s)
    values = {"which": job.id, "claim": job.attempts, "at": now, "due": due, "why": storable(error)}
    if connection.execute(_retry, values).rowcount and job.merged:
        connection.execute(_retry_merged, values)


def release_jobs(connection: Connection, worker_prefix: str, now: datetime) -> int:
    """Give back the claims of workers so named."""
    return _give_back(connection, list(connection.execute(_release, {"prefix": worker_prefix, "at": now}).scalars()), now)


def expire_jobs(connection: Connection, now: datetime) -> int:
    """Give back the claims whose lease has run out."""
    return _give_back(connection, list(connection.execute(_expire, {"at": now}).scalars()), now)


def _give_back(connection: Connection, released: list[int], now: datetime) -> int:
    if released:
        connection.execute(_release_merged, [{"which": job_id, "at": now} for job_id in released])
    return len(released)
