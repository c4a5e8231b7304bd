"""The commits of a merge request: who made them, in which order, and with which notes."""

from __future__ import annotations

import pytest

from bot.core.ids import ForgeAccount
from integrations.gitlab import history
from integrations.sandbox.gitlab.people import Access
from tests.integrations.gitlab.conftest import DIFF, HOST, LOOK, PATHS, SHOP, TEXTS, Scene

ANN = ForgeAccount("gitlab", HOST, 2001, "ann", "human")


def test_commits_are_told_oldest_first_with_accounts_and_addresses(scene: Scene) -> None:
    scene.gitlab.push(SHOP, "feature", {"a.py": "a\n"}, by="ann", author="Ann <ann@example.com>", message="First")
    scene.gitlab.push(SHOP, "feature", {"b.py": "b\n"}, by="ann", author="Eve <eve@nowhere.test>", message="Second\n\nBody\n")
    commits = scene.forge.fetch_change(scene.change(), None).head.commits
    assert [commit.message.strip() for commit in commits] == ["First", "Second\n\nBody"]
    assert (commits[0].author.account, commits[0].author.email) == (ANN, "ann@example.com")
    assert (commits[1].author.account, commits[1].author.name) == (None, "Eve")
    assert len(commits[1].parents) == 1


def test_a_committer_known_by_nothing_else_is_the_account_that_is_left(scene: Scene) -> None:
    scene.gitlab.push(
        SHOP, "feature", {"a.py": "a\n"}, by="ann", author="Ann <ann@example.com>", committer="Bo <bo@example.com>"
    )
    [commit] = scene.forge.fetch_change(scene.change(), None).head.commits
    assert commit.committer.account == ForgeAccount("gitlab", HOST, 2002, "bo", "human")


def test_two_unknown_committers_are_tied_to_nobody(scene: Scene) -> None:
    for path, who in (("a.py", "Bo <bo@example.com>"), ("b.py", "Eve <eve@nowhere.test>")):
        scene.gitlab.push(SHOP, "feature", {path: "x\n"}, by="ann", author="Ann <ann@example.com>", committer=who)
    commits = scene.forge.fetch_change(scene.change(), None).head.commits
    assert [commit.committer.account for commit in commits] == [None, None]


def test_a_service_account_is_a_bot(scene: Scene) -> None:
    scene.gitlab.grant(SHOP, "duo-developer", Access.DEVELOPER)
    scene.gitlab.push(SHOP, "feature", {"a.py": "a\n"}, by="duo-developer", author="Duo <duo@example.com>")
    reading = scene.forge.fetch_change(scene.change(by="duo-developer"), None)
    duo = ForgeAccount("gitlab", HOST, 2003, "duo-developer", "bot")
    assert (reading.change.author, reading.head.commits[0].author.account) == (duo, duo)


def test_whom_it_is_assigned_to_is_told(scene: Scene) -> None:
    ref = scene.pushed({"a.py": "a\n"})
    scene.gitlab.assign(SHOP, 1, "ann", "duo-developer")
    assert [account.login for account in scene.forge.fetch_change(ref, None).change.assignees] == ["ann", "duo-developer"]


def test_more_than_a_hundred_commits_are_read_page_by_page(scene: Scene) -> None:
    for n in range(130):
        scene.push({"a.py": f"{n}\n"})
    ref = scene.change()
    reading = scene.forge.fetch_change(ref, None)
    assert len(reading.head.commits) == 130
    assert all(len(commit.parents) == 1 for commit in reading.head.commits)
    assert "POST /graphql MoreCommits" in scene.asked()
    assert reading.head.gaps == ()


def test_more_commits_than_are_read_are_a_gap(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "COMMITS_LIMIT", 100)
    for n in range(101):
        scene.push({"a.py": f"{n}\n"})
    [gap] = scene.forge.fetch_change(scene.change(), None).head.gaps
    assert (gap.what, gap.saw) == ("commits", "101 commits or more, of which 100 were read")


def test_notes_about_models_are_read_where_there_are_any(scene: Scene) -> None:
    ref = scene.pushed({"a.py": "a\n"})
    head = scene.gitlab.head(SHOP, "feature")
    note = scene.gitlab.push(SHOP, "scratch", {head: "agent: some-model\n", "README.md": None}, by="ann")
    scene.gitlab.world.project(SHOP).git.set_ref("refs/notes/ai", note)
    scene.asked()
    reading = scene.forge.fetch_change(ref, None)
    assert [commit.note for commit in reading.head.commits] == ["agent: some-model\n"]
    assert scene.asked() == [DIFF, LOOK, PATHS, TEXTS]
