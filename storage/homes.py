"""Who has opened their home page, and whether anything happened that one may show."""

from __future__ import annotations

from sqlalchemy import bindparam, func, literal_column, select

from bot.core.ids import ChatUser
from storage.escalation_tables import ESCALATIONS, PERSON_SETTINGS, RUNNING, TURNINGS
from storage.rows import Rows, begins_with
from storage.tables import CHANGES, SURFACES

PREFIX = "home:"

_homes = select(SURFACES.c.surface).where(begins_with(SURFACES.c.change_key, bindparam("prefix"))).order_by(SURFACES.c.surface)
_changes = select(func.max(CHANGES.c.evaluated_at), func.count())
_settings = select(func.max(PERSON_SETTINGS.c.saved_at))
_turnings = select(func.max(TURNINGS.c.id))
_turns = select(
    func.count(), func.sum(ESCALATIONS.c.epoch), func.sum(ESCALATIONS.c.step), func.max(ESCALATIONS.c.next_at)
).where(literal_column(RUNNING.text))


class HomeRows(Rows):
    def homes(self) -> tuple[ChatUser, ...]:
        """Everybody to whom a home page was ever shown."""
        surfaces = self._execute(_homes, {"prefix": PREFIX}).scalars()
        return tuple(
            ChatUser(team, user) for team, _, user in (str(one).removeprefix(PREFIX).partition(":") for one in surfaces)
        )

    def home_stamp(self) -> str:
        """A word that is another one after each look at a change, turn, step, deed or choice of settings."""
        rows = [self._execute(one).one() for one in (_changes, _settings, _turnings, _turns)]
        return "|".join(str(value) for row in rows for value in row)
