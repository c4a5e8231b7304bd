"""Readers of single values: each gives the value, or refuses the place and gives None."""

from __future__ import annotations

import re
from typing import Literal, TypeVar

from bot.core.globs import BadGlob, globs
from bot.core.policy.keys import keys_below
from bot.core.policy.nodes import Place, Scalar, Sequence, shown

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
MINUTES = {"m": 1, "h": 60, "d": 480}
"""What a unit of working time is worth."""
Word = TypeVar("Word", bound=str)


def text(place: Place, most: int = 400) -> str | None:
    """A non-empty line of text."""
    node = place.node
    if isinstance(node, Scalar) and node.text.strip() and len(node.text) <= most and node.text.isprintable():
        return node.text
    place.refuse(shown(node), f"one line of text, at most {most} characters", "write a short plain text")
    return None


def word(place: Place, allowed: tuple[Word, ...]) -> Word | None:
    """One of the allowed words."""
    node = place.node
    if isinstance(node, Scalar):
        for one in allowed:
            if node.text == one:
                return one
    place.refuse(shown(node), "one of " + ", ".join(allowed), "choose one of them")
    return None


def truth(place: Place) -> bool | None:
    answer = word(place, ("true", "false"))
    return None if answer is None else answer == "true"


def whole(place: Place, low: int, high: int) -> int | None:
    """A whole number within bounds."""
    node = place.node
    if (
        isinstance(node, Scalar)
        and not node.quoted
        and re.fullmatch(r"[0-9]{1,9}", node.text)
        and low <= int(node.text) <= high
    ):
        return int(node.text)
    place.refuse(shown(node), f"a whole number from {low} to {high}", "write such a number")
    return None


def duration(place: Place, low: int, high: int) -> int | None:
    """Minutes, from `30m`, `4h` or `2d`; a day is eight hours of work."""
    node = place.node
    if isinstance(node, Scalar) and (spelled := re.fullmatch(r"([0-9]{1,5})([mhd])", node.text)):
        minutes = int(spelled[1]) * MINUTES[spelled[2]]
        if low <= minutes <= high:
            return minutes
    wanted = f"a time from {spelled_minutes(low)} to {spelled_minutes(high)}, as `30m`, `4h` or `2d`"
    place.refuse(shown(node), wanted, "write a number and its unit; a day is eight hours of work")
    return None


def spelled_minutes(minutes: int) -> str:
    """As it is written in a policy: `30m`, `4h`, `2d`."""
    unit = next((unit for unit in ("d", "h") if minutes and minutes % MINUTES[unit] == 0), "m")
    return f"{minutes // MINUTES[unit]}{unit}"


def percentage(place: Place) -> float | None:
    node = place.node
    if isinstance(node, Scalar) and re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,4})?", node.text) and float(node.text) <= 100:
        return float(node.text)
    place.refuse(shown(node), "a percentage from 0 to 100, or off", "write the number alone, without a % sign")
    return None


def is_off(place: Place) -> bool:
    return isinstance(place.node, Scalar) and place.node.text == "off"


def name(place: Place, key: str) -> bool:
    """Whether the key itself is a usable name of a role or a rule."""
    if _NAME.fullmatch(key):
        return True
    place.refuse(f"the name `{key[:60]}`", "letters, digits, `-` and `_`, a letter first", "rename it")
    return False


def lines_of_text(place: Place) -> tuple[str, ...]:
    """A list of texts, no two alike."""
    found: list[str] = []
    for item in place.each():
        value = text(item)
        if value is not None and value in found:
            item.refuse(f"`{value[:60]}` twice", "each once", "remove one of the two")
        elif value is not None:
            found.append(value)
    return tuple(found)


def patterns(place: Place) -> tuple[str, ...]:
    """A list of path patterns that can be read."""
    found: list[str] = []
    for at, value in enumerate(lines_of_text(place)):
        try:
            globs((value,), fold=True)
            found.append(value)
        except BadGlob as bad:
            node = place.node.items[at] if isinstance(place.node, Sequence) else place.node
            broken = Place(place.file, f"{place.path}[{at}]", node, place.problems)
            broken.refuse(f"`{value[:60]}`: {bad}", "a path pattern such as `src/**/*.py`", "correct the pattern")
    return tuple(found)


def known(place: Place, table: str, key: str) -> bool:
    """Whether the key may stand here. `table` is the path of its mapping in `POLICY_KEYS`."""
    allowed = keys_below(table)
    if key in allowed:
        return True
    place.refuse("an unknown key", "one of " + ", ".join(allowed), "check the spelling, or remove it")
    return False


def unique(kind: Literal["id"], place: Place, value: str, seen: set[str]) -> bool:
    """Whether a value that must not repeat is new."""
    if value not in seen:
        seen.add(value)
        return True
    place.refuse(f"the {kind} `{value}` twice", f"each {kind} once", "remove one of the two")
    return False
