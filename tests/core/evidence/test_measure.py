"""Tests, mutants and findings as figures: each with its denominator, none from nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.evidence.measure import Tally, measure, tally
from bot.core.evidence.model import Evidence
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
from tests.core.evidence.builders import edited, figure, mutants, new_file, scan, suite


def test_there_are_always_six_figures_in_one_order() -> None:
    names = [found.name for found in measure(Evidence(), [])]
    assert names == [TESTS, LINE_COVERAGE, BRANCH_COVERAGE, MUTATION_SCORE, SCAN_ERRORS, SCAN_WARNINGS]


def test_without_evidence_nothing_has_a_value() -> None:
    for found in measure(Evidence(), [new_file()]):
        assert found.value is None
        assert found.note.startswith(INSUFFICIENT)


def test_passed_tests_are_a_share_of_all_that_ended() -> None:
    found = figure(TESTS, Evidence(suites=(suite("ppf"), suite("p", start=3))))
    assert (found.hit, found.total, found.value, found.note) == (3, 4, 75.0, "1 failed")
    assert found.engine == "junit"


def test_a_skipped_test_did_not_pass() -> None:
    found = figure(TESTS, Evidence(suites=(suite("ps"),)))
    assert (found.hit, found.total, found.value, found.note) == (1, 2, 50.0, "1 skipped")


def test_a_flaky_test_counts_neither_way() -> None:
    found = figure(TESTS, Evidence(suites=(suite("pp~"),)))
    assert (found.hit, found.total, found.value, found.note) == (2, 2, 100.0, "1 flaky")


@pytest.mark.parametrize("outcomes", ["", "s", "ss", "~", "s~"])
def test_without_a_test_that_passed_or_failed_there_is_no_figure(outcomes: str) -> None:
    found = figure(TESTS, Evidence(suites=(suite(outcomes),)))
    assert found.value is None
    assert found.hit == 0
    assert found.note.startswith("insufficient: no test passed or failed")


def test_a_test_that_failed_in_any_report_failed() -> None:
    for first, second in (("p", "f"), ("f", "p"), ("~", "f"), ("f", "s")):
        assert tally(Evidence(suites=(suite(first), suite(second, "other.xml")))) == Tally(failed=1)


def test_a_test_that_was_flaky_in_any_report_is_flaky() -> None:
    assert tally(Evidence(suites=(suite("p"), suite("~", "other.xml")))) == Tally(flaky=1)


def test_the_mutation_score_counts_timeouts_as_kills_and_leaves_invalid_ones_apart() -> None:
    found = figure(MUTATION_SCORE, Evidence(mutation=(mutants("kkkktsniii"),)), new_file())
    assert (found.hit, found.total, found.value, found.engine) == (5, 7, None, "stryker 9.0")
    assert found.note == "insufficient: 7 mutants on changed lines, at least 8 wanted (3 invalid)"
    enough = figure(MUTATION_SCORE, Evidence(mutation=(mutants("kkkktsniii"),)), new_file(), min_mutants=7)
    assert enough.value == pytest.approx(100 * 5 / 7)
    assert enough.note == "3 invalid"


@pytest.mark.parametrize("least", [0, 1, 8])
def test_no_mutants_are_never_a_score(least: int) -> None:
    for report in (mutants(""), mutants("iii"), mutants("k", path="src/other.py"), mutants("k", line=99)):
        found = figure(MUTATION_SCORE, Evidence(mutation=(report,)), new_file(), min_mutants=least)
        assert found.value is None
        assert found.note.startswith("insufficient: 0 mutants")


def test_only_mutants_on_added_lines_count() -> None:
    file = edited(patch="@@ -5,1 +5,3 @@\n a\n+b\n+c")
    report = Evidence(mutation=(mutants("kk", line=6), mutants("ss", line=5), mutants("ssss", line=8)))
    found = figure(MUTATION_SCORE, report, file, min_mutants=1)
    assert (found.hit, found.total) == (2, 2)


def test_a_report_sent_twice_proves_no_more() -> None:
    once = mutants("kkkk")
    found = figure(MUTATION_SCORE, Evidence(mutation=(once, once)), new_file())
    assert (found.value, found.total) == (None, 4)


def test_of_two_answers_about_a_mutant_the_worse_counts() -> None:
    found = figure(MUTATION_SCORE, Evidence(mutation=(mutants("kks"), mutants("ksk"))), new_file(), min_mutants=1)
    assert (found.hit, found.total) == (1, 3)


def test_a_change_of_prose_has_nothing_to_mutate() -> None:
    assert figure(MUTATION_SCORE, Evidence(mutation=(mutants("kk"),)), new_file("README.md")).note == NOTHING_TO_MEASURE


def test_findings_on_added_lines_are_counted_by_level() -> None:
    report = scan(("error", "src/a.py", 1), ("error", "src/a.py", 2), ("warning", "src/a.py", 1), ("note", "src/a.py", 1))
    evidence = Evidence(scans=(report,))
    errors, warnings = figure(SCAN_ERRORS, evidence, new_file()), figure(SCAN_WARNINGS, evidence, new_file())
    assert (errors.hit, errors.value, errors.total, errors.engine) == (2, 2.0, 4, "bandit 1.9")
    assert (warnings.hit, warnings.value) == (1, 1.0)


def test_a_clean_scan_is_zero_and_no_scan_is_no_figure() -> None:
    clean = figure(SCAN_ERRORS, Evidence(scans=(scan(),)), new_file())
    assert (clean.value, clean.hit) == (0.0, 0)
    assert figure(SCAN_ERRORS, Evidence(), new_file()).value is None


def test_a_suppressed_finding_counts_and_is_noted() -> None:
    found = figure(SCAN_ERRORS, Evidence(scans=(scan(("error", "src/a.py", 1), suppressed=True),)), new_file())
    assert found.hit == 1
    assert found.note == "1 of them suppressed, counted all the same"


def test_findings_elsewhere_are_not_the_changes() -> None:
    file = edited(patch="@@ -5,1 +5,2 @@\n a\n+b")
    report = scan(("error", "src/a.py", 5), ("error", "src/b.py", 6), ("error", "src/a.py", 6))
    assert figure(SCAN_ERRORS, Evidence(scans=(report,)), file).hit == 1


def test_a_finding_in_doubt_is_kept() -> None:
    report = scan(
        ("error", "src/a.py", 0),
        ("error", "", 0),
        ("error", "/build/src/a.py", 1),
        ("error", "./src/a.py", 1),
        ("error", "a.py", 1),
    )
    assert figure(SCAN_ERRORS, Evidence(scans=(report,)), new_file()).hit == 5
    unseen = edited(patch=None)
    assert figure(SCAN_ERRORS, Evidence(scans=(scan(("error", "src/a.py", 700)),)), unseen).hit == 1


def test_a_removed_file_is_not_measured() -> None:
    removed = edited(patch="@@ -1,1 +0,0 @@\n-a", additions=0, status="removed")
    assert figure(SCAN_ERRORS, Evidence(scans=(scan(("error", "src/a.py", 0)),)), removed).hit == 0


@given(st.text("pfs~", max_size=12), st.text("kstni", max_size=12), st.integers(0, 12))
def test_a_figure_is_its_share_or_it_is_insufficient(tests: str, mutation: str, least: int) -> None:
    evidence = Evidence(suites=(suite(tests),), mutation=(mutants(mutation),))
    for found in measure(evidence, [new_file()], least)[:4]:
        assert 0 <= found.hit <= found.total
        if found.value is None:
            assert found.note.startswith(INSUFFICIENT)
        else:
            assert found.value == pytest.approx(100 * found.hit / found.total)
