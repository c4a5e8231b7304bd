"""What people are to hear of: stored once, told once, and stale as soon as the turn that it is about is another."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from functools import cache

from sqlalchemy import ColumnElement, RowMapping, bindparam, func, literal_column, or_, select, union_all, update
from sqlalchemy.sql.dml import ReturningInsert

from bot.core.escalation.model import NEWS, Reminder
from bot.core.ids import ChangeRef, PersonId
from bot.ports.escalation import ReminderState, Spoken
from storage.escalation_tables import DIGESTS, ESCALATIONS, REMINDERS
from storage.escalations import RUNNING
from storage.rows import Rows, insert_into, storable

AT_ONCE = 5_000
"""So many ids in one statement: SQLite takes 32,766 parameters."""
WAITING: ColumnElement[str] = literal_column("'waiting'")
SENT: ColumnElement[str] = literal_column("'sent'")
OVER = "over"
SAID_HERE, SAID_ELSEWHERE = ("waiting", "sent"), ("elsewhere",)

_ids = REMINDERS.c.id.in_(bindparam("ids", expanding=True))
_waiting = REMINDERS.c.state == WAITING
_somebody_due = (
    select(REMINDERS.c.person)
    .where(_waiting, REMINDERS.c.at <= bindparam("now"))
    .group_by(REMINDERS.c.person)
    .order_by(func.min(REMINDERS.c.at), REMINDERS.c.person)
    .limit(bindparam("most"))
)
_of_people = (
    select(REMINDERS)
    .where(_waiting, REMINDERS.c.person.in_(bindparam("people", expanding=True)))
    .order_by(REMINDERS.c.person, REMINDERS.c.at, REMINDERS.c.id)
)
_defer = update(REMINDERS).where(_ids, _waiting).values(at=bindparam("until"))
_mark = update(REMINDERS).where(_ids, _waiting).values(state=bindparam("to"), told_at=bindparam("told"))
_elsewhere = (
    update(REMINDERS)
    .where(_ids, REMINDERS.c.state.in_([WAITING, SENT]))
    .values(state=bindparam("to"), told_at=bindparam("told"))
)
_sent = select(REMINDERS).where(REMINDERS.c.state == SENT, REMINDERS.c.token.in_(bindparam("tokens", expanding=True)))
_end = update(REMINDERS).where(_ids, REMINDERS.c.state == SENT).values(state=OVER)
_ended = select(REMINDERS).where(_ids, REMINDERS.c.state == OVER).order_by(REMINDERS.c.at, REMINDERS.c.id)
_message = select(REMINDERS.c.person, REMINDERS.c.told_at).where(_ids).distinct().subquery()
_beside = (
    select(REMINDERS.c.person, REMINDERS.c.told_at, REMINDERS.c.id, REMINDERS.c.state)
    .join(_message, (REMINDERS.c.person == _message.c.person) & (REMINDERS.c.told_at == _message.c.told_at))
    .where(REMINDERS.c.state.in_([SENT, OVER]))
    .order_by(REMINDERS.c.person, REMINDERS.c.told_at, REMINDERS.c.id)
)
_turn = select(ESCALATIONS.c.token).where(
    ESCALATIONS.c.token == REMINDERS.c.token,
    ESCALATIONS.c.seat == REMINDERS.c.seat,
    ESCALATIONS.c.epoch == REMINDERS.c.epoch,
    RUNNING,
)
_live = (
    select(REMINDERS)
    .where(_ids, REMINDERS.c.state.in_(bindparam("states", expanding=True)), or_(_turn.exists(), REMINDERS.c.kind.in_(NEWS)))
    .order_by(REMINDERS.c.at, REMINDERS.c.id)
)
_told = union_all(
    *(
        select(table.c.person, func.max(when).label("at"))
        .where(table.c.person.in_(bindparam("people", expanding=True)), when.is_not(None))
        .group_by(table.c.person)
        for table, when in ((REMINDERS, REMINDERS.c.told_at), (REMINDERS, REMINDERS.c.late_at), (DIGESTS, DIGESTS.c.told_at))
    )
)
_late = update(REMINDERS).where(_ids).values(late_at=bindparam("now"))


@cache
def _add(dialect: str) -> ReturningInsert[int]:
    return insert_into(REMINDERS, dialect).on_conflict_do_nothing(index_elements=["dedupe"]).returning(REMINDERS.c.id)


class ReminderRows(Rows):
    def add_reminders(self, rows: Sequence[Reminder]) -> int:
        """Store those that were never stored (by `dedupe`), in one statement for a thousand. Returns how many."""
        if not rows:
            return 0
        return len(self._execute(_add(self._dialect), [reminder_row(each) for each in rows]).all())

    def due_reminders(self, now: datetime, people: int) -> tuple[Reminder, ...]:
        """All waiting reminders, due or not, of up to so many people for whom one is due, by person."""
        chosen = self._execute(_somebody_due, {"now": now, "most": people}).scalars().all()
        return tuple(_read(row) for row in self._execute(_of_people, {"people": chosen}).mappings()) if chosen else ()

    def defer_reminders(self, ids: Collection[int], until: datetime) -> None:
        """Those that still wait come later."""
        for some in _in_parts(ids):
            self._execute(_defer, {"ids": some, "until": until})

    def mark_reminders(self, ids: Collection[int], state: ReminderState, now: datetime) -> int:
        """Of those that wait; `elsewhere` also of those sent, which the chat did not take. Returns how many changed."""
        statement = _elsewhere if state == "elsewhere" else _mark
        told = None if state == "stale" else now
        return sum(self._execute(statement, {"ids": some, "to": state, "told": told}).rowcount for some in _in_parts(ids))

    def live_reminders(self, ids: Collection[int], elsewhere: bool = False) -> tuple[Reminder, ...]:
        """Those of them, sent or waiting, whose escalation still runs in the same epoch, and those that are news. `elsewhere`:
        of those that went elsewhere."""
        states = SAID_ELSEWHERE if elsewhere else SAID_HERE
        values = [{"ids": some, "states": states} for some in _in_parts(ids)]
        return tuple(_read(row) for each in values for row in self._execute(_live, each).mappings())

    def sent_reminders(self, tokens: Collection[str]) -> tuple[Reminder, ...]:
        """Those of these requests that were sent in the chat and are not over."""
        return tuple(_read(row) for row in self._execute(_sent, {"tokens": sorted(tokens)}).mappings()) if tokens else ()

    def end_reminders(self, ids: Collection[int]) -> tuple[Spoken, ...]:
        """Those sent are over. Returns each message that one of them was part of: what went to a person in one instant."""
        found: dict[tuple[PersonId, datetime], list[tuple[int, bool]]] = {}
        for some in _in_parts(ids):
            self._execute(_end, {"ids": some})
            for row in self._execute(_beside, {"ids": some}):
                found.setdefault((PersonId(row.person), row.told_at), []).append((row.id, row.state == OVER))
        return tuple(
            Spoken(person, at, tuple(number for number, _ in all_of), tuple(number for number, over in all_of if over))
            for (person, at), all_of in found.items()
        )

    def ended_reminders(self, ids: Collection[int]) -> tuple[Reminder, ...]:
        """Those of them that are over."""
        return tuple(_read(row) for some in _in_parts(ids) for row in self._execute(_ended, {"ids": some}).mappings())

    def last_told(self, people: Collection[PersonId]) -> dict[PersonId, datetime]:
        """When each last got a message of reminders or a digest, in the chat or elsewhere. Nobody who never did is in it."""
        found: dict[PersonId, datetime] = {}
        for row in self._execute(_told, {"people": sorted(people)}):
            person = PersonId(row.person)
            found[person] = max(row.at, found.get(person, row.at))
        return found

    def said_late(self, ids: Collection[int], now: datetime) -> None:
        """The chat has taken only now what was made before."""
        for some in _in_parts(ids):
            self._execute(_late, {"ids": some, "now": now})


def _in_parts(ids: Collection[int]) -> Iterator[list[int]]:
    ordered = sorted(ids)
    return (ordered[start : start + AT_ONCE] for start in range(0, len(ordered), AT_ONCE))


def reminder_row(reminder: Reminder) -> dict[str, object]:
    """A reminder that waits as its row."""
    return {
        "dedupe": storable(reminder.dedupe),
        "person": reminder.person,
        "kind": reminder.kind,
        "change_key": reminder.change.key,
        "token": reminder.token,
        "seat": storable(reminder.seat),
        "epoch": reminder.epoch,
        "tier": reminder.tier,
        "at": reminder.at,
        "about": reminder.about,
        "words": storable(reminder.words),
        "at_night": reminder.at_night,
        "state": "waiting",
        "told_at": None,
        "late_at": None,
    }


def _read(row: RowMapping) -> Reminder:
    return Reminder(
        person=PersonId(row["person"]),
        kind=row["kind"],
        change=ChangeRef.from_key(row["change_key"]),
        token=row["token"],
        seat=row["seat"],
        epoch=row["epoch"],
        tier=row["tier"],
        at=row["at"],
        dedupe=row["dedupe"],
        about=None if row["about"] is None else PersonId(row["about"]),
        words=row["words"],
        at_night=row["at_night"],
        id=row["id"],
    )
