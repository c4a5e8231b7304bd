"""When people work, as far as it is known in this process: what they chose, over what the chat says, over the settings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.escalation.model import PersonSettings
from bot.core.hours.calendar import Absence, Calendar, Hours
from bot.core.hours.chosen import with_choices
from bot.core.ids import PersonId
from bot.core.presence import Status, absence_of
from bot.ports.chat import ChatProfile
from bot.ports.holidays import Holidays

OFFICE = Hours()
BELIEVED_FOR = timedelta(days=1)
"""So long a status that was seen still counts where the chat tells nothing more."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """What the chat said of somebody last. `since`: when their present status was seen first."""

    at: datetime
    since: datetime
    zone: str
    status: Status

    def absences(self, now: datetime) -> tuple[Absence, ...]:
        found = absence_of(self.status, self.since) if now - self.at < BELIEVED_FOR else None
        return (found,) if found is not None and (found.until is None or now < found.until) else ()


class Clocks:
    """Asks nobody: it can be read while a transaction is open. Safe to share among threads."""

    def __init__(self, hours: Hours = OFFICE, holidays: Holidays | None = None) -> None:
        """`hours` of whoever chose none and of whose zone the chat knows nothing."""
        self._hours = hours
        self.holidays = holidays
        self._seen: dict[PersonId, Sighting] = {}

    def note(self, person: PersonId, profile: ChatProfile, now: datetime) -> Status:
        """Keep what the chat says of them. Returns their status."""
        status = status_of(profile)
        before = self._seen.get(person)
        since = before.since if before is not None and before.status == status else now
        self._seen[person] = Sighting(now, since, profile.zone, status)
        return status

    def seen_at(self, person: PersonId) -> datetime | None:
        """When the chat was last heard of them."""
        seen = self._seen.get(person)
        return seen.at if seen else None

    def calendar(self, chosen: PersonSettings, now: datetime) -> Calendar:
        """Theirs, from now on: absences that are over are left out."""
        person, seen = chosen.person, self._seen.get(chosen.person)
        hours = Hours(
            seen.zone if seen and seen.zone else self._hours.zone, self._hours.start, self._hours.end, self._hours.days
        )
        hours = with_choices(hours, chosen)
        own = (Absence(chosen.absent_since, chosen.absent_until, "is away"),) if chosen.absent_since else ()
        holidays = self.holidays.known((person, hours.zone)) if self.holidays else frozenset()
        return Calendar(hours, holidays, (*own, *(seen.absences(now) if seen else ())))


def status_of(profile: ChatProfile) -> Status:
    return Status(profile.status_text, profile.status_emoji, profile.status_until)
