"""Which file a path in a report means, and when it is not believed."""

from __future__ import annotations

import pytest

from bot.core.evidence.paths import match, may_mean


@pytest.mark.parametrize(
    "reported", ["src/a.py", "./src/a.py", "/home/ci/build/src/a.py", "C:\\ci\\src\\a.py", "build/7/src/a.py"]
)
def test_a_path_is_known_with_and_without_its_root(reported: str) -> None:
    assert match([reported], ["src/a.py"]) == {reported: "src/a.py"}


def test_a_tail_counts_only_at_a_slash() -> None:
    assert match(["/ci/mysrc/a.py", "src/ba.py"], ["src/a.py", "a.pyx"]) == {}


def test_a_shorter_path_is_never_believed() -> None:
    assert match(["a.py", "/a.py"], ["src/a.py"]) == {}


def test_the_longest_tail_wins() -> None:
    assert match(["/ci/web/app/main.py"], ["app/main.py", "web/app/main.py"]) == {"/ci/web/app/main.py": "web/app/main.py"}


def test_two_roots_that_claim_one_file_are_both_left_out() -> None:
    assert match(["/one/src/a.py", "/two/src/a.py"], ["src/a.py"]) == {}
    answer = match(["/one/src/a.py", "/one/src/b.py", "/two/src/a.py"], ["src/a.py", "src/b.py"])
    assert answer == {"/one/src/b.py": "src/b.py"}


def test_a_package_within_is_not_taken_for_the_root() -> None:
    reported = ["/ci/app/main.py", "/ci/web/app/main.py"]
    assert match(reported, ["app/main.py"]) == {"/ci/app/main.py": "app/main.py"}


def test_a_file_of_another_package_does_not_cover_the_one_at_the_root() -> None:
    reported = ["/ci/web/app/main.py", "/ci/api/x.py", "/ci/lib/y.py", "/ci/lib/z.py"]
    assert match(reported, ["app/main.py"]) == {}


def test_where_a_report_names_files_exactly_longer_paths_are_not_guessed() -> None:
    assert match(["src/a.py", "/ci/src/b.py"], ["src/a.py", "src/b.py"]) == {"src/a.py": "src/a.py"}


def test_no_report_and_no_files_match_nothing() -> None:
    assert match([], ["a"]) == {}
    assert match(["a", "/b/a"], []) == {}


@pytest.mark.parametrize("reported", ["", "src/a.py", "/ci/src/a.py", "a.py", "./src/a.py", "src\\a.py"])
def test_a_finding_may_mean_the_file_in_doubt(reported: str) -> None:
    assert may_mean(reported, "src/a.py")


@pytest.mark.parametrize("reported", ["src/b.py", "src/ba.py", "/ci/other/a.py"])
def test_a_finding_in_another_file_does_not_mean_it(reported: str) -> None:
    assert not may_mean(reported, "src/a.py")
