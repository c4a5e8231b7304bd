"""Which lines a change touches, as they were before it, and how few of them are asked about."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.ids import CommitSha
from bot.core.patch import old_ranges
from bot.core.routing.touched import MOST_FILES, MOST_LINES, MOST_RANGES, TouchedLines, before_change, touched_before
from tests.core.build import change, changed, commit

PATCH = "@@ -4,3 +4,4 @@ def cart\n kept\n-gone\n+new\n+newer\n kept\n@@ -20 +21,2 @@\n kept\n+new\n@@ -0,0 +1,2 @@\n+a\n+b"


def test_the_lines_around_each_change_are_counted_as_they_were_numbered_before() -> None:
    assert list(old_ranges(PATCH)) == [(4, 6), (20, 20)]
    assert touched_before([changed("a.py", status="modified", patch=PATCH)]) == (TouchedLines("a.py", ((4, 6), (20, 20))),)


def test_a_line_that_looks_like_a_hunk_is_none() -> None:
    assert list(old_ranges("@@ -1,2 +1,2 @@\n-@@ -7,1 +7,1 @@\n+x\n kept")) == [(1, 2)]


def test_an_added_file_and_one_without_a_patch_have_no_lines_that_were_there() -> None:
    assert touched_before([changed("a.py"), changed("b.bin", status="modified", patch=None)]) == ()


def test_a_renamed_file_is_asked_about_under_its_old_name() -> None:
    moved = changed("new.py", status="renamed", previous_path="old.py", patch=PATCH)
    assert [lines.path for lines in touched_before([moved])] == ["old.py"]


def test_the_files_that_change_most_are_asked_about() -> None:
    files = [changed(f"{size}.py", status="modified", patch=PATCH, additions=size) for size in range(20)]
    assert [lines.path for lines in touched_before(files)] == [f"{size}.py" for size in range(19, 19 - MOST_FILES, -1)]


def test_what_is_shared_of_some_lines_is_counted() -> None:
    lines = TouchedLines("a.py", ((4, 6), (20, 20)))
    assert [lines.has(*each) for each in ((1, 3), (1, 4), (5, 30), (6, 6), (7, 19))] == [0, 1, 3, 1, 0]


@pytest.mark.parametrize(
    ("told", "history", "before"),
    [
        ("m" * 40, [("a", "x")], "m" * 40),
        (None, [("a", "x"), ("b", "a")], "x"),
        (None, [("a", "x"), ("b", "ay"), ("c", "b")], "y"),
        (None, [], "b" * 40),
    ],
    ids=["the forge tells it", "a branch", "the base was merged in", "no commit is known"],
)
def test_the_lines_are_those_of_the_commit_that_differences_are_counted_from(
    told: str | None, history: list[tuple[str, str]], before: str
) -> None:
    commits = [replace(commit(), sha=CommitSha(sha), parents=tuple(map(CommitSha, parents))) for sha, parents in history]
    of = change(merge_base=CommitSha(told) if told else None)
    assert before_change(of, commits) == before


HUNKS = st.lists(st.tuples(st.integers(1, 500), st.integers(0, 300)), max_size=12)


@given(HUNKS)
def test_however_much_changes_few_lines_are_asked_about_and_each_once(hunks: list[tuple[int, int]]) -> None:
    patch = "\n".join(f"@@ -{start},{count} +{start},{count} @@\n x" for start, count in hunks)
    for lines in touched_before([changed("a.py", status="modified", patch=patch)]):
        assert len(lines.ranges) <= MOST_RANGES
        asked = [number for first, last in lines.ranges for number in range(first, last + 1)]
        assert asked == sorted(set(asked))
        assert len(asked) <= MOST_LINES
        assert all(any(start <= number < start + count for start, count in hunks) for number in asked)
