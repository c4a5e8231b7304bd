"""The stand-in where people sign in with GitHub: its page, and everything GitHub refuses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from integrations.sandbox.github.fake import FakeGitHub
from integrations.sandbox.github.refusal import Refusal
from integrations.sandbox.mailbox import trust
from integrations.sandbox.oauth.application import challenge_of

BACK, VERIFIER = "https://gate.test/back", "v" * 43
JSON = {"Accept": "application/json"}


@pytest.fixture
def site(github: FakeGitHub) -> Iterator[httpx.Client]:
    github.allow_redirect(BACK)
    with httpx.Client(base_url=github.url, trust_env=False, verify=trust()) as plain:
        yield plain


def asking(github: FakeGitHub, **other: str) -> dict[str, str]:
    pkce = {"code_challenge": challenge_of(VERIFIER), "code_challenge_method": "S256"}
    return {"client_id": github.client_id, "redirect_uri": BACK, "state": "a state", **pkce, **other}


def at(github: FakeGitHub, **other: str) -> str:
    return f"{github.url}/login/oauth/authorize?{urlencode(asking(github, **other))}"


def code(github: FakeGitHub) -> str:
    return parse_qs(urlsplit(github.sign_in(at(github), "ann")).query)["code"][0]


def buying(github: FakeGitHub, **other: str) -> dict[str, str]:
    keys = {"client_id": github.client_id, "client_secret": github.client_secret}
    return {**keys, "code": code(github), "redirect_uri": BACK, "code_verifier": VERIFIER, **other}


def exchange(site: httpx.Client, given: dict[str, str]) -> Any:
    return site.post("/login/oauth/access_token", data=given, headers=JSON).json()


def test_the_page_offers_every_person_and_cancel_and_loads_nothing(github: FakeGitHub, site: httpx.Client) -> None:
    shown = site.get("/login/oauth/authorize", params=asking(github))
    assert shown.status_code == 200
    assert [f"Sign in as {name}" in shown.text for name in ("ann", "bob", "llmgate[bot]", "acme")] == [True, True, False, False]
    assert "Cancel" in shown.text
    assert shown.headers["content-security-policy"].startswith("default-src 'none'")


def test_its_button_leads_back_with_a_code_that_buys_a_token(github: FakeGitHub, site: httpx.Client) -> None:
    pressed = site.post("/login/oauth/authorize", data={"request": urlencode(asking(github)), "as": "bob"})
    query = parse_qs(urlsplit(pressed.headers["location"]).query)
    assert (pressed.status_code, query["state"]) == (303, ["a state"])
    token = exchange(site, buying(github, code=query["code"][0]))["access_token"]
    user = site.get(f"{github.api_url}/user", headers={"Authorization": f"Bearer {token}"}).json()
    assert user["login"] == "bob"


def test_cancel_leads_back_with_an_error(github: FakeGitHub, site: httpx.Client) -> None:
    pressed = site.post("/login/oauth/authorize", data={"request": urlencode(asking(github)), "cancel": "1"})
    assert parse_qs(urlsplit(pressed.headers["location"]).query)["error"] == ["access_denied"]


def test_a_request_of_a_hostile_page_is_shown_as_text(github: FakeGitHub, site: httpx.Client) -> None:
    shown = site.get("/login/oauth/authorize", params=asking(github, state='"><script>alert(1)</script>'))
    assert "<script>" not in shown.text


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"client_id": "Iv23other"}, 404),
        ({"redirect_uri": f"{BACK}/below"}, 400),
        ({"redirect_uri": f"{BACK}?more=1"}, 400),
        ({"code_challenge_method": "plain"}, 400),
        ({"code_challenge": "short"}, 400),
        ({"prompt": "login"}, 400),
        ({"max_age": "0"}, 400),
    ],
)
def test_a_wrong_request_is_a_page_of_its_own_and_leads_nowhere(
    github: FakeGitHub, site: httpx.Client, wrong: dict[str, str], status: int
) -> None:
    assert site.get("/login/oauth/authorize", params=asking(github, **wrong)).status_code == status
    with pytest.raises(Refusal):
        github.sign_in(at(github, **wrong), "ann")


def test_a_parameter_that_comes_twice_is_no_parameter(github: FakeGitHub, site: httpx.Client) -> None:
    doubled = f"{urlencode(asking(github))}&redirect_uri={BACK}"
    assert site.get(f"/login/oauth/authorize?{doubled}").status_code == 400


@pytest.mark.parametrize("who", ["llmgate[bot]", "acme", "nobody"])
def test_only_people_sign_in(github: FakeGitHub, site: httpx.Client, who: str) -> None:
    pressed = site.post("/login/oauth/authorize", data={"request": urlencode(asking(github)), "as": who})
    assert pressed.status_code in (403, 404)


def test_a_suspended_person_does_not(github: FakeGitHub, site: httpx.Client) -> None:
    github.suspend("ann")
    with pytest.raises(Refusal, match="suspended"):
        github.sign_in(at(github), "ann")


def test_an_address_of_another_site_is_not_where_one_signs_in(github: FakeGitHub) -> None:
    with pytest.raises(ValueError, match="is not where people sign in"):
        github.sign_in("https://github.com/login/oauth/authorize?client_id=x", "ann")


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"client_secret": "wrong"}, "incorrect_client_credentials"),
        ({"client_secret": ""}, "incorrect_client_credentials"),
        ({"client_id": "Iv23other"}, "Not Found"),
        ({"code": "0" * 20}, "bad_verification_code"),
        ({"redirect_uri": "https://gate.test/other"}, "redirect_uri_mismatch"),
        ({"code_verifier": "w" * 43}, "bad_code_verifier"),
        ({"code_verifier": ""}, "bad_code_verifier"),
    ],
)
def test_a_wrong_exchange_is_refused(github: FakeGitHub, site: httpx.Client, wrong: dict[str, str], error: str) -> None:
    assert exchange(site, buying(github, **wrong))["error"] == error


def test_a_code_that_was_shown_with_a_wrong_verifier_is_spent(github: FakeGitHub, site: httpx.Client) -> None:
    given = buying(github)
    exchange(site, {**given, "code_verifier": "w" * 43})
    assert exchange(site, given)["error"] == "bad_verification_code"


def test_who_asks_for_no_json_gets_a_form(github: FakeGitHub, site: httpx.Client) -> None:
    answer = site.post("/login/oauth/access_token", data=buying(github), headers={"Accept": "*/*"})
    assert parse_qs(answer.text)["token_type"] == ["bearer"]


def test_a_token_that_was_given_back_is_known_no_more(github: FakeGitHub, site: httpx.Client) -> None:
    token = exchange(site, buying(github))["access_token"]
    keys, path = (github.client_id, github.client_secret), f"{github.api_url}/applications/{github.client_id}/token"
    answers = [site.request("DELETE", path, auth=keys, json={"access_token": token}).status_code for _ in range(2)]
    assert answers == [204, 404]
    assert site.get(f"{github.api_url}/user", headers={"Authorization": f"Bearer {token}"}).status_code == 401


@pytest.mark.parametrize("secret", ["wrong", ""])
def test_only_the_application_gives_tokens_back(github: FakeGitHub, site: httpx.Client, secret: str) -> None:
    path = f"{github.api_url}/applications/{github.client_id}/token"
    answer = site.request("DELETE", path, auth=(github.client_id, secret), json={"access_token": "x"})
    assert answer.status_code == 401


def test_an_application_gives_back_its_own_tokens_only(github: FakeGitHub, site: httpx.Client) -> None:
    keys, path = (github.client_id, github.client_secret), f"{github.api_url}/applications/Iv23other/token"
    token = exchange(site, buying(github))["access_token"]
    assert site.request("DELETE", path, auth=keys, json={"access_token": token}).status_code == 404
    assert github.verbs.tokens.signed_in == [token]


def test_a_page_that_is_not_modelled_is_written_down(github: FakeGitHub, site: httpx.Client) -> None:
    assert site.get("/login").status_code == 404
    assert github.unmodelled == ["GET /login"]


def test_an_applications_secret_opens_nothing_else(github: FakeGitHub, site: httpx.Client) -> None:
    assert site.get(f"{github.api_url}/users/ann", auth=(github.client_id, github.client_secret)).status_code == 401


def test_an_installation_is_nobodys_user(raw: httpx.Client) -> None:
    assert raw.get("/user").status_code == 403


def test_who_owns_a_repository_cannot_be_deleted_from_under_it(github: FakeGitHub) -> None:
    github.repository("bob/own")
    with pytest.raises(ValueError, match="owns repositories"):
        github.delete_user("bob")


def test_a_rename_takes_grants_teams_and_repositories_along(github: FakeGitHub) -> None:
    github.repository("bob/own", private=True)
    github.team("acme/core", ["bob"])
    github.grant("acme/shop", "bob", "admin")
    github.rename_user("bob", "robert")
    world = github.world
    assert world.repo("robert/own").full_name == "robert/own"
    assert world.permission(world.repo("acme/shop"), world.account("robert")) == "admin"
    assert [member.login for member in world.team_members(world.team("acme", "core"))] == ["robert"]
    with pytest.raises(ValueError, match="taken already"):
        github.rename_user("robert", "ann")
