"""Evidence and files for the tests, built from the few parts a test names."""

from __future__ import annotations

from bot.core.evidence.measure import measure
from bot.core.evidence.model import (
    CoverageReport,
    Evidence,
    FileCoverage,
    Level,
    Measure,
    Mutant,
    MutantOutcome,
    MutationReport,
    ScanReport,
    ScanResult,
    Suite,
    TestCase,
    TestOutcome,
)
from bot.core.facts import ChangedFile, FileStatus

MUTATION_OUTCOMES: dict[str, MutantOutcome] = {
    "k": "killed",
    "s": "survived",
    "t": "timeout",
    "n": "no-coverage",
    "i": "invalid",
}
TEST_OUTCOMES: dict[str, TestOutcome] = {"p": "passed", "f": "failed", "s": "skipped", "~": "flaky"}


def new_file(path: str = "src/a.py", text: str = "a = 1\nb = 2\nc = 3\nd = 4") -> ChangedFile:
    lines = text.split("\n")
    patch = f"@@ -0,0 +1,{len(lines)} @@\n" + "\n".join("+" + line for line in lines)
    return ChangedFile(path, "added", len(lines), 0, patch=patch)


def edited(
    path: str = "src/a.py", patch: str | None = None, additions: int = 2, status: FileStatus = "modified"
) -> ChangedFile:
    return ChangedFile(path, status, additions, 0, patch=patch)


def suite(outcomes: str, source: str = "junit.xml", start: int = 0) -> Suite:
    """One test for each letter: p, f, s, or ~ for flaky."""
    cases = (TestCase(f"t{start + number}", TEST_OUTCOMES[letter]) for number, letter in enumerate(outcomes))
    return Suite(source, "junit", tuple(cases))


def coverage(*files: FileCoverage, branches: bool = True) -> CoverageReport:
    return CoverageReport("coverage.json", "coverage.py 7", files, branches)


def mutants(outcomes: str, path: str = "src/a.py", line: int = 1) -> MutationReport:
    """One mutant for each letter: k, s, t, n or i."""
    made = (Mutant(str(number), path, line, MUTATION_OUTCOMES[letter]) for number, letter in enumerate(outcomes))
    return MutationReport("mutation.json", "stryker", "9.0", tuple(made))


def scan(*places: tuple[Level, str, int], suppressed: bool = False) -> ScanReport:
    results = (ScanResult("rule", level, path, line, "message", suppressed) for level, path, line in places)
    return ScanReport("scan.sarif", "bandit", "1.9", tuple(results))


def figure(name: str, evidence: Evidence, *files: ChangedFile, min_mutants: int = 8) -> Measure:
    return next(found for found in measure(evidence, files, min_mutants) if found.name == name)
