"""Everything that goes wrong on purpose, as the real client meets it."""

from __future__ import annotations

import httpx
import pytest
from githubkit import AppInstallationAuthStrategy, GitHub
from githubkit.exception import PrimaryRateLimitExceeded, RequestFailed, SecondaryRateLimitExceeded

from integrations.sandbox.github.fake import FakeGitHub
from tests.integrations.sandbox.github.conftest import SHOP

Kit = GitHub[AppInstallationAuthStrategy]


@pytest.mark.parametrize("status", [403, 404, 409, 422, 500, 502, 503])
def test_the_next_matching_call_fails_and_the_one_after_does_not(
    github: FakeGitHub, client: Kit, change: int, status: int
) -> None:
    github.fail_next("POST /repos/*/issues/*/comments", status)
    with pytest.raises(RequestFailed) as failed:
        client.request("POST", f"/repos/{SHOP}/issues/{change}/comments", json={"body": "x"})
    assert failed.value.response.status_code == status
    assert github.comments(SHOP, change) == []
    assert client.request("POST", f"/repos/{SHOP}/issues/{change}/comments", json={"body": "x"}).status_code == 201


def test_a_secondary_limit_says_how_long_to_wait(github: FakeGitHub, client: Kit) -> None:
    github.limit_next("GET /repos/*", retry_after_s=7)
    with pytest.raises(SecondaryRateLimitExceeded) as limited:
        client.request("GET", f"/repos/{SHOP}")
    assert limited.value.retry_after.total_seconds() == 7


def test_a_429_is_a_secondary_limit_too(github: FakeGitHub, client: Kit) -> None:
    github.limit_next("GET /repos/*", status=429)
    with pytest.raises(SecondaryRateLimitExceeded):
        client.request("GET", f"/repos/{SHOP}")


def test_a_spent_hour_names_its_reset(github: FakeGitHub, client: Kit) -> None:
    github.exhaust_next("GET /repos/*", reset_in_s=600)
    with pytest.raises(PrimaryRateLimitExceeded) as limited:
        client.request("GET", f"/repos/{SHOP}")
    assert 590 < limited.value.retry_after.total_seconds() <= 600


def test_the_hours_budget_is_counted_and_ends(github: FakeGitHub, raw: httpx.Client) -> None:
    github.limits.per_hour = 2
    assert raw.get(f"/repos/{SHOP}").headers["x-ratelimit-remaining"] == "1"
    raw.get(f"/repos/{SHOP}")
    spent = raw.get(f"/repos/{SHOP}")
    assert (spent.status_code, spent.headers["x-ratelimit-remaining"]) == (403, "0")
    assert raw.get("/rate_limit").json()["resources"]["core"]["remaining"] == 0
    github.world.auth_skew_s = 3601
    fresh = {"Authorization": f"token {github.verbs.tokens.mint({})['token']}"}
    assert raw.get(f"/repos/{SHOP}", headers=fresh).status_code == 200


def test_an_answer_may_be_lost_after_the_deed(github: FakeGitHub, client: Kit, change: int) -> None:
    github.fail_next("POST /repos/*/issues/*/comments", 502, after=True)
    with pytest.raises(RequestFailed):
        client.request("POST", f"/repos/{SHOP}/issues/{change}/comments", json={"body": "x"})
    assert [each.body for each in github.comments(SHOP, change)] == ["x"]


def test_a_fault_hits_as_often_as_told(github: FakeGitHub, raw: httpx.Client) -> None:
    github.fail_next("GET /repos/*", 503, times=2)
    assert [raw.get(f"/repos/{SHOP}").status_code for _ in range(3)] == [503, 503, 200]


def test_every_call_is_written_down(github: FakeGitHub, raw: httpx.Client) -> None:
    raw.get(f"/repos/{SHOP}")
    raw.get(f"/repos/{SHOP}/pulls/9")
    raw.post(raw.base_url.join("/api/graphql"), json={"query": "query Mine { viewer { login } }"})
    assert [str(call) for call in github.calls] == [
        f"GET /repos/{SHOP} -> 200",
        f"GET /repos/{SHOP}/pulls/9 -> 404",
        "POST /graphql Mine -> 200",
    ]
    assert [call.kind for call in github.calls] == ["read", "read", "read"]


def test_bodies_that_are_no_json_object_are_refused(raw: httpx.Client) -> None:
    path = f"/repos/{SHOP}/labels"
    assert raw.post(path, content=b"{").json()["message"] == "Problems parsing JSON"
    assert raw.post(path, content=b"[]").json()["message"] == "Body should be a JSON object"
