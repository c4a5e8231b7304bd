"""SARIF 2.1.0: one scan for each run. Suppressed results are kept, and a scan that could not do its work is not a clean one.

A run that failed is refused; an error that a scanner notes about a file (bandit does so where it cannot parse one, and still
ends well) becomes a finding of its own, `incomplete-scan`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from bot.core.evidence.model import Level, ScanReport, ScanResult
from bot.core.provenance.strict_json import Refused
from integrations.reports.intake import clean, clean_path
from integrations.reports.node import Node

INCOMPLETE = "incomplete-scan"
"""The rule of findings that stand for files which a scanner could not look at."""
_LEVELS: dict[str, Level] = {"error": "error", "warning": "warning", "note": "note", "none": "note"}
_NO_FINDING = frozenset({"pass", "notApplicable", "informational"})


@dataclass(frozen=True, slots=True)
class _Rules:
    """A run's rules: ids in order, since results name them by id or by index, and the level that each gives by default."""

    ids: list[str]
    levels: dict[str, Level]

    def name(self, result: Node) -> str:
        said, index = result.get("ruleId").text(), result.get("ruleIndex")
        place = index.number(least=-1) if index.there else -1
        if said in self.levels or not 0 <= place < len(self.ids):
            return said
        return self.ids[place]


def read_sarif(report: Node, source: str) -> tuple[ScanReport, ...]:
    """One report for each run of the log."""
    runs = report.get("runs").items()
    if not runs:
        raise Refused("a SARIF log without runs", "at least one run", "Let the scanner run, and upload the log it wrote.")
    return tuple(_run(run, source) for run in runs)


def _run(run: Node, source: str) -> ScanReport:
    driver = run.get("tool").get("driver")
    name = clean(driver.get("name").text(), 80)
    version = driver.get("semanticVersion").text() or driver.get("version").text()
    if not run.get("results").there:
        raise Refused(f"a run of {name or 'a scanner'} without results", "a list of results", "See why the scanner stopped.")
    rules = _rules(driver.get("rules"))
    found = (*_incomplete(run, name), *(_result(result, rules) for result in run.get("results").items()))
    return ScanReport(source, name or "unnamed scanner", clean(version, 40), found)


def _incomplete(run: Node, name: str) -> Iterator[ScanResult]:
    for invocation in run.get("invocations").items():
        if invocation.get("executionSuccessful").value is False:
            raise Refused(f"a run of {name or 'a scanner'} that failed", "a run that ended well", "See why the scanner failed.")
        for key in ("toolExecutionNotifications", "toolConfigurationNotifications"):
            for notice in invocation.get(key).items():
                if notice.get("level").text() == "error":
                    path = _path(notice.get("locations"))
                    yield ScanResult(INCOMPLETE, "error", path, 0, clean(_message(notice)))


def _rules(rules: Node) -> _Rules:
    ids: list[str] = []
    levels: dict[str, Level] = {}
    for rule in rules.items():
        settings = rule.get("defaultConfiguration")
        level = settings.get("level").text() if settings.there else ""
        ids.append(rule.get("id").text())
        levels[ids[-1]] = _LEVELS.get(level, "warning")
    return _Rules(ids, levels)


def _result(result: Node, rules: _Rules) -> ScanResult:
    rule = rules.name(result)
    region = _region(result.get("locations"))
    start = region.get("startLine") if region else None
    line = start.number(least=1) if start and start.there else 0
    end = region.get("endLine") if region and line else None
    return ScanResult(
        rule=clean(rule, 120) or "unnamed rule",
        level=_level(result, rules.levels.get(rule, "warning")),
        path=_path(result.get("locations")),
        line=line,
        message=clean(_message(result)),
        suppressed=_suppressed(result.get("suppressions")),
        end_line=end.number(least=1) if end and end.there else 0,
    )


def _level(result: Node, default: Level) -> Level:
    said = result.get("level")
    if said.text() and said.text() not in _LEVELS:
        raise said.unlike("error, warning, note or none")
    if result.get("kind").text() in _NO_FINDING:
        return "note"
    return _LEVELS.get(said.text(), default)


def _suppressed(suppressions: Node) -> bool:
    return any(entry.get("status").text() in ("", "accepted") for entry in suppressions.items())


def _message(holder: Node) -> str:
    message = holder.get("message")
    return message.get("text").text() if message.there else ""


def _place(locations: Node) -> Node | None:
    first = next(iter(locations.items()), None)
    place = first.get("physicalLocation") if first else None
    return place if place and place.there else None


def _region(locations: Node) -> Node | None:
    place = _place(locations)
    region = place.get("region") if place else None
    return region if region and region.there else None


def _path(locations: Node) -> str:
    place = _place(locations)
    artifact = place.get("artifactLocation") if place else None
    uri = artifact.get("uri").text() if artifact and artifact.there else ""
    return clean_path(unquote(uri.removeprefix("file://")))
