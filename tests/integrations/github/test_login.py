"""Signing in with GitHub: the real client against the stand-in, and every way it can end badly."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.core.ids import ForgeAccount
from bot.ports.errors import Refused, Unavailable
from bot.ports.login import LoginProvider, SignedIn
from bot.ports.oauth import digest
from integrations.github.login import GitHubLogin
from integrations.sandbox.clock import FakeClock
from integrations.sandbox.github.fake import FakeGitHub

HOST, BACK = "github.test", "https://gate.test/login/github"
STATE, NONCE, VERIFIER = "s" * 43, "n" * 43, "v" * 43


@dataclass(slots=True)
class Browser:
    """Somebody at the gate's page, and the stand-in they are sent to."""

    github: FakeGitHub
    clock: FakeClock
    login: GitHubLogin

    def asked(self, *, fresh: bool = False) -> dict[str, str]:
        """What the address says that the browser is sent to."""
        return queried(self.login.authorize_url(STATE, NONCE, VERIFIER, BACK, fresh))

    def code(self, by: str = "ann") -> str:
        url = self.login.authorize_url(STATE, NONCE, VERIFIER, BACK, False)
        return queried(self.github.sign_in(url, by))["code"]

    def complete(self, code: str, verifier: str = VERIFIER, back: str = BACK) -> SignedIn:
        return self.login.complete(code, NONCE, verifier, back, self.clock.now())


def queried(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Browser]:
    clock = FakeClock()
    with FakeGitHub(tmp_path, clock) as github:
        github.user("ann", id=2001)
        github.user("bo", id=2002)
        github.allow_redirect(BACK)
        login = GitHubLogin(github.client_id, github.client_secret, HOST, github.url, github.api_url)
        yield Browser(github, clock, login)
        assert github.unmodelled == []
        assert github.faults.pending() == 0, "a planned fault was never met"


def another(browser: Browser, client_id: str = "", secret: str = "") -> GitHubLogin:
    github = browser.github
    return GitHubLogin(client_id or github.client_id, secret or github.client_secret, HOST, github.url, github.api_url)


def test_it_is_a_login_provider_of_one_host() -> None:
    provider: LoginProvider = GitHubLogin("id", "secret")
    assert (provider.key, provider.title, provider.forge) == ("github:github.com", "GitHub", ("github", "github.com"))
    assert GitHubLogin("id", "secret", "ghe.test").title == "GitHub (ghe.test)"
    assert provider.authorize_url(STATE, NONCE, VERIFIER, BACK, False).startswith("https://github.com/login/oauth/authorize?")


def test_whoever_signs_in_is_known_by_number_and_the_login_is_dated_by_the_exchange(browser: Browser) -> None:
    signed = browser.complete(browser.code("bo"))
    assert signed == SignedIn(
        ForgeAccount("github", HOST, 2002, "bo", "human"),
        issuer=browser.github.url,
        subject="2002",
        login="bo",
        at=browser.clock.now(),
        asserted="code-exchange",
        token_sha256=signed.token_sha256,
    )


def test_the_browser_comes_back_with_its_state(browser: Browser) -> None:
    url = browser.login.authorize_url(STATE, NONCE, VERIFIER, BACK, False)
    back = browser.github.sign_in(url, "ann")
    assert back.startswith(f"{BACK}?")
    assert queried(back)["state"] == STATE


def test_whoever_cancels_comes_back_with_an_error_and_the_state(browser: Browser) -> None:
    back = queried(browser.github.cancel_sign_in(browser.login.authorize_url(STATE, NONCE, VERIFIER, BACK, False)))
    assert (back["error"], back["state"]) == ("access_denied", STATE)


def test_a_fresh_login_asks_which_account_which_is_all_that_github_can_be_asked(browser: Browser) -> None:
    assert browser.asked(fresh=True)["prompt"] == "select_account"
    assert "prompt" not in browser.asked(fresh=False)


def test_no_scope_is_asked_for_and_the_challenge_is_of_the_verifier(browser: Browser) -> None:
    asked = browser.asked()
    assert "scope" not in asked
    assert (asked["code_challenge_method"], len(asked["code_challenge"])) == ("S256", 43)


def test_the_token_is_given_back_and_only_its_digest_is_kept(browser: Browser) -> None:
    tokens = browser.github.verbs.tokens
    signed = browser.complete(browser.code())
    assert [digest(token) for token in tokens.logins] == [signed.token_sha256]
    assert tokens.signed_in == []
    assert [str(call) for call in browser.github.calls] == [
        "GET /user -> 200",
        f"DELETE /applications/{browser.github.client_id}/token -> 204",
    ]


def test_a_token_that_cannot_be_given_back_is_no_reason_to_fail(browser: Browser) -> None:
    browser.github.fail_next("DELETE /applications/*", 503)
    assert browser.complete(browser.code()).login == "ann"


def test_the_token_is_given_back_where_the_account_could_not_be_asked_for(browser: Browser) -> None:
    browser.github.fail_next("GET /user", 502)
    with pytest.raises(Unavailable, match="start the login again"):
        browser.complete(browser.code())
    assert browser.github.verbs.tokens.signed_in == []


