"""CTRF 1.0: `results.tests[]` with their own account of retries. The summary is not read.

A test named twice is two tests here, since retries have a place of their own; a failure of either stays one.
"""

from __future__ import annotations

from bot.core.evidence.model import Suite, TestCase, TestOutcome
from integrations.reports.attempts import case_id
from integrations.reports.intake import clean
from integrations.reports.node import Node

ENGINE = "ctrf"
_OUTCOMES: dict[str, TestOutcome] = {
    "passed": "passed", "failed": "failed", "skipped": "skipped", "pending": "skipped", "other": "skipped",
}  # fmt: skip


def read_ctrf(report: Node, source: str) -> Suite:
    """The tests of a CTRF report."""
    tests = report.get("results").get("tests")
    if not tests.there:
        raise tests.unlike("a list of tests")
    return Suite(source, ENGINE, tuple(_case(test) for test in tests.items()))


def _case(test: Node) -> TestCase:
    name, outcome = test.get("name"), _outcome(test.get("status"))
    if not name.text():
        raise name.unlike("the test's name")
    tries = [_outcome(attempt.get("status")) for attempt in test.get("retryAttempts").items()]
    retries = max(len(tries), test.get("retries").number() if test.get("retries").there else 0)
    if outcome == "passed" and (retries or test.get("flaky").flag()):
        outcome = "flaky"
    return TestCase(_id(test, name.text()), outcome, 1 + retries, clean(test.get("message").text()))


def _outcome(status: Node) -> TestOutcome:
    known = _OUTCOMES.get(status.text())
    if known is None:
        raise status.unlike("passed, failed, skipped, pending or other")
    return known


def _id(test: Node, name: str) -> str:
    suite = test.get("suite")
    groups = [suite.text()] if isinstance(suite.value, str) else [group.text() for group in suite.items()]
    parts = [test.get("filePath").text(), *groups]
    return case_id(*dict.fromkeys(part for part in parts if part not in name), name)
