"""When people work, for those about whom a step or a reminder has to know."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from bot.core.escalation.model import PersonSettings
from bot.core.hours.calendar import Calendar
from bot.core.ids import PersonId
from bot.handlers.kit import Kit
from bot.ports.store import Unit


def calendars_of(
    kit: Kit,
    unit: Unit,
    people: Collection[PersonId],
) -> Mapping[PersonId, Calendar]:
    """Everybody's, as far as it is known here at this instant: nobody is asked for it while a transaction is open."""
    chosen = {one.person: one for one in unit.settings_of(people)} if people else {}
    now = kit.clock.now()
    return {person: kit.clocks.calendar(chosen.get(person) or PersonSettings(person), now) for person in people}
