"""CODEOWNERS, as GitLab documents it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.owners.model import Owner, Owners
from bot.core.owners.read import owner_teams, parse_owners

SECTIONED = """\
* @admin

[README Owners]
README.md @user1 @user2
internal/README.md @user4

[Docs][2] @docs-team
docs/
*.txt
docs/legal/ @law/team

^[Go]
*.go @gopher

[README owners]
LICENSE @user5
"""


def read(text: str) -> Owners:
    return parse_owners(text, "gitlab")


def decided(text: str, path: str) -> dict[str, list[str]]:
    """The owners of a path by section."""
    return {section.name: [str(owner) for owner in line.owners] for section, line in read(text).matches(path)}


@pytest.mark.parametrize(
    ("path", "owners"),
    [
        ("README.md", {"": ["@admin"], "README Owners": ["@user1", "@user2"]}),
        ("internal/README.md", {"": ["@admin"], "README Owners": ["@user4"]}),
        ("docs/a/b.md", {"": ["@admin"], "Docs": ["@docs-team"]}),
        ("x/docs/b.md", {"": ["@admin"], "Docs": ["@docs-team"]}),
        ("docs", {"": ["@admin"]}),
        ("docs/legal/x.txt", {"": ["@admin"], "Docs": ["@law/team"]}),
        ("src/main.go", {"": ["@admin"], "Go": ["@gopher"]}),
        ("LICENSE", {"": ["@admin"], "README Owners": ["@user5"]}),
    ],
)
def test_each_section_is_read_for_itself_and_its_last_line_that_matches_counts(path: str, owners: dict[str, list[str]]) -> None:
    assert decided(SECTIONED, path) == owners


def test_a_heading_says_how_many_approve_and_whether_they_have_to() -> None:
    sections = {section.name: section for section in read(SECTIONED).sections}
    assert [line.needed for line in sections["Docs"].lines] == [2, 2, 2]
    assert {name for name, section in sections.items() if section.required} == {"", "README Owners", "Docs"}
    assert read(SECTIONED).problems == ()


def test_sections_of_one_name_are_one_and_required_if_either_is() -> None:
    owners = read("^[Docs]\n*.md @a\n[DOCS][3]\n*.txt @b\n")
    (_, docs) = owners.sections
    assert (docs.name, docs.required, [line.needed for line in docs.lines]) == ("Docs", True, [1, 3])


def test_until_a_section_bears_a_name_there_are_none() -> None:
    assert not read("* @admin\n*.md @docs\n").sectioned
    assert decided("* @admin\n*.md @docs\n*.md @last\n", "a.md") == {"": ["@last"]}
    assert read("[Docs]\n").sectioned


@pytest.mark.parametrize("path", ["pom.xml", "a/pom.xml", "gen/x", "a/gen/b/x"])
def test_an_exclusion_takes_a_path_out_of_its_section_for_good(path: str) -> None:
    text = "* @user\n!pom.xml\n!**/gen/\npom.xml @again\n[Gen]\ngen/ @ops\n"
    assert decided(text, path) == ({"Gen": ["@ops"]} if "gen" in path else {})
    assert decided(text, "src/x") == {"": ["@user"]}


def test_users_groups_roles_and_addresses_are_told_apart() -> None:
    owners = read("* @bob @acme/sub.team @@Maintainers @@developer a.b@c.co @bob").owners_of("x")
    assert owners == (
        Owner("name", "bob"),
        Owner("team", "acme/sub.team"),
        Owner("role", "@maintainer"),
        Owner("role", "@developer"),
        Owner("email", "a.b@c.co"),
    )


@pytest.mark.parametrize(
    ("line", "owners", "says"),
    [
        ("docs/ @a user_without_mark @b", ["@a", "@b"], "user_without_mark"),
        ("docs/ @a # ask @b", ["@a", "@b"], "# ask"),
        ("docs/ @@reporter @a", ["@a"], "@@reporter"),
        ("docs/ @a/b/ @c.", ["@a/b", "@c"], ""),
        ("docs/", [], "nobody's without"),
        ("docs/ nobody", [], "nobody's without"),
    ],
)
def test_owners_that_are_none_are_left_out_and_reported(line: str, owners: list[str], says: str) -> None:
    assert decided(line, "docs/x") == {"": owners}
    told = [f"{problem.line} {problem.saw} {problem.wanted}" for problem in read(line).problems]
    assert bool(told) is bool(says)
    assert says in " ".join(told)


@pytest.mark.parametrize(
    ("heading", "name", "needed", "owners", "reported"),
    [
        ("[Docs][0] @x", "Docs", 1, ["@x"], True),
        ("[Docs][one] @x", "Docs", 1, ["@x"], True),
        ("[Docs][1] @x", "Docs", 1, ["@x"], False),
        ("[Docs][2]@x", "Docs", 2, ["@x"], False),
        ("[Docs]] @x", "Docs", 1, [], True),
        ("[Two Words] @x", "Two Words", 1, ["@x"], False),
        ("[] @x", "", 1, ["@x"], True),
    ],
)
def test_a_heading_that_is_not_quite_one_is_read_as_far_as_it_goes(
    heading: str, name: str, needed: int, owners: list[str], reported: bool
) -> None:
    found = read(f"{heading}\ndocs/\n")
    ((section, line),) = found.matches("docs/x")
    assert (section.name, line.needed, [str(owner) for owner in line.owners]) == (name, needed, owners)
    assert any(problem.line == 1 for problem in found.problems) is reported


def test_a_heading_that_cannot_be_read_is_a_path_of_the_section_above() -> None:
    text = "[Docs]\ndocs/**/* @group\n\n[Section name\ndocs/ @docs\n"
    assert decided(text, "docs/a") == {"Docs": ["@docs"]}
    assert [problem.line for problem in read(text).problems] == [4, 4, 4]


def test_spaces_and_number_signs_are_escaped_with_a_backslash() -> None:
    assert decided("path\\ with\\ spaces/*.md @a", "path with spaces/x.md") == {"": ["@a"]}
    assert decided("\\#odd.rb @a", "examples/#odd.rb") == {"": ["@a"]}
    assert decided("# * @a\n  [Docs]\n  *.md @b\n", "x.md") == {"Docs": ["@b"]}


def test_the_dialect_is_the_forges() -> None:
    text = "* @acme/team\n/config @bob\n"
    assert parse_owners(text, "github").owners_of("config/x") == (Owner("login", "bob"),)
    assert parse_owners(text, "gitlab").owners_of("config/x") == (Owner("team", "acme/team"),)


def test_a_name_is_asked_for_as_a_group_unless_it_is_a_known_login() -> None:
    text = "* @Bob @ops @acme/security @@owners\n[Docs]\n*.md @writers\n"
    assert owner_teams(text, "gitlab", ("a.md",), {"bob"}) == ("@@owner", "acme/security", "ops", "writers")
    assert owner_teams(text, "gitlab", ("a.py",), {"bob", "ops"}) == ("@@owner", "acme/security")


@given(
    st.lists(
        st.sampled_from(
            ["*", "/a/", "a/", "/a/b", "a/b/c/", "*.x", "**/c", "/a/*", "b", "/a/**/x", "/a/[b-d]/", "[ab]/x", "?"]
        ),
        max_size=8,
    ),
    st.sampled_from(["a/b", "a/b/c/d.x", "x", "b/c", "a/x", "c", "a/q/x", "a/b.x", "b/x"]),
)
def test_looking_lines_up_by_folder_and_name_finds_what_reading_them_all_finds(patterns: list[str], path: str) -> None:
    lines = [f"{pattern} @o{number}" for number, pattern in enumerate(patterns) if not pattern.startswith("[")]
    alone = [read(line).owners_of(path) for line in lines]
    last = next((owners for owners in reversed(alone) if owners), ())
    assert read("\n".join(lines)).owners_of(path) == last


def test_a_large_file_is_looked_up_quickly() -> None:
    lines = [f"/services/s{number}/ @acme/team{number}\nlib{number}/ @acme/lib{number}" for number in range(10_000)]
    owners = read("\n".join(lines))
    started = time.perf_counter()
    for number in range(500):
        assert str(owners.owners_of(f"services/s{number}/a/b.py")[0]) == f"@acme/team{number}"
        assert str(owners.owners_of(f"x/lib{number}/b.py")[0]) == f"@acme/lib{number}"
    assert time.perf_counter() - started < 2


@given(st.text(alphabet="ab[]^!@/ #\\\n*-1.", max_size=80) | st.text(max_size=200))
def test_any_text_can_be_read(text: str) -> None:
    read(text).owners_of("a/b")
