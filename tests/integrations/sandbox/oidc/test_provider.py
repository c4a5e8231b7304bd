"""The stand-in of an identity provider: its page, its tokens, and everything it refuses."""

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
from integrations.sandbox.mailbox import trust
from integrations.sandbox.oauth.application import challenge_of
from integrations.sandbox.oidc.fake import FakeIdentityProvider
from integrations.sandbox.oidc.provider import ProviderRefused

BACK, VERIFIER = "https://gate.test/back", "v" * 43


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def provider(clock: FakeClock) -> Iterator[FakeIdentityProvider]:
    with FakeIdentityProvider(clock) as fake:
        fake.person("ann", team="core")
        fake.person("bo")
        fake.allow_redirect(BACK)
        yield fake


@pytest.fixture
def site(provider: FakeIdentityProvider) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=provider.url, trust_env=False, verify=trust()) as plain:
        yield plain


def asking(provider: FakeIdentityProvider, **other: str) -> dict[str, str]:
    pkce = {"code_challenge": challenge_of(VERIFIER), "code_challenge_method": "S256"}
    told = {"client_id": provider.client_id, "redirect_uri": BACK, "response_type": "code", "scope": "openid"}
    asked = {**told, "state": "a state", "nonce": "a nonce", **pkce, **other}
    return {name: value for name, value in asked.items() if value}


def at(provider: FakeIdentityProvider, **other: str) -> str:
    return f"{provider.url}/authorize?{urlencode(asking(provider, **other))}"


def buying(provider: FakeIdentityProvider, **other: str) -> dict[str, str]:
    code = parse_qs(urlsplit(provider.sign_in(at(provider), "ann")).query)["code"][0]
    keys = {"client_id": provider.client_id, "client_secret": provider.client_secret, "grant_type": "authorization_code"}
    return {**keys, "code": code, "redirect_uri": BACK, "code_verifier": VERIFIER, **other}


def test_its_document_leads_to_everything(provider: FakeIdentityProvider, site: httpx.Client) -> None:
    told = site.get("/.well-known/openid-configuration").json()
    keys = site.get(told["jwks_uri"]).json()["keys"]
    token = site.post(told["token_endpoint"], data=buying(provider)).json()["id_token"]
    only: Options = {"verify_exp": False, "verify_iat": False}
    claims = jwt.decode(token, jwt.PyJWK(keys[0]), ["RS256"], only, audience=provider.client_id, issuer=told["issuer"])
    assert (claims["sub"], claims["team"], claims["nonce"]) == ("sub-ann", "core", "a nonce")
    assert not {"d", "p", "q"} & keys[0].keys()


def test_the_page_offers_everybody_and_cancel(provider: FakeIdentityProvider, site: httpx.Client) -> None:
    shown = site.get("/authorize", params=asking(provider)).text
    assert ("Sign in as ann" in shown, "Sign in as bo" in shown, "Cancel" in shown) == (True, True, True)


def test_its_buttons_lead_back(provider: FakeIdentityProvider, site: httpx.Client) -> None:
    request = urlencode(asking(provider))
    agreed = site.post("/authorize", data={"request": request, "as": "bo"})
    declined = site.post("/authorize", data={"request": request, "cancel": "1"})
    assert parse_qs(urlsplit(agreed.headers["location"]).query)["state"] == ["a state"]
    assert parse_qs(urlsplit(declined.headers["location"]).query)["error"] == ["access_denied"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_id": "other"},
        {"redirect_uri": f"{BACK}/below"},
        {"response_type": "token"},
        {"scope": "profile"},
        {"code_challenge_method": "plain"},
        {"code_challenge": "short"},
        {"code_challenge": "", "code_challenge_method": ""},
        {"max_age": "soon"},
        {"login_hint": "ann"},
    ],
)
def test_a_wrong_request_is_a_page_of_its_own_and_leads_nowhere(
    provider: FakeIdentityProvider, site: httpx.Client, wrong: dict[str, str]
) -> None:
    assert site.get("/authorize", params=asking(provider, **wrong)).status_code == 400
    with pytest.raises(ProviderRefused):
        provider.sign_in(at(provider, **wrong), "ann")


def test_whoever_is_suspended_or_unknown_does_not_sign_in(provider: FakeIdentityProvider) -> None:
    provider.suspend("ann")
    with pytest.raises(ProviderRefused, match="403 access_denied: ann is suspended"):
        provider.sign_in(at(provider), "ann")
    with pytest.raises(ProviderRefused, match="nobody here is called eve"):
        provider.sign_in(at(provider), "eve")


def test_an_address_of_another_site_is_not_where_one_signs_in(provider: FakeIdentityProvider) -> None:
    with pytest.raises(ValueError, match="is not where people sign in"):
        provider.sign_in("https://login.test/authorize?client_id=x", "ann")


@pytest.mark.parametrize(
    ("wrong", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_id": "other"}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"code": "0" * 20}, 400, "invalid_grant"),
        ({"redirect_uri": "https://gate.test/other"}, 400, "invalid_grant"),
        ({"code_verifier": "w" * 43}, 400, "invalid_grant"),
    ],
)
def test_a_wrong_exchange_is_refused(
    provider: FakeIdentityProvider, site: httpx.Client, wrong: dict[str, str], status: int, error: str
) -> None:
    answer = site.post("/token", data=buying(provider, **wrong))
    assert (answer.status_code, answer.json()["error"]) == (status, error)


def test_a_code_buys_once_and_for_ten_minutes(provider: FakeIdentityProvider, site: httpx.Client, clock: FakeClock) -> None:
    given, late = buying(provider), buying(provider)
    assert [site.post("/token", data=given).status_code for _ in range(2)] == [200, 400]
    clock.advance(timedelta(minutes=10, seconds=1))
    assert "expired" in site.post("/token", data=late).json()["error_description"]


def without(given: dict[str, str], *names: str) -> dict[str, str]:
    return {name: value for name, value in given.items() if name not in names}


def test_a_client_shows_its_secret_one_way(provider: FakeIdentityProvider, site: httpx.Client) -> None:
    keys = (provider.client_id, provider.client_secret)
    header = site.post("/token", data=without(buying(provider), "client_id", "client_secret"), auth=keys)
    both = site.post("/token", data=buying(provider), auth=keys)
    other = site.post("/token", data=without(buying(provider), "client_secret"), headers={"Authorization": "Bearer x"})
    broken = site.post("/token", data=without(buying(provider), "client_secret"), headers={"Authorization": "Basic %"})
    assert [answer.status_code for answer in (header, both, other, broken)] == [200, 400, 400, 401]


def test_only_a_form_is_taken(provider: FakeIdentityProvider, site: httpx.Client) -> None:
    assert site.post("/token", json=buying(provider)).status_code == 400


def test_only_the_client_gives_tokens_back(provider: FakeIdentityProvider, site: httpx.Client) -> None:
    keys: dict[str, Any] = {"client_id": provider.client_id, "client_secret": "wrong", "token": "x"}
    assert site.post("/revoke", data=keys).status_code == 401
    assert site.post("/revoke", data={**keys, "client_secret": provider.client_secret}).status_code == 200
    assert provider.revoked == ["x"]


def test_what_is_not_modelled_is_written_down(provider: FakeIdentityProvider, site: httpx.Client) -> None:
    assert site.get("/userinfo").status_code == 404
    assert provider.unmodelled == ["GET /userinfo"]


def test_its_settings_connect_the_gate(provider: FakeIdentityProvider) -> None:
    told = {"issuer": provider.url, "client_id": provider.client_id, "client_secret": provider.client_secret}
    assert provider.settings() == {"oidc": told}
