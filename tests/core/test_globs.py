"""Path patterns: what they match, what they refuse, and that no path makes them slow."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.globs import BadGlob, alternatives, globs, name_matches

MATCHES = [
    ("*", ["a", "a/b"], []),
    ("**", ["a", "a/b"], []),
    ("**/*", ["a", "a/b"], []),
    ("*.js", ["a.js", "x/y.js"], ["a.jsx", "js"]),
    ("/*.js", ["a.js"], ["x/a.js"]),
    ("auth", ["auth", "auth/a", "x/auth/y"], ["oauth", "auth.py", "x/authy/z"]),
    ("apps/", ["apps/a", "x/apps/a/b"], ["apps", "x/apps"]),
    ("/docs/", ["docs/a", "docs/a/b"], ["x/docs/a", "docs"]),
    ("docs/*", ["docs/a"], ["docs/a/b", "x/docs/a"]),
    ("/apps/github", ["apps/github", "apps/github/x"], ["x/apps/github", "apps/githubx"]),
    ("**/logs", ["logs/a", "b/logs/c/d", "x/logs"], ["blogs/a"]),
    ("a/**/b", ["a/b", "a/x/y/b", "a/b/c"], ["c/a/b", "a/xb"]),
    ("a/**", ["a/b", "a/b/c"], ["a", "b/a/c"]),
    ("**/x/**/y/*.t", ["x/y/z.t", "q/x/1/y/q.t"], ["x/y/1/2.t", "x/z.t"]),
    ("**/a/**/a/**/b", ["a/a/b", "a/x/a/y/b"], ["a/b"]),
    ("src/*.{js,ts}", ["src/a.ts", "src/b.js"], ["src/c.py"]),
    ("{a,b/{c,d}}/x", ["a/x", "b/c/x", "b/d/x"], ["b/x"]),
    ("a?c", ["abc"], ["ac", "a/c", "abbc"]),
    ("*a*b*", ["xaxbx", "ab"], ["ba"]),
    ("a/*/c", ["a/b/c"], ["a//c", "a/c", "a/b/b/c"]),
    ("a.b", ["a.b"], ["axb"]),
    (r"a\*b", ["a*b"], ["axb"]),
    ("grüße/[x]+(y)", ["grüße/[x]+(y)"], ["grüße/x"]),
]


@pytest.mark.parametrize(("pattern", "yes", "no"), MATCHES, ids=[pattern for pattern, _, _ in MATCHES])
def test_a_pattern_matches_what_codeowners_says_it_matches(pattern: str, yes: list[str], no: list[str]) -> None:
    assert [path for path in yes + no if globs((pattern,)).match(path)] == yes


def test_several_patterns_match_what_any_of_them_matches_and_name_it() -> None:
    several = globs(("auth", "*.tf", "db/migrate/"))
    assert [several.which(path) for path in ("x/auth/y", "a/b.tf", "db/migrate/1", "other")] == [
        "auth",
        "*.tf",
        "db/migrate/",
        "",
    ]


def test_case_is_ignored_only_where_asked() -> None:
    assert globs(("Auth/*.PY",), fold=True).match("aUTH/x.py")
    assert globs(("AUTH",), fold=True).match("x/auth/y")
    assert not globs(("Auth/*.PY",)).match("auth/x.py")


@pytest.mark.parametrize(
    "pattern", ["", "/", "a//b", "{a", "a}", "{a,}", "x" * 600, "a\nb", "{1,2,3,4,5}{1,2,3,4,5}{1,2,3,4,5}"]
)
def test_an_unreadable_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(BadGlob):
        globs((pattern,))


def test_braces_are_letters_where_they_are_not_asked_for() -> None:
    assert globs(("a{b,c}",), braces=False).match("a{b,c}")
    assert not globs(("a{b,c}",), braces=False).match("ab")


def test_braces_are_written_out_in_order() -> None:
    assert alternatives("{a,b}{1,2}") == ("a1", "a2", "b1", "b2")


HOSTILE = [
    ("*a" * 60 + "b", "a" * 4000),
    ("**/" + "*a*/" * 12 + "**/z", "/".join(["aaaa"] * 800)),
    ("**/a/**/a/**/a/**/a/**/a/**/a/**/a/**/b", "a/" * 1500),
    ("?" * 60 + "*" + "?" * 60 + "b", "a" * 4000),
]


@pytest.mark.parametrize(("pattern", "path"), HOSTILE)
def test_no_path_sends_a_pattern_backtracking_for_ever(pattern: str, path: str) -> None:
    """It simply ends: with ordinary backtracking each of these runs for longer than the universe has."""
    assert not globs((pattern,)).match(path)


@given(st.lists(st.text(alphabet="ab*", min_size=1, max_size=4), min_size=1, max_size=3), st.text(alphabet="ab/", max_size=10))
def test_a_pattern_without_double_stars_agrees_with_a_plain_matcher(segments: list[str], path: str) -> None:
    """Segment by segment, by the textbook recursion."""

    def one(pattern: str, text: str) -> bool:
        if not pattern:
            return not text
        if pattern[0] == "*":
            return one(pattern[1:], text) or (bool(text) and one(pattern, text[1:]))
        return bool(text) and pattern[0] == text[0] and one(pattern[1:], text[1:])

    if any("**" in segment for segment in segments):
        return
    names = path.split("/")
    here = len(names) == len(segments) if segments[-1] == "*" else len(names) >= len(segments)
    expected = here and all(one(pattern, name) and name for pattern, name in zip(segments, names, strict=False))
    assert globs(("/" + "/".join(segments),)).match(path) == expected or path.endswith("/") or "//" in path


@pytest.mark.parametrize(
    ("pattern", "name", "matches"),
    [
        ("anthropic/claude-*", "anthropic/claude-sonnet@4.5", True),
        ("Anthropic/*", "anthropic/x/y@1", True),
        ("*/gpt-?@*", "openai/gpt-5@2026", True),
        ("openai/gpt", "openai/gpt-5", False),
        ("*a*a*a*a*a*b", "a" * 3000, False),
    ],
)
def test_a_models_name_is_matched_whole(pattern: str, name: str, matches: bool) -> None:
    assert name_matches(pattern, name) is matches
