"""People sign in with their GitLab account: GitLab as an OpenID Connect provider, with the scopes `openid` and `read_user`.

GitLab tells `auth_time`, the user's last sign-in to it, and with `prompt=login` it signs them out and asks them anew. Where
GitLab itself sends people on to another provider, that one may let them in by a session of its own: how it does is beyond
what GitLab says. The token is used for one question and revoked at once.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from datetime import datetime

import requests
from pydantic import SecretStr

from bot.core.ids import ForgeAccount, ForgeName
from bot.ports.answers import Tolerant
from bot.ports.errors import Refused, WorldError
from bot.ports.id_token import Expected, Identity, check_id_token
from bot.ports.login import SignedIn
from bot.ports.oauth import AGAIN, challenge, digest, telling, told_error, with_query
from integrations.gitlab.failures import ANSWERS, from_answer, quoted, translate
from integrations.gitlab.session import make_session

SCOPES = "openid read_user"
KEYS = "/oauth/discovery/keys"
LIMITS_S = (5.0, 15.0)
"""To connect, and to wait for a byte."""
_WANTED = {
    "invalid_client": "the application's own id and secret: check client_id and client_secret of this host",
    "invalid_grant": "a code that is used once, within ten minutes, by the browser and for the address that it was given to",
    "unsupported_grant_type": "an application that may use authorization codes",
}


class TokenAnswer(Tolerant):
    access_token: SecretStr
    refresh_token: SecretStr = SecretStr("")
    id_token: SecretStr = SecretStr("")


class Problem(Tolerant):
    error: str = ""
    error_description: str = ""


class KeySet(Tolerant):
    keys: list[dict[str, object]]


class UserAnswer(Tolerant):
    id: int
    username: str
    state: str = ""


class GitLabLogin:
    """Implements `bot.ports.login.LoginProvider`. One object serves all threads and holds nothing open."""

    def __init__(self, client_id: str, client_secret: str, host: str = "gitlab.com", url: str = "", issuer: str = "") -> None:
        """`host` is the name in keys; `url` where GitLab answers, empty for `https://HOST`; `issuer` what it calls itself in
        tokens (its `external_url`), empty where that is the same."""
        self._client_id = client_id
        self._client_secret = client_secret
        self._host = host
        self._url = (url or f"https://{host}").rstrip("/")
        self._issuer = issuer or self._url

    def __repr__(self) -> str:
        return f"GitLabLogin({self._host})"

    @property
    def key(self) -> str:
        return f"gitlab:{self._host}"

    @property
    def title(self) -> str:
        return "GitLab" if self._host == "gitlab.com" else f"GitLab ({self._host})"

    @property
    def forge(self) -> tuple[ForgeName, str] | None:
        return ("gitlab", self._host)

    def authorize_url(self, state: str, nonce: str, verifier: str, redirect_uri: str, fresh: bool) -> str:
        asked = {
            "client_id": self._client_id,
            "redirect_uri": redirect_uri,
            "response_type": "code",
            "scope": SCOPES,
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge(verifier),
            "code_challenge_method": "S256",
            **({"prompt": "login", "max_age": "0"} if fresh else {}),
        }
        return with_query(f"{self._url}/oauth/authorize", asked)

    def complete(self, code: str, nonce: str, verifier: str, redirect_uri: str, now: datetime) -> SignedIn:
        given = {"code": code, "code_verifier": verifier, "redirect_uri": redirect_uri}
        with telling(self._client_secret, code, verifier) as secrets, make_session(self._url, LIMITS_S, 1) as session:
            told = self._exchange(session, given)
            access, token = told.access_token.get_secret_value(), told.id_token.get_secret_value()
            secrets += [access, token, told.refresh_token.get_secret_value()]
            try:
                identity = self._identity(session, token, Expected(self._issuer, self._client_id, nonce, access), now)
                user = self._user(session, access, identity)
            finally:
                with contextlib.suppress(WorldError):  # it ends by itself within hours, and nobody keeps it
                    self._post(session, "/oauth/revoke", {"token": access})
        account = ForgeAccount("gitlab", self._host, user.id, user.username, "human")
        at = identity.auth_time
        return SignedIn(
            account, self._issuer, identity.subject, user.username, at or now, "auth_time" if at else "code-exchange",
            token_sha256=digest(token),
        )  # fmt: skip

    def _exchange(self, session: requests.Session, given: Mapping[str, str]) -> TokenAnswer:
        answer = self._post(session, "/oauth/token", {"grant_type": "authorization_code", **given})
        return ANSWERS.read(TokenAnswer, answer.content, "POST /oauth/token")

    def _identity(self, session: requests.Session, token: str, expected: Expected, now: datetime) -> Identity:
        if not token:
            raise Refused(f"saw no identity token; wanted an application with the scopes {SCOPES}: set them; {AGAIN}")
        call = f"GET {KEYS}"
        answer = _sent(session, call, requests.Request("GET", f"{self._url}{KEYS}"))
        keys = ANSWERS.read(KeySet, answer.content, call)
        return check_id_token(token, keys.keys, expected, now)

    def _user(self, session: requests.Session, access: str, identity: Identity) -> UserAnswer:
        asked = requests.Request("GET", f"{self._url}/api/v4/user", headers={"Authorization": f"Bearer {access}"})
        user = ANSWERS.read(UserAnswer, _sent(session, "GET /user", asked).content, "GET /user")
        if str(user.id) != identity.subject:
            saw = f"user {user.id}, and a token about {quoted(identity.subject)}"
            raise Refused(f"saw {saw}; wanted one and the same; {AGAIN}")
        if user.state != "active":
            raise Refused(f"saw {quoted(user.username)}, which is {quoted(user.state)}; wanted an account that is active")
        return user

    def _post(self, session: requests.Session, path: str, given: Mapping[str, str]) -> requests.Response:
        form = {"client_id": self._client_id, "client_secret": self._client_secret, **given}
        return _sent(session, f"POST {path}", requests.Request("POST", f"{self._url}{path}", data=form))


def _sent(session: requests.Session, call: str, request: requests.Request) -> requests.Response:
    """The answer, known to be good."""
    request.headers = {"Accept": "application/json", "User-Agent": "llmgate", **request.headers}
    try:
        answer = session.send(session.prepare_request(request), allow_redirects=False)
    except requests.RequestException as error:
        raise translate(error, call) from None
    if answer.status_code in (400, 401):
        problem = _problem(answer)
        if problem.error in _WANTED:
            raise told_error("GitLab", problem.error, problem.error_description, _WANTED[problem.error])
    if answer.status_code >= 300:
        raise from_answer(answer, call)
    return answer


def _problem(answer: requests.Response) -> Problem:
    try:
        return ANSWERS.read(Problem, answer.content, "it")
    except WorldError:
        return Problem()
