"""When people work, for those about whom a step or a reminder has to know."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from bot.core.escalation.model import PersonSettings
from bot.core.hours.calendar import Absence, Calendar, Hours
from bot.core.hours.chosen import with_choices
from bot.core.ids import PersonId
from bot.handlers.kit import Kit
from bot.ports.store import Unit


def calendars_of(
    kit: Kit,  # noqa: ARG001 - what the chat and the settings say of hours comes from there
    unit: Unit,
    people: Collection[PersonId],
) -> Mapping[PersonId, Calendar]:
    """Everybody's, as far as it is known here at this instant: nobody is asked for it while a transaction is open."""
    chosen = {one.person: one for one in unit.settings_of(people)} if people else {}
    return {person: _calendar(chosen.get(person) or PersonSettings(person)) for person in people}


def _calendar(chosen: PersonSettings) -> Calendar:
    absences = (Absence(chosen.absent_since, chosen.absent_until, "is away"),) if chosen.absent_since else ()
    return Calendar(with_choices(Hours(), chosen), absences=absences)
