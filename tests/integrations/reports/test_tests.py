"""Test reports of many tools: one outcome for each test, whatever the tool makes of its retries."""

from __future__ import annotations

import pytest

from bot.core.evidence.measure import Tally, tally
from tests.integrations.reports.reading import Json, outcomes, read, read_json, refusal, sample


def test_pytest_writes_each_test_once() -> None:
    evidence = sample("pytest.xml")
    assert tally(evidence) == Tally(passed=3, failed=5, skipped=2)
    assert outcomes(evidence)["test_known"] == "skipped"
    assert outcomes(evidence)["test_ends_badly"] == "failed"
    assert outcomes(evidence)["test_fails_and_ends_badly"] == "failed"
    assert evidence.suites[0].engine == "junit"
    assert evidence.suites[0].source == "pytest.xml"


def test_attempts_that_rerunfailures_wrote_as_passes_are_no_passes() -> None:
    evidence = sample("pytest-rerunfailures.xml")
    assert tally(evidence) == Tally(passed=3, failed=4, skipped=2, flaky=1)
    assert outcomes(evidence)["test_wrong"] == "failed"
    assert outcomes(evidence)["test_unstable"] == "flaky"
    assert next(case.attempts for case in evidence.suites[0].cases if case.id.endswith("test_wrong")) == 3


def test_ctrf_tells_of_its_retries() -> None:
    evidence = sample("ctrf.json")
    assert tally(evidence) == Tally(passed=3, failed=4, skipped=2, flaky=1)
    assert outcomes(evidence)["test_unstable"] == "flaky"
    assert {case.attempts for case in evidence.suites[0].cases} == {1, 2, 3}


def test_junit_and_ctrf_of_one_run_agree() -> None:
    assert outcomes(sample("ctrf.json")) == outcomes(sample("pytest-rerunfailures.xml"))


def test_surefire_hides_neither_flaky_nor_rerun() -> None:
    evidence = sample("surefire.xml")
    assert outcomes(evidence) == {
        "sums": "passed",
        "retriesAndPasses": "flaky",
        "retriesAndFails": "failed",
        "throwsAlways": "failed",
        "later": "skipped",
    }
    assert [case.attempts for case in evidence.suites[0].cases] == [1, 3, 2, 2, 1]


def test_gotestsum_reruns_that_end_well_are_flaky() -> None:
    evidence = sample("gotestsum.xml")
    assert outcomes(evidence) == {"TestSum": "passed", "TestUnstable": "flaky", "TestLater": "skipped"}


def test_jest_writes_final_outcomes() -> None:
    evidence = sample("jest-junit.xml")
    assert tally(evidence) == Tally(passed=2, failed=1, skipped=1)
    assert "Expected: 9" in next(case.detail for case in evidence.suites[0].cases if case.outcome == "failed")


def test_nextest_writes_reruns_as_surefire_does() -> None:
    assert outcomes(sample("nextest.xml")) == {"sums": "passed", "unstable": "flaky", "wrong": "failed"}


@pytest.mark.parametrize(
    ("case", "outcome"),
    [
        ("<testcase name='t'/>", "passed"),
        ("<testcase name='t' status='run' result='completed'/>", "passed"),
        ("<testcase name='t' status='notrun'/>", "skipped"),
        ("<testcase name='t' status='run' result='suppressed'/>", "skipped"),
        ("<testcase name='t' status='disabled'/>", "skipped"),
        ("<testcase name='t' status='fail'/>", "failed"),
        ("<testcase name='t'><error/></testcase>", "failed"),
        ("<testcase name='t'><skipped/><failure/></testcase>", "failed"),
        ("<testcase name='t'><flakyFailure/><failure/></testcase>", "failed"),
        ("<testcase name='t'><rerunFailure/></testcase>", "flaky"),
        ("<testcase name='t'><system-out>failure</system-out></testcase>", "passed"),
        ("<testcase name='t'/><testcase name='t'><failure/></testcase>", "failed"),
        ("<testcase name='t'><failure/></testcase><testcase name='t'/>", "flaky"),
        ("<testcase name='t'/><testcase name='t'><skipped/></testcase>", "flaky"),
        ("<testcase name='t'/><testcase name='t'/>", "passed"),
    ],
)
def test_one_rule_for_every_kind_of_record(case: str, outcome: str) -> None:
    assert outcomes(read(f"<testsuite name='s'>{case}</testsuite>")) == {"t": outcome}


