"""The rest of what is asked of the forge: lists, twins, merge groups, teams, who may write."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core.events import GroupRequested
from bot.core.ids import ChangeRef, ForgeAccount, RepoRef
from bot.ports.errors import Refused, Unavailable, WorldError
from integrations.github.answers import QueueEntry
from integrations.github.groups import name_members
from tests.integrations.github.conftest import HOST, REPO, SHOP, Scene


def account(number: int, login: str) -> ForgeAccount:
    return ForgeAccount("github", HOST, number, login, "human")


def opened(scene: Scene, *branches: str) -> list[ChangeRef]:
    for branch in branches:
        scene.github.push(SHOP, branch, {f"{branch}.py": "x\n"}, by="ann")
    return [scene.change(branch) for branch in branches]


def test_open_changes_are_listed_and_closed_ones_are_not(scene: Scene) -> None:
    refs = opened(scene, "one", "two", "three")
    scene.github.close_change(SHOP, refs[0].number, by="ann")
    found = {change.ref: change for change in scene.forge.fetch_open(REPO)}
    assert set(found) == set(refs[1:])
    assert (found[refs[1]].head_sha, found[refs[1]].base_ref) == (scene.github.head(SHOP, "two"), "main")


def test_twins_are_other_open_changes_with_the_very_same_head(scene: Scene) -> None:
    (one,) = opened(scene, "one")
    repo = scene.github.world.repo(SHOP)
    repo.git.set_ref("refs/heads/release", scene.github.head(SHOP, "main"))
    repo.git.set_ref("refs/heads/closed", scene.github.head(SHOP, "main"))
    twin = scene.change("one", base="release")
    closed = scene.change("one", base="closed")
    scene.github.close_change(SHOP, closed.number, by="ann")
    scene.github.push(SHOP, "longer", {"more.py": "x\n"}, by="ann", onto="one")
    scene.change("longer")
    assert scene.forge.fetch_twins(scene.forge.fetch_change(one, None).change) == (twin,)


def test_every_member_of_a_merge_group_is_named(scene: Scene) -> None:
    scene.github.protect(SHOP, "main", queue=True)
    refs = opened(scene, "one", "two", "three")
    pulls = [scene.github.change(SHOP, ref.number) for ref in refs]
    group = scene.github.queue_merge(SHOP, [pull.number for pull in pulls], by="ann")
    assert scene.forge.fetch_group(REPO, group.sha, group.base_sha, group.base_ref) == tuple(refs)
    assert scene.forge.fetch_group(REPO, group.sha, group.base_sha, "refs/heads/main") == tuple(refs)


def entry(position: int, head: str, number: int | None) -> QueueEntry:
    pull = {"number": number} if number else None
    return QueueEntry.model_validate({"position": position, "headCommit": {"oid": head}, "pullRequest": pull})


@pytest.mark.parametrize(
    ("base", "head", "expected"),
    [("main", "c", (1, 2, 3)), ("a", "c", (2, 3)), ("b", "c", (3,)), ("main", "a", (1,)), ("b", "d", (3, 4))],
)
def test_a_group_holds_what_is_queued_between_its_base_and_its_head(base: str, head: str, expected: tuple[int, ...]) -> None:
    queue = [entry(3, "c", 3), entry(1, "a", 1), entry(2, "b", 2), entry(4, "d", 4), entry(5, "e", None)]
    found = name_members(GroupRequested(REPO, head, "", "main", base), queue)
    assert tuple(ref.number for ref in found) == expected


@pytest.mark.parametrize(("base", "head"), [("main", "z"), ("d", "e"), ("c", "a")])
def test_a_group_that_the_queue_does_not_explain_is_not_judged(base: str, head: str) -> None:
    queue = [entry(1, "a", 1), entry(3, "c", 3), entry(4, "d", 4), entry(5, "e", None)]
    with pytest.raises(Unavailable):
        name_members(GroupRequested(REPO, head, "", "main", base), queue)


def test_a_merge_group_with_an_unknown_member_is_not_judged(scene: Scene) -> None:
    scene.github.protect(SHOP, "main", queue=True)
    with pytest.raises(Unavailable, match="belongs to no queued pull request"):
        scene.forge.fetch_group(REPO, "a" * 40, scene.github.head(SHOP, "main"), "main")
    scene.github.unprotect(SHOP, "main")
    with pytest.raises(Unavailable, match="belongs to no queued pull request"):
        scene.forge.fetch_group(REPO, "a" * 40, scene.github.head(SHOP, "main"), "main")


def test_a_team_holds_its_own_members_and_those_below(scene: Scene) -> None:
    scene.github.team("acme/security", ["bo"])
    scene.github.team("acme/crypto", ["ann"], parent="security")
    members = scene.forge.fetch_team("acme/security", REPO)
    assert members.problem is None
    assert {(found.id, found.kind) for found in members.accounts} == {(2001, "human"), (2002, "human")}


@pytest.mark.parametrize(
    ("team", "says"),
    [
        ("security", "wanted org/team"),
        ("acme/nobody", "knows no team acme/nobody"),
        ("other/team", "no installation of the app"),
    ],
)
def test_a_team_that_cannot_be_read_says_why(scene: Scene, team: str, says: str) -> None:
    members = scene.forge.fetch_team(team, REPO)
    assert members.accounts == ()
    assert says in (members.problem or "")


def test_a_team_that_github_fails_to_tell_is_an_error_and_not_an_empty_team(scene: Scene) -> None:
    scene.github.team("acme/security", ["bo"])
    scene.github.fail_next("*/members", 502)
    with pytest.raises(Unavailable):
        scene.forge.fetch_team("acme/security", REPO)


def test_few_accounts_are_asked_about_one_by_one_and_a_taken_login_does_not_pass(scene: Scene) -> None:
    scene.github.grant(SHOP, "bo", "read")
    ann, bo = account(2001, "ann"), account(2002, "bo")
    assert scene.forge.fetch_writers(REPO, [ann, bo, account(7, "nobody"), account(9, "ann")]) == (ann.key,)


def test_many_accounts_are_looked_up_in_one_list(scene: Scene) -> None:
    scene.github.grant(SHOP, "bo", "read")
    accounts = [account(2001, "ann"), account(2002, "bo"), *[account(n, f"n{n}") for n in range(5)]]
    scene.forge.fetch_open(REPO)
    scene.asked()
    assert scene.forge.fetch_writers(REPO, accounts) == (accounts[0].key,)
    assert scene.asked() == [f"GET /repos/{SHOP}/collaborators"]
    assert scene.forge.fetch_writers(REPO, []) == ()


def test_every_installed_repository_is_known_and_then_needs_no_look_up(scene: Scene) -> None:
    scene.github.repository("acme/hidden", installed=False)
    assert scene.forge.repositories() == (REPO,)
    before = len(scene.github.calls)
    scene.forge.fetch_open(REPO)
    assert len(scene.github.calls) == before + 1


def test_a_repository_without_the_app_is_refused_with_what_to_do(scene: Scene) -> None:
    scene.github.repository("acme/hidden", installed=False)
    with pytest.raises(Refused, match="acme/hidden; wanted one: install the app there"):
        scene.forge.fetch_open(RepoRef("github", HOST, "acme/hidden"))


def test_a_webhook_teaches_which_installation_a_repository_belongs_to(scene: Scene) -> None:
    scene.forge.learn(SHOP, scene.github.app.installation_id)
    scene.forge.fetch_open(REPO)
    assert [call.path for call in scene.github.calls if call.path.endswith("/installation")] == []


def test_repository_names_know_no_case(scene: Scene) -> None:
    (ref,) = opened(scene, "one")
    loud = replace(ref, repo=RepoRef("github", HOST, "Acme/Shop"))
    assert scene.forge.fetch_change(loud, None).change.head_repo == SHOP


@pytest.mark.parametrize("status", [401, 403, 404, 409, 422, 429, 500, 503])
def test_no_other_error_than_the_ports_leaves_the_adapter(scene: Scene, status: int) -> None:
    (ref,) = opened(scene, "one")
    for pattern in ("graphql", f"GET /repos/{SHOP}/pulls"):
        scene.github.fail_next(pattern, status, times=2 if status == 401 else 1)
    with pytest.raises(WorldError):
        scene.forge.fetch_change(ref, None)
    with pytest.raises(WorldError):
        scene.forge.fetch_open(REPO)


def test_revoked_tokens_are_replaced_in_passing(scene: Scene) -> None:
    (ref,) = opened(scene, "one")
    scene.forge.fetch_change(ref, None)
    scene.github.verbs.tokens.revoke_all()
    assert scene.forge.fetch_change(ref, None).change.ref == ref
