"""Who is in a group or project, with which role, and for how long."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from integrations.sandbox.clock import FakeClock
from integrations.sandbox.gitlab.fake import FakeGitLab
from integrations.sandbox.gitlab.people import Access, Member
from integrations.sandbox.gitlab.refusal import Refusal
from integrations.sandbox.gitlab.state import World
from tests.integrations.sandbox.gitlab.conftest import SHOP


def role(gitlab: FakeGitLab, username: str, project: str = SHOP) -> Access:
    return gitlab.world.access(gitlab.world.project(project), gitlab.world.user(username))


def test_people_develop_wherever_they_were_granted_nothing(gitlab: FakeGitLab) -> None:
    gitlab.user("late")
    assert [role(gitlab, name) for name in ("ann", "late", "mia")] == [30, 30, 40]


def test_the_bot_comes_in_through_the_group_its_token_is_of(gitlab: FakeGitLab) -> None:
    project, bot = gitlab.world.project(SHOP), gitlab.bot
    assert role(gitlab, bot.username) == Access.DEVELOPER
    assert bot.bot
    assert bot.id not in gitlab.world.project_members(project, inherited=False)
    assert gitlab.world.group_members(gitlab.world.group("acme"), inherited=False)[bot.id].access == Access.DEVELOPER


def test_a_role_from_a_group_above_counts_below_it(gitlab: FakeGitLab) -> None:
    gitlab.project("acme/web/quiet", access=Access.NONE)
    assert role(gitlab, "ann", "acme/web/quiet") == Access.NONE
    gitlab.group("acme", {"ann": Access.REPORTER})
    gitlab.group("acme/web", {"ann": Access.MAINTAINER})
    assert role(gitlab, "ann", "acme/web/quiet") == Access.MAINTAINER


def test_an_invited_group_brings_its_members_with_no_more_than_the_invitation(gitlab: FakeGitLab) -> None:
    gitlab.project("acme/web/quiet", access=Access.NONE)
    gitlab.group("auditors", {"ann": Access.OWNER, "bob": Access.GUEST})
    gitlab.group("acme/web", shared={"auditors": Access.DEVELOPER})
    assert role(gitlab, "ann", "acme/web/quiet") == Access.DEVELOPER
    assert role(gitlab, "bob", "acme/web/quiet") == Access.GUEST


def test_whom_an_invited_group_invited_does_not_come_along(gitlab: FakeGitLab) -> None:
    gitlab.project("acme/web/quiet", access=Access.NONE)
    gitlab.group("far", {"ann": Access.OWNER})
    gitlab.group("near", shared={"far": Access.OWNER})
    gitlab.group("far", shared={"near": Access.OWNER})
    gitlab.group("acme/web", shared={"near": Access.DEVELOPER})
    assert role(gitlab, "ann", "acme/web/quiet") == Access.NONE


def test_a_membership_ends_when_it_expires(gitlab: FakeGitLab, clock: FakeClock) -> None:
    project, ann = gitlab.world.project(SHOP), gitlab.world.user("ann")
    project.members[ann.id] = Member(ann, Access.MAINTAINER, clock.now() + timedelta(days=1))
    assert role(gitlab, "ann") == Access.MAINTAINER
    clock.advance(timedelta(days=1))
    assert role(gitlab, "ann") == Access.NONE
    assert ann.id not in gitlab.world.project_members(project)


def test_a_blocked_account_may_nothing(gitlab: FakeGitLab) -> None:
    gitlab.world.user("mia").state = "blocked"
    assert role(gitlab, "mia") == Access.NONE


def test_a_lower_role_takes_the_one_from_above_away(gitlab: FakeGitLab) -> None:
    gitlab.grant(SHOP, gitlab.bot.username, Access.REPORTER)
    assert role(gitlab, gitlab.bot.username) == Access.REPORTER


def test_names_of_users_groups_and_projects_do_not_hear_case(gitlab: FakeGitLab) -> None:
    assert gitlab.world.project("ACME/Web/Shop").path == SHOP
    assert gitlab.world.group("Acme/WEB").full_path == "acme/web"
    assert gitlab.world.user("ANN").username == "ann"
    assert gitlab.world.project(gitlab.world.project(SHOP).id).path == SHOP


@pytest.mark.parametrize(
    ("ask", "answer"),
    [
        (lambda world: world.project("acme/none"), "404 Project Not Found"),
        (lambda world: world.group("none"), "404 Group Not Found"),
        (lambda world: world.user("none"), "404 User Not Found"),
        (lambda world: world.merge_request(SHOP, 99), "404 Not Found"),
    ],
    ids=["project", "group", "user", "merge request"],
)
def test_what_is_missing_is_named_as_gitlab_names_it(gitlab: FakeGitLab, ask: Callable[[World], object], answer: str) -> None:
    with pytest.raises(Refusal) as refused:
        ask(gitlab.world)
    assert (refused.value.status, refused.value.answer()) == (404, {"message": answer})


def test_a_name_is_taken_once(gitlab: FakeGitLab) -> None:
    with pytest.raises(ValueError, match="taken"):
        gitlab.user("ann")
    with pytest.raises(ValueError, match="no new namespace/name"):
        gitlab.project(SHOP)


def test_a_fork_is_its_owners_alone(gitlab: FakeGitLab) -> None:
    fork = gitlab.fork(SHOP, "bob")
    assert (fork.path, fork.fork_of, fork.owner) == ("bob/shop", gitlab.world.project(SHOP), gitlab.world.user("bob"))
    assert [role(gitlab, name, fork.path) for name in ("bob", "ann", gitlab.bot.username)] == [50, 0, 0]
    assert gitlab.head(fork.path, "main") == gitlab.head(SHOP, "main")


def test_a_protection_with_wildcards_gives_way_to_one_by_name(gitlab: FakeGitLab) -> None:
    gitlab.protect(SHOP, "release/*", push=Access.NONE)
    gitlab.protect(SHOP, "release/one", push=Access.DEVELOPER)
    project, mia = gitlab.world.project(SHOP), gitlab.world.user("mia")
    assert [gitlab.world.may_push(project, f"release/{name}", mia) for name in ("one", "two")] == [True, False]
    gitlab.unprotect(SHOP, "release/*")
    assert gitlab.world.may_push(project, "release/two", mia)


def test_the_licence_holds_what_lower_tiers_have(gitlab: FakeGitLab) -> None:
    gitlab.licence = "premium"
    assert [gitlab.world.licensed(tier) for tier in ("free", "premium", "ultimate")] == [True, True, False]


def test_nobody_changes_what_is_archived(gitlab: FakeGitLab, change: int) -> None:
    gitlab.world.project(SHOP).archived = True
    with pytest.raises(Refusal, match="not allowed to push"):
        gitlab.push(SHOP, "cart", {"a": "1"}, by="mia")
    with pytest.raises(Refusal, match="403"):
        gitlab.comment(SHOP, change, "Too late?", by="mia")
    with pytest.raises(Refusal, match="403"):
        gitlab.forge_status(SHOP, gitlab.head(SHOP, "cart"), "llmgate", by="mia")
    with pytest.raises(Refusal, match="401"):
        gitlab.merge(SHOP, change, by="mia")


def test_guests_of_a_private_project_see_no_merge_request(gitlab: FakeGitLab, change: int) -> None:
    gitlab.grant(SHOP, "bob", Access.GUEST)
    with pytest.raises(Refusal, match="404"):
        gitlab.comment(SHOP, change, "Hello", by="bob")
    gitlab.world.project(SHOP).private = False
    assert gitlab.comment(SHOP, change, "Hello", by="bob").body == "Hello"
