"""Who pushed is kept for each commit, looked up for all of a change's commits at once, and forgotten in time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.events import BranchPushed
from bot.core.facts import Change
from bot.core.ids import RepoRef
from integrations.sandbox.clock import FakeClock
from storage.store import SqlStore
from tests.core.build import change

ABOUT = change()
REPO = ABOUT.ref.repo
ANN, BOB, DEE = (f"github:github.com:{number}" for number in (1, 2, 3))
FORK = RepoRef("github", "github.com", "bob/shop")
FAR = RepoRef("github", "github.example", REPO.path)


def push(account: str, sha: str = "a1", branch: str = ABOUT.head_ref, repo: RepoRef = REPO) -> BranchPushed:
    return BranchPushed(repo, branch, sha, account)


def kept(store: SqlStore, clock: FakeClock, *pushes: BranchPushed) -> list[bool]:
    """Each a minute after the one before; whether they were new."""
    fresh = []
    for one in pushes:
        with store.begin() as unit:
            fresh.append(unit.keep_push(one, clock.now()))
            unit.commit()
        clock.advance(timedelta(minutes=1))
    return fresh


def found(store: SqlStore, *commits: str, about: Change = ABOUT) -> tuple[tuple[str, str], ...]:
    with store.look() as unit:
        return unit.pushes_of(about, commits)


def test_pushes_of_all_commits_come_oldest_first(store: SqlStore, clock: FakeClock) -> None:
    kept(store, clock, push(BOB), push(DEE, "b2"), push(ANN, "c3"))
    assert found(store, "c3", "a1") == (("a1", BOB), ("c3", ANN))
    assert found(store) == ()


def test_a_push_told_twice_is_one(store: SqlStore, clock: FakeClock) -> None:
    assert kept(store, clock, push(BOB), push(BOB)) == [True, False]
    assert found(store, "a1") == (("a1", BOB),)


@pytest.mark.parametrize(
    ("pushes", "accounts"),
    [
        ([push(BOB, branch="draft"), push(ANN)], [BOB, ANN]),
        ([push(ANN), push(BOB, branch="draft")], [ANN]),
        ([push(ANN), push(BOB)], [ANN, BOB]),
        ([push(BOB, repo=FORK), push(ANN)], [BOB, ANN]),
        ([push(ANN), push(BOB, repo=FORK)], [ANN]),
        ([push(BOB, repo=FAR), push(ANN)], [ANN]),
    ],
    ids=["brought elsewhere", "branched off", "one branch", "brought to a fork", "forked", "another host"],
)
def test_who_brought_a_commit_and_who_pushed_it_to_the_branch_count(
    store: SqlStore, clock: FakeClock, pushes: list[BranchPushed], accounts: list[str]
) -> None:
    kept(store, clock, *pushes)
    assert [account for _, account in found(store, "a1")] == accounts


def test_the_branch_of_a_change_from_a_fork_is_the_forks(store: SqlStore, clock: FakeClock) -> None:
    about = replace(ABOUT, head_repo=FORK.path)
    kept(store, clock, push(ANN, branch="draft"), push(DEE), push(BOB, repo=FORK))
    assert found(store, "a1", about=about) == (("a1", ANN), ("a1", BOB))


def test_pushes_are_forgotten_after_ninety_days(store: SqlStore, clock: FakeClock) -> None:
    kept(store, clock, push(BOB))
    clock.advance(timedelta(days=89))
    store.prune(timedelta(days=30))
    assert found(store, "a1") == (("a1", BOB),)
    clock.advance(timedelta(days=1))
    assert store.prune(timedelta(days=30)) == 1
    assert found(store, "a1") == ()
