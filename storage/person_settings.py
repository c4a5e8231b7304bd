"""What people chose for themselves, and when their next digest comes."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime
from functools import cache

from sqlalchemy import Insert, RowMapping, bindparam, delete, select, update
from sqlalchemy.sql.dml import ReturningInsert

from bot.core.escalation.model import PersonSettings
from bot.core.ids import PersonId
from storage.escalation_tables import DIGESTS, PERSON_SETTINGS
from storage.rows import Rows, insert_into, storable

_all = select(PERSON_SETTINGS).order_by(PERSON_SETTINGS.c.person)
_of = _all.where(PERSON_SETTINGS.c.person.in_(bindparam("people", expanding=True)))
_due = (
    select(DIGESTS.c.person)
    .where(DIGESTS.c.at <= bindparam("now"))
    .order_by(DIGESTS.c.at, DIGESTS.c.person)
    .limit(bindparam("most"))
)
_planned = select(DIGESTS).where(DIGESTS.c.person.in_(bindparam("people", expanding=True)))
_kept = (DIGESTS.c.person == bindparam("who"), DIGESTS.c.at == bindparam("expected"))
_move = update(DIGESTS).where(*_kept).values(at=bindparam("to"))
_told = update(DIGESTS).where(DIGESTS.c.person == bindparam("who")).values(told_at=bindparam("now"))
_unplan = delete(DIGESTS).where(*_kept)


@cache
def _save(dialect: str) -> Insert:
    statement = insert_into(PERSON_SETTINGS, dialect)
    kept = {each.name: statement.excluded[each.name] for each in PERSON_SETTINGS.c if not each.primary_key}
    return statement.on_conflict_do_update(index_elements=["person"], set_=kept)


@cache
def _plan(dialect: str) -> ReturningInsert[str]:
    return insert_into(DIGESTS, dialect).on_conflict_do_nothing(index_elements=["person"]).returning(DIGESTS.c.person)


class PersonSettingsRows(Rows):
    def settings_of(self, people: Collection[PersonId] | None = None) -> tuple[PersonSettings, ...]:
        """Of these people, or of everybody (None), who ever saved any; by person."""
        found = self._execute(_all) if people is None else self._execute(_of, {"people": sorted(people)})
        return tuple(_read(row) for row in found.mappings())

    def save_settings(self, settings: PersonSettings, now: datetime) -> None:
        """They replace what the person saved before."""
        row = {
            "person": settings.person,
            "zone": None if settings.zone is None else storable(settings.zone),
            "start": settings.start,
            "end": settings.end,
            "days": None if settings.days is None else json.dumps(list(settings.days)),
            "delivery": settings.delivery,
            "digest": settings.digest,
            "absent_since": settings.absent_since,
            "absent_until": settings.absent_until,
            "delegate": settings.delegate,
            "saved_at": now,
        }
        self._execute(_save(self._dialect), row)


class DigestRows(Rows):
    def due_digests(self, now: datetime, limit: int) -> tuple[PersonId, ...]:
        """People whose next digest has come, the longest due first."""
        return tuple(PersonId(who) for who in self._execute(_due, {"now": now, "most": limit}).scalars())

    def planned_digests(self, people: Collection[PersonId]) -> dict[PersonId, datetime]:
        """When the next digest of each comes: what `plan_digest` expects. Nobody who has none planned is in it."""
        return {PersonId(row.person): row.at for row in self._execute(_planned, {"people": sorted(people)})}

    def plan_digest(self, person: PersonId, at: datetime | None, expected: datetime | None) -> bool:
        """Set when the next one comes (None: never), while the kept instant is still `expected` (None: none is kept)."""
        if expected is None:
            if at is None:
                return not self.planned_digests([person])
            return self._execute(_plan(self._dialect), {"person": person, "at": at}).scalar() is not None
        place = {"who": person, "expected": expected}
        moved = self._execute(_unplan, place) if at is None else self._execute(_move, {**place, "to": at})
        return moved.rowcount == 1

    def digest_told(self, person: PersonId, now: datetime) -> None:
        """They get one now."""
        self._execute(_told, {"who": person, "now": now})


def _read(row: RowMapping) -> PersonSettings:
    return PersonSettings(
        person=PersonId(row["person"]),
        zone=row["zone"],
        start=row["start"],
        end=row["end"],
        days=None if row["days"] is None else tuple(json.loads(row["days"])),
        delivery=row["delivery"],
        digest=row["digest"],
        absent_since=row["absent_since"],
        absent_until=row["absent_until"],
        delegate=None if row["delegate"] is None else PersonId(row["delegate"]),
    )
