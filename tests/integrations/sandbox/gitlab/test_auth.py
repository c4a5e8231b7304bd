"""Tokens: whose they are, what their scopes reach, and how GitLab says no."""

from __future__ import annotations

from datetime import date

import httpx
import pytest
from gitlab.exceptions import GitlabAuthenticationError, GitlabGetError, GitlabHttpError

from integrations.sandbox.gitlab.fake import FakeGitLab
from integrations.sandbox.gitlab.people import Access
from tests.integrations.sandbox.gitlab.conftest import SHOP
from tests.integrations.sandbox.gitlab.reach import client, graph


def test_a_token_is_shown_in_either_header(gitlab: FakeGitLab) -> None:
    for headers in ({"PRIVATE-TOKEN": gitlab.bot_token}, {"Authorization": f"Bearer {gitlab.bot_token}"}):
        answer = httpx.get(f"{gitlab.api_url}/user", headers=headers, trust_env=False)
        assert answer.json()["username"] == "llmgate-bot"


def test_an_unknown_token_is_unauthorised(gitlab: FakeGitLab) -> None:
    with pytest.raises(GitlabAuthenticationError, match="401 Unauthorized"):
        client(gitlab, "glpat-unknown").auth()


def test_a_revoked_token_says_so(gitlab: FakeGitLab) -> None:
    token = gitlab.verbs.tokens.mint(gitlab.world.user("ann")).value
    gitlab.verbs.tokens.revoke(token)
    answer = httpx.get(f"{gitlab.api_url}/user", headers={"PRIVATE-TOKEN": token}, trust_env=False)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")
    assert answer.json()["error_description"].startswith("Token was revoked.")


def test_a_token_works_until_its_day_begins(gitlab: FakeGitLab) -> None:
    ann = gitlab.world.user("ann")
    old = gitlab.verbs.tokens.mint(ann, expires_on=date(2020, 1, 1)).value
    young = gitlab.verbs.tokens.mint(ann, expires_on=date(2999, 1, 1)).value
    with pytest.raises(GitlabAuthenticationError):
        client(gitlab, old).auth()
    client(gitlab, young).auth()


def test_a_reading_token_may_not_write(gitlab: FakeGitLab, change: int) -> None:
    token = gitlab.verbs.tokens.mint(gitlab.bot, scopes=["read_api"]).value
    found = client(gitlab, token).projects.get(SHOP).mergerequests.get(change)
    assert found.title == "Tax"
    answer = httpx.post(
        f"{gitlab.api_url}/projects/acme%2Fweb%2Fshop/merge_requests/{change}/notes",
        headers={"PRIVATE-TOKEN": token},
        json={"body": "no"},
        trust_env=False,
    )
    assert (answer.status_code, answer.json()["error"], answer.json()["scope"]) == (403, "insufficient_scope", "api")


def test_a_token_tells_of_itself(gitlab: FakeGitLab) -> None:
    token = gitlab.verbs.tokens.mint(gitlab.bot, kind="group", scopes=["api"], expires_on=date(2999, 1, 1))
    own = client(gitlab, token.value).personal_access_tokens.get("self")
    assert (own.scopes, own.expires_at, own.active, own.user_id) == (["api"], "2999-01-01", True, 9900)


def test_graphql_says_no_more_than_that_a_token_is_bad(gitlab: FakeGitLab) -> None:
    for token in ("glpat-unknown", gitlab.verbs.tokens.mint(gitlab.bot, scopes=["read_repository"]).value):
        headers = {"PRIVATE-TOKEN": token}
        answer = httpx.post(f"{gitlab.url}/api/graphql", headers=headers, json={"query": "{ __typename }"}, trust_env=False)
        assert (answer.status_code, answer.json()) == (401, {"errors": [{"message": "Invalid token"}]})


def test_without_a_token_only_public_projects_are_there(gitlab: FakeGitLab) -> None:
    path = "/projects/acme%2Fweb%2Fshop"
    assert httpx.get(gitlab.api_url + path, trust_env=False).json() == {"message": "404 Project Not Found"}
    gitlab.world.project(SHOP).private = False
    assert httpx.get(gitlab.api_url + path, trust_env=False).json()["path_with_namespace"] == SHOP
    assert httpx.get(f"{gitlab.api_url}/user", trust_env=False).json() == {"message": "401 Unauthorized"}
    answer = httpx.post(f"{gitlab.api_url}{path}/labels", json={"name": "x", "color": "red"}, trust_env=False)
    assert answer.status_code == 401


def test_a_blocked_user_is_turned_away(gitlab: FakeGitLab) -> None:
    gitlab.world.user("ann").state = "blocked"
    with pytest.raises(GitlabHttpError, match="403 Forbidden"):
        client(gitlab, gitlab.token_for("ann")).http_get("/user")


def test_what_a_role_does_not_reach_is_forbidden_and_what_is_hidden_is_missing(gitlab: FakeGitLab) -> None:
    ann = client(gitlab, gitlab.token_for("ann"))
    with pytest.raises(GitlabHttpError, match="403 Forbidden"):
        ann.http_get("/projects/acme%2Fweb%2Fshop/hooks")
    gitlab.user("eve")
    gitlab.grant(SHOP, "eve", Access.NONE)
    with pytest.raises(GitlabGetError, match="404 Project Not Found"):
        client(gitlab, gitlab.token_for("eve")).projects.get(SHOP)


def test_a_guest_sees_the_project_and_no_code(gitlab: FakeGitLab, change: int) -> None:
    gitlab.user("gus")
    gitlab.grant(SHOP, "gus", Access.GUEST)
    token = gitlab.token_for("gus")
    assert client(gitlab, token).projects.get(SHOP).path == "shop"
    with pytest.raises(GitlabHttpError, match="403 Forbidden"):
        client(gitlab, token).http_get(f"/projects/acme%2Fweb%2Fshop/merge_requests/{change}")
    query = '{ project(fullPath: "acme/web/shop") { name repository { rootRef } mergeRequest(iid: "1") { title } } }'
    assert graph(gitlab, query, token)["data"]["project"] == {"name": "shop", "repository": None, "mergeRequest": None}


def test_an_archived_project_is_read_and_not_written(gitlab: FakeGitLab, change: int) -> None:
    gitlab.world.project(SHOP).archived = True
    project = client(gitlab).projects.get(SHOP)
    assert project.archived
    with pytest.raises(GitlabHttpError, match="403 Forbidden"):
        client(gitlab).http_post(f"/projects/{project.id}/merge_requests/{change}/notes", post_data={"body": "late"})


def test_no_token_is_shown_where_records_are(gitlab: FakeGitLab) -> None:
    token = gitlab.verbs.tokens.mint(gitlab.bot)
    caller = gitlab.verbs.tokens.bearer(token.value)
    assert token.value not in repr(token)
    assert token.value not in repr(caller)