@pytest.mark.parametrize("attributes", ["name='pytest'", "name='s' tests='1'", "name='s' tests='9'", "name='pytest' tests='2'"])
def test_a_repeated_pass_whose_count_is_off_is_flaky(attributes: str) -> None:
    assert outcomes(read(f"<testsuite {attributes}><testcase name='t'/><testcase name='t'/></testsuite>")) == {"t": "flaky"}


def test_a_failure_in_one_suite_is_not_made_flaky_by_a_namesake_in_another() -> None:
    one, two = (
        "<testsuite name='a'><testcase name='t'><failure/></testcase></testsuite>",
        "<testsuite name='a'><testcase name='t'/></testsuite>",
    )
    assert tally(read(f"<testsuites>{one}{two}</testsuites>")) == Tally(failed=1)


def test_the_summary_of_a_report_is_not_believed() -> None:
    lying = "<testsuites tests='900' failures='0'><testsuite name='s' tests='900' failures='0' errors='0' skipped='0'>"
    evidence = read(f"{lying}<testcase name='a'><failure/></testcase><testcase name='b'/></testsuite></testsuites>")
    assert tally(evidence) == Tally(passed=1, failed=1)
    report: Json = {
        "results": {"summary": {"tests": 9, "passed": 9, "failed": 0}, "tests": [{"name": "a", "status": "failed"}]}
    }
    assert tally(read_json(report)) == Tally(failed=1)


def test_a_report_without_tests_is_a_suite_without_cases() -> None:
    assert read("<testsuites/>").suites[0].cases == ()
    assert read_json({"results": {"tests": []}}).suites[0].cases == ()


def test_suites_within_suites_are_read() -> None:
    nested = "<testsuites><testsuite name='a'><testsuite name='b'><testcase name='t'/></testsuite></testsuite></testsuites>"
    assert outcomes(read(nested)) == {"t": "passed"}


def test_a_namespace_changes_nothing() -> None:
    assert outcomes(read("<testsuite xmlns='urn:x'><testcase name='t'><failure/></testcase></testsuite>")) == {"t": "failed"}


def test_a_test_without_a_name_is_refused() -> None:
    assert refusal("<testsuite><testcase/></testsuite>").saw == "a `testcase` without a name"
    assert refusal({"results": {"tests": [{"status": "passed"}]}}).wanted == "the test's name"


@pytest.mark.parametrize(
    "test", [{"name": "t", "status": "great"}, {"name": "t"}, {"name": "t", "status": 1}, "t", {"name": 7, "status": "passed"}]
)
def test_a_ctrf_test_of_another_shape_is_refused(test: Json) -> None:
    assert "report.results.tests[0]" in refusal({"results": {"tests": [test]}}).saw


@pytest.mark.parametrize(
    ("test", "outcome"),
    [
        ({"status": "passed", "flaky": True}, "flaky"),
        ({"status": "passed", "retries": 1}, "flaky"),
        ({"status": "passed", "retryAttempts": [{"status": "failed"}]}, "flaky"),
        ({"status": "failed", "flaky": True, "retries": 3}, "failed"),
        ({"status": "pending"}, "skipped"),
        ({"status": "other"}, "skipped"),
        ({"status": "passed", "retries": 0, "suite": "shop"}, "passed"),
    ],
)
def test_a_ctrf_test_that_was_retried_is_no_plain_pass(test: dict[str, Json], outcome: str) -> None:
    named: dict[str, Json] = {"name": "t"}
    assert outcomes(read_json({"results": {"tests": [named | test]}})) == {"t": outcome}


def test_names_and_messages_are_cut_to_one_clean_line() -> None:
    secret = "ghp_" + "a1B2" * 9
    report = f"<testsuite><testcase name='a&#10;b{'x' * 900}'><failure message='bad {secret}'/></testcase></testsuite>"
    (case,) = read(report).suites[0].cases
    assert "\n" not in case.id
    assert len(case.id) < 600
    assert secret not in case.detail
    assert case.detail == "(not shown: it looks like a GitHub token)"


def test_long_names_that_differ_at_the_end_stay_two_tests() -> None:
    cases = "".join(f"<testcase name='{'x' * 2000}{end}'/>" for end in "ab")
    assert tally(read(f"<testsuite>{cases}</testsuite>")) == Tally(passed=2)
