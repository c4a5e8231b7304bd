"""How much waits, and what may be thrown away."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Table, bindparam, delete, exists, func, literal, or_, select

from bot.ports.store import Backlog
from storage.escalation_tables import ASSIGNMENTS, ESCALATIONS, REMINDERS, TURNINGS
from storage.identity_tables import VISITS
from storage.rows import DEAD, DONE, begins_with
from storage.tables import JOBS, OUTBOX, PUSHES, REQUESTS, SURFACES

DEDUPE_FOR = timedelta(days=7)
"""A delivery may come again for so long and still be known: forges let people redeliver for three days."""
VISIT_FOR = timedelta(days=1)
"""So long after its end a visit can still be told why it is over."""
PUSH_FOR = timedelta(days=90)
"""So long it is known who pushed a commit. A change that was looked at remembers it for ever."""

TURNING_FOR = timedelta(days=400)
"""So long back the figures tell what happened: a year, and the month that it is compared with."""
OVER = ("expired", "void", "closed")
"""A request in such a state is asked of nobody any more; the change gets another one."""
ASKED_FOR = timedelta(days=31)
"""So long what somebody was asked weighs on whom is asked next."""
SAID_ONCE = ("whisper:", "remind:", "write:", "hook:")
"""Surfaces of what nobody would say again after so long: what it was about is over, or was told under another name."""

_jobs = select(JOBS.c.state, func.count(), func.min(JOBS.c.received_at)).where(JOBS.c.state != DONE).group_by(JOBS.c.state)
_actions = select(OUTBOX.c.state, func.count()).group_by(OUTBOX.c.state)
_old_jobs = delete(JOBS).where(or_(JOBS.c.state == DONE, JOBS.c.state == DEAD), JOBS.c.finished_at < bindparam("before"))
_old_actions = delete(OUTBOX).where(OUTBOX.c.state == DEAD, OUTBOX.c.due_at < bindparam("before"))
_queued = select(OUTBOX.c.surface).where(OUTBOX.c.change_key == SURFACES.c.change_key, OUTBOX.c.surface == SURFACES.c.surface)
_old_words = delete(SURFACES).where(
    or_(*(begins_with(SURFACES.c.surface, literal(kind)) for kind in SAID_ONCE)),
    SURFACES.c.changed_at < bindparam("before"),
    ~_queued.exists(),
)
_old_visits = delete(VISITS).where(VISITS.c.expires_at < bindparam("before"))


def _of_closed(table: Table) -> ColumnElement[bool]:
    """Whether a row is about no request but one that has been over for so long."""
    lately = or_(REQUESTS.c.state.not_in(OVER), REQUESTS.c.updated_at >= bindparam("before"))
    return ~exists().where(REQUESTS.c.token == table.c.token, lately)


_old_assignments = delete(ASSIGNMENTS).where(
    ASSIGNMENTS.c.at < bindparam("before"), ~ASSIGNMENTS.c.open, _of_closed(ASSIGNMENTS)
)
_old_escalations = delete(ESCALATIONS).where(
    ESCALATIONS.c.since < bindparam("before"), ESCALATIONS.c.ended, _of_closed(ESCALATIONS)
)
_old_reminders = delete(REMINDERS).where(REMINDERS.c.at < bindparam("before"), _of_closed(REMINDERS))
_old_turnings = delete(TURNINGS).where(TURNINGS.c.at < bindparam("before"))
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
    """Delete what is over: finished and dead jobs, dead actions, memories of what was said once, visits, pushes, and whose turn
    it was on requests that are closed.

    Records, links and passkeys stay for ever. Returns how many rows.
    """
    before = now - max(older_than, DEDUPE_FOR)
    return sum(
        connection.execute(statement, values).rowcount
        for statement, values in (
            (_old_jobs, {"before": before}),
            (_old_actions, {"before": before}),
            (_old_words, {"before": before}),
            (_old_visits, {"before": now - VISIT_FOR}),
            (_old_pushes, {"before": now - PUSH_FOR}),
            (_old_assignments, {"before": now - max(older_than, ASKED_FOR)}),
            (_old_escalations, {"before": before}),
            (_old_reminders, {"before": before}),
            (_old_turnings, {"before": now - TURNING_FOR}),
        )
    )
