"""People sign in with their GitHub account: the GitHub App's web application flow, which needs no scope and no permission.

What GitHub cannot be asked: to have somebody prove themselves again. `prompt=select_account` makes it ask which account to
go on with, and a session of last week is enough to answer. GitHub tells no `auth_time` either, so the login is dated by the
code's exchange, and `SignedIn.asserted` says so. Where policy wants more than that, an identity provider has to vouch.

The token is used for one question and given back at once.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from datetime import datetime
from typing import Final

import httpx
from pydantic import SecretStr

from bot.core.ids import ForgeAccount, ForgeName
from bot.ports.answers import Tolerant
from bot.ports.errors import Refused, Unavailable, WorldError
from bot.ports.login import SignedIn
from bot.ports.oauth import AGAIN, challenge, digest, telling, told_error, with_query
from integrations.github.failures import ANSWERS, from_answer, quoted, translate

TIMEOUT = httpx.Timeout(15.0, connect=5.0)
EXCHANGE: Final = "POST /login/oauth/access_token"
_WANTED = {
    "bad_verification_code": "a code that is used once and within ten minutes",
    "bad_code_verifier": "the code in the browser that began the login",
    "incorrect_client_credentials": "the App's own client id and secret: check github.client_id and github.client_secret",
    "redirect_uri_mismatch": "an address among the App's callback URLs: add it in the App's settings",
    "unverified_user_email": "an account whose primary address is verified",
}


class TokenAnswer(Tolerant):
    access_token: SecretStr = SecretStr("")
    error: str = ""
    error_description: str = ""


class Words(Tolerant):
    message: str = ""


class UserAnswer(Tolerant):
    id: int
    login: str
    type: str = ""


class GitHubLogin:
    """Implements `bot.ports.login.LoginProvider`. One object serves all threads and holds nothing open."""

    def __init__(
        self,
        client_id: str,
        client_secret: str,
        host: str = "github.com",
        web_url: str = "",
        api_url: str = "https://api.github.com",
    ) -> None:
        """`host` is the name in keys; `web_url` where browsers go, empty for `https://HOST`."""
        self._client_id = client_id
        self._client_secret = client_secret
        self._host = host
        self._web_url = (web_url or f"https://{host}").rstrip("/")
        self._api_url = api_url.rstrip("/")

    def __repr__(self) -> str:
        return f"GitHubLogin({self._host})"

    @property
    def key(self) -> str:
        return f"github:{self._host}"

    @property
    def title(self) -> str:
        return "GitHub" if self._host == "github.com" else f"GitHub ({self._host})"

    @property
    def forge(self) -> tuple[ForgeName, str] | None:
        return ("github", self._host)

    def authorize_url(self, state: str, nonce: str, verifier: str, redirect_uri: str, fresh: bool) -> str:  # noqa: ARG002 - the port's
        """`nonce` is not GitHub's to know: it gives no identity token."""
        asked = {
            "client_id": self._client_id,
            "redirect_uri": redirect_uri,
            "state": state,
            "code_challenge": challenge(verifier),
            "code_challenge_method": "S256",
            "allow_signup": "false",
            **({"prompt": "select_account"} if fresh else {}),
        }
        return with_query(f"{self._web_url}/login/oauth/authorize", asked)

    def complete(self, code: str, nonce: str, verifier: str, redirect_uri: str, now: datetime) -> SignedIn:  # noqa: ARG002 - the port's
        with telling(self._client_secret, code, verifier) as secrets, _client() as client:
            token = self._exchange(client, {"code": code, "code_verifier": verifier, "redirect_uri": redirect_uri})
            secrets.append(token)
            try:
                user = self._user(client, token)
            finally:
                with contextlib.suppress(WorldError):  # it ends by itself within hours, and nobody keeps it
                    self._give_back(client, token)
        account = ForgeAccount("github", self._host, user.id, user.login, "human")
        return SignedIn(account, self._web_url, str(user.id), user.login, now, "code-exchange", token_sha256=digest(token))

    def _exchange(self, client: httpx.Client, given: Mapping[str, str]) -> str:
        form = {"client_id": self._client_id, "client_secret": self._client_secret, **given}
        answer = _called(client, client.build_request("POST", f"{self._web_url}/login/oauth/access_token", data=form), EXCHANGE)
        if answer.status_code == 404:
            raise Refused(f"GitHub knows no application of this client id; wanted the App's: check github.client_id; {AGAIN}")
        if answer.is_error:
            raise from_answer(answer, EXCHANGE)
        told = ANSWERS.read(TokenAnswer, answer.content, EXCHANGE)
        if told.error:
            wanted = _WANTED.get(told.error, "a login that GitHub grants")
            raise told_error("GitHub", told.error, told.error_description, wanted)
        if not told.access_token.get_secret_value():
            raise Unavailable(f"GitHub's answer to {EXCHANGE} holds neither a token nor an error; {AGAIN}")
        return told.access_token.get_secret_value()

    def _user(self, client: httpx.Client, token: str) -> UserAnswer:
        request = client.build_request("GET", f"{self._api_url}/user", headers={"Authorization": f"Bearer {token}"})
        answer = _called(client, request, "GET /user")
        if answer.status_code in (401, 403) and "retry-after" not in answer.headers:
            said = ANSWERS.read(Words, answer.content, "GET /user").message
            raise Refused(
                f"GitHub answered {answer.status_code} to GET /user: {quoted(said)}; wanted an account in good standing"
            )
        if answer.is_error:
            raise from_answer(answer, "GET /user")
        user = ANSWERS.read(UserAnswer, answer.content, "GET /user")
        if user.type != "User":
            raise Refused(f"saw {quoted(user.login)}, of kind {quoted(user.type) or '?'}; wanted a person's account; {AGAIN}")
        return user

    def _give_back(self, client: httpx.Client, token: str) -> None:
        """Delete an app token (REST, `apps/delete-token`)."""
        path = f"/applications/{self._client_id}/token"
        keys = httpx.BasicAuth(self._client_id, self._client_secret)
        request = client.build_request("DELETE", f"{self._api_url}{path}", json={"access_token": token})
        _called(client, next(keys.auth_flow(request)), f"DELETE {path}")


def _client() -> httpx.Client:
    return httpx.Client(timeout=TIMEOUT, headers={"Accept": "application/json", "User-Agent": "llmgate"})


def _called(client: httpx.Client, request: httpx.Request, call: str) -> httpx.Response:
    try:
        return client.send(request)
    except (httpx.HTTPError, ValueError) as error:
        raise translate(error, call) from None
