"""Groups, roles and who may write: by account id, and without those who are blocked."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.core.ids import ForgeAccount, RepoRef
from bot.ports.errors import Unavailable, Vanished
from bot.ports.login import AccountState
from integrations.sandbox.gitlab.people import Access
from tests.integrations.gitlab.conftest import HOST, REPO, SHOP, Scene


def account(number: int, login: str = "x") -> ForgeAccount:
    return ForgeAccount("gitlab", HOST, number, login)


def names(scene: Scene, team: str, repo: RepoRef = REPO) -> set[str]:
    return {one.login for one in scene.forge.fetch_team(team, repo).accounts} - {scene.gitlab.bot.username}


def test_a_group_has_its_direct_members_and_nobody_from_above(scene: Scene) -> None:
    scene.gitlab.group("acme", {"ann": Access.OWNER})
    scene.gitlab.group("friends", {"bo": Access.DEVELOPER})
    scene.gitlab.group("acme/web", {"duo-developer": Access.DEVELOPER}, shared={"friends": Access.REPORTER})
    assert names(scene, "acme/web") == {"duo-developer"}
    assert scene.asked() == ["GET /groups/acme/web/members"]


def test_a_blocked_member_is_nobody(scene: Scene) -> None:
    scene.gitlab.group("acme", {"ann": Access.OWNER, "bo": Access.DEVELOPER}).members[2002].user.state = "blocked"
    assert names(scene, "acme") == {"ann"}


def test_a_group_that_is_not_there_is_a_problem_and_no_error(scene: Scene) -> None:
    team = scene.forge.fetch_team("acme/none", REPO)
    assert team.accounts == ()
    assert "knows no group acme/none" in (team.problem or "")


def test_a_service_that_fails_is_an_error_and_no_empty_team(scene: Scene) -> None:
    scene.gitlab.fail_next("GET /groups/*", 502)
    with pytest.raises(Unavailable):
        scene.forge.fetch_team("acme", REPO)


def test_a_role_names_direct_members_who_hold_exactly_that(scene: Scene) -> None:
    scene.gitlab.group("acme", {"duo-developer": Access.MAINTAINER})
    scene.gitlab.grant(SHOP, "ann", Access.MAINTAINER)
    scene.gitlab.grant(SHOP, "bo", Access.OWNER)
    assert (names(scene, "@@maintainer"), names(scene, "@@maintainers"), names(scene, "@@owner")) == ({"ann"}, {"ann"}, {"bo"})


def test_a_role_that_gitlab_does_not_have_is_a_problem(scene: Scene) -> None:
    assert "saw the role '@@boss', wanted one of" in (scene.forge.fetch_team("@@boss", REPO).problem or "")
    assert "404" in (scene.forge.fetch_team("@@owner", RepoRef("gitlab", HOST, "acme/none")).problem or "")


def test_writers_are_developers_and_more_by_whatever_way_and_one_call_says_it(scene: Scene) -> None:
    scene.gitlab.user("cy", id=2004, emails=["cy@example.com"])
    scene.gitlab.grant(SHOP, "ann", Access.REPORTER)
    scene.gitlab.grant(SHOP, "bo", Access.DEVELOPER)
    scene.gitlab.group("acme", {"duo-developer": Access.MAINTAINER})
    asked = [account(2001), account(2002), account(2003), account(99_999)]
    assert scene.forge.fetch_writers(REPO, asked) == (asked[1].key, asked[2].key)
    assert scene.asked() == ["GET /members/all"]


def test_a_writer_whose_time_is_over_or_who_is_blocked_may_not(scene: Scene) -> None:
    project = scene.gitlab.world.project(SHOP)
    project.members[2001].expires_at = scene.gitlab.world.now() - timedelta(days=1)
    project.members[2002].user.state = "blocked"
    assert scene.forge.fetch_writers(REPO, [account(2001), account(2002)]) == ()


def test_asking_about_nobody_asks_nothing(scene: Scene) -> None:
    assert scene.forge.fetch_writers(REPO, []) == ()
    assert scene.asked() == []


def test_an_account_is_known_by_its_number_and_a_new_username_shows(scene: Scene) -> None:
    scene.gitlab.rename_user("ann", "anna")
    scene.gitlab.user("ann", id=2009)
    found = ForgeAccount("gitlab", HOST, 2001, "anna", "human")
    assert scene.forge.fetch_account(2001) == AccountState(found, "active")


def test_a_blocked_account_is_told_apart_and_may_come_back(scene: Scene) -> None:
    scene.gitlab.suspend("bo")
    assert scene.forge.fetch_account(2002) == AccountState(ForgeAccount("gitlab", HOST, 2002, "bo", "human"), "suspended")
    scene.gitlab.reinstate("bo")
    assert scene.forge.fetch_account(2002).state == "active"


def test_a_deactivated_account_may_not_sign_in_either(scene: Scene) -> None:
    scene.gitlab.world.user("bo").state = "deactivated"
    assert scene.forge.fetch_account(2002).state == "suspended"


def test_a_service_account_is_a_bot(scene: Scene) -> None:
    found = scene.forge.fetch_account(2003).account
    assert found is not None
    assert found.kind == "bot"


def test_an_account_of_which_gitlab_does_not_say_is_of_unknown_kind(scene: Scene) -> None:
    scene.gitlab.fail_next("GET /users/*", 200, body={"id": 2001, "username": "ann", "state": "active"})
    found = scene.forge.fetch_account(2001).account
    assert found is not None
    assert found.kind == "unknown"


def test_a_deleted_account_is_gone(scene: Scene) -> None:
    scene.gitlab.delete_user("bo")
    assert scene.forge.fetch_account(2002) == AccountState(None, "gone")


def test_a_service_that_fails_says_nothing_of_an_account(scene: Scene) -> None:
    scene.gitlab.fail_next("GET /users/*", 502)
    with pytest.raises(Unavailable):
        scene.forge.fetch_account(2001)


def test_a_server_that_is_no_gitlab_does_not_make_an_account_gone(scene: Scene) -> None:
    scene.gitlab.fail_next("GET /users/*", 404)
    scene.gitlab.fail_next("GET /version", 404)
    with pytest.raises(Vanished):
        scene.forge.fetch_account(2001)
