"""Mutation reports and scanner logs."""

from __future__ import annotations

import pytest

from tests.integrations.reports.reading import Json, read_json, refusal, sample


def stryker(mutant: Json, **more: Json) -> dict[str, Json]:
    report: dict[str, Json] = {"schemaVersion": "2", "files": {"a.ts": {"mutants": [mutant]}}}
    return report | more


MUTANT: dict[str, Json] = {
    "id": "1",
    "mutatorName": "Block",
    "status": "Killed",
    "location": {"start": {"line": 3, "column": 1}},
}


def sarif(*results: Json, rules: list[Json] | None = None, **run: Json) -> dict[str, Json]:
    driver: dict[str, Json] = {"name": "Scan", "version": "1", "rules": rules or []}
    whole: dict[str, Json] = {"tool": {"driver": driver}, "results": list(results)}
    return {"version": "2.1.0", "runs": [whole | run]}


def place(uri: str, **region: Json) -> list[Json]:
    return [{"physicalLocation": {"artifactLocation": {"uri": uri}, "region": region}}]


def test_every_status_of_the_schema_has_an_outcome() -> None:
    (report,) = sample("stryker.json").mutation
    assert (report.engine, report.version) == ("StrykerJS", "9.1.0")
    found = [mutant.outcome for mutant in report.mutants]
    assert found == ["killed", "survived", "timeout", "no-coverage", "invalid", "invalid", "invalid", "invalid"]
    assert [mutant.line for mutant in report.mutants] == [1, 2, 2, 2, 3, 3, 3, 3]
    assert {mutant.path for mutant in report.mutants} == {"src/basket.ts"}


def test_a_report_without_a_framework_names_the_schema() -> None:
    assert read_json(stryker(MUTANT)).mutation[0].engine == "mutation-testing-report-schema"


@pytest.mark.parametrize(
    "change",
    [{"status": "Dead"}, {"status": None}, {"location": {}}, {"location": {"start": {"line": 0}}}, {"location": None},
     {"location": {"start": {"line": 1e300}}}, {"id": 7}],
)  # fmt: skip
def test_a_mutant_of_another_shape_is_refused_at_its_place(change: dict[str, Json]) -> None:
    assert "report.files[a.ts].mutants[0]" in refusal(stryker(MUTANT | change)).saw


@pytest.mark.parametrize("version", ["3", "", "two"])
def test_another_version_of_the_schema_is_refused(version: str) -> None:
    assert refusal(stryker(MUTANT) | {"schemaVersion": version}).wanted == "1 or 2"


def test_bandits_log_is_read() -> None:
    (scan,) = sample("bandit.sarif").scans
    (result,) = scan.results
    assert (scan.engine, scan.version) == ("Bandit", "1.9.4")
    assert (result.rule, result.level, result.path, result.line, result.end_line) == (
        "B311",
        "note",
        "src/shop/basket.py",
        16,
        16,
    )


@pytest.mark.parametrize(
    ("result", "level"),
    [
        ({"ruleId": "a", "level": "error"}, "error"),
        ({"ruleId": "a", "level": "none"}, "note"),
        ({"ruleId": "a"}, "error"),
        ({"ruleIndex": 0}, "error"),
        ({"ruleId": "b"}, "warning"),
        ({"ruleId": "unheard"}, "warning"),
        ({"ruleId": "a/sub", "ruleIndex": 0}, "error"),
        ({"ruleIndex": -1}, "warning"),
        ({"ruleId": "a", "level": "error", "kind": "pass"}, "note"),
        ({}, "warning"),
    ],
)
def test_a_level_is_the_results_own_or_its_rules(result: dict[str, Json], level: str) -> None:
    rules: list[Json] = [{"id": "a", "defaultConfiguration": {"level": "error"}}, {"id": "b"}]
    assert read_json(sarif(result, rules=rules)).scans[0].results[0].level == level


@pytest.mark.parametrize(
    ("suppressions", "suppressed"),
    [
        (None, False),
        ([], False),
        ([{"kind": "inSource"}], True),
        ([{"kind": "external", "status": "accepted"}], True),
        ([{"kind": "external", "status": "rejected"}], False),
        ([{"status": "underReview"}], False),
    ],
)
def test_a_suppressed_result_is_kept_and_said_to_be(suppressions: Json, suppressed: bool) -> None:
    (result,) = read_json(sarif({"ruleId": "a", "suppressions": suppressions})).scans[0].results
    assert result.suppressed is suppressed


def test_places_are_read_with_and_without_their_parts() -> None:
    results: list[Json] = [
        {"locations": place("file:///ci/a%20b.py", startLine=3, endLine=5)},
        {"locations": place("a.py")},
        {"locations": [{}]},
        {"locations": []},
    ]
    found = [(r.path, r.line, r.end_line) for r in read_json(sarif(*results)).scans[0].results]
    assert found == [("/ci/a b.py", 3, 5), ("a.py", 0, 0), ("", 0, 0), ("", 0, 0)]


def test_every_run_of_a_log_is_a_scan() -> None:
    log = sarif({"ruleId": "a"})
    runs = log["runs"]
    assert isinstance(runs, list)
    assert len(read_json(log | {"runs": runs * 2}).scans) == 2


def test_a_secret_that_a_scanner_quotes_is_not_kept() -> None:
    secret = "AKIA" + "IOSFODNN7EXAMPLE"
    (result,) = read_json(sarif({"message": {"text": f"found {secret} here"}})).scans[0].results
    assert result.message == "(not shown: it looks like an AWS access key id)"


def test_a_file_that_a_scanner_could_not_parse_is_a_finding() -> None:
    notice: Json = {"level": "error", "message": {"text": "syntax error"}, "locations": place("bad.py")}
    for key in ("toolExecutionNotifications", "toolConfigurationNotifications"):
        invocation: Json = {"executionSuccessful": True, key: [notice, {"level": "warning", "message": {"text": "slow"}}]}
        (result,) = read_json(sarif(invocations=[invocation])).scans[0].results
        assert (result.rule, result.level, result.path) == ("incomplete-scan", "error", "bad.py")


def test_a_scan_that_failed_is_refused_not_clean() -> None:
    assert refusal(sarif(invocations=[{"executionSuccessful": False}])).saw == "a run of Scan that failed"
    assert refusal(sarif() | {"runs": []}).saw == "a SARIF log without runs"
    assert refusal(sarif(results=None)).saw == "a run of Scan without results"


@pytest.mark.parametrize(
    "result",
    [
        {"level": "fatal"},
        {"ruleIndex": "1"},
        {"message": "text"},
        {"locations": {}},
        {"locations": place("a", startLine=0)},
        {"locations": place("a", startLine="1")},
        7,
    ],
)
def test_a_result_of_another_shape_is_refused_at_its_place(result: Json) -> None:
    assert "report.runs[0].results[0]" in refusal(sarif(result)).saw


def test_another_version_of_sarif_is_refused() -> None:
    assert refusal(sarif() | {"version": "2.0.0"}).wanted == "version 2.1.0"
