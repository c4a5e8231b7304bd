"""What adapters of web services share in telling how one failed: its words made fit for an error, and how long to wait."""

from __future__ import annotations

import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from bot.ports.errors import Conflict, RateLimited, Refused, Unavailable, WorldError

LIMIT_WAIT_S = 60.0
"""So long where a limit was hit and no time named."""
SECONDS_DIGITS = 11
"""More digits than this are no time to wait."""
_UNREADABLE = re.compile(r"[^\x20-\x7e\xa0-\uffff]+")


def fit(text: str, secret: re.Pattern[str], limit: int = 240) -> str:
    """Text of another party, fit for an error: one line, no control characters, nothing that looks like a `secret`."""
    line = secret.sub("[secret]", " ".join(_UNREADABLE.sub(" ", text).split())).strip()
    return line if len(line) <= limit else line[: limit - 1] + "…"


def limited(saw: str, wait: float) -> RateLimited:
    return RateLimited(f"{saw}; wanted fewer calls; waiting {wait:.0f} s", wait)


def by_status(saw: str, status: int, headers: Mapping[str, str]) -> WorldError:
    """What every service means by a status for which it has no words of its own."""
    if status == 409:
        return Conflict(f"{saw}; somebody was faster, it is read again")
    if status >= 500:
        return Unavailable(f"{saw}; it is tried again", seconds(headers, "retry-after"))
    return Refused(f"{saw}; wanted a request it takes: trying again does not help")


def wait_s(headers: Mapping[str, str], reset: str = "") -> float:
    """Seconds to wait: `Retry-After`, else until the limit's reset by the service's own clock, else a minute.

    `reset` is the header that says when; empty where it means nothing in this answer.
    """
    named = seconds(headers, "retry-after")
    if named is not None:
        return named
    until = seconds(headers, reset)
    if until is None:
        return LIMIT_WAIT_S
    try:
        now = parsedate_to_datetime(headers.get("date", "")).timestamp()
    except ValueError:
        return LIMIT_WAIT_S
    return max(1.0, until - now)


def seconds(headers: Mapping[str, str], header: str) -> float | None:
    value = headers.get(header, "")
    return float(value) if value.isascii() and value.isdigit() and len(value) <= SECONDS_DIGITS else None
