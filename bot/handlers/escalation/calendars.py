"""When people work, for those about whom a step or a reminder has to know."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from bot.core.hours.calendar import Calendar
from bot.core.ids import PersonId
from bot.handlers.kit import Kit
from bot.ports.store import Unit


def calendars_of(kit: Kit, unit: Unit, people: Collection[PersonId]) -> Mapping[PersonId, Calendar]:
    """Everybody's, whatever is known of them: nobody is asked for here that is not known at this instant."""
    return {person: Calendar() for person in people}
