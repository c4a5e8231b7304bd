"""From the attempts at one test to its outcome. Tools write retries in opposite ways, so one rule is used for all of them.

The last record is what the run ended with. A test that ended well but was tried before is flaky when an attempt differs, or
when the report is known to hide how earlier attempts ended (pytest-rerunfailures writes failed attempts without a failure).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from bot.core.evidence.model import TestCase, TestOutcome
from integrations.reports.intake import clean

_LONGEST_ID = 500


@dataclass(frozen=True, slots=True)
class Attempt:
    """One record of a test. `retries` are attempts that the record itself tells of."""

    id: str
    outcome: TestOutcome
    detail: str = ""
    retries: int = 0


def settle(attempts: Iterable[Attempt], hidden: bool) -> tuple[TestCase, ...]:
    """One case for each id, in order of first appearance. `hidden`: a repeated id means failures that were not written down."""
    grouped: dict[str, list[Attempt]] = {}
    for attempt in attempts:
        grouped.setdefault(attempt.id, []).append(attempt)
    return tuple(_case(tries, hidden) for tries in grouped.values())


def _case(tries: list[Attempt], hidden: bool) -> TestCase:
    last = tries[-1]
    outcome = last.outcome
    disagree = len({attempt.outcome for attempt in tries}) > 1
    if outcome != "failed" and len(tries) > 1 and (disagree or hidden):
        outcome = "flaky"
    detail = next((attempt.detail for attempt in reversed(tries) if attempt.detail), "")
    count = len(tries) + sum(attempt.retries for attempt in tries)
    return TestCase(last.id, outcome, count, clean(detail))


def case_id(*parts: str) -> str:
    """The id of a test from what its report says of it, fit to be shown; with a digest where that changed it."""
    whole = "::".join(part for part in parts if part)
    shown = clean(whole, _LONGEST_ID)
    if shown == whole:
        return whole
    return f"{shown} #{hashlib.sha256(whole.encode(errors='surrogatepass')).hexdigest()[:12]}"
