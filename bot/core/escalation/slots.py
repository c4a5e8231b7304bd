"""Where the turns of one seat are kept that wants several people: its first place bears its name, the next `security#2`."""

from __future__ import annotations

import re

_NUMBERED = re.compile(r"#\d+\Z")


def slot(seat: str, number: int) -> str:
    """The name of a place, from 1 on."""
    return seat if number == 1 else f"{seat}#{number}"


def seat_of(place: str) -> str:
    """The seat that a place belongs to: a role, `section:<name>`, or `author`."""
    return _NUMBERED.sub("", place)
