"""The names of the figures and the words of their notes, for those who make, judge and show them."""

from __future__ import annotations

from typing import Final

TESTS: Final = "tests passed"
LINE_COVERAGE: Final = "line coverage"
BRANCH_COVERAGE: Final = "branch coverage"
MUTATION_SCORE: Final = "mutation score"
SCAN_ERRORS: Final = "scan errors"
SCAN_WARNINGS: Final = "scan warnings"

INSUFFICIENT: Final = "insufficient"
"""Every note of a figure without a value starts with this word."""
NOTHING_TO_MEASURE: Final = "insufficient: no line of code was added"
"""The note where a report is there and the change holds nothing that it could speak of (prose, settings, comments, tests)."""
