"""Signing in with GitLab: the real client against the stand-in, and every way it can end badly."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.core.ids import ForgeAccount
from bot.ports.errors import Refused, Unavailable
from bot.ports.login import LoginProvider, SignedIn
from integrations.gitlab.login import GitLabLogin
from integrations.sandbox.clock import FakeClock
from integrations.sandbox.gitlab.fake import FakeGitLab

HOST, BACK = "gitlab.test", "https://gate.test/login/gitlab"
STATE, NONCE, VERIFIER = "s" * 43, "n" * 43, "v" * 43


@dataclass(slots=True)
class Browser:
    """Somebody at the gate's page, and the stand-in they are sent to."""

    gitlab: FakeGitLab
    clock: FakeClock
    login: GitLabLogin

    def url(self, *, fresh: bool = False) -> str:
        return self.login.authorize_url(STATE, NONCE, VERIFIER, BACK, fresh)

    def code(self, by: str = "ann", *, fresh: bool = False) -> str:
        return queried(self.gitlab.sign_in(self.url(fresh=fresh), by))["code"]

    def complete(self, code: str, nonce: str = NONCE, verifier: str = VERIFIER, back: str = BACK) -> SignedIn:
        return self.login.complete(code, nonce, verifier, back, self.clock.now())


def queried(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Browser]:
    clock = FakeClock()
    with FakeGitLab(tmp_path, clock) as gitlab:
        gitlab.user("ann", id=2001)
        gitlab.user("bo", id=2002)
        gitlab.allow_redirect(BACK)
        yield Browser(gitlab, clock, GitLabLogin(gitlab.client_id, gitlab.client_secret, HOST, gitlab.url))
        assert gitlab.unmodelled == []
        assert gitlab.faults.pending() == 0, "a planned fault was never met"


def works(browser: Browser) -> list[bool]:
    """Of every token that was given so far, whether it still works."""
    return list(browser.gitlab.verbs.tokens.of_logins.values())


def test_it_is_a_login_provider_of_one_host() -> None:
    provider: LoginProvider = GitLabLogin("id", "secret")
    assert (provider.key, provider.title, provider.forge) == ("gitlab:gitlab.com", "GitLab", ("gitlab", "gitlab.com"))
    assert GitLabLogin("id", "secret", "git.test").title == "GitLab (git.test)"
    assert provider.authorize_url(STATE, NONCE, VERIFIER, BACK, False).startswith("https://gitlab.com/oauth/authorize?")


def test_whoever_signs_in_is_known_by_number_and_proved_themselves_then(browser: Browser) -> None:
    code = browser.code("bo")
    proved = browser.clock.now()
    browser.clock.advance(timedelta(seconds=40))
    signed = browser.complete(code)
    assert signed == SignedIn(
        ForgeAccount("gitlab", HOST, 2002, "bo", "human"),
        issuer=browser.gitlab.url,
        subject="2002",
        login="bo",
        at=proved,
        asserted="auth_time",
        token_sha256=signed.token_sha256,
    )
    assert len(signed.token_sha256) == 64


def test_a_session_of_yesterday_is_told_as_such(browser: Browser) -> None:
    yesterday = browser.clock.now() - timedelta(days=1)
    browser.gitlab.signed_in_since("ann", yesterday)
    assert browser.complete(browser.code()).at == yesterday


def test_a_fresh_login_is_of_now_whatever_session_there_was(browser: Browser) -> None:
    browser.gitlab.signed_in_since("ann", browser.clock.now() - timedelta(days=1))
    assert {"prompt": "login", "max_age": "0"}.items() <= queried(browser.url(fresh=True)).items()
    assert browser.complete(browser.code(fresh=True)).at == browser.clock.now()


def test_the_browser_comes_back_with_its_state(browser: Browser) -> None:
    assert queried(browser.gitlab.sign_in(browser.url(), "ann"))["state"] == STATE


def test_whoever_cancels_comes_back_with_an_error_and_the_state(browser: Browser) -> None:
    back = queried(browser.gitlab.cancel_sign_in(browser.url()))
    assert (back["error"], back["state"]) == ("access_denied", STATE)


def test_no_more_is_asked_for_than_who_it_is(browser: Browser) -> None:
    assert queried(browser.url())["scope"] == "openid read_user"


def test_the_token_is_revoked(browser: Browser) -> None:
    browser.complete(browser.code())
    assert works(browser) == [False]


def test_a_token_that_cannot_be_revoked_is_no_reason_to_fail(browser: Browser) -> None:
    browser.gitlab.fail_next("POST /oauth/revoke", 503)
    assert browser.complete(browser.code()).login == "ann"


def test_the_token_is_revoked_where_the_account_could_not_be_asked_for(browser: Browser) -> None:
    browser.gitlab.fail_next("GET /user", 502)
    with pytest.raises(Unavailable, match=r"answered 502 to GET /user.* start the login again"):
        browser.complete(browser.code())
    assert works(browser) == [False]


def test_a_code_buys_one_login(browser: Browser) -> None:
    code = browser.code()
    browser.complete(code)
    with pytest.raises(Refused, match=r"invalid_grant .*; wanted a code that is used once, within ten minutes.*; start"):
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


