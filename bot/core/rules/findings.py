"""How findings are put together: a parent is as bad as its worst child, and every list ends before its reader tires."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import TypeVar

from bot.core.verdict import Finding, Outcome

MOST_SHOWN = 5
_WORST_FIRST: tuple[Outcome, ...] = ("block", "wait", "pass", "skip")
T = TypeVar("T")


def worst(findings: Iterable[Finding]) -> Outcome:
    """The outcome of a parent. Skipped children count for nothing beside others."""
    return min((finding.outcome for finding in findings), key=_WORST_FIRST.index, default="skip")


def parent(rule: str, title: str, children: Sequence[Finding], saw: str = "") -> Finding:
    """A finding over its children. `saw` is needed only where they do not say it all."""
    return Finding(rule, title, worst(children), saw or _sum(children), children=tuple(children))


def _sum(children: Sequence[Finding]) -> str:
    counts = {outcome: sum(child.outcome == outcome for child in children) for outcome in _WORST_FIRST}
    words = {"block": "to mend", "wait": "to wait for", "pass": "fine", "skip": "not needed"}
    return ", ".join(f"{counts[outcome]} {words[outcome]}" for outcome in _WORST_FIRST if counts[outcome]) or "nothing to check"


def first_few(items: Sequence[T], finding: Callable[[T], Finding], rest: Callable[[int], Finding]) -> list[Finding]:
    """A finding for each of the first items, and one for all that remain, so that no change can flood its readers."""
    shown = [finding(item) for item in islice(items, MOST_SHOWN)]
    left = len(items) - MOST_SHOWN
    return [*shown, rest(left)] if left > 0 else shown


def count(number: int, thing: str) -> str:
    """`1 commit`, `2 commits`."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def named(paths: Sequence[str]) -> str:
    """`a`, `b` and 3 more."""
    more = f" and {len(paths) - MOST_SHOWN} more" if len(paths) > MOST_SHOWN else ""
    return ", ".join(f"`{path}`" for path in paths[:MOST_SHOWN]) + more
