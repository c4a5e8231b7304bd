"""Line and branch coverage of the lines that a change added.

Several reports are joined: a line that any of them ran has run. Lines excluded by a comment count as missing, since generated
code must not excuse itself, and a source file that no report knows counts with every line it added.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.core.evidence.model import CoverageReport, FileCoverage, Measure
from bot.core.evidence.names import BRANCH_COVERAGE, INSUFFICIENT, LINE_COVERAGE, NOTHING_TO_MEASURE
from bot.core.evidence.paths import match
from bot.core.evidence.scope import Scope

_NAMED = 3
"""How many absent files a note names before it only counts them."""


@dataclass(frozen=True, slots=True)
class _Share:
    """Hits of a total, and whether any report spoke of the file at all."""

    hit: int
    total: int
    known: bool = True


def line_coverage(reports: Sequence[CoverageReport], code: Sequence[Scope]) -> Measure:
    """The share of added lines of code that some test ran."""
    if not reports:
        return Measure(LINE_COVERAGE, None, 0, 0, "", f"{INSUFFICIENT}: no coverage report")
    found = _by_file(reports, code)
    shares = {scope.path: _lines(found.get(scope.path, []), scope) for scope in code}
    hit, total = sum(share.hit for share in shares.values()), sum(share.total for share in shares.values())
    engine = _engines(reports)
    if not total:
        return Measure(LINE_COVERAGE, None, 0, 0, engine, NOTHING_TO_MEASURE)
    absent = [path for path, share in shares.items() if not share.known and share.total]
    return Measure(
        LINE_COVERAGE, 100 * hit / total, hit, total, engine, f"{_absent(absent)}, counted as missing" if absent else ""
    )


def branch_coverage(reports: Sequence[CoverageReport], code: Sequence[Scope]) -> Measure:
    """The share of branches on added lines that were taken. A file without branch data leaves the figure unmeasured."""
    able = [report for report in reports if report.has_branches]
    if not able:
        return Measure(BRANCH_COVERAGE, None, 0, 0, _engines(reports), f"{INSUFFICIENT}: no coverage report with branches")
    found = _by_file(able, code)
    absent = [scope.path for scope in code if scope.additions and scope.path not in found]
    shares = [_branches(found.get(scope.path, []), scope) for scope in code]
    hit, total = sum(share.hit for share in shares), sum(share.total for share in shares)
    if absent:
        return Measure(BRANCH_COVERAGE, None, hit, total, _engines(able), f"{INSUFFICIENT}: {_absent(absent)} with branches")
    if not total:
        return Measure(BRANCH_COVERAGE, None, 0, 0, _engines(able), NOTHING_TO_MEASURE)
    return Measure(BRANCH_COVERAGE, 100 * hit / total, hit, total, _engines(able))


def _by_file(reports: Sequence[CoverageReport], code: Sequence[Scope]) -> dict[str, list[FileCoverage]]:
    found: dict[str, list[FileCoverage]] = {}
    wanted = {scope.path for scope in code}
    for report in reports:
        meant = match((file.path for file in report.files), wanted)
        for file in report.files:
            if file.path in meant:
                found.setdefault(meant[file.path], []).append(file)
    return found


def _lines(files: Sequence[FileCoverage], scope: Scope) -> _Share:
    if not files:
        return _Share(0, scope.additions, known=False)
    executed = frozenset(line for file in files for line in file.executed)
    excluded = frozenset(line for file in files for line in file.excluded) - scope.inert
    missing = (frozenset(line for file in files for line in file.missing) | excluded) - executed
    if scope.lines is None:
        return _unseen(len(executed), len(missing), scope)
    hit = len(executed & scope.lines)
    return _Share(hit, hit + len(missing & scope.lines))


def _unseen(executed: int, missing: int, scope: Scope) -> _Share:
    """Without a patch: all lines of a new file; for a changed one the worst case, that every missing line is one it added."""
    if scope.whole:
        return _Share(executed, executed + missing)
    missed = min(missing, scope.additions)
    hit = min(executed, scope.additions - missed)
    return _Share(hit, hit + missed)


def _branches(files: Sequence[FileCoverage], scope: Scope) -> _Share:
    taken = frozenset(branch for file in files for branch in file.executed_branches)
    missed = frozenset(branch for file in files for branch in file.missing_branches) - taken
    hit = sum(1 for start, _ in taken if scope.has(abs(start)))
    return _Share(hit, hit + sum(1 for start, _ in missed if scope.has(abs(start))))


def _absent(paths: Sequence[str]) -> str:
    shown = ", ".join(paths[:_NAMED])
    more = f" and {len(paths) - _NAMED} more" if len(paths) > _NAMED else ""
    return f"{shown}{more} in no report"


def _engines(reports: Sequence[CoverageReport]) -> str:
    return ", ".join(sorted({report.engine for report in reports}))
