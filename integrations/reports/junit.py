"""JUnit XML as pytest, Surefire, gotestsum, jest-junit, nextest, CTest and GoogleTest write it. Summaries are not believed.

A suite's own count is good for one thing: where it differs from the records, attempts were written without how they ended.
Attempts are grouped within one `testsuite` element; two elements are two runs, and a failure in either stays one.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.core.evidence.model import Suite, TestCase, TestOutcome
from bot.core.provenance.strict_json import Refused
from integrations.reports.attempts import Attempt, case_id, settle
from integrations.reports.intake import Element, whole_number

ENGINE = "junit"
_FLAKY = ("flakyFailure", "flakyError")
_RERUN = ("rerunFailure", "rerunError", "rerun")
_NOT_RUN = frozenset({"notrun", "disabled", "skipped", "suppressed", "ignored", "pending", "inconclusive"})
_FAILED = frozenset({"fail", "failed", "failure", "error", "errored"})


def read_junit(root: Element, source: str) -> Suite:
    """The tests of a report whose root is `testsuites` or `testsuite`."""
    return Suite(source, ENGINE, tuple(case for element in _suites(root) for case in _cases(element)))


def _suites(element: Element) -> Iterator[Element]:
    yield element
    for inner in element.all("testsuite", "testsuites"):
        yield from _suites(inner)


def _cases(element: Element) -> tuple[TestCase, ...]:
    attempts = [_attempt(case, element) for case in element.all("testcase")]
    told = whole_number(element.get("tests"))
    hidden = element.get("name") == "pytest" or (told is not None and told != _count(element))
    return settle(attempts, hidden)


def _count(element: Element) -> int:
    return sum(len(inner.all("testcase")) for inner in _suites(element))


def _attempt(case: Element, suite: Element) -> Attempt:
    name, group = case.get("name"), case.get("classname") or suite.get("name")
    if not name:
        raise Refused("a `testcase` without a name", "every test named", "Let the tool write the report again.")
    outcome, about = _outcome(case)
    retries = len(case.all(*_FLAKY, *_RERUN))
    detail = (about.get("message") or about.text) if about else ""
    return Attempt(case_id(case.get("file"), group, name), outcome, detail, retries)


def _outcome(case: Element) -> tuple[TestOutcome, Element | None]:
    """The outcome and the element that tells of it. What no rule knows has run well: JUnit has no word for a pass."""
    told = {case.get("status").lower(), case.get("result").lower()}
    for tags, words, outcome in _RULES:
        about = case.all(*tags)
        if about or told & words:
            return outcome, about[0] if about else None
    return "passed", None


_RULES: tuple[tuple[tuple[str, ...], frozenset[str], TestOutcome], ...] = (
    (("failure", "error"), _FAILED, "failed"),
    ((*_FLAKY, *_RERUN), frozenset(), "flaky"),
    (("skipped", "disabled"), _NOT_RUN, "skipped"),
)
