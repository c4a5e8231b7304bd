"""Patterns against paths, as Ruby's `File.fnmatch` decides with `FNM_DOTMATCH | FNM_PATHNAME`."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.owners.fnmatch import Fnmatch


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("**/*", "README.md", True),
        ("**/*", "a/b/.hidden", True),
        ("**/README.md", "docs/api/README.md", True),
        ("**/README.md", "docs/README.md/x", False),
        ("docs/*", "docs/index.md", True),
        ("docs/*", "docs/api/index.md", False),
        ("docs/**", "docs/api/index.md", False),
        ("docs/**", "docs/index.md", True),
        ("docs/**/*.md", "docs/index.md", True),
        ("docs/**/*.md", "docs/a/.b/index.md", True),
        ("docs/**/a/**/*.md", "docs/b/a/c/d/x.md", True),
        ("docs/**/a/**/*.md", "docs/b/c/d/x.md", False),
        ("docs", "docs/index.md", False),
        ("a/**x/b", "a/yx/b", True),
        ("a/**x/b", "a/y/x/b", False),
        ("?.py", "a.py", True),
        ("?.py", "ab.py", False),
        ("a?b", "a/b", False),
        ("[a-c]x", "bx", True),
        ("[!a-c]x", "bx", False),
        ("[^a-c]x", "dx", True),
        ("[]x", "x", False),
        ("[!]x", "ax", True),
        ("[!]x", "/x", False),
        ("[Section", "[Section", False),
        (r"[\]]", "]", True),
        ("[a-]", "-", True),
        (r"dir\!name/file.rb", "dir!name/file.rb", True),
        (r"\*.md", "*.md", True),
        (r"\*.md", "x.md", False),
        ("a+b(c)", "a+b(c)", True),
        ("A.md", "a.md", False),
        ("**/**/x", "a/b/x", True),
        ("{a,b}", "a", False),
    ],
)
def test_a_pattern_matches_what_ruby_says_it_does(pattern: str, path: str, matches: bool) -> None:
    assert Fnmatch(pattern).match(path) is matches


def reference(pattern: str, path: str) -> bool:
    """The same, by trying everything."""
    if pattern.startswith("**/"):
        rest = pattern[3:]
        starts = [0, *(at + 1 for at, character in enumerate(path) if character == "/")]
        return any(reference_inside(rest, path[start:]) for start in starts)
    return reference_inside(pattern, path)


def reference_inside(pattern: str, path: str) -> bool:
    if not pattern:
        return not path
    head, rest = pattern[0], pattern[1:]
    if head == "*":
        ends = next((at for at, character in enumerate(path) if character == "/"), len(path))
        return any(reference_inside(rest, path[at:]) for at in range(ends + 1))
    if not path or (head != "/" and path[0] == "/") or (head not in ("?", path[0])):
        return False
    return reference(rest, path[1:]) if head == "/" else reference_inside(rest, path[1:])


@given(
    st.lists(st.sampled_from(["**", "*", "a", "b", "*a", "a*b", "?", "a*b*a", "?*b"]), min_size=1, max_size=5).map("/".join),
    st.lists(st.sampled_from(["a", "b", "ab", "aab", "aba", "abba"]), min_size=1, max_size=5).map("/".join),
)
def test_every_pattern_matches_what_trying_everything_finds(pattern: str, path: str) -> None:
    assert Fnmatch(pattern).match(path) is reference(pattern, path)


@given(st.text(alphabet="ab*?[]!^-\\/", max_size=14), st.text(alphabet="ab/-]", max_size=10))
def test_any_pattern_can_be_tried(pattern: str, path: str) -> None:
    Fnmatch(pattern).match(path)


def test_a_hostile_path_does_not_make_a_pattern_slow() -> None:
    started = time.perf_counter()
    assert not Fnmatch("**/*a*a*a*a*a*a*b").match("a" * 4000)
    assert not Fnmatch("**/a/**/a/**/a/**/b").match("a/" * 2000 + "c")
    assert time.perf_counter() - started < 2
