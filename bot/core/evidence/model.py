"""Test evidence, in the gate's own words, recomputed from each report's items and never from its summary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bot.core.provenance.model import Refusal

TestOutcome = Literal["passed", "failed", "skipped", "flaky"]
MutantOutcome = Literal["killed", "survived", "timeout", "no-coverage", "invalid"]
Level = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class TestCase:
    """One test after grouping its attempts: attempts that disagree make it flaky, which is neither pass nor fail."""

    __test__ = False

    id: str
    outcome: TestOutcome
    attempts: int = 1
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Suite:
    """One test report. `engine` is the format's name, `source` the path it was read from."""

    source: str
    engine: str
    cases: tuple[TestCase, ...]


@dataclass(frozen=True, slots=True)
class FileCoverage:
    """Lines and branches of one file. A branch is (from line, to line); a negative target is the exit."""

    path: str
    executed: tuple[int, ...]
    missing: tuple[int, ...]
    executed_branches: tuple[tuple[int, int], ...] = ()
    missing_branches: tuple[tuple[int, int], ...] = ()
    excluded: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class CoverageReport:
    source: str
    engine: str
    files: tuple[FileCoverage, ...]
    has_branches: bool


@dataclass(frozen=True, slots=True)
class Mutant:
    id: str
    path: str
    line: int
    outcome: MutantOutcome
    mutator: str = ""


@dataclass(frozen=True, slots=True)
class MutationReport:
    source: str
    engine: str
    version: str
    mutants: tuple[Mutant, ...]


@dataclass(frozen=True, slots=True)
class ScanResult:
    """One result of a scanner. `suppressed` ones are kept and shown: generated code does not excuse itself."""

    rule: str
    level: Level
    path: str
    line: int
    message: str
    suppressed: bool = False
    end_line: int = 0
    """Last line of the place; 0 where the scanner named one line only."""


@dataclass(frozen=True, slots=True)
class ScanReport:
    source: str
    engine: str
    version: str
    results: tuple[ScanResult, ...]


@dataclass(frozen=True, slots=True)
class RawReport:
    """Bytes of the change under `.llmgate/evidence/`, or brought by a CI job; hostile either way."""

    path: str
    content: bytes


@dataclass(frozen=True, slots=True)
class RefusedReport:
    source: str
    digest: str
    refusal: Refusal


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that tests and scans showed for one head commit. `digests` is (source, SHA-256 hex) of every report read."""

    suites: tuple[Suite, ...] = ()
    coverage: tuple[CoverageReport, ...] = ()
    mutation: tuple[MutationReport, ...] = ()
    scans: tuple[ScanReport, ...] = ()
    refused: tuple[RefusedReport, ...] = ()
    digests: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure with its denominator. `value` is a percentage from 0 to 100, None where nothing could be measured."""

    name: str
    value: float | None
    hit: int
    total: int
    engine: str = ""
    note: str = ""
