"""`llmgate scan` where the repository is unusual: empty, bare, cut short, or full of other people's bytes."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli.main import app
from tests.cli.test_scan import CLAUDE, only, page, scan
from tests.integrations.git.making import Made, make


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return make(tmp_path / "shop")


def refusal(root: Path, *options: str) -> str:
    done = CliRunner().invoke(app, ["scan", str(root), *options])
    assert done.exit_code == 2
    assert done.stdout == ""
    return done.stderr


def test_an_empty_repository_is_told_so(made: Made) -> None:
    report = scan(made.root)
    assert (report["repository"]["head"], report["changes"], report["totals"]["changes"]) == (None, [], 0)
    assert "No commits yet" in page(made.root)


def test_a_bare_repository_a_detached_head_and_a_shallow_clone_are_scanned_and_named(made: Made, tmp_path: Path) -> None:
    made.commit("One", "a.py")
    made.commit(f"Two\n\n{CLAUDE}", "a.py")
    made.git("clone", "-q", "--bare", ".", str(tmp_path / "bare.git"))
    made.git("clone", "-q", "--depth=1", made.root.as_uri(), str(tmp_path / "shallow"))
    assert scan(tmp_path / "bare.git")["repository"]["bare"]
    assert "branch main, bare" in page(tmp_path / "bare.git")
    assert "the clone is shallow" in page(tmp_path / "shallow")
    edge = only(scan(tmp_path / "shallow"))
    assert (edge["agents"], edge["files"], edge["tier"]) == (["Claude Code"], [], "high")
    made.git("checkout", "-q", "--detach")
    assert "detached HEAD" in page(made.root)


def test_since_limits_what_is_looked_at(made: Made) -> None:
    made.commit(f"One\n\n{CLAUDE}", "a.py")
    made.commit("Two", "a.py")
    assert scan(made.root)["totals"]["changes"] == 2
    assert (
        scan(made.root, "--since", "HEAD~1")["totals"] | {"changes": 1, "generated": 0}
        == scan(made.root, "--since", "HEAD~1")["totals"]
    )
    assert "No change in this span" in page(made.root, "--since", "HEAD")
    assert "no revision of" in refusal(made.root, "--since", "nonsense")


def test_what_is_no_repository_is_refused_on_standard_error_alone(tmp_path: Path) -> None:
    assert "saw no git repository at" in refusal(tmp_path)
    assert "saw no git repository at" in refusal(tmp_path, "--json")


def test_names_of_other_people_are_neither_markup_nor_control_characters(made: Made) -> None:
    made.commit(f"[red]\x1b[31mEvil\x07 [/nothing] title\u202e\n\n{CLAUDE}", "a.py", author="[bold] <x@y>")
    words = page(made.root)
    assert "[red] [31mEvil [/nothing] title" in words
    assert not set(words) & {"\x1b", "\x07", "\u202e"}


def test_bytes_that_are_no_text_reach_both_reports_escaped(made: Made) -> None:
    tree = made.git("write-tree").strip()
    raw = b"tree " + tree + b"\nauthor A <a@b> 1 +0000\ncommitter A <a@b> 1 +0000\n\nCaf\xe9 \xff\n\n" + CLAUDE.encode()
    sha = made.git("hash-object", "-t", "commit", "-w", "--stdin", stdin=raw).decode().strip()
    made.git("update-ref", "refs/heads/main", sha)
    assert only(scan(made.root))["title"] == "Caf\\xe9 \\xff"
    assert "Caf\\xe9 \\xff" in page(made.root)
