"""The stand-in where people sign in with GitLab: its page, its tokens, and everything GitLab refuses."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import jwt
import pytest
from jwt.types import Options

from integrations.sandbox.clock import FakeClock
from integrations.sandbox.gitlab.fake import FakeGitLab
from integrations.sandbox.gitlab.refusal import Refusal
from integrations.sandbox.mailbox import trust
from integrations.sandbox.oauth.application import challenge_of

BACK, VERIFIER = "https://gate.test/back", "v" * 43


@pytest.fixture
def site(gitlab: FakeGitLab) -> Iterator[httpx.Client]:
    gitlab.allow_redirect(BACK)
    with httpx.Client(base_url=gitlab.url, trust_env=False, verify=trust()) as plain:
        yield plain


def asking(gitlab: FakeGitLab, **other: str) -> dict[str, str]:
    pkce = {"code_challenge": challenge_of(VERIFIER), "code_challenge_method": "S256"}
    told = {"client_id": gitlab.client_id, "redirect_uri": BACK, "response_type": "code", "scope": "openid read_user"}
    return {**told, "state": "a state", "nonce": "a nonce", **pkce, **other}


def at(gitlab: FakeGitLab, **other: str) -> str:
    return f"{gitlab.url}/oauth/authorize?{urlencode(asking(gitlab, **other))}"


def buying(gitlab: FakeGitLab, asked: dict[str, str] | None = None, **other: str) -> dict[str, str]:
    code = parse_qs(urlsplit(gitlab.sign_in(at(gitlab, **(asked or {})), "ann")).query)["code"][0]
    keys = {"client_id": gitlab.client_id, "client_secret": gitlab.client_secret, "grant_type": "authorization_code"}
    return {**keys, "code": code, "redirect_uri": BACK, "code_verifier": VERIFIER, **other}


def claims(told: dict[str, Any]) -> dict[str, Any]:
    return jwt.decode(told["id_token"], options={"verify_signature": False})


def test_the_page_offers_every_person_and_cancel(gitlab: FakeGitLab, site: httpx.Client) -> None:
    shown = site.get("/oauth/authorize", params=asking(gitlab))
    assert [f"Sign in as {name}" in shown.text for name in ("ann", "bob", "mia", gitlab.bot.username)] == [True] * 3 + [False]
    assert "Cancel" in shown.text


def test_its_button_leads_back_with_a_code_that_buys_tokens(gitlab: FakeGitLab, site: httpx.Client) -> None:
    pressed = site.post("/oauth/authorize", data={"request": urlencode(asking(gitlab)), "as": "bob"})
    query = parse_qs(urlsplit(pressed.headers["location"]).query)
    assert (pressed.status_code, query["state"]) == (303, ["a state"])
    told = site.post("/oauth/token", data=buying(gitlab, code=query["code"][0])).json()
    user = site.get(f"{gitlab.api_url}/user", headers={"Authorization": f"Bearer {told['access_token']}"}).json()
    assert (user["username"], told["token_type"], told["scope"]) == ("bob", "Bearer", "openid read_user")
    said = claims(told)
    assert (said["iss"], said["aud"], said["sub"], said["nonce"]) == (gitlab.url, gitlab.client_id, str(user["id"]), "a nonce")


def test_cancel_leads_back_with_an_error(gitlab: FakeGitLab, site: httpx.Client) -> None:
    pressed = site.post("/oauth/authorize", data={"request": urlencode(asking(gitlab)), "cancel": "1"})
    assert parse_qs(urlsplit(pressed.headers["location"]).query)["error"] == ["access_denied"]


def test_the_published_key_signs_the_tokens(gitlab: FakeGitLab, site: httpx.Client) -> None:
    told = site.get("/.well-known/openid-configuration").json()
    keys = site.get(told["jwks_uri"]).json()["keys"]
    token = site.post("/oauth/token", data=buying(gitlab)).json()["id_token"]
    only: Options = {"verify_exp": False, "verify_iat": False}
    decoded = jwt.decode(token, jwt.PyJWK(keys[0]), ["RS256"], only, audience=gitlab.client_id, issuer=told["issuer"])
    assert decoded["preferred_username"] == "ann"


@pytest.mark.parametrize(
    ("asked", "hours"),
    [({}, 2), ({"max_age": "86400"}, 2), ({"max_age": "3600"}, 0), ({"max_age": "0"}, 0), ({"prompt": "login"}, 0)],
)
def test_a_session_counts_as_long_as_the_application_lets_it(
    gitlab: FakeGitLab, site: httpx.Client, clock: FakeClock, asked: dict[str, str], hours: int
) -> None:
    then = clock.now()
    gitlab.signed_in_since("ann", then)
    clock.advance(timedelta(hours=2))
    told = site.post("/oauth/token", data=buying(gitlab, asked)).json()
    assert claims(told)["auth_time"] == int((clock.now() - timedelta(hours=hours)).timestamp())


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"client_id": "other"}, 401),
        ({"redirect_uri": f"{BACK}/below"}, 400),
        ({"response_type": "token"}, 400),
        ({"scope": "openid api"}, 400),
        ({"scope": ""}, 400),
        ({"code_challenge_method": "plain"}, 400),
        ({"code_challenge": "short"}, 400),
        ({"max_age": "soon"}, 400),
        ({"login_hint": "ann"}, 400),
    ],
)
def test_a_wrong_request_is_a_page_of_its_own_and_leads_nowhere(
    gitlab: FakeGitLab, site: httpx.Client, wrong: dict[str, str], status: int
) -> None:
    assert site.get("/oauth/authorize", params=asking(gitlab, **wrong)).status_code == status
    with pytest.raises(Refusal):
        gitlab.sign_in(at(gitlab, **wrong), "ann")


def test_only_people_sign_in(gitlab: FakeGitLab, site: httpx.Client) -> None:
    pressed = site.post("/oauth/authorize", data={"request": urlencode(asking(gitlab)), "as": gitlab.bot.username})
    assert pressed.status_code == 403


def test_a_blocked_user_does_not(gitlab: FakeGitLab, site: httpx.Client) -> None:
    gitlab.suspend("ann")
    with pytest.raises(Refusal, match="blocked"):
        gitlab.sign_in(at(gitlab), "ann")


def test_an_address_of_another_site_is_not_where_one_signs_in(gitlab: FakeGitLab) -> None:
    with pytest.raises(ValueError, match="is not where people sign in"):
        gitlab.cancel_sign_in("https://gitlab.com/oauth/authorize?client_id=x")


@pytest.mark.parametrize(
    ("wrong", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_id": "other"}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"code": "0" * 20}, 400, "invalid_grant"),
        ({"redirect_uri": "https://gate.test/other"}, 400, "invalid_grant"),
        ({"code_verifier": "w" * 43}, 400, "invalid_grant"),
        ({"code_verifier": ""}, 400, "invalid_grant"),
    ],
)
def test_a_wrong_exchange_is_refused(
    gitlab: FakeGitLab, site: httpx.Client, wrong: dict[str, str], status: int, error: str
) -> None:
    answer = site.post("/oauth/token", data={**buying(gitlab), **wrong})
    assert (answer.status_code, answer.json()["error"]) == (status, error)


def test_a_code_buys_once_and_for_ten_minutes(gitlab: FakeGitLab, site: httpx.Client, clock: FakeClock) -> None:
    given, late = buying(gitlab), buying(gitlab)
    assert [site.post("/oauth/token", json=given).status_code for _ in range(2)] == [200, 400]
    clock.advance(timedelta(minutes=10, seconds=1))
    assert site.post("/oauth/token", json=late).status_code == 400


def test_a_body_that_is_no_json_is_refused(gitlab: FakeGitLab, site: httpx.Client) -> None:
    answer = site.post("/oauth/token", content=b"{", headers={"Content-Type": "application/json"})
    assert answer.json()["error"] == "unsupported_grant_type"


def test_a_token_reads_the_user_and_nothing_else(gitlab: FakeGitLab, site: httpx.Client) -> None:
    token = site.post("/oauth/token", data=buying(gitlab)).json()["access_token"]
    answer = site.get(f"{gitlab.api_url}/projects", headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json()["error"]) == (403, "insufficient_scope")


def test_a_token_ends_when_it_is_revoked_and_after_two_hours(gitlab: FakeGitLab, site: httpx.Client) -> None:
    first, second = (site.post("/oauth/token", data=buying(gitlab)).json()["access_token"] for _ in range(2))
    keys = {"client_id": gitlab.client_id, "client_secret": gitlab.client_secret}
    refused = site.post("/oauth/revoke", data={**keys, "client_secret": "wrong", "token": first})
    assert (refused.status_code, refused.json()["error"]) == (403, "unauthorized_client")
    assert site.post("/oauth/revoke", data={**keys, "token": first}).status_code == 200
    assert site.post("/oauth/revoke", data={**keys, "token": "nobody's"}).status_code == 200
    answers = [site.get(f"{gitlab.api_url}/user", headers={"Authorization": f"Bearer {token}"}) for token in (first, second)]
    assert [answer.status_code for answer in answers] == [401, 200]
    gitlab.world.auth_skew_s = 7201
    late = site.get(f"{gitlab.api_url}/user", headers={"Authorization": f"Bearer {second}"})
    assert (late.status_code, late.json()["error"]) == (401, "invalid_token")


def test_revoking_what_is_no_applications_token_does_nothing(gitlab: FakeGitLab, site: httpx.Client) -> None:
    keys = {"client_id": gitlab.client_id, "client_secret": gitlab.client_secret}
    site.post("/oauth/revoke", data={**keys, "token": gitlab.bot_token})
    assert site.get(f"{gitlab.api_url}/user", headers={"PRIVATE-TOKEN": gitlab.bot_token}).status_code == 200


def test_a_rename_takes_the_users_own_projects_along(gitlab: FakeGitLab) -> None:
    fork = gitlab.fork("acme/web/shop", "bob")
    gitlab.rename_user("bob", "robert")
    assert gitlab.world.project("robert/shop") is fork
    with pytest.raises(ValueError, match="taken already"):
        gitlab.rename_user("robert", "ann")
    with pytest.raises(ValueError, match="owns projects"):
        gitlab.delete_user("robert")


def test_a_deleted_user_is_a_member_of_nothing(gitlab: FakeGitLab) -> None:
    number = gitlab.world.user("bob").id
    gitlab.delete_user("bob")
    assert number not in gitlab.world.project_members(gitlab.world.project("acme/web/shop"))


def test_a_page_that_is_not_modelled_is_written_down(gitlab: FakeGitLab, site: httpx.Client) -> None:
    assert site.get("/oauth/userinfo").status_code == 404
    assert gitlab.unmodelled == ["GET /oauth/userinfo"]
