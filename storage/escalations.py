"""Seats that wait: found when they are due, and moved on by conditional update.

A row is replaced only by who knows its epoch, and stepped or put off only by who knows epoch and step. So whoever comes second
(another replica's tick, a decision, a push) changes nothing, and is told so.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import JSON, ColumnElement, Integer, RowMapping, Text, bindparam, cast, column, func, select, text, update
from sqlalchemy.sql.dml import ReturningInsert, ReturningUpdate

from bot.core.escalation.model import Chain, Escalation
from bot.core.ids import ChangeRef, PersonId
from bot.ports.escalation import Step
from storage.codec import dump, load
from storage.escalation_tables import ESCALATIONS
from storage.rows import Rows, insert_into, storable
from storage.tables import UtcTime

RUNNING = text("NOT escalations.ended")
"""As the partial indexes say it: so the planners see that they fit."""
KEY = ("token", "seat")
MOVED = ("step", "next_at", "active_at", "snoozed_until", "snoozes")
"""What a step changes, besides that it may end the turn. Whose turn it is, and since when, is another epoch's matter."""

_at = bindparam("at", type_=UtcTime)
_of_request = select(ESCALATIONS).where(ESCALATIONS.c.token == bindparam("of_token")).order_by(ESCALATIONS.c.seat)
_running = select(ESCALATIONS).where(RUNNING)
_of_change = _running.where(ESCALATIONS.c.change_key == bindparam("of_change")).order_by(
    ESCALATIONS.c.token, ESCALATIONS.c.seat
)
_waiting = _running.order_by(ESCALATIONS.c.since, ESCALATIONS.c.token, ESCALATIONS.c.seat).limit(bindparam("most"))
_timed = _running.where(ESCALATIONS.c.next_at.is_not(None)).order_by(ESCALATIONS.c.next_at).limit(bindparam("most"))
_due = _timed.where(ESCALATIONS.c.next_at <= _at).with_for_update(skip_locked=True)
_overdue = _timed.where(ESCALATIONS.c.next_at < _at)
_replace = (
    update(ESCALATIONS)
    .where(
        ESCALATIONS.c.token == bindparam("of_token"),
        ESCALATIONS.c.seat == bindparam("of_seat"),
        ESCALATIONS.c.epoch == bindparam("expected"),
    )
    .values({each.name: bindparam(each.name) for each in ESCALATIONS.c if each.name not in KEY})
)
_replace_unstepped = _replace.where(ESCALATIONS.c.step == bindparam("expected_step"))


@cache
def _insert(dialect: str) -> ReturningInsert[str]:
    once = insert_into(ESCALATIONS, dialect).on_conflict_do_nothing(index_elements=KEY)
    return once.returning(ESCALATIONS.c.token)


@cache
def _step(dialect: str, ends: bool) -> ReturningUpdate[tuple[str, str]]:
    """Every step in one statement, whose only parameter is a JSON list of them. Those that end a turn have a statement of
    their own: SQLite writes each index anew whose columns a statement names, changed or not."""
    new = _listed(dialect)
    rows = ESCALATIONS.c
    held = (rows.token == new["token"], rows.seat == new["seat"], rows.epoch == new["epoch"], rows.step == new["from_step"])
    values = {name: new[name] for name in MOVED}
    moved = update(ESCALATIONS).where(*held, RUNNING).values({**values, "ended": True} if ends else values)
    return moved.returning(rows.token, rows.seat)


def _listed(dialect: str) -> dict[str, ColumnElement[Any]]:
    """The columns of the list `rows`, in the words of the database."""
    listed = bindparam("rows", type_=Text)
    names = (*KEY, "epoch", *MOVED)
    if dialect == "sqlite":
        each = func.json_each(listed).table_valued("value", name="given")
        return {name: func.json_extract(each.c.value, f"$.{name}") for name in (*names, "from_step")}
    typed = [column(name, ESCALATIONS.c[name].type) for name in names]
    each = func.json_to_recordset(cast(listed, JSON)).table_valued(*typed, column("from_step", Integer))
    return dict(each.render_derived(name="given", with_types=True).c)


