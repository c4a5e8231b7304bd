"""coverage.py's JSON, format 3: lines and branches of each file. Totals, percentages and regions are not read."""

from __future__ import annotations

from bot.core.evidence.model import CoverageReport, FileCoverage
from bot.core.provenance.strict_json import Refused
from integrations.reports.intake import MAX_LINE, clean, clean_path
from integrations.reports.node import Node

FORMAT = 3


def read_coverage_py(report: Node, source: str) -> CoverageReport:
    """The files of a report of format 3."""
    meta = report.get("meta")
    found = meta.get("format").number()
    if found != FORMAT:
        raise Refused(f"coverage.py's JSON format {found}", "format 3", "Use coverage.py 7.2 or later.")
    version = clean(meta.get("version").text(), 40)
    files = tuple(_file(path, file) for path, file in report.get("files").entries())
    return CoverageReport(source, f"coverage.py {version}".strip(), files, meta.get("branch_coverage").flag())


def _file(path: str, file: Node) -> FileCoverage:
    executed, missing = file.get("executed_lines").numbers(least=1), file.get("missing_lines").numbers(least=1)
    if both := set(executed) & set(missing):
        raise Refused(
            f"line {min(both)} both run and missing at `{file.at}`", "one of the two", "Let coverage.py write it again."
        )
    return FileCoverage(
        path=clean_path(path),
        executed=executed,
        missing=missing,
        executed_branches=_branches(file.get("executed_branches")),
        missing_branches=_branches(file.get("missing_branches")),
        excluded=file.get("excluded_lines").numbers(least=1),
    )


def _branches(branches: Node) -> tuple[tuple[int, int], ...]:
    return tuple(_branch(branch) for branch in branches.items())


def _branch(branch: Node) -> tuple[int, int]:
    ends = branch.numbers(least=-MAX_LINE)
    if len(ends) != 2:
        raise branch.unlike("two lines, from and to")
    return ends[0], ends[1]
