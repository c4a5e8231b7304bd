"""Calendars of holidays: can each be read?"""

from __future__ import annotations

from collections.abc import Iterator

from bot.cli.checkup.row import Row, parted
from bot.cli.checkup.waiting import Waiting
from bot.main import Settings, SystemClock
from bot.main.hours import connect_clocks

HOLIDAYS = "Holidays"


def look_at_holidays(settings: Settings, waiting: Waiting) -> Iterator[Row]:
    """Nothing where none are set. One that cannot be read costs the gate nothing but the days in it."""
    sources = settings.hours.holidays
    listed = connect_clocks(settings.hours, SystemClock()).holidays
    if not sources or listed is None:
        return
    with waiting.on("reading calendars of holidays"):
        listed.refresh()
    problems = listed.problems()
    for problem in problems:
        cure = "correct hours.holidays; until then those days count as working days"
        yield parted(Row(HOLIDAYS, "warning", problem, "a calendar of whole days that can be read", cure))
    if not problems:
        yield Row(HOLIDAYS, "ok", f"{len(sources)} {'calendar' if len(sources) == 1 else 'calendars'} can be read")
