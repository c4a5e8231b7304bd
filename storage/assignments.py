"""Who was asked about a request, and how much is on each desk."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache

from sqlalchemy import Insert, RowMapping, bindparam, case, func, or_, select, update

from bot.core.approval import Tier
from bot.core.attendance import Assignment
from bot.core.ids import ChangeRef, PersonId
from bot.ports.escalation import Asked, Assigned
from storage.escalation_tables import ASSIGNMENTS
from storage.rows import Rows, insert_into, storable

_of_request = select(ASSIGNMENTS).where(ASSIGNMENTS.c.token == bindparam("of_token")).order_by(ASSIGNMENTS.c.id)
_of_requests = (
    select(ASSIGNMENTS).where(ASSIGNMENTS.c.token.in_(bindparam("tokens", expanding=True))).order_by(ASSIGNMENTS.c.id)
)
_close = update(ASSIGNMENTS).where(ASSIGNMENTS.c.token == bindparam("of_token"), ASSIGNMENTS.c.open).values(open=False)
_since = bindparam("since", type_=ASSIGNMENTS.c.at.type)
_recent = ASSIGNMENTS.c.at >= _since
_asked = (
    select(
        ASSIGNMENTS.c.person,
        ASSIGNMENTS.c.tier,
        func.sum(case((ASSIGNMENTS.c.open, 1), else_=0)).label("open"),
        func.sum(case((_recent, 1), else_=0)).label("recent"),
    )
    .where(
        ASSIGNMENTS.c.person.in_(bindparam("people", expanding=True)),
        ASSIGNMENTS.c.gone == "",
        or_(ASSIGNMENTS.c.open, _recent),
    )
    .group_by(ASSIGNMENTS.c.person, ASSIGNMENTS.c.tier)
    .order_by(ASSIGNMENTS.c.person, ASSIGNMENTS.c.tier)
)
KEPT = ("change_key", "tier", "how", "at", "by", "seat", "gone", "open")


@cache
def _assign(dialect: str) -> Insert:
    """One statement; a row that says the same already is not touched."""
    statement = insert_into(ASSIGNMENTS, dialect)
    new = statement.excluded
    differs = or_(*(ASSIGNMENTS.c[name].is_distinct_from(new[name]) for name in KEPT))
    kept = {name: new[name] for name in KEPT}
    return statement.on_conflict_do_update(index_elements=["token", "person"], set_=kept, where=differs)


class AssignmentRows(Rows):
    def assignments(self, token: str) -> tuple[Assignment, ...]:
        """Everyone asked for this request, in the order they first were, those who are not asked any more too."""
        return tuple(_read(row) for row in self._execute(_of_request, {"of_token": token}).mappings())

    def assign(self, token: str, change: ChangeRef, tier: Tier, assignment: Assignment) -> bool:
        """Keep it; a later one of the same person replaces it. False: it stood so already."""
        row = assignment_row(token, change, tier, assignment)
        return self._execute(_assign(self._dialect).returning(ASSIGNMENTS.c.id), row).scalar() is not None

    def assignments_of(self, tokens: Collection[str]) -> dict[str, tuple[Assignment, ...]]:
        """As `assignments`, of many requests in one query. A request of which nobody was asked is not in it."""
        found: dict[str, tuple[Assignment, ...]] = {}
        for row in self._execute(_of_requests, {"tokens": sorted(tokens)}).mappings():
            found[row["token"]] = (*found.get(row["token"], ()), _read(row))
        return found

    def assign_all(self, assigned: Sequence[Assigned]) -> None:
        """As `assign`, one after another, in one statement."""
        rows = [assignment_row(one.token, one.change, one.tier, one.assignment) for one in assigned]
        if rows:
            self._execute(_assign(self._dialect), rows)

    def close_assignments(self, token: str) -> None:
        """The request is over: it weighs on nobody's desk any more."""
        self._execute(_close, {"of_token": token})

    def asked(self, people: Collection[PersonId], since: datetime) -> tuple[Asked, ...]:
        """Of these people, by tier: what is on their desks, and what was put there since. Not what they are rid of (`gone`)."""
        found = self._execute(_asked, {"people": sorted(people), "since": since})
        return tuple(Asked(PersonId(row.person), row.tier, int(row.open), int(row.recent)) for row in found)


def assignment_row(token: str, change: ChangeRef, tier: Tier, assignment: Assignment) -> dict[str, object]:
    """Somebody asked about an open request as their row."""
    return {
        "token": token,
        "person": assignment.person,
        "change_key": change.key,
        "tier": tier,
        "how": assignment.how,
        "at": assignment.at,
        "by": assignment.by,
        "seat": storable(assignment.seat),
        "gone": storable(assignment.gone),
        "open": True,
    }


def _read(row: RowMapping) -> Assignment:
    return Assignment(
        person=PersonId(row["person"]),
        how=row["how"],
        at=row["at"],
        by=None if row["by"] is None else PersonId(row["by"]),
        seat=row["seat"],
        gone=row["gone"],
    )