def test_a_token_of_another_login_is_refused_and_revoked(browser: Browser) -> None:
    with pytest.raises(Refused, match="saw the nonce of another login, or none"):
        browser.complete(browser.code(), nonce="m" * 43)
    assert works(browser) == [False]


def test_a_wrong_secret_is_refused_and_not_said(browser: Browser) -> None:
    gitlab, code = browser.gitlab, browser.code()
    browser.login = GitLabLogin(gitlab.client_id, "wrong-secret-of-mine", HOST, gitlab.url)
    with pytest.raises(Refused, match=r"invalid_client .*check client_id and client_secret of this host") as refused:
        browser.complete(code)
    assert "wrong-secret" not in str(refused.value)
    assert "wrong-secret" not in repr(browser.login)


def test_an_application_that_gitlab_does_not_know_is_refused(browser: Browser) -> None:
    gitlab, code = browser.gitlab, browser.code()
    browser.login = GitLabLogin("unknown", gitlab.client_secret, HOST, gitlab.url)
    with pytest.raises(Refused, match="invalid_client"):
        browser.complete(code)


def test_another_name_in_tokens_is_refused_unless_it_is_told(browser: Browser) -> None:
    gitlab = browser.gitlab
    browser.login = GitLabLogin(gitlab.client_id, gitlab.client_secret, HOST, gitlab.url, "https://gitlab.test")
    with pytest.raises(Refused, match=f"saw the issuer {gitlab.url}; wanted https://gitlab.test"):
        browser.complete(browser.code())


def test_an_application_without_openid_is_refused(browser: Browser) -> None:
    url = browser.url().replace("openid+read_user", "read_user")
    with pytest.raises(Refused, match="saw no identity token; wanted an application with the scopes openid read_user"):
        browser.complete(queried(browser.gitlab.sign_in(url, "ann"))["code"])


def test_an_account_that_is_blocked_meanwhile_is_refused(browser: Browser) -> None:
    code = browser.code()
    browser.gitlab.suspend("ann")
    with pytest.raises(Refused, match="Your account has been blocked"):
        browser.complete(code)


@pytest.mark.parametrize(
    ("told", "saw"),
    [
        ({"id": 2002, "username": "bo", "state": "active"}, "saw user 2002, and a token about 2001; wanted one and the same"),
        ({"id": 2001, "username": "ann", "state": "deactivated"}, "saw ann, which is deactivated; wanted an account"),
    ],
)
def test_an_account_other_than_the_tokens_is_refused(browser: Browser, told: dict[str, Any], saw: str) -> None:
    browser.gitlab.fail_next("GET /user", 200, body=told)
    with pytest.raises(Refused, match=saw):
        browser.complete(browser.code())


@pytest.mark.parametrize("call", ["POST /oauth/token", "GET /oauth/discovery/keys", "GET /user"])
def test_a_service_that_is_down_is_unavailable(browser: Browser, call: str) -> None:
    browser.gitlab.fail_next(call, 503)
    with pytest.raises(Unavailable, match=r"answered 503 .* start the login again"):
        browser.complete(browser.code())


def test_a_limit_names_how_long_to_wait(browser: Browser) -> None:
    browser.gitlab.limit_next("POST /oauth/token", retry_after_s=30)
    with pytest.raises(Unavailable) as limited:
        browser.complete("c" * 20)
    assert limited.value.retry_after_s == 30


def test_nobody_there_is_unavailable(browser: Browser) -> None:
    browser.login = GitLabLogin("id", "secret", HOST, "http://127.0.0.1:9")
    with pytest.raises(Unavailable, match="no connection to GitLab for POST /oauth/token"):
        browser.complete("c" * 20)


def test_an_answer_without_a_token_is_unavailable(browser: Browser) -> None:
    browser.gitlab.fail_next("POST /oauth/token", 200, body={"surprise": 1})
    with pytest.raises(Unavailable, match="not as documented: at access_token"):
        browser.complete("c" * 20)


def test_what_gitlab_repeats_of_a_secret_is_not_said(browser: Browser) -> None:
    secret, code = browser.gitlab.client_secret, "c" * 20
    repeated = {"error": "invalid_grant", "error_description": f"{secret} with {code} and {VERIFIER}"}
    browser.gitlab.fail_next("POST /oauth/token", 400, body=repeated)
    with pytest.raises(Refused) as refused:
        browser.complete(code)
    assert str(refused.value).startswith("GitLab refused the login: invalid_grant [secret] with [secret] and [secret]; wanted")


def test_a_redirect_takes_the_secret_nowhere(browser: Browser) -> None:
    browser.gitlab.fail_next("POST /oauth/token", 302, headers={"Location": "https://evil.test/oauth/token"}, body={})
    with pytest.raises(Refused, match=r"sending it to https://evil.test/oauth/token"):
        browser.complete("c" * 20)


@pytest.mark.parametrize("status", [400, 401])
def test_an_error_in_words_of_nobodys_is_refused_by_its_status(browser: Browser, status: int) -> None:
    browser.gitlab.fail_next("POST /oauth/token", status, body={"error": 7})
    with pytest.raises(Refused, match=f"GitLab answered {status} to POST /oauth/token"):
        browser.complete("c" * 20)
