"""Real `git clone` and `git push` against the stand-in."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from integrations.sandbox.git.machine import GIT, GIT_ENV
from integrations.sandbox.github.fake import FakeGitHub
from tests.integrations.sandbox.github.conftest import SHOP
from tests.integrations.sandbox.github.hook import Hook


def git(where: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    identity = ["-c", "user.name=Ann", "-c", "user.email=ann@acme.example"]
    return subprocess.run([GIT, "-C", str(where), *identity, *arguments], env=GIT_ENV, capture_output=True, text=True)


@pytest.fixture
def clone(github: FakeGitHub, tmp_path: Path) -> Path:
    where = tmp_path / "clone"
    done = git(tmp_path, "clone", "-q", github.clone_url(SHOP, "ann"), str(where))
    assert done.returncode == 0, done.stderr
    return where


def commit(clone: Path, path: str, text: str) -> str:
    (clone / path).write_text(text)
    git(clone, "add", path)
    git(clone, "commit", "-qm", f"Write {path}")
    return git(clone, "rev-parse", "HEAD").stdout.strip()


def test_a_push_moves_the_change_and_tells_the_app(github: FakeGitHub, hook: Hook, change: int, clone: Path) -> None:
    git(clone, "switch", "-q", "cart")
    head = commit(clone, "shop/tax.py", "rate = 7\n")
    assert git(clone, "push", "-q", "origin", "cart").returncode == 0
    github.flush()
    assert github.change(SHOP, change).head_sha == head
    assert hook.last("pull_request.synchronize")["after"] == head
    assert hook.last("push")["pusher"]["name"] == "ann"


def test_a_change_opened_from_a_pushed_branch_shows_its_files(github: FakeGitHub, clone: Path) -> None:
    git(clone, "switch", "-qc", "ümlaut")
    commit(clone, "späße.py", "x = 1\n")
    assert git(clone, "push", "-q", "origin", "ümlaut").returncode == 0
    pull = github.open_change(SHOP, "ümlaut", by="ann")
    assert [each.path for each in pull.repo.git.changes(pull.base_sha, pull.head_sha)] == ["späße.py"]


def test_a_wrong_token_is_refused(github: FakeGitHub, tmp_path: Path) -> None:
    url = github.clone_url(SHOP, "ann").replace("ghp_", "ghp_x")
    assert "Authentication failed" in git(tmp_path, "clone", "-q", url, str(tmp_path / "no")).stderr


def test_a_reader_cannot_push(github: FakeGitHub, clone: Path) -> None:
    github.grant(SHOP, "ann", "read")
    commit(clone, "a.py", "1\n")
    assert "403" in git(clone, "push", "origin", "HEAD:feature").stderr


def test_a_protected_branch_takes_no_push_from_a_writer(github: FakeGitHub, clone: Path) -> None:
    github.protect(SHOP, "main", required_checks=[("llmgate", github.app.id)])
    before = github.head(SHOP, "main")
    commit(clone, "a.py", "1\n")
    assert git(clone, "push", "origin", "main").returncode != 0
    assert github.head(SHOP, "main") == before
    github.grant(SHOP, "ann", "admin")
    assert git(clone, "push", "origin", "main").returncode == 0


def test_a_notes_ref_is_kept_and_read(github: FakeGitHub, clone: Path) -> None:
    head = git(clone, "rev-parse", "HEAD").stdout.strip()
    git(clone, "notes", "--ref=ai", "add", "-m", "written by a model", head)
    assert git(clone, "push", "-q", "origin", "refs/notes/ai").returncode == 0
    repo = github.world.repo(SHOP)
    tree = repo.git.objects.commit(repo.git.refs["refs/notes/ai"]).tree
    assert [entry.name for entry in repo.git.objects.tree(tree)] == [head]
