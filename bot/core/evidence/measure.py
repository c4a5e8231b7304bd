"""Figures for the generated files of a change, recomputed from the evidence's items, each with its denominator.

Percentages run from 0 to 100. For `SCAN_ERRORS` and `SCAN_WARNINGS`, `hit` and `value` are the count of findings and `total`
counts findings of every level. Whatever cannot be measured has no value and a note that starts with `insufficient`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from bot.core.evidence.covered import branch_coverage, line_coverage
from bot.core.evidence.kinds import is_code, is_test
from bot.core.evidence.model import Evidence, Level, Measure, Mutant, MutantOutcome, MutationReport, ScanResult, TestOutcome
from bot.core.evidence.names import (
    BRANCH_COVERAGE,
    INSUFFICIENT,
    LINE_COVERAGE,
    MUTATION_SCORE,
    NOTHING_TO_MEASURE,
    SCAN_ERRORS,
    SCAN_WARNINGS,
    TESTS,
)
from bot.core.evidence.paths import match, may_mean
from bot.core.evidence.scope import Scope, scope_of
from bot.core.facts import ChangedFile

__all__ = [
    "BRANCH_COVERAGE",
    "INSUFFICIENT",
    "LINE_COVERAGE",
    "MUTATION_SCORE",
    "NOTHING_TO_MEASURE",
    "SCAN_ERRORS",
    "SCAN_WARNINGS",
    "TESTS",
    "Tally",
    "measure",
    "tally",
]

_WORST_TEST: Final[tuple[TestOutcome, ...]] = ("failed", "flaky", "passed", "skipped")
_WORST_MUTANT: Final[tuple[MutantOutcome, ...]] = ("survived", "no-coverage", "invalid", "timeout", "killed")


@dataclass(frozen=True, slots=True)
class Tally:
    """How many different tests ended how, over all reports: a test that failed anywhere failed, one flaky anywhere is flaky."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    flaky: int = 0


def measure(evidence: Evidence, files: Sequence[ChangedFile], min_mutants: int = 8) -> tuple[Measure, ...]:
    """The six figures, in the order tests, line and branch coverage, mutation score, scan errors and warnings.

    `files` are the generated files of the change; all but the tests' figure look at the lines added to them only.
    """
    scopes = tuple(scope_of(file) for file in files if file.status != "removed")
    code = tuple(scope for scope in scopes if is_code(scope.path) and not is_test(scope.path))
    return (
        _tests(evidence),
        line_coverage(evidence.coverage, code),
        branch_coverage(evidence.coverage, code),
        _mutation(evidence.mutation, code, min_mutants),
        _scan(evidence, scopes, SCAN_ERRORS, "error"),
        _scan(evidence, scopes, SCAN_WARNINGS, "warning"),
    )


def tally(evidence: Evidence) -> Tally:
    """Tests by outcome, each id once."""
    worst: dict[str, TestOutcome] = {}
    for case in (case for suite in evidence.suites for case in suite.cases):
        worst[case.id] = min(worst.get(case.id, case.outcome), case.outcome, key=_WORST_TEST.index)
    outcomes = list(worst.values())
    return Tally(*(outcomes.count(outcome) for outcome in ("passed", "failed", "skipped", "flaky")))


def _tests(evidence: Evidence) -> Measure:
    """Skipped tests are in the denominator and did not pass; flaky ones are in neither."""
    count = tally(evidence)
    total = count.passed + count.failed + count.skipped
    parts = [(count.failed, "failed"), (count.skipped, "skipped"), (count.flaky, "flaky")]
    note = ", ".join(f"{number} {word}" for number, word in parts if number)
    engine = _engines(suite.engine for suite in evidence.suites)
    if not count.passed + count.failed:
        problem = f"{INSUFFICIENT}: no test passed or failed" if evidence.suites else f"{INSUFFICIENT}: no test report"
        return Measure(TESTS, None, 0, total, engine, f"{problem} ({note})" if note else problem)
    return Measure(TESTS, 100 * count.passed / total, count.passed, total, engine, note)


def _mutation(reports: Sequence[MutationReport], code: Sequence[Scope], min_mutants: int) -> Measure:
    engine = _engines(f"{report.engine} {report.version}".strip() for report in reports)
    outcomes = list(_mutants(reports, {scope.path: scope for scope in code}).values())
    hit = outcomes.count("killed") + outcomes.count("timeout")
    total = hit + outcomes.count("survived") + outcomes.count("no-coverage")
    invalid = f"{outcomes.count('invalid')} invalid" if "invalid" in outcomes else ""
    if not reports:
        return Measure(MUTATION_SCORE, None, 0, 0, "", f"{INSUFFICIENT}: no mutation report")
    if not any(scope.additions for scope in code):
        return Measure(MUTATION_SCORE, None, 0, 0, engine, NOTHING_TO_MEASURE)
    if not total or total < min_mutants:
        note = f"{INSUFFICIENT}: {total} mutants on changed lines, at least {max(min_mutants, 1)} wanted"
        return Measure(MUTATION_SCORE, None, hit, total, engine, f"{note} ({invalid})" if invalid else note)
    return Measure(MUTATION_SCORE, 100 * hit / total, hit, total, engine, invalid)


def _mutants(
    reports: Sequence[MutationReport], scopes: dict[str, Scope]
) -> dict[tuple[str, str, int, str, str], MutantOutcome]:
    """Mutants on changed lines. One that two reports name counts once, at its worst: sending a report twice proves no more."""
    worst: dict[tuple[str, str, int, str, str], MutantOutcome] = {}
    for report in reports:
        meant = match({mutant.path for mutant in report.mutants}, scopes)
        for mutant in report.mutants:
            path = meant.get(mutant.path)
            if path and scopes[path].has(mutant.line):
                key = _identity(report, mutant, path)
                worst[key] = min(worst.get(key, mutant.outcome), mutant.outcome, key=_WORST_MUTANT.index)
    return worst


def _identity(report: MutationReport, mutant: Mutant, path: str) -> tuple[str, str, int, str, str]:
    return report.engine, path, mutant.line, mutant.mutator, mutant.id


def _scan(evidence: Evidence, scopes: Sequence[Scope], name: str, level: Level) -> Measure:
    """Findings on changed lines. A suppressed one counts like any other: the code that it judges may have suppressed it."""
    engine = _engines(f"{report.engine} {report.version}".strip() for report in evidence.scans)
    if not evidence.scans:
        return Measure(name, None, 0, 0, "", f"{INSUFFICIENT}: no scan report")
    inside = [result for report in evidence.scans for result in report.results if _concerns(result, scopes)]
    counted = [result for result in inside if result.level == level]
    suppressed = sum(result.suppressed for result in counted)
    note = f"{suppressed} of them suppressed, counted all the same" if suppressed else ""
    return Measure(name, float(len(counted)), len(counted), len(inside), engine, note)


def _concerns(result: ScanResult, scopes: Sequence[Scope]) -> bool:
    if not result.path:
        return True
    return any(may_mean(result.path, scope.path) and scope.has(result.line, result.end_line) for scope in scopes)


def _engines(names: Iterable[str]) -> str:
    return ", ".join(sorted({name for name in names if name}))
