"""Test evidence from files: every report is read, or refused by name. A report that cannot be read is never passed over."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from bot.core.evidence.model import Evidence, RawReport, RefusedReport
from bot.core.provenance.strict_json import Refused
from integrations.reports.cobertura import read_cobertura
from integrations.reports.coverage_py import read_coverage_py
from integrations.reports.ctrf import read_ctrf
from integrations.reports.intake import parse_json, read_xml
from integrations.reports.junit import read_junit
from integrations.reports.node import Node
from integrations.reports.sarif import read_sarif
from integrations.reports.sniff import is_xml, sniff_json, sniff_xml
from integrations.reports.stryker import read_stryker

MAX_REPORTS = 200
MAX_TOTAL = 64 * 1024 * 1024


class ReportFiles:
    """The port `ReportReader` over the formats of this package."""

    def read(self, reports: Sequence[RawReport]) -> Evidence:
        """All reports as one evidence, in order of path; digests are of the bytes as they came."""
        evidence = Evidence()
        total = 0
        for number, report in enumerate(sorted(reports, key=lambda report: report.path)):
            total += len(report.content)
            digest = hashlib.sha256(report.content).hexdigest()
            evidence = replace(evidence, digests=(*evidence.digests, (report.path, digest)))
            try:
                _check_total(number, total)
                evidence = _add(evidence, report)
            except Refused as refused:
                entry = RefusedReport(report.path, digest, refused.refusal)
                evidence = replace(evidence, refused=(*evidence.refused, entry))
        return evidence


def _check_total(number: int, total: int) -> None:
    if number >= MAX_REPORTS:
        raise Refused(f"report number {number + 1}", f"at most {MAX_REPORTS} reports", "Merge reports of one kind.")
    if total > MAX_TOTAL:
        raise Refused(f"reports of {total:,} bytes together", f"at most {MAX_TOTAL:,}", "Merge or shorten the reports.")


def _add(evidence: Evidence, report: RawReport) -> Evidence:
    if not report.content or report.content.isspace():
        raise Refused("an empty file", "a report", "See why the tool wrote nothing: a run that dies early leaves this behind.")
    if is_xml(report.content):
        return _add_xml(evidence, report)
    return _add_json(evidence, report)


def _add_xml(evidence: Evidence, report: RawReport) -> Evidence:
    document = read_xml(report.content)
    match sniff_xml(document):
        case "junit":
            return replace(evidence, suites=(*evidence.suites, read_junit(document.root, report.path)))
        case "cobertura":
            return replace(evidence, coverage=(*evidence.coverage, read_cobertura(document.root, report.path)))


def _add_json(evidence: Evidence, report: RawReport) -> Evidence:
    node = Node(parse_json(report.content))
    match sniff_json(node):
        case "ctrf":
            return replace(evidence, suites=(*evidence.suites, read_ctrf(node, report.path)))
        case "coverage.py":
            return replace(evidence, coverage=(*evidence.coverage, read_coverage_py(node, report.path)))
        case "stryker":
            return replace(evidence, mutation=(*evidence.mutation, read_stryker(node, report.path)))
        case "sarif":
            return replace(evidence, scans=(*evidence.scans, *read_sarif(node, report.path)))
