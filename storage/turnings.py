"""What happened to requests while people were waited for: history, figures, and who did what."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import RowMapping, bindparam, insert, select

from bot.core.ids import ChangeRef, PersonId
from bot.ports.escalation import Turning
from storage.escalation_tables import TURNINGS
from storage.rows import Rows, storable

_add = insert(TURNINGS)
_since = select(TURNINGS).where(TURNINGS.c.at >= bindparam("since")).order_by(TURNINGS.c.at, TURNINGS.c.id)


class TurningRows(Rows):
    def add_turning(self, turning: Turning) -> None:
        self.add_turnings([turning])

    def add_turnings(self, turnings: Sequence[Turning]) -> None:
        """All of them at once, in their order."""
        if turnings:
            self._execute(_add, [_values(each) for each in turnings])

    def turnings(
        self, since: datetime, kinds: Collection[str] = (), person: PersonId | None = None, token: str = ""
    ) -> tuple[Turning, ...]:
        """From then on, oldest first; of these kinds, this person, this request, where such are named."""
        wanted, values = _since, {"since": since}
        if kinds:
            wanted = wanted.where(TURNINGS.c.kind.in_(sorted(kinds)))
        if person is not None:
            wanted = wanted.where(TURNINGS.c.person == person)
        if token:
            wanted = wanted.where(TURNINGS.c.token == token)
        return tuple(_read(row) for row in self._execute(wanted, values).mappings())


def _values(turning: Turning) -> dict[str, object]:
    return {
        "at": turning.at,
        "change_key": turning.change.key,
        "token": turning.token,
        "seat": storable(turning.seat),
        "kind": turning.kind,
        "person": turning.person,
        "words": storable(turning.words),
    }


def _read(row: RowMapping) -> Turning:
    return Turning(
        at=row["at"],
        change=ChangeRef.from_key(row["change_key"]),
        token=row["token"],
        seat=row["seat"],
        kind=row["kind"],
        person=None if row["person"] is None else PersonId(row["person"]),
        words=row["words"],
    )
