"""CODEOWNERS, as GitHub documents it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.owners.model import Owner, Owners
from bot.core.owners.read import owner_teams
from bot.core.owners.read import parse_owners as parse

TEXT = """\
# Everything, unless a later line says otherwise.
*       @global-owner1 @global-owner2

*.js    @js-owner # inline comment
*.go    docs@example.com
/build/logs/ @doctocat
docs/*  @acme/docs
apps/   @octocat
/scripts/ @doctocat @octocat
**/logs @Octocat
/apps/ @octocat
/apps/github
my\\ folder/ @spacey
"""


def parse_owners(text: str) -> Owners:
    return parse(text, "github")


def names(path: str) -> list[str]:
    return [owner.name for owner in parse_owners(TEXT).owners_of(path)]


@pytest.mark.parametrize(
    ("path", "owners"),
    [
        ("README", ["global-owner1", "global-owner2"]),
        ("web/app.js", ["js-owner"]),
        ("cmd/main.go", ["docs@example.com"]),
        ("docs/start.md", ["acme/docs"]),
        ("docs/build/trouble.md", ["global-owner1", "global-owner2"]),
        ("build/logs/x", ["Octocat"]),
        ("x/apps/y", ["octocat"]),
        ("apps/other/x", ["octocat"]),
        ("apps/github/x.js", []),
        ("scripts/run", ["doctocat", "octocat"]),
        ("deep/logs/a/b", ["Octocat"]),
        ("my folder/x", ["spacey"]),
    ],
)
def test_the_last_line_that_matches_names_the_owners(path: str, owners: list[str]) -> None:
    assert names(path) == owners


def test_logins_teams_and_addresses_are_told_apart() -> None:
    owners = parse_owners("* @bob @acme/sub/team a@b.co").owners_of("x")
    assert owners == (Owner("login", "bob"), Owner("team", "acme/sub/team"), Owner("email", "a@b.co"))


@pytest.mark.parametrize(
    "line", ["!docs @bob", "[Section] @bob", "docs/[ab] @bob", "docs bob", "docs @", "a//b @bob", "docs @-x-"]
)
def test_a_line_that_cannot_be_read_is_skipped_and_reported_with_its_number(line: str) -> None:
    read = parse_owners(f"* @first\n{line}\n")
    assert [problem.line for problem in read.problems] == [2]
    assert read.problems[0].saw
    assert read.problems[0].wanted
    assert read.owners_of("docs/a") == (Owner("login", "first"),)


def test_a_file_too_large_for_the_forge_owns_nothing() -> None:
    read = parse_owners("* @bob\n" * 600_000)
    assert not read.lines
    assert read.problems


def test_only_the_teams_that_own_touched_files_are_asked_for() -> None:
    text = "/a/ @acme/one\n/b/ @acme/two @bob\n/c/ @acme/three\n"
    assert owner_teams(text, "github", ("b/x", "a/y", "z")) == ("acme/one", "acme/two")


@given(
    st.lists(st.sampled_from(["*", "/a/", "a/", "/a/b", "/a/b/c/", "*.x", "**/c", "/a/*", "b", "/a/**/x"]), max_size=8),
    st.sampled_from(["a/b", "a/b/c/d.x", "x", "b/c", "a/x", "c", "a/q/x", "a/b.x"]),
)
def test_looking_lines_up_by_folder_finds_what_reading_them_all_finds(patterns: list[str], path: str) -> None:
    lines = [f"{pattern} @o{number}" for number, pattern in enumerate(patterns)]
    alone = [parse_owners(line).owners_of(path) for line in lines]
    last = next((owners for owners in reversed(alone) if owners), ())
    assert parse_owners("\n".join(lines)).owners_of(path) == last


@given(st.text(max_size=200))
def test_any_text_can_be_read(text: str) -> None:
    parse_owners(text).owners_of("a/b")
