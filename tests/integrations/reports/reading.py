"""Reading one report, and what the answer must be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TypeAlias

from bot.core.evidence.model import Evidence, RawReport
from bot.core.provenance.model import Refusal
from bot.ports.trust import ReportReader
from integrations.reports.read import ReportFiles

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
SAMPLES = Path(__file__).parent / "samples"
READER: ReportReader = ReportFiles()


def sample(name: str) -> Evidence:
    evidence = read((SAMPLES / name).read_bytes(), name)
    assert not evidence.refused
    return evidence


def read(content: bytes | str, path: str = "report") -> Evidence:
    raw = content.encode() if isinstance(content, str) else content
    return READER.read([RawReport(path, raw)])


def read_json(report: Json) -> Evidence:
    evidence = read(json.dumps(report))
    assert not evidence.refused, evidence.refused
    return evidence


def refusal(content: bytes | str | dict[str, Json]) -> Refusal:
    """The one refusal, and nothing else taken from the report."""
    evidence = read(json.dumps(content) if isinstance(content, dict) else content)
    assert not any((evidence.suites, evidence.coverage, evidence.mutation, evidence.scans))
    (refused,) = evidence.refused
    assert refused.refusal.saw
    assert refused.refusal.wanted
    assert refused.refusal.cure
    return refused.refusal


def outcomes(evidence: Evidence) -> dict[str, str]:
    """The last part of each test's id, and how it ended."""
    return {case.id.split("::")[-1]: case.outcome for suite in evidence.suites for case in suite.cases}
