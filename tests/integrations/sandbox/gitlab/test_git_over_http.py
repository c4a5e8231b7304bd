"""Real `git clone` and `git push` against the stand-in."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from integrations.sandbox.git.machine import GIT, GIT_ENV
from integrations.sandbox.gitlab.fake import FakeGitLab
from integrations.sandbox.gitlab.people import Access
from tests.integrations.sandbox.gitlab.conftest import SHOP
from tests.integrations.sandbox.gitlab.hook import GitLabHook


def git(where: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    identity = ["-c", "user.name=Ann", "-c", "user.email=ann@acme.example"]
    return subprocess.run([GIT, "-C", str(where), *identity, *arguments], env=GIT_ENV, capture_output=True, text=True)


def cloned(gitlab: FakeGitLab, where: Path, username: str) -> Path:
    done = git(where, "clone", "-q", gitlab.clone_url(SHOP, username), username)
    assert done.returncode == 0, done.stderr
    return where / username


@pytest.fixture
def clone(gitlab: FakeGitLab, tmp_path: Path) -> Path:
    return cloned(gitlab, tmp_path, "ann")


def commit(clone: Path, path: str, text: str) -> str:
    (clone / path).write_text(text)
    git(clone, "add", path)
    git(clone, "commit", "-qm", f"Write {path}")
    return git(clone, "rev-parse", "HEAD").stdout.strip()


def test_a_push_moves_the_merge_request_and_tells_of_it(gitlab: FakeGitLab, hook: GitLabHook, change: int, clone: Path) -> None:
    git(clone, "switch", "-q", "cart")
    head = commit(clone, "shop/tax.py", "rate = 7\n")
    assert git(clone, "push", "-q", "origin", "cart").returncode == 0
    gitlab.flush()
    assert gitlab.change(SHOP, change).sha == head
    assert hook.last("merge_request.update")["object_attributes"]["last_commit"]["id"] == head
    assert hook.last("push")["user_username"] == "ann"


def test_a_merge_requests_head_can_be_fetched_by_its_ref(gitlab: FakeGitLab, change: int, clone: Path) -> None:
    assert git(clone, "fetch", "-q", "origin", f"refs/merge-requests/{change}/head").returncode == 0
    assert git(clone, "rev-parse", "FETCH_HEAD").stdout.strip() == gitlab.change(SHOP, change).sha


def test_notes_pushed_by_a_tool_are_kept_and_no_hook_tells_of_them(gitlab: FakeGitLab, hook: GitLabHook, clone: Path) -> None:
    git(clone, "notes", "--ref", "ai", "add", "-m", "made by a model")
    assert git(clone, "push", "-q", "origin", "refs/notes/ai").returncode == 0
    gitlab.flush()
    assert "refs/notes/ai" in gitlab.world.project(SHOP).git.refs
    assert hook.names == []


def test_nobody_pushes_to_a_merge_requests_ref(gitlab: FakeGitLab, change: int, clone: Path) -> None:
    before = gitlab.change(SHOP, change).sha
    commit(clone, "README.md", "mine\n")
    done = git(clone, "push", "-q", "origin", f"HEAD:refs/merge-requests/{change}/head")
    assert done.returncode != 0
    assert gitlab.world.project(SHOP).git.refs[f"refs/merge-requests/{change}/head"] == before


def test_a_wrong_token_is_asked_to_sign_in_again(gitlab: FakeGitLab, tmp_path: Path) -> None:
    url = gitlab.clone_url(SHOP, "ann").replace(gitlab.token_for("ann"), "glpat-wrong")
    done = git(tmp_path, "clone", "-q", url, "wrong")
    assert "Authentication failed" in done.stderr


def test_a_private_project_is_not_there_for_strangers(gitlab: FakeGitLab, tmp_path: Path) -> None:
    gitlab.user("zoe")
    gitlab.grant(SHOP, "zoe", Access.GUEST)
    assert "not found" in git(tmp_path, "clone", "-q", gitlab.clone_url(SHOP, "zoe"), "zoe").stderr


def test_a_public_project_is_cloned_without_a_token(gitlab: FakeGitLab, tmp_path: Path) -> None:
    gitlab.project("acme/open", private=False)
    assert git(tmp_path, "clone", "-q", f"{gitlab.url}/acme/open.git", "open").returncode == 0


def test_reporters_clone_and_do_not_push(gitlab: FakeGitLab, tmp_path: Path) -> None:
    gitlab.grant(SHOP, "bob", Access.REPORTER)
    clone = cloned(gitlab, tmp_path, "bob")
    commit(clone, "README.md", "mine\n")
    assert "403" in git(clone, "push", "-q", "origin", "HEAD:mine").stderr


def test_a_token_that_reads_does_not_push(gitlab: FakeGitLab, clone: Path) -> None:
    token = gitlab.verbs.tokens.mint(gitlab.world.user("ann"), scopes=["read_repository"]).value
    commit(clone, "README.md", "mine\n")
    url = gitlab.clone_url(SHOP, "ann").replace(gitlab.token_for("ann"), token)
    assert git(clone, "fetch", "-q", url).returncode == 0
    assert "403" in git(clone, "push", "-q", url, "HEAD:mine").stderr


def test_a_protected_branch_refuses_developers(gitlab: FakeGitLab, clone: Path) -> None:
    gitlab.protect(SHOP, "main")
    before = gitlab.head(SHOP, "main")
    commit(clone, "README.md", "mine\n")
    assert "403" in git(clone, "push", "-q", "origin", "main").stderr
    assert gitlab.head(SHOP, "main") == before


def test_a_protected_branch_takes_no_rewritten_history(gitlab: FakeGitLab, tmp_path: Path) -> None:
    gitlab.protect(SHOP, "main")
    clone = cloned(gitlab, tmp_path, "mia")
    commit(clone, "README.md", "one\n")
    assert git(clone, "push", "-q", "origin", "main").returncode == 0
    before = gitlab.head(SHOP, "main")
    git(clone, "reset", "-q", "--hard", "HEAD~1")
    rewritten = commit(clone, "README.md", "two\n")
    done = git(clone, "push", "-q", "--force", "origin", "main")
    assert "non-fast-forward" in done.stderr
    assert gitlab.head(SHOP, "main") == before
    gitlab.protect(SHOP, "main", force_push=True)
    assert git(clone, "push", "-q", "--force", "origin", "main").returncode == 0
    assert gitlab.head(SHOP, "main") == rewritten
