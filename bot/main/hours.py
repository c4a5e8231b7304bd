"""Hours of whoever chose none, and holidays, as the settings say."""

from __future__ import annotations

from bot.config import WorkingHours
from bot.handlers.clocks import Clocks
from bot.ports.clock import Clock
from integrations.ics.holidays import IcsHolidays


def connect_clocks(settings: WorkingHours, clock: Clock) -> Clocks:
    """Nothing is read yet: calendars are, with the first tick, and what is wrong with one is logged and stops nothing."""
    return Clocks(settings.hours, IcsHolidays(settings.holidays, clock))
