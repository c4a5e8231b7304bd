"""Rate limits: told in headers, refused in GitLab's two ways, and gone when the minute is over."""

from __future__ import annotations

import httpx
import pytest
from gitlab.exceptions import GitlabHttpError

from integrations.sandbox.gitlab.fake import FakeGitLab
from tests.integrations.sandbox.gitlab.reach import client

CHANGE = "/projects/acme%2Fweb%2Fshop/merge_requests/1"


def test_the_budget_is_told_with_each_answer(raw: httpx.Client) -> None:
    first, second = raw.get("/version").headers, raw.get("/version").headers
    assert (first["RateLimit-Limit"], first["RateLimit-Name"]) == ("2000", "throttle_authenticated_api")
    assert int(first["RateLimit-Remaining"]) - int(second["RateLimit-Remaining"]) == 1


def test_a_spent_budget_is_refused_in_plain_text(gitlab: FakeGitLab, raw: httpx.Client) -> None:
    gitlab.limits.per_minute = 1
    raw.get("/version")
    refused = raw.get("/version")
    assert (refused.status_code, refused.text) == (429, "Retry later\n")
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    assert refused.headers["RateLimit-Remaining"] == "0"


def test_the_next_minute_has_a_budget_of_its_own(gitlab: FakeGitLab, raw: httpx.Client) -> None:
    gitlab.limits.per_minute = 1
    raw.get("/version")
    gitlab.world.auth_skew_s = 61
    assert raw.get("/version").status_code == 200


def test_callers_do_not_share_a_budget(gitlab: FakeGitLab, raw: httpx.Client) -> None:
    gitlab.limits.per_minute = 1
    raw.get("/version")
    assert client(gitlab, gitlab.token_for("ann")).http_get("/version")


@pytest.mark.parametrize(("name", "method", "path"), [("diffs", "GET", "/raw_diffs"), ("notes_create", "POST", "/notes")])
def test_dear_requests_have_a_limit_of_their_own(
    gitlab: FakeGitLab, raw: httpx.Client, change: int, name: str, method: str, path: str
) -> None:
    gitlab.limits.dear[name] = 1
    body = {"json": {"body": "hello"}} if method == "POST" else {}
    assert raw.request(method, CHANGE + path, **body).is_success  # type: ignore[arg-type]
    refused = raw.request(method, CHANGE + path, **body)  # type: ignore[arg-type]
    assert refused.status_code == 429
    assert refused.json() == {"message": {"error": "This endpoint has been requested too many times. Try again later."}}
    assert "Retry-After" not in refused.headers


def test_a_planned_limit_says_how_long_to_wait(gitlab: FakeGitLab) -> None:
    gitlab.limit_next("GET /version", retry_after_s=7)
    with pytest.raises(GitlabHttpError) as refused:
        client(gitlab).http_get("/version", obey_rate_limit=False)
    assert refused.value.response_code == 429
    client(gitlab).http_get("/version")


def test_a_broken_gateway_answers_in_html(gitlab: FakeGitLab, raw: httpx.Client) -> None:
    gitlab.fail_next("GET /version", 502)
    broken = raw.get("/version")
    assert (broken.status_code, broken.headers["Content-Type"]) == (502, "text/html; charset=utf-8")
