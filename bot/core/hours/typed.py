"""What people type about their time: how long, when they work, how long they are away. Read, or not read with the reason, which
says what was seen and what is wanted; whoever asked adds an example."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.core.hours.calendar import Hours
from bot.core.hours.span import zone_of

DAY_MINUTES = 480
"""A day of work, where people count in days."""
LAST_YEAR = 9000
"""Beyond it the arithmetic of days ends."""
NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WANTED_LENGTH = "a length of working time such as 30m, 2h, 1h30m or 1d (a day has 8 hours)"
WANTED_HOURS = "a day as 9-17:30, days as mon-fri, a time zone as Europe/Berlin, in any order"
WANTED_AWAY = "until friday, until 2026-12-30, 3d, 2026-12-24..2027-01-02, or off"
_UNITS = {"m": 1, "min": 1, "h": 60, "d": DAY_MINUTES}
_PART = re.compile(r"(\d{1,4})(min|m|h|d)")
_RANGE = re.compile(r"(\d{1,2})(?::(\d{2}))?[-–](\d{1,2})(?::(\d{2}))?")
_COUNT = re.compile(r"(\d{1,3})d")


@dataclass(frozen=True, slots=True)
class NotRead:
    """Why what was typed is none of what is wanted, as a sentence."""

    because: str


@dataclass(frozen=True, slots=True)
class Away:
    """From one instant to another, or until they say otherwise. Both None: they are here."""

    since: datetime | None = None
    until: datetime | None = None


def read_length(words: str) -> int | NotRead:
    """Working minutes, at least 1."""
    said = "".join(words.lower().split())
    parts = _PART.findall(said)
    minutes = sum(int(number) * _UNITS[unit] for number, unit in parts)
    if not parts or "".join(number + unit for number, unit in parts) != said or not minutes:
        return NotRead(f"saw {_quoted(words)}; wanted {WANTED_LENGTH}")
    return minutes


def read_hours(words: str, before: Hours) -> Hours | NotRead:
    """Hours with what was said changed, and the rest as it was `before`."""
    found = before
    for word in words.replace(", ", ",").split():
        part = _range(word, found) or _days(word, found) or _zone(word, found)
        if part is None:
            return NotRead(f"saw {_quoted(word)}; wanted {WANTED_HOURS}")
        if isinstance(part, NotRead):
            return part
        found = part
    return found


def _range(word: str, before: Hours) -> Hours | NotRead | None:
    match = _RANGE.fullmatch(word)
    if match is None:
        return None
    start, end = _minutes(match[1], match[2]), _minutes(match[3], match[4])
    if start is None or end is None or start == 24 * 60 or start == end:
        return NotRead(f"saw {_quoted(word)}; wanted two different times of a day, as in 9-17:30")
    return replace(before, start=start, end=end)


def _minutes(hour: str, minute: str | None) -> int | None:
    total = int(hour) * 60 + int(minute or 0)
    return total if total <= 24 * 60 and int(minute or 0) < 60 else None


def _days(word: str, before: Hours) -> Hours | None:
    """`mon-fri`, `mon,wed,fri`, `sun-thu`."""
    days: set[int] = set()
    for piece in word.lower().split(","):
        first, dash, last = piece.partition("-")
        begins, ends = _day(first), _day(last) if dash else _day(first)
        if begins is None or ends is None:
            return None
        days |= {(begins + step) % 7 for step in range((ends - begins) % 7 + 1)}
    return replace(before, days=tuple(sorted(days)))


def _day(name: str) -> int | None:
    found = [number for number, full in enumerate(NAMES) if len(name) >= 3 and full.startswith(name)]
    return found[0] if found else None


def _zone(word: str, before: Hours) -> Hours | None:
    try:
        return replace(before, zone=ZoneInfo(word).key) if "/" in word or word == "UTC" else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def read_absence(words: str, now: datetime, zone: str) -> Away | NotRead:
    """`until` a day means that they are back on that day; a span and a count include their last day. Days are days where they
    are."""
    said = words.lower().split()
    today = now.astimezone(zone_of(zone)).date()
    if said == ["off"]:
        return Away()
    first, dots, last = "".join(said).partition("..")
    since, back = (_date(first), _date(last)) if dots else (None, _back(said, today))
    if back is None or (dots and since is None):
        return NotRead(f"saw {_quoted(words)}; wanted {WANTED_AWAY}")
    begins = _midnight(since, zone) if since is not None and since > today else now
    until = _midnight(back + timedelta(days=1) if dots else back, zone)
    if until <= begins:
        return NotRead(f"saw {_quoted(words)}, which is over already; wanted a day to come")
    return Away(begins, until)


def _back(said: list[str], today: date) -> date | None:
    """The first day on which they are here again."""
    named = said[1:] if said[:1] == ["until"] else said
    if len(named) != 1:
        return None
    if count := _COUNT.fullmatch(named[0]):
        return today + timedelta(days=int(count[1]))
    if said[0] != "until":
        return None
    if named[0] == "tomorrow":
        return today + timedelta(days=1)
    day = _day(named[0])
    return _date(named[0]) if day is None else today + timedelta(days=(day - today.weekday() - 1) % 7 + 1)


def _date(word: str) -> date | None:
    try:
        found = date.fromisoformat(word)
    except ValueError:
        return None
    return found if found.year < LAST_YEAR else None


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), zone_of(zone))


def _quoted(words: str) -> str:
    return f"“{words.strip()[:60]}”" if words.strip() else "nothing"
