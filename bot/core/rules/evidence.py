"""What tests and scans showed of the generated files, against the tier's thresholds. What was not measured never passes."""

from __future__ import annotations

from collections.abc import Iterator

from bot.core.evidence.kinds import is_code, is_prose, is_test
from bot.core.evidence.measure import tally
from bot.core.evidence.model import Measure, RefusedReport
from bot.core.evidence.names import (
    BRANCH_COVERAGE,
    LINE_COVERAGE,
    MUTATION_SCORE,
    NOTHING_TO_MEASURE,
    SCAN_ERRORS,
    SCAN_WARNINGS,
    TESTS,
)
from bot.core.facts import Facts
from bot.core.policy.model import EvidenceFloor
from bot.core.rules.context import Context
from bot.core.rules.findings import first_few, parent
from bot.core.verdict import Finding

RULE = "evidence"
TITLE = "Tests and scans"
CURE = "add the report of a run on this commit under `.llmgate/evidence/`"


def check(facts: Facts, context: Context) -> Finding:
    floor = context.rules.evidence
    wanted = _wanted(floor)
    if not wanted and not floor.tests:
        return Finding(RULE, TITLE, "skip", f"the tier {context.tier} asks for no evidence")
    by_name = {measure.name: measure for measure in context.measures}
    children = list(_refused(facts))
    kept = [file.path for file in context.generated if file.status != "removed"]
    if floor.tests:
        prose = all(is_prose(path) for path in kept)
        children.append(_beside(TESTS, "only text for people was generated") if prose else _tests(facts, by_name.get(TESTS)))
    code = any(is_code(path) and not is_test(path) for path in kept)
    for name, threshold in wanted:
        if name in (SCAN_ERRORS, SCAN_WARNINGS):
            children.append(_scan(name, by_name.get(name), threshold))
        elif code:
            children.append(_share(name, by_name.get(name), threshold))
        else:
            children.append(_beside(name, "no generated file is code that tests could run"))
    return parent(RULE, TITLE, children)


def _wanted(floor: EvidenceFloor) -> list[tuple[str, float]]:
    figures = (
        (LINE_COVERAGE, floor.line_coverage),
        (BRANCH_COVERAGE, floor.branch_coverage),
        (MUTATION_SCORE, floor.mutation_score),
        (SCAN_ERRORS, floor.max_errors),
        (SCAN_WARNINGS, floor.max_warnings),
    )
    return [(name, threshold) for name, threshold in figures if threshold is not None]


def _rule(name: str) -> str:
    return f"{RULE}.{name.replace(' ', '-')}"


def _title(name: str) -> str:
    return name.capitalize()


def _beside(name: str, why: str) -> Finding:
    return Finding(_rule(name), _title(name), "skip", why)


def _refused(facts: Facts) -> Iterator[Finding]:
    def one(report: RefusedReport) -> Finding:
        no = report.refusal
        return Finding(f"{RULE}.refused", "Report", "block", f"`{report.source}`: {no.saw}", no.wanted, no.cure)

    def rest(left: int) -> Finding:
        return Finding(f"{RULE}.refused", "Report", "block", f"{left} more refused", "none", "mend those above first")

    yield from first_few(facts.evidence.refused, one, rest)


def _tests(facts: Facts, measure: Measure | None) -> Finding:
    count = tally(facts.evidence)
    wanted = "at least one test that passes, and none that fails"
    note = f" ({measure.note})" if measure and measure.note else ""
    if not (count.passed or count.failed or count.skipped or count.flaky):
        return Finding(_rule(TESTS), _title(TESTS), "block", "no test report", wanted, CURE)
    saw = f"{count.passed} of {count.passed + count.failed + count.skipped} passed{note}"
    if count.failed:
        failing = [case.id for suite in facts.evidence.suites for case in suite.cases if case.outcome == "failed"]
        cure = f"mend {failing[0][:120]}" if failing else "mend the failing tests"
        return Finding(_rule(TESTS), _title(TESTS), "block", saw, wanted, cure)
    if not count.passed:
        return Finding(_rule(TESTS), _title(TESTS), "block", saw, wanted, "write a test that is stable and passes")
    return Finding(_rule(TESTS), _title(TESTS), "pass", saw, wanted)


def _share(name: str, measure: Measure | None, threshold: float) -> Finding:
    wanted = f"at least {threshold:g} %"
    if measure is None or measure.value is None:
        return _unmeasured(name, measure, wanted)
    saw = f"{_down(measure.value):g} % ({measure.hit:,} of {measure.total:,}{', ' + measure.engine if measure.engine else ''})"
    if measure.value >= threshold:
        return Finding(_rule(name), _title(name), "pass", saw, wanted)
    return Finding(_rule(name), _title(name), "block", saw, wanted, f"{_MENDED[name]}, and bring the new report")


def _unmeasured(name: str, measure: Measure | None, wanted: str) -> Finding:
    if measure is not None and measure.note == NOTHING_TO_MEASURE:
        return Finding(_rule(name), _title(name), "skip", measure.note, wanted)
    saw = measure.note if measure is not None and measure.note else "insufficient: nothing was measured"
    return Finding(_rule(name), _title(name), "block", saw, wanted, CURE)


def _scan(name: str, measure: Measure | None, threshold: float) -> Finding:
    wanted = f"at most {threshold:g}"
    if measure is None or measure.value is None:
        return _unmeasured(name, measure, wanted)
    saw = f"{measure.hit:,}{' by ' + measure.engine if measure.engine else ''}"
    if measure.hit <= threshold:
        return Finding(_rule(name), _title(name), "pass", saw, wanted)
    return Finding(
        _rule(name), _title(name), "block", saw, wanted, "mend what the scanner found; suppressing it does not count"
    )


def _down(value: float) -> float:
    """One decimal, never rounded up to a threshold that was missed."""
    return int(value * 10) / 10


_MENDED = {
    LINE_COVERAGE: "test the lines that no test executes",
    BRANCH_COVERAGE: "test the branches that no test takes",
    MUTATION_SCORE: "write tests that fail for the surviving mutants",
}
