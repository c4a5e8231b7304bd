"""The mutation testing report schema, version 1 or 2: one record for each mutant. Thresholds and sources are not kept."""

from __future__ import annotations

from bot.core.evidence.model import Mutant, MutantOutcome, MutationReport
from bot.core.provenance.strict_json import Refused
from integrations.reports.intake import clean, clean_path
from integrations.reports.node import Node

_OUTCOMES: dict[str, MutantOutcome] = {
    "Killed": "killed",
    "Survived": "survived",
    "Timeout": "timeout",
    "NoCoverage": "no-coverage",
    "CompileError": "invalid",
    "RuntimeError": "invalid",
    "Ignored": "invalid",
    "Pending": "invalid",
}


def read_stryker(report: Node, source: str) -> MutationReport:
    """The mutants of every file of the report."""
    version = report.get("schemaVersion").text()
    if version.split(".")[0] not in ("1", "2"):
        raise Refused(f"schema version {clean(version, 20)!r}", "1 or 2", "Write the report in version 2 of the schema.")
    framework = report.get("framework")
    engine, release = _framework(framework) if framework.there else ("mutation-testing-report-schema", "")
    files = report.get("files")
    mutants = (_mutant(mutant, path) for path, file in files.entries() for mutant in file.get("mutants").items())
    return MutationReport(source, engine, release, tuple(mutants))


def _framework(framework: Node) -> tuple[str, str]:
    return clean(framework.get("name").text(), 80) or "unnamed engine", clean(framework.get("version").text(), 40)


def _mutant(mutant: Node, path: str) -> Mutant:
    status = mutant.get("status")
    outcome = _OUTCOMES.get(status.text())
    if outcome is None:
        raise status.unlike("a status of the schema: " + ", ".join(_OUTCOMES))
    return Mutant(
        id=clean(mutant.get("id").text(), 120),
        path=clean_path(path),
        line=mutant.get("location").get("start").get("line").number(least=1),
        outcome=outcome,
        mutator=clean(mutant.get("mutatorName").text(), 120),
    )
