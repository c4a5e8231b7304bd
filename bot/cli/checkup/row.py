"""One line of `llmgate doctor`: what was looked at, how it stands, and what to do."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from bot.core.verdict import Finding, Outcome

Level = Literal["ok", "warning", "problem"]
"""Only a problem makes the command fail: with a warning the gate works, but less well or less surely."""

_LEVELS: dict[Outcome, Level] = {"pass": "ok", "wait": "warning", "block": "problem", "skip": "warning"}


@dataclass(frozen=True, slots=True)
class Row:
    """`about` names the repositories it holds for; empty where it is about the installation as a whole."""

    check: str
    level: Level
    saw: str
    wanted: str = ""
    cure: str = ""
    about: tuple[str, ...] = ()


Look = Callable[[], Iterable[Row]]

_SENTENCE = re.compile(r"(.*?)saw:? (.+?)[;,] wanted:? (.+?)(?:[;.] (.+?))?\.?$", re.DOTALL)


def parted(row: Row) -> Row:
    """The row with an error's own words (`saw …; wanted …; do …`) put where they belong, if they are such a sentence."""
    match = _SENTENCE.match(row.saw)
    if match is None:
        return row
    return replace(row, saw=f"{match[1]}{match[2]}", wanted=match[3], cure=match[4] or row.cure)


def rows_of(finding: Finding, about: tuple[str, ...] = ()) -> Iterator[Row]:
    """A finding as rows: itself, or each of its parts that lacks something. What only follows from another row is left out."""
    lacking = [child for child in finding.children if child.outcome != "pass"]
    if lacking:
        for child in lacking:
            yield from rows_of(replace(child, title=f"Permission {child.title}"), about)
    elif finding.outcome != "skip" or finding.wanted:
        title = "Permissions" if finding.children else finding.title
        yield Row(title, _LEVELS[finding.outcome], finding.saw, finding.wanted, finding.cure, about)


def merged(rows: Iterable[Row]) -> list[Row]:
    """Rows that say the same of several repositories become one that names them all."""
    found: dict[Row, list[str]] = {}
    for row in rows:
        found.setdefault(replace(row, about=()), []).extend(row.about)
    return [replace(row, about=tuple(about)) for row, about in found.items()]
