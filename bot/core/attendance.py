"""Whether people can be asked now, how much is on their desk, and who was asked already."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from bot.core.hours.calendar import Calendar
from bot.core.ids import PersonId

Presence = Literal["active", "away", "out-of-hours", "absent"]
"""active: in their hours, and the chat sees them. away: in their hours, and the chat or the forge says otherwise."""
PRESENCES: tuple[Presence, ...] = ("active", "away", "out-of-hours", "absent")
"""Who is asked first."""


@dataclass(frozen=True, slots=True)
class Attendance:
    """One person at one instant. `why` follows a name: why they are not at work, or that they count as if they were because
    nobody tells. `load` is the weighted count of open requests and of those of the last 30 days (`bot.core.routing.load`)."""

    person: PersonId
    presence: Presence = "active"
    why: str = ""
    calendar: Calendar = field(default_factory=Calendar)
    load: float = 0.0
    instead: PersonId | None = None
    """Who takes what they were asked already, while they are absent, by their own word."""


How = Literal["routed", "widened", "delegated", "reassigned", "fallback"]


@dataclass(frozen=True, slots=True)
class Assignment:
    """Somebody was asked, in person, about one request.

    `by` did it: nobody where the gate did. `gone` says in words why they are not asked any more (`said it is not theirs`); such
    a person is named for no seat again, and may still approve. `seat` is the role of the seat that a fallback stands in for.
    """

    person: PersonId
    how: How
    at: datetime
    by: PersonId | None = None
    seat: str = ""
    gone: str = ""
