"""`llmgate scan` on repositories that live on GitLab, and on one change of a repository's past."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli.main import app
from bot.cli.scanning.merges import MergeWords, merge_words
from tests.cli.test_scan import CLAUDE, only, page, scan
from tests.integrations.git.making import Made, make

MERGED = "Merge branch 'fix' into 'main'\n\nFix rounding\n\nSee merge request shop/web/till!9"
OWNERS = "[Code] @till/people\nsrc/\n\n^[Docs]\ndocs/ @writers @@maintainer\n"


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return make(tmp_path / "till")


def merge(made: Made, message: str, *paths: str) -> None:
    made.git("checkout", "-q", "-b", "fix")
    made.commit(f"Work\n\n{CLAUDE}", *paths)
    made.git("checkout", "-q", "main")
    made.merge("fix", message)
    made.git("branch", "-q", "-D", "fix")


@pytest.mark.parametrize(
    ("origin", "message", "file", "forge"),
    [
        ("git@gitlab.example:shop/till.git", "Work", ".github/x", "gitlab"),
        ("https://oauth2:hush@gitlab.com/shop/till.git", "Work", "a", "gitlab"),
        ("ssh://git@github.com/gitlab/till", "Work", ".gitlab-ci.yml", "github"),
        ("", f"Fix\n\n{'See merge request shop/till!9'}", ".github/x", "gitlab"),
        ("/srv/git/till", "Work", ".gitlab-ci.yml", "gitlab"),
        ("", "Work", ".gitlab/CODEOWNERS", "gitlab"),
        ("", "Work", "a", "github"),
    ],
)
def test_the_forge_is_told_by_origin_then_merges_then_files(
    made: Made, origin: str, message: str, file: str, forge: str
) -> None:
    if origin:
        made.git("remote", "add", "origin", origin)
    made.commit(message, file)
    report = scan(made.root)
    assert report["repository"]["forge"] == forge
    assert "hush" not in json.dumps(report)


def test_owners_are_read_in_gitlabs_places_and_dialect(made: Made) -> None:
    made.write(".gitlab/CODEOWNERS", OWNERS)
    made.write(".github/CODEOWNERS", "* @nobody\n")
    made.write("src/money.py", "old\n")
    made.commit("Begin")
    made.git("remote", "add", "origin", "https://gitlab.example/shop/web/till.git")
    merge(made, MERGED, "src/money.py", "docs/use.md", "package-lock.json", "vendor/x.py")
    change = only(scan(made.root))
    asked = {one["role"]: one["names"] for one in change["asked"]}
    assert asked["codeowner"] == ["@@maintainer", "@till/people", "@writers"]
    assert "CODEOWNERS:" not in page(made.root)


def test_a_line_that_cannot_be_read_is_told_with_its_place(made: Made) -> None:
    made.write(".gitlab/CODEOWNERS", "[Code]\nsrc/\n")
    made.commit("Begin")
    assert ".gitlab/CODEOWNERS:2 is not read whole: saw `src/`" in page(made.root)


@pytest.mark.parametrize(
    ("message", "merged", "words"),
    [
        (MERGED, True, ("Fix rounding", "fix", 9, "!", "shop/web/till")),
        ("Bring the fix\n\nSee merge request shop/till!9", True, ("Bring the fix", "", 9, "!", "shop/till")),
        ("Fix rounding\n\nLonger\n\nSee merge request shop/till!9\n", False, ("Fix rounding", "", 9, "!", "shop/till")),
        ("Fix rounding (!9)", False, ("Fix rounding (!9)", "", 9, "!", "")),
        ("Fix rounding (#9)", False, ("Fix rounding (#9)", "", 9, "#", "")),
        ("Fix\n\nWe see merge request shop/till!9 often", False, ("Fix", "", 0, "#", "")),
    ],
)
def test_what_merges_and_squashes_say_of_their_change(
    message: str, merged: bool, words: tuple[str, str, int, str, str]
) -> None:
    told: MergeWords = merge_words(message, merged)
    assert (told.title, told.branch, told.number, told.mark, told.path) == words


@pytest.mark.parametrize("asked", ["shop/web/till!9", "Shop/Web/Till!9", "!9", "#9", "9"])
def test_one_change_is_judged_alone(made: Made, asked: str) -> None:
    made.commit(f"Begin (!3)\n\n{CLAUDE}", "a.py")
    merge(made, MERGED, "src/b.py")
    made.commit(f"Later (!10)\n\n{CLAUDE}", "c.py")
    report = scan(made.root, "--change", asked)
    assert (only(report)["name"], report["totals"]["changes"]) == ("!9", 1)
    assert "!9 Fix rounding Claude Code (B)" in page(made.root, "--change", asked)


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("shop/web/till!8", "saw no merge or squash of shop/web/till!8 in this history"),
        ("shop/other!9", "saw no merge or squash of shop/other!9"),
        ("https://x.example", "wanted group/project!7, org/repo#7 or a number"),
    ],
)
@pytest.mark.parametrize("form", [[], ["--json"]])
def test_a_change_that_is_not_there_is_said_so_and_nothing_else(made: Made, asked: str, says: str, form: list[str]) -> None:
    made.commit("Begin", "a.py")
    merge(made, MERGED, "src/b.py")
    done = CliRunner().invoke(app, ["scan", str(made.root), "--change", asked, *form])
    assert (done.exit_code, done.stdout) == (2, "")
    assert says in done.stderr


def test_a_merge_request_is_not_taken_for_a_pull_request_of_its_number(made: Made) -> None:
    made.commit(f"Begin (#9)\n\n{CLAUDE}", "a.py")
    done = CliRunner().invoke(app, ["scan", str(made.root), "--change", "acme/shop!9"])
    assert done.exit_code == 2
