"""Thresholds, and everything that reads as insufficient."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.core.evaluate import evaluate
from bot.core.evidence.model import Evidence, Mutant, MutationReport, RefusedReport, ScanReport, ScanResult, Suite, TestCase
from bot.core.facts import Facts
from bot.core.policy.join import join
from bot.core.policy.text import parse_policy
from bot.core.provenance.model import Refusal
from bot.core.verdict import Finding
from tests.core.build import BOB, LINES, MEDIUM, POLICY_TEXT, approved, changed, document, evidence, facts

ALL = "tiers: {medium: {evidence: {tests: true, line_coverage: 80, branch_coverage: 80, mutation_score: 60, max_warnings: 0}}}"


def judged(about: Facts, policy: str = ALL) -> tuple[str, dict[str, Finding]]:
    settled = join(None, parse_policy(POLICY_TEXT + policy, "p"), "p")
    assert not settled.problems
    verdict = evaluate(approved(replace(about, policy=settled), BOB))
    return verdict.state, {one.rule: one for top in verdict.findings for one in top.walk()}


def shown(**changes: Any) -> Facts:
    return facts(MEDIUM, evidence=evidence(MEDIUM, **changes))


def suite(*outcomes: Any) -> tuple[Suite, ...]:
    return (Suite("junit.xml", "pytest", tuple(TestCase(f"t{at}", outcome) for at, outcome in enumerate(outcomes))),)


def mutants(killed: int, survived: int) -> tuple[MutationReport, ...]:
    outcomes = ["killed"] * killed + ["survived"] * survived
    made = tuple(Mutant(str(at), MEDIUM, at % LINES + 1, outcome, "swap") for at, outcome in enumerate(outcomes))  # type: ignore[arg-type]  # a Literal built from its words
    return (MutationReport("m.json", "cosmic-ray", "8.7", made),)


def scan(*levels: Any) -> tuple[ScanReport, ...]:
    return (ScanReport("s.sarif", "bandit", "1.9", tuple(ScanResult("B1", level, MEDIUM, 1, "bad") for level in levels)),)


def covered(lines: int) -> tuple[Any, ...]:
    report = evidence(MEDIUM).coverage[0]
    numbers = tuple(range(1, LINES + 1))
    return (replace(report, files=(replace(report.files[0], executed=numbers[:lines], missing=numbers[lines:]),)),)


BLOCKS: list[tuple[str, Facts, str, str]] = [
    ("no report at all", facts(MEDIUM, evidence=Evidence()), "evidence.tests-passed", "no test report"),
    ("a failing test", shown(suites=suite("passed", "failed")), "evidence.tests-passed", "1 of 2 passed"),
    ("only skipped tests", shown(suites=suite("skipped")), "evidence.tests-passed", "0 of 1 passed"),
    ("only flaky tests", shown(suites=suite("flaky")), "evidence.tests-passed", "0 of 0 passed"),
    ("an empty suite", shown(suites=suite()), "evidence.tests-passed", "no test report"),
    ("no coverage", shown(coverage=()), "evidence.line-coverage", "insufficient"),
    ("lines just short", shown(coverage=covered(9)), "evidence.line-coverage", "75 % (9 of 12"),
    ("no mutation report", shown(mutation=()), "evidence.mutation-score", "insufficient"),
    ("too few mutants, all killed", shown(mutation=mutants(2, 0)), "evidence.mutation-score", "insufficient: 2 mutants"),
    ("a low score", shown(mutation=mutants(5, 5)), "evidence.mutation-score", "50 % (5 of 10, cosmic-ray 8.7)"),
    ("no scan", shown(scans=()), "evidence.scan-errors", "insufficient"),
    ("an error found", shown(scans=scan("error")), "evidence.scan-errors", "1 by bandit 1.9"),
    ("a warning found", shown(scans=scan("warning")), "evidence.scan-warnings", "1 by bandit 1.9"),
    (
        "a report that lies",
        shown(refused=(RefusedReport("x.xml", "e" * 64, Refusal("an entity bomb", "XML", "write it anew")),)),
        "evidence.refused",
        "an entity bomb",
    ),
    ("coverage of another file", facts(MEDIUM, evidence=evidence("other.py")), "evidence.line-coverage", "0 % (0 of 12"),
]


@pytest.mark.parametrize(("name", "about", "rule", "saw"), BLOCKS, ids=[row[0] for row in BLOCKS])
def test_evidence_that_falls_short_blocks_by_name_with_a_cure(name: str, about: Facts, rule: str, saw: str) -> None:
    state, found = judged(about)
    assert state == "blocked"
    assert found[rule].outcome == "block"
    assert saw in found[rule].saw
    assert found[rule].wanted
    assert found[rule].cure


FINE = [
    ("all of it", shown()),
    ("lines just enough", shown(coverage=covered(10))),
    ("a flaky and a skipped test beside one that passes", shown(suites=suite("passed", "flaky", "skipped"))),
    ("just enough mutants", shown(mutation=mutants(3, 2))),
    ("a note", shown(scans=scan("note"))),
]


@pytest.mark.parametrize(("name", "about"), FINE, ids=[row[0] for row in FINE])
def test_evidence_that_meets_the_thresholds_passes(name: str, about: Facts) -> None:
    state, found = judged(about)
    assert found["evidence"].outcome == "pass"
    assert state == "allowed"


def test_a_threshold_that_was_missed_never_reads_as_met() -> None:
    """79.96 % is short of 80 %, and must not be shown as 80 %."""
    lines = 2500
    numbers = tuple(range(1, lines + 1))
    report = evidence(MEDIUM, lines=lines).coverage[0]
    short = replace(report.files[0], executed=numbers[:1999], missing=numbers[1999:])
    about = facts(
        MEDIUM, files=(changed(MEDIUM, lines),), evidence=evidence(MEDIUM, coverage=(replace(report, files=(short,)),))
    )
    found = judged(about)[1]["evidence.line-coverage"]
    assert found.outcome == "block"
    assert found.saw.startswith("79.9 %")


def test_prose_alone_needs_no_tests_but_code_beside_it_does() -> None:
    _, found = judged(facts("vendor/README.md", evidence=evidence(scans=evidence().scans, suites=())))
    assert found["evidence.tests-passed"].outcome == "skip"
    assert found["evidence.line-coverage"].outcome == "skip"
    both = facts("vendor/README.md", MEDIUM, documents=(document("vendor/README.md", MEDIUM),), evidence=Evidence())
    assert judged(both)[1]["evidence.tests-passed"].outcome == "block"


def test_settings_alone_need_tests_but_no_coverage() -> None:
    _, found = judged(facts("vendor/config.yaml", evidence=evidence()))
    assert found["evidence.tests-passed"].outcome == "pass"
    assert found["evidence.line-coverage"].outcome == "skip"


def test_a_tier_that_asks_for_nothing_skips_the_rule() -> None:
    lax = "tiers: {low: {evidence: {tests: false}}}"
    _, found = judged(facts(evidence=Evidence()), lax)
    assert found["evidence"].outcome == "skip"