def test_a_renamed_account_keeps_its_number(browser: Browser) -> None:
    browser.github.rename_user("ann", "anna")
    signed = browser.complete(browser.code("anna"))
    assert (signed.subject, signed.login) == ("2001", "anna")


def test_a_code_buys_one_login(browser: Browser) -> None:
    code = browser.code()
    browser.complete(code)
    with pytest.raises(
        Refused, match=r"bad_verification_code .*; wanted a code that is used once and within ten minutes; start"
    ):
        browser.complete(code)


def test_a_code_of_eleven_minutes_is_too_old(browser: Browser) -> None:
    code = browser.code()
    browser.clock.advance(timedelta(minutes=11))
    with pytest.raises(Refused, match="incorrect or expired"):
        browser.complete(code)


def test_a_code_nobody_was_given_is_refused(browser: Browser) -> None:
    with pytest.raises(Refused, match="bad_verification_code"):
        browser.complete("0" * 20)


def test_a_code_stolen_from_another_browser_is_refused(browser: Browser) -> None:
    with pytest.raises(Refused, match=r"bad_code_verifier .*; wanted the code in the browser that began the login"):
        browser.complete(browser.code(), verifier="w" * 43)


def test_a_code_for_another_address_is_refused(browser: Browser) -> None:
    with pytest.raises(Refused, match=r"redirect_uri_mismatch .*; wanted an address among the App's callback URLs"):
        browser.complete(browser.code(), back="https://gate.test/elsewhere")


def test_a_wrong_secret_is_refused_and_not_said(browser: Browser) -> None:
    browser.login, code = another(browser, secret="wrong-secret-of-mine"), browser.code()
    with pytest.raises(
        Refused, match=r"incorrect_client_credentials .*check github.client_id and github.client_secret"
    ) as refused:
        browser.complete(code)
    assert "wrong-secret" not in str(refused.value)


def test_an_application_that_github_does_not_know_is_refused(browser: Browser) -> None:
    code = browser.code()
    browser.login = another(browser, client_id="Iv23unknown")
    with pytest.raises(Refused, match="knows no application of this client id; wanted the App's"):
        browser.complete(code)


def test_an_account_that_is_suspended_meanwhile_is_refused(browser: Browser) -> None:
    code = browser.code()
    browser.github.suspend("ann")
    with pytest.raises(Refused, match=r"Your account was suspended.; wanted an account in good standing"):
        browser.complete(code)


def test_an_account_that_is_no_person_is_refused(browser: Browser) -> None:
    code = browser.code()
    browser.github.world.account("ann").kind = "Organization"
    with pytest.raises(Refused, match="saw ann, of kind Organization; wanted a person's account"):
        browser.complete(code)


@pytest.mark.parametrize("call", ["POST /login/oauth/access_token", "GET /user"])
def test_a_service_that_is_down_is_unavailable(browser: Browser, call: str) -> None:
    browser.github.fail_next(call, 503)
    with pytest.raises(Unavailable, match=r"answered 503 .* start the login again"):
        browser.complete(browser.code())


def test_a_limit_names_how_long_to_wait(browser: Browser) -> None:
    browser.github.limit_next("GET /user", retry_after_s=30)
    with pytest.raises(Unavailable) as limited:
        browser.complete(browser.code())
    assert limited.value.retry_after_s == 30


def test_nobody_there_is_unavailable(browser: Browser) -> None:
    code = browser.code()
    browser.login = GitHubLogin("id", "secret", HOST, "http://127.0.0.1:9", "http://127.0.0.1:9")
    with pytest.raises(Unavailable, match="no connection to GitHub for POST /login/oauth/access_token"):
        browser.complete(code)


@pytest.mark.parametrize("body", [{"surprise": 1}, {"access_token": ""}])
def test_an_answer_without_a_token_and_without_an_error_is_unavailable(browser: Browser, body: dict[str, object]) -> None:
    browser.github.fail_next("POST /login/oauth/access_token", 200, body=body)
    with pytest.raises(Unavailable, match="holds neither a token nor an error"):
        browser.complete("c" * 20)


def test_what_github_repeats_of_a_secret_is_not_said(browser: Browser) -> None:
    secret, code = browser.github.client_secret, "c" * 20
    repeated = {"error": "bad", "error_description": f"{secret} with {code} and {VERIFIER}"}
    browser.github.fail_next("POST /login/oauth/access_token", 200, body=repeated)
    with pytest.raises(Refused) as refused:
        browser.complete(code)
    assert str(refused.value).startswith("GitHub refused the login: bad [secret] with [secret] and [secret]; wanted")
    assert secret not in repr(browser.login)


def test_a_verifier_that_is_none_is_the_callers_mistake(browser: Browser) -> None:
    with pytest.raises(ValueError, match="43 to 128 unreserved characters"):
        browser.login.authorize_url(STATE, NONCE, "short", BACK, False)


def test_two_logins_of_one_person_differ_in_nothing_but_the_token(browser: Browser) -> None:
    first, second = browser.complete(browser.code()), browser.complete(browser.code())
    assert first.token_sha256 != second.token_sha256
    assert replace(first, token_sha256="") == replace(second, token_sha256="")
