"""Signing in at an identity provider: the real client against the stand-in, and every way it can end badly."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.ports.errors import Refused, Unavailable
from bot.ports.login import LoginProvider, SignedIn
from integrations.oidc.login import Asking, OidcLogin
from integrations.sandbox.oauth.signing import signing_key
from tests.integrations.oidc.conftest import STATE, VERIFIER, Browser, queried


def test_it_is_a_login_provider_of_no_forge() -> None:
    provider: LoginProvider = OidcLogin("id", "secret", "https://login.acme.test/realms/acme")
    assert (provider.key, provider.title, provider.forge) == ("oidc", "login.acme.test", None)
    assert OidcLogin("id", "secret", "https://login.acme.test", Asking(title="Acme")).title == "Acme"


def test_whoever_signs_in_is_known_by_the_issuers_subject_and_proved_themselves_then(browser: Browser) -> None:
    code = browser.code("bo")
    proved = browser.clock.now()
    browser.clock.advance(timedelta(seconds=40))
    signed = browser.complete(code)
    assert signed == SignedIn(
        None,
        issuer=browser.provider.url,
        subject="00u2",
        login="bo",
        at=proved,
        asserted="auth_time",
        token_sha256=signed.token_sha256,
    )
    assert len(signed.token_sha256) == 64


def test_claims_that_were_asked_for_are_told_as_texts_and_no_others(browser: Browser) -> None:
    browser.asking(Asking(claims=("github_id", "groups", "missing")))
    assert browser.complete(browser.code()).claims == {"github_id": "2001", "groups": '["core","shop"]'}


def test_a_person_without_a_name_is_called_by_their_subject(browser: Browser) -> None:
    browser.provider.person("cy", "00u3", preferred_username=None)
    assert browser.complete(browser.code("cy")).login == "00u3"
    browser.provider.person("di", "00u4", preferred_username=None, name="Di\nDoe\x1b[31m")
    assert browser.complete(browser.code("di")).login == "Di Doe [31m"


def test_a_session_of_yesterday_is_told_as_such(browser: Browser) -> None:
    yesterday = browser.clock.now() - timedelta(days=1)
    browser.provider.signed_in_since("ann", yesterday)
    assert browser.complete(browser.code()).at == yesterday


def test_a_fresh_login_is_of_now_whatever_session_there_was(browser: Browser) -> None:
    browser.provider.signed_in_since("ann", browser.clock.now() - timedelta(days=1))
    assert {"prompt": "login", "max_age": "0"}.items() <= queried(browser.url(fresh=True)).items()
    assert browser.complete(browser.code(fresh=True)).at == browser.clock.now()


def test_a_provider_that_does_not_ask_anew_is_found_out_by_what_it_says(browser: Browser) -> None:
    yesterday = browser.clock.now() - timedelta(days=1)
    browser.provider.signed_in_since("ann", yesterday)
    browser.provider.honour_fresh(False)
    signed = browser.complete(browser.code(fresh=True))
    assert (signed.at, signed.asserted) == (yesterday, "auth_time")


def test_a_provider_that_does_not_say_when_is_dated_by_the_exchange(browser: Browser) -> None:
    browser.provider.tell_auth_time(False)
    signed = browser.complete(browser.code(fresh=True))
    assert (signed.at, signed.asserted) == (browser.clock.now(), "code-exchange")


def test_a_longest_age_is_asked_for_and_held(browser: Browser) -> None:
    browser.asking(Asking(max_age=timedelta(hours=1)))
    assert queried(browser.url())["max_age"] == "3600"
    browser.provider.signed_in_since("ann", browser.clock.now() - timedelta(hours=2))
    browser.provider.honour_fresh(False)
    with pytest.raises(Refused, match="saw a person who proved themselves 7200 s ago; wanted 3600 s at most"):
        browser.complete(browser.code())


def test_a_provider_that_does_not_say_when_is_refused_where_an_age_is_held(browser: Browser) -> None:
    browser.asking(Asking(max_age=timedelta(hours=1)))
    browser.provider.tell_auth_time(False)
    with pytest.raises(Refused, match="saw no `auth_time`"):
        browser.complete(browser.code())


def test_the_browser_comes_back_with_its_state(browser: Browser) -> None:
    assert queried(browser.provider.sign_in(browser.url(), "ann"))["state"] == STATE


def test_whoever_cancels_comes_back_with_an_error_and_the_state(browser: Browser) -> None:
    back = queried(browser.provider.cancel_sign_in(browser.url()))
    assert (back["error"], back["state"]) == ("access_denied", STATE)


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_a_key_that_was_changed_since_the_browser_left_is_found(browser: Browser, algorithm: Any) -> None:
    code = browser.code()
    browser.provider.sign_with("next", algorithm)
    assert browser.complete(code).login == "ann"


def test_a_key_that_was_withdrawn_counts_no_more(browser: Browser) -> None:
    browser.complete(browser.code())
    old = browser.provider.key
    browser.provider.sign_with("next")
    browser.provider.forge_next(old.signed)
    with pytest.raises(Refused, match=f"saw the key {old.kid}, which 0 of the published RS256 keys are"):
        browser.complete(browser.code())


@pytest.mark.parametrize(
    ("wrong", "saw"),
    [
        ({"iss": "https://evil.test"}, "saw the issuer https://evil.test"),
        ({"aud": "another"}, "saw the audience another"),
        ({"azp": "another"}, "saw the authorized party another"),
        ({"exp": 1}, "saw a token that ended at 1970-01-01"),
        ({"iat": 1}, "saw a token of 1970-01-01"),
        ({"nonce": "another"}, "saw the nonce of another login"),
        ({"at_hash": "another"}, "saw the `at_hash` of another access token"),
    ],
)
def test_a_token_that_is_not_for_this_login_is_refused(browser: Browser, wrong: dict[str, Any], saw: str) -> None:
    code = browser.code()
    browser.provider.forge_next(lambda claims: browser.provider.key.signed({**claims, **wrong}))
    with pytest.raises(Refused, match=saw):
        browser.complete(code)


def test_a_token_of_somebody_elses_key_is_refused(browser: Browser) -> None:
    code = browser.code()
    browser.provider.forge_next(replace(signing_key("evil"), kid=browser.provider.key.kid).signed)
    with pytest.raises(Refused, match="saw InvalidSignatureError"):
        browser.complete(code)


def test_a_token_of_another_browser_is_refused(browser: Browser) -> None:
    with pytest.raises(Refused, match="saw the nonce of another login"):
        browser.complete(browser.code(), nonce="m" * 43)


def test_the_token_is_given_back_whether_it_was_believed_or_not(browser: Browser) -> None:
    browser.complete(browser.code())
    with pytest.raises(Refused):
        browser.complete(browser.code(), nonce="m" * 43)
    assert browser.provider.revoked == ["opaque-access-token-1", "opaque-access-token-2"]


def test_a_token_that_cannot_be_given_back_is_no_reason_to_fail(browser: Browser) -> None:
    browser.provider.fail_next("POST /revoke", 503)
    assert browser.complete(browser.code()).login == "ann"


def test_a_provider_that_takes_nothing_back_is_not_asked_to(browser: Browser) -> None:
    code = browser.code()
    browser.publish(revocation_endpoint="")
    assert browser.complete(code).login == "ann"
    assert browser.provider.revoked == []


def test_a_code_buys_one_login(browser: Browser) -> None:
    code = browser.code()
    browser.complete(code)
    with pytest.raises(Refused, match=r"invalid_grant .*; wanted a code that is used once, soon.*; start the login again"):
        browser.complete(code)


def test_a_code_of_eleven_minutes_is_too_old(browser: Browser) -> None:
    code = browser.code()
    browser.clock.advance(timedelta(minutes=11))
    with pytest.raises(Refused, match="invalid_grant"):
        browser.complete(code)


def test_a_code_nobody_was_given_is_refused(browser: Browser) -> None:
    with pytest.raises(Refused, match="invalid_grant"):
        browser.complete("0" * 20)


def test_a_code_stolen_from_another_browser_is_refused(browser: Browser) -> None:
    with pytest.raises(Refused, match="invalid_grant"):
        browser.complete(browser.code(), verifier="w" * 43)


def test_a_code_for_another_address_is_refused(browser: Browser) -> None:
    with pytest.raises(Refused, match="invalid_grant"):
        browser.complete(browser.code(), back="https://gate.test/elsewhere")


@pytest.mark.parametrize("way", ["client_secret_basic", "client_secret_post"])
def test_a_wrong_secret_is_refused_and_not_said(browser: Browser, way: str) -> None:
    code = browser.code()
    browser.login = OidcLogin(browser.provider.client_id, "wrong-secret-of-mine", browser.provider.url)
    browser.publish(token_endpoint_auth_methods_supported=[way])
    with pytest.raises(Refused, match=r"invalid_client .*check oidc.client_id and oidc.client_secret") as refused:
        browser.complete(code)
    assert "wrong-secret" not in str(refused.value)
    assert "wrong-secret" not in repr(browser.login)


def test_a_provider_that_wants_the_secret_in_the_form_gets_it_there(browser: Browser) -> None:
    code = browser.code()
    browser.publish(token_endpoint_auth_methods_supported=["client_secret_post"])
    assert browser.complete(code).login == "ann"


@pytest.mark.parametrize("call", ["GET /.well-known/*", "POST /token", "GET /jwks"])
def test_a_service_that_is_down_is_unavailable(browser: Browser, call: str) -> None:
    code = browser.code()
    browser.provider.fail_next(call, 503)
    with pytest.raises(Unavailable, match=r"answered 503 to .*; start the login again"):
        browser.complete(code)


def test_a_limit_names_how_long_to_wait(browser: Browser) -> None:
    code = browser.code()
    browser.provider.fail_next("POST /token", 429, headers={"Retry-After": "30"})
    with pytest.raises(Unavailable) as limited:
        browser.complete(code)
    assert limited.value.retry_after_s == 30


def test_a_redirect_takes_the_secret_nowhere(browser: Browser) -> None:
    code = browser.code()
    browser.provider.fail_next("POST /token", 307, headers={"Location": "https://evil.test/token"})
    with pytest.raises(Refused, match="answered 307"):
        browser.complete(code)


def test_an_answer_without_an_identity_token_is_unavailable(browser: Browser) -> None:
    browser.provider.fail_next("POST /token", 200, body={"access_token": "opaque"})
    with pytest.raises(Unavailable, match="not as documented: at id_token"):
        browser.complete("c" * 20)


def test_an_error_without_words_is_told_by_its_status(browser: Browser) -> None:
    browser.provider.fail_next("POST /token", 400, body={"error": 7})
    with pytest.raises(Refused, match="refused the login: status 400"):
        browser.complete("c" * 20)


def test_what_the_provider_repeats_of_a_secret_is_not_said(browser: Browser) -> None:
    secret, code = browser.provider.client_secret, "c" * 20
    repeated = {"error": "invalid_grant", "error_description": f"{secret} with {code} and {VERIFIER}"}
    browser.provider.fail_next("POST /token", 400, body=repeated)
    with pytest.raises(Refused) as refused:
        browser.complete(code)
    assert "refused the login: invalid_grant [secret] with [secret] and [secret]; wanted" in str(refused.value)