class EscalationRows(Rows):
    def escalations(self, token: str) -> tuple[Escalation, ...]:
        """Of the request, by seat; those that have ended too."""
        return _read_all(self._execute(_of_request, {"of_token": token}).mappings())

    def escalations_of(self, ref: ChangeRef) -> tuple[Escalation, ...]:
        """Those that have not ended, of any request of the change."""
        return _read_all(self._execute(_of_change, {"of_change": ref.key}).mappings())

    def put_escalation(self, row: Escalation, expected_epoch: int | None, expected_step: int | None = None) -> bool:
        """Insert (None), or replace while the epoch, and the step where one is given, are still the expected ones. False:
        somebody was faster."""
        values = escalation_row(row)
        if expected_epoch is None:
            return self._execute(_insert(self._dialect), values).scalar() is not None
        place = {"of_token": values.pop("token"), "of_seat": values.pop("seat"), "expected": expected_epoch}
        if expected_step is None:
            return self._execute(_replace, {**values, **place}).rowcount == 1
        return self._execute(_replace_unstepped, {**values, **place, "expected_step": expected_step}).rowcount == 1

    def due_escalations(self, now: datetime, limit: int) -> tuple[Escalation, ...]:
        """Those whose `next_at` has come, oldest first. PostgreSQL locks them here and skips what others hold."""
        return _read_all(self._execute(_due, {"at": now, "most": limit}).mappings())

    def step(self, steps: Sequence[Step]) -> frozenset[tuple[str, str]]:
        """Move these on, each conditionally and all in a statement, or two where some end. Returns the keys that held. A step
        changes what comes next and whether the turn is over, never whose it is."""
        held: set[tuple[str, str]] = set()
        for ends in (False, True):
            listed = [_listed_row(each, self._dialect) for each in steps if each.row.ended == ends]
            if listed:
                found = self._execute(_step(self._dialect, ends), {"rows": json.dumps(listed)})
                held.update((row.token, row.seat) for row in found)
        return frozenset(held)

    def overdue(self, before: datetime, limit: int = 50) -> tuple[Escalation, ...]:
        """Those whose step should have been done before then, and was not, oldest first."""
        return _read_all(self._execute(_overdue, {"at": before, "most": limit}).mappings())

    def waiting_since(self, limit: int) -> tuple[Escalation, ...]:
        """Every seat that waits, oldest turn first."""
        return _read_all(self._execute(_waiting, {"most": limit}).mappings())


def escalation_row(row: Escalation) -> dict[str, object]:
    """A seat that waits as its row."""
    return {
        "token": row.token,
        "seat": storable(row.seat),
        "change_key": row.change.key,
        "person": row.person,
        "tier": row.tier,
        "chain": dump(row.chain).decode(),
        "step": row.step,
        "epoch": row.epoch,
        "since": row.since,
        "next_at": row.next_at,
        "ended": row.ended,
        "active_at": row.active_at,
        "snoozed_until": row.snoozed_until,
        "snoozes": row.snoozes,
    }


def _listed_row(step: Step, dialect: str) -> dict[str, object]:
    values = escalation_row(step.row)
    row = {name: values[name] for name in (*KEY, "epoch", *MOVED)}
    return {name: _spelled(value, dialect) for name, value in {**row, "from_step": step.from_step}.items()}


def _spelled(value: object, dialect: str) -> object:
    """An instant as the database writes it: text in JSON is bound by no column type."""
    if not isinstance(value, datetime):
        return value
    utc = value.astimezone(UTC)
    return f"{utc:%Y-%m-%d %H:%M:%S.%f}" if dialect == "sqlite" else utc.isoformat()


def _read_all(rows: Iterable[RowMapping]) -> tuple[Escalation, ...]:
    return tuple(_read(row) for row in rows)


def _read(row: RowMapping) -> Escalation:
    return Escalation(
        token=row["token"],
        seat=row["seat"],
        change=ChangeRef.from_key(row["change_key"]),
        person=PersonId(row["person"]),
        tier=row["tier"],
        chain=_chain(row["chain"]),
        step=row["step"],
        epoch=row["epoch"],
        since=row["since"],
        next_at=row["next_at"],
        ended=row["ended"],
        active_at=row["active_at"],
        snoozed_until=row["snoozed_until"],
        snoozes=row["snoozes"],
    )


@lru_cache(maxsize=64)
def _chain(kept: str) -> Chain:
    """There are as many as a policy has tiers, and every row carries one."""
    return load(Chain, kept.encode())
