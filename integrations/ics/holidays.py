"""`bot.ports.holidays.Holidays` from files and https addresses, each read once a day."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import httpx

from bot.ports.clock import Clock
from integrations.ics.days import MOST_BYTES, NotACalendar, read_days

DEFAULT = "default"
KEPT_FOR = timedelta(days=1)
AGAIN_AFTER = timedelta(hours=1)
AROUND = timedelta(days=731)
"""Two years before and after: further ahead nobody waits."""
TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class Read:
    """What one source said last, and what is wrong with it now."""

    due: datetime
    days: frozenset[date] = frozenset()
    problem: str = ""


class IcsHolidays:
    """Safe to share among threads."""

    def __init__(self, sources: Mapping[str, str], clock: Clock) -> None:
        """`sources`: a file or an https address by a person's id, a zone of the IANA database, or `default`."""
        self._sources = dict(sources)
        self._clock = clock
        self._read: dict[str, Read] = {}
        self._lock = threading.Lock()

    def known(self, names: Sequence[str]) -> frozenset[date]:
        for name in (*names, DEFAULT):
            if name in self._sources:
                read = self._read.get(name)
                return read.days if read else frozenset()
        return frozenset()

    def refresh(self) -> int:
        with self._lock:  # one at a time; `known` never waits for it
            now = self._clock.now()
            due = [name for name in self._sources if name not in self._read or self._read[name].due <= now]
            for name in due:
                self._read[name] = self._anew(name, now)
            return len(due)

    def problems(self) -> tuple[str, ...]:
        return tuple(read.problem for read in tuple(self._read.values()) if read.problem)

    def _anew(self, name: str, now: datetime) -> Read:
        """What was known before still holds where nothing can be read."""
        try:
            found = read_days(_content(self._sources[name]), now.date() - AROUND, now.date() + AROUND)
        except (NotACalendar, OSError, httpx.HTTPError, httpx.InvalidURL) as error:
            problem = f"hours.holidays.{name}: {_words(error)}"
            before = self._read.get(name)
            return Read(now + AGAIN_AFTER, before.days if before else frozenset(), problem)
        left_out = f"hours.holidays.{name}: left out {found.skipped} events; wanted whole days, once or every year"
        return Read(now + KEPT_FOR, found.days, left_out if found.skipped else "")


def _content(source: str) -> bytes:
    """At most one byte more than may be. Redirects are not followed: the setting says what is read."""
    if "://" not in source:
        with Path(source).open("rb") as file:
            return file.read(MOST_BYTES + 1)
    with httpx.stream("GET", source, timeout=TIMEOUT_S, follow_redirects=False, trust_env=False) as answer:
        if answer.status_code != 200:
            raise NotACalendar(f"saw the answer {answer.status_code}; wanted 200 and a calendar at that very address")
        content = b""
        for part in answer.iter_bytes(64 * 1024):
            content += part
            if len(content) > MOST_BYTES:
                break
        return content


def _words(error: Exception) -> str:
    """Nothing of an address or its answer is repeated: an address of a calendar is often a secret."""
    if isinstance(error, NotACalendar):
        return str(error)
    if isinstance(error, OSError):
        return f"saw {error.filename}: {error.strerror}; wanted an iCalendar file there"
    return f"saw no answer ({type(error).__name__}); wanted a calendar there; it is tried again in an hour"
