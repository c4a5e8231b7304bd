"""The provider's document: when it is read, and what makes it of no use."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from bot.ports.errors import Refused, Unavailable
from integrations.oidc.discovery import fetch_document
from integrations.oidc.login import OidcLogin
from tests.integrations.oidc.conftest import BACK, NONCE, STATE, VERIFIER, Browser

ISSUER = "https://login.acme.test/"
DOCUMENT: dict[str, object] = {
    "issuer": ISSUER,
    "authorization_endpoint": "https://login.acme.test/authorize",
    "token_endpoint": "https://login.acme.test/token",
    "jwks_uri": "https://keys.acme.test/jwks",
}


def served(document: dict[str, object] | bytes) -> httpx.Client:
    """A client whose every answer is this, since no loopback server has a certificate that is trusted."""

    def answer(request: httpx.Request) -> httpx.Response:
        assert str(request.url) == "https://login.acme.test/.well-known/openid-configuration"
        return httpx.Response(200, content=document) if isinstance(document, bytes) else httpx.Response(200, json=document)

    return httpx.Client(transport=httpx.MockTransport(answer))


def test_an_issuer_may_end_in_a_slash_and_have_keys_elsewhere() -> None:
    found = fetch_document(served(DOCUMENT), ISSUER)
    assert (found.jwks_uri, found.way, found.revocation_endpoint) == ("https://keys.acme.test/jwks", "client_secret_basic", "")


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri", "revocation_endpoint"])
def test_an_address_without_https_is_refused(name: str) -> None:
    with pytest.raises(Refused, match=f"saw http://login.acme.test/x in the document of {ISSUER}; wanted https there as well"):
        fetch_document(served({**DOCUMENT, name: "http://login.acme.test/x"}), ISSUER)


def test_an_issuer_without_its_slash_is_another() -> None:
    with pytest.raises(Refused, match=r"wanted https://login.acme.test, to the letter"):
        fetch_document(served(DOCUMENT), "https://login.acme.test")


def test_a_document_that_is_no_json_is_unavailable() -> None:
    with pytest.raises(Unavailable, match="not as documented"):
        fetch_document(served(b"<html>"), ISSUER)


def test_nobody_there_is_unavailable_before_a_browser_is_sent_anywhere() -> None:
    login = OidcLogin("id", "secret", "http://127.0.0.1:9")
    with pytest.raises(Unavailable, match=r"no connection for GET http://127.0.0.1:9/.well-known/openid-configuration"):
        login.authorize_url(STATE, NONCE, VERIFIER, BACK, False)


def test_the_document_is_read_once_for_many_browsers_and_anew_for_each_login(browser: Browser) -> None:
    first, second = browser.code(), browser.code()
    browser.complete(first)
    browser.complete(second)
    assert [call.path for call in browser.provider.calls].count("/.well-known/openid-configuration") == 3


@pytest.mark.parametrize(
    ("other", "saw"),
    [
        ({"issuer": "https://evil.test"}, "saw the issuer https://evil.test in its own document; wanted"),
        ({"token_endpoint_auth_methods_supported": ["private_key_jwt"]}, "authenticates clients by private_key_jwt; wanted"),
        ({"code_challenge_methods_supported": ["plain"]}, "saw PKCE by plain at"),
        ({"code_challenge_methods_supported": []}, "saw PKCE by nothing at"),
    ],
)
def test_a_document_that_cannot_be_used_is_refused(browser: Browser, other: dict[str, Any], saw: str) -> None:
    browser.publish(**other)
    with pytest.raises(Refused, match=re.escape(saw)):
        browser.url()


def test_a_document_with_a_part_missing_is_unavailable(browser: Browser) -> None:
    browser.provider.fail_next("GET /.well-known/*", 200, body={"issuer": browser.provider.url})
    with pytest.raises(Unavailable, match="not as documented: at authorization_endpoint"):
        browser.url()


def test_a_document_that_is_elsewhere_is_refused(browser: Browser) -> None:
    browser.provider.fail_next("GET /.well-known/*", 302, headers={"Location": "https://evil.test"})
    with pytest.raises(Refused, match=r"answered 302 .* wanted the answer itself"):
        browser.url()


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (httpx.ReadTimeout("slow"), r"no answer to GET https://login.acme.test/\S+ in time \(ReadTimeout\)"),
        (httpx.ConnectError("no way"), r"no connection for GET https://login.acme.test/\S+: no way"),
        (httpx.DecodingError("not gzip"), r"answer to GET https://login.acme.test/\S+ could not be read \(DecodingError\)"),
    ],
)
def test_a_provider_that_does_not_answer_is_unavailable(failure: Exception, said: str) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise failure

    with pytest.raises(Unavailable, match=said):
        fetch_document(httpx.Client(transport=httpx.MockTransport(fail)), ISSUER)
