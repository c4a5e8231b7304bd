"""How much waits, and what may be thrown away."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, func, or_, select

from bot.ports.store import Backlog
from storage.identity_tables import VISITS
from storage.rows import DEAD, DONE, begins_with
from storage.tables import JOBS, OUTBOX, PUSHES, SURFACES

DEDUPE_FOR = timedelta(days=7)
"""A delivery may come again for so long and still be known: forges let people redeliver for three days."""
VISIT_FOR = timedelta(days=1)
"""So long after its end a visit can still be told why it is over."""
PUSH_FOR = timedelta(days=90)
"""So long it is known who pushed a commit. A change that was looked at remembers it for ever."""

_jobs = select(JOBS.c.state, func.count(), func.min(JOBS.c.received_at)).where(JOBS.c.state != DONE).group_by(JOBS.c.state)
_actions = select(OUTBOX.c.state, func.count()).group_by(OUTBOX.c.state)
_old_jobs = delete(JOBS).where(or_(JOBS.c.state == DONE, JOBS.c.state == DEAD), JOBS.c.finished_at < bindparam("before"))
_old_actions = delete(OUTBOX).where(OUTBOX.c.state == DEAD, OUTBOX.c.due_at < bindparam("before"))
_queued = select(OUTBOX.c.surface).where(OUTBOX.c.change_key == SURFACES.c.change_key, OUTBOX.c.surface == SURFACES.c.surface)
_old_whispers = delete(SURFACES).where(
    begins_with(SURFACES.c.surface, bindparam("kind")), SURFACES.c.changed_at < bindparam("before"), ~_queued.exists()
)
_old_visits = delete(VISITS).where(VISITS.c.expires_at < bindparam("before"))
_old_pushes = delete(PUSHES).where(PUSHES.c.pushed_at < bindparam("before"))


def read_backlog(connection: Connection) -> Backlog:
    """Counts of what is pending, claimed or dead."""
    jobs = {state: (count, oldest) for state, count, oldest in connection.execute(_jobs)}
    actions: dict[str, int] = dict(connection.execute(_actions).all())
    dead_jobs, _ = jobs.pop("dead", (0, None))
    dead_actions = actions.pop("dead", 0)
    return Backlog(
        jobs=sum(count for count, _ in jobs.values()),
        oldest_job_at=min((oldest for _, oldest in jobs.values()), default=None),
        actions=sum(actions.values()),
        dead_jobs=dead_jobs,
        dead_actions=dead_actions,
    )


def prune(connection: Connection, now: datetime, older_than: timedelta) -> int:
    """Delete what is over: finished and dead jobs, dead actions, memories of private words, visits, and pushes.

    Records, links and passkeys stay for ever. Returns how many rows.
    """
    before = now - max(older_than, DEDUPE_FOR)
    return sum(
        connection.execute(statement, values).rowcount
        for statement, values in (
            (_old_jobs, {"before": before}),
            (_old_actions, {"before": before}),
            (_old_whispers, {"before": before, "kind": "whisper:"}),
            (_old_visits, {"before": now - VISIT_FOR}),
            (_old_pushes, {"before": now - PUSH_FOR}),
        )
    )
