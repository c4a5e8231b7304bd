"""Line and branch coverage of added lines, and what must not pass for coverage."""

from __future__ import annotations

import pytest

from bot.core.evidence.model import CoverageReport, Evidence, FileCoverage, Measure
from bot.core.evidence.names import BRANCH_COVERAGE, LINE_COVERAGE, NOTHING_TO_MEASURE
from bot.core.facts import ChangedFile
from tests.core.evidence.builders import coverage, edited, figure, new_file


def lines(files: list[ChangedFile], *reports: CoverageReport) -> Measure:
    return figure(LINE_COVERAGE, Evidence(coverage=reports), *files)


def branches(files: list[ChangedFile], *reports: CoverageReport) -> Measure:
    return figure(BRANCH_COVERAGE, Evidence(coverage=reports), *files)


def test_only_added_lines_count() -> None:
    file = edited(patch="@@ -1,3 +1,5 @@\n a\n+b\n c\n+d\n e")
    found = lines([file], coverage(FileCoverage("src/a.py", executed=(1, 2, 3), missing=(4, 5))))
    assert (found.hit, found.total, found.value) == (1, 2, 50.0)
    assert found.engine == "coverage.py 7"


def test_a_line_that_any_report_ran_has_run() -> None:
    one = coverage(FileCoverage("src/a.py", (1,), (2, 3, 4)))
    two = coverage(FileCoverage("src/a.py", (2, 3), (1, 4)))
    found = lines([new_file()], one, two)
    assert (found.hit, found.total) == (3, 4)


def test_a_source_file_in_no_report_counts_with_every_line_it_added() -> None:
    found = lines([new_file(), new_file("src/b.py")], coverage(FileCoverage("src/a.py", (1, 2, 3, 4), ())))
    assert (found.hit, found.total) == (4, 8)
    assert found.note == "src/b.py in no report, counted as missing"


def test_many_absent_files_are_counted_not_all_named() -> None:
    files = [new_file(f"src/{letter}.py") for letter in "abcde"]
    assert lines(files, coverage()).note == "src/a.py, src/b.py, src/c.py and 2 more in no report, counted as missing"


def test_blank_lines_of_an_absent_file_are_not_counted() -> None:
    assert lines([new_file(text="a = 1\n\n   \nb = 2")], coverage()).total == 2


@pytest.mark.parametrize(
    "path", ["README.md", "data.json", ".github/workflows/ci.yml", "uv.lock", "logo.png", "pyproject.toml", "Dockerfile",
             "LICENSE", "types.d.ts", "src/py.typed", ".gitignore", "tests/test_a.py", "src/a.test.ts", "pkg/a_test.go",
             "conftest.py"],
)  # fmt: skip
def test_what_no_coverage_tool_runs_is_left_out(path: str) -> None:
    found = lines([new_file(path)], coverage(FileCoverage("src/a.py", (1,), ())))
    assert (found.value, found.total, found.note) == (None, 0, NOTHING_TO_MEASURE)


@pytest.mark.parametrize(
    "path", ["src/a.py", "a.ts", "Main.java", "run", "bin/deploy.sh", "a.unheard", "src/latest.py", "contest.go"]
)
def test_whatever_else_is_code_and_counts(path: str) -> None:
    assert lines([new_file(path)], coverage()).total == 4


def test_lines_excluded_by_a_comment_count_as_missing() -> None:
    file = new_file(text="def f():  # pragma: no cover\n    return 1\nx = 1")
    found = lines([file], coverage(FileCoverage("src/a.py", (3,), (), excluded=(1, 2))))
    assert (found.hit, found.total) == (1, 3)


def test_stubs_and_imports_for_types_are_not_held_against_the_author() -> None:
    text = "if TYPE_CHECKING:\n    from a import b\n\n    import c\nclass P(Protocol):\n    def f(self) -> int: ...\n    x = 1"
    found = lines([new_file(text=text)], coverage(FileCoverage("src/a.py", (5,), (7,), excluded=(1, 2, 4, 6))))
    assert (found.hit, found.total) == (1, 2)


@pytest.mark.parametrize("line", ["def f(): evil(); y: ...", "x = evil() or ...", "    evil()  # ...", 'y = "..."'])
def test_code_beside_an_ellipsis_is_no_stub(line: str) -> None:
    found = lines([new_file(text=line)], coverage(FileCoverage("src/a.py", (), (), excluded=(1,))))
    assert (found.hit, found.total) == (0, 1)


def test_code_after_a_block_for_types_is_no_part_of_it() -> None:
    text = "if TYPE_CHECKING:\n    import a\nevil()"
    assert lines([new_file(text=text)], coverage(FileCoverage("src/a.py", (), (), excluded=(1, 2, 3)))).total == 1
    apart = edited(patch="@@ -1,0 +1,1 @@\n+if TYPE_CHECKING:\n@@ -50,0 +51,1 @@\n+    evil()")
    assert lines([apart], coverage(FileCoverage("src/a.py", (), (), excluded=(1, 51)))).total == 1


def test_without_a_patch_a_new_file_counts_whole() -> None:
    file = ChangedFile("src/a.py", "added", 9, 0, patch=None)
    found = lines([file], coverage(FileCoverage("src/a.py", (1, 2, 3), (4,))))
    assert (found.hit, found.total) == (3, 4)


def test_without_a_patch_a_changed_file_is_taken_at_its_worst() -> None:
    file = edited(patch=None, additions=3)
    assert lines([file], coverage(FileCoverage("src/a.py", tuple(range(1, 90)), (90, 91)))).value == pytest.approx(100 / 3)
    assert lines([file], coverage(FileCoverage("src/a.py", tuple(range(1, 90)), tuple(range(90, 99))))).value == 0.0
    assert lines([file], coverage()).total == 3


def test_a_pure_rename_adds_nothing_to_cover() -> None:
    assert lines([edited(patch=None, additions=0, status="renamed")], coverage()).note == NOTHING_TO_MEASURE


def test_branches_that_start_on_added_lines_count() -> None:
    file = edited(patch="@@ -1,1 +1,3 @@\n a\n+if x:\n+    y()")
    report = coverage(
        FileCoverage("src/a.py", (1, 2), (3,), executed_branches=((2, -1), (9, 10)), missing_branches=((2, 3), (9, 11)))
    )
    found = branches([file], report)
    assert (found.hit, found.total, found.value) == (1, 2, 50.0)


def test_a_branch_that_any_report_took_is_taken() -> None:
    one = coverage(FileCoverage("src/a.py", (), (), ((1, 2),), ((1, 3),)))
    two = coverage(FileCoverage("src/a.py", (), (), ((1, 3),), ((1, 2),)))
    assert branches([new_file()], one, two).value == 100.0


def test_reports_without_branches_are_no_branch_coverage() -> None:
    found = branches([new_file()], coverage(FileCoverage("src/a.py", (1,), ()), branches=False))
    assert found.value is None
    assert found.note == "insufficient: no coverage report with branches"


def test_a_file_without_branch_data_leaves_the_figure_unmeasured() -> None:
    report = coverage(FileCoverage("src/a.py", (1,), (), ((1, 2),), ()))
    found = branches([new_file(), new_file("src/b.py")], report)
    assert found.value is None
    assert found.note == "insufficient: src/b.py in no report with branches"


def test_code_without_a_branch_has_no_branch_coverage() -> None:
    assert branches([new_file()], coverage(FileCoverage("src/a.py", (1,), ()))).note == NOTHING_TO_MEASURE
