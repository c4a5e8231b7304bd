"""People sign in at the organisation's identity provider: OpenID Connect Core 1.0, authorization codes with PKCE.

Who somebody is comes from the identity token alone, which is signed; the userinfo endpoint is not asked. With `fresh` the
provider is sent `prompt=login` and `max_age=0`. One that keeps to the specification then has the person prove themselves
anew and says so in `auth_time`. One that does not is found out by that very `auth_time`, or by its absence: see
`SignedIn.asserted`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote_plus, urlsplit

import httpx
from pydantic import SecretStr

from bot.core.ids import ForgeName
from bot.ports.answers import Tolerant
from bot.ports.errors import WorldError
from bot.ports.id_token import Expected, Identity, check_id_token
from bot.ports.login import SignedIn
from bot.ports.oauth import challenge, digest, telling, told_error, with_query
from integrations.oidc.discovery import Document, fetch_document, fetch_keys
from integrations.oidc.failures import ANSWERS, called, from_answer, quoted

TIMEOUT = httpx.Timeout(15.0, connect=5.0)
NAMES = ("preferred_username", "name")
"""Claims that a person may be called by, the first of which is told; the subject without one."""
_WANTED = {
    "invalid_client": "this client's own id and secret: check oidc.client_id and oidc.client_secret",
    "invalid_grant": "a code that is used once, soon, by the browser and for the address that it was given to",
    "unauthorized_client": "a client that may use authorization codes: allow that at the provider",
    "unsupported_grant_type": "a provider that takes authorization codes",
}


@dataclass(frozen=True, slots=True)
class Asking:
    """What is asked of a provider beyond who somebody is. `claims` are told in `SignedIn.claims`, where there are any."""

    claims: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ("openid", "profile")
    max_age: timedelta | None = None
    """So long ago a person may have proved themselves at most; None: the caller judges `SignedIn.at`."""
    title: str = ""
    """What the button says; empty: the provider's host."""


class TokenAnswer(Tolerant):
    id_token: SecretStr
    access_token: SecretStr = SecretStr("")
    refresh_token: SecretStr = SecretStr("")


class Problem(Tolerant):
    error: str = ""
    error_description: str = ""


class OidcLogin:
    """Implements `bot.ports.login.LoginProvider`. One object serves all threads and holds nothing open.

    The provider's document is read with each login, and the last one read serves the next browser.
    """

    def __init__(self, client_id: str, client_secret: str, issuer: str, asking: Asking = Asking()) -> None:
        """`issuer` is the provider's own name, to the letter: with a slash at its end where the provider has one."""
        self._client_id = client_id
        self._client_secret = client_secret
        self._issuer = issuer
        self._asking = asking
        self._known: Document | None = None

    def __repr__(self) -> str:
        return f"OidcLogin({self._issuer})"

    @property
    def key(self) -> str:
        return "oidc"

    @property
    def title(self) -> str:
        return self._asking.title or urlsplit(self._issuer).netloc

    @property
    def forge(self) -> tuple[ForgeName, str] | None:
        return None

    def authorize_url(self, state: str, nonce: str, verifier: str, redirect_uri: str, fresh: bool) -> str:
        asked = {
            "client_id": self._client_id,
            "redirect_uri": redirect_uri,
            "response_type": "code",
            "scope": " ".join(self._asking.scopes),
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge(verifier),
            "code_challenge_method": "S256",
            **self._age(fresh),
        }
        return with_query(self._document().authorization_endpoint, asked)

    def complete(self, code: str, nonce: str, verifier: str, redirect_uri: str, now: datetime) -> SignedIn:
        given = {"code": code, "code_verifier": verifier, "redirect_uri": redirect_uri}
        with telling(self._client_secret, code, verifier) as secrets, _client() as client:
            document = self._known = fetch_document(client, self._issuer)
            told = self._exchange(client, document, given)
            access, token = told.access_token.get_secret_value(), told.id_token.get_secret_value()
            secrets += [access, token, told.refresh_token.get_secret_value()]
            try:
                expected = Expected(self._issuer, self._client_id, nonce, access, self._asking.max_age)
                identity = check_id_token(token, fetch_keys(client, document.jwks_uri), expected, now)
            finally:
                with contextlib.suppress(WorldError):  # it ends by itself, and nobody keeps it
                    self._give_back(client, document, access)
        at = identity.auth_time
        return SignedIn(
            None, self._issuer, identity.subject, _called(identity), at or now, "auth_time" if at else "code-exchange",
            identity.chosen(self._asking.claims), digest(token),
        )  # fmt: skip

    def _age(self, fresh: bool) -> dict[str, str]:
        if fresh:
            return {"prompt": "login", "max_age": "0"}
        longest = self._asking.max_age
        return {} if longest is None else {"max_age": str(int(longest.total_seconds()))}

    def _document(self) -> Document:
        if self._known is None:
            with telling(), _client() as client:
                self._known = fetch_document(client, self._issuer)
        return self._known

    def _exchange(self, client: httpx.Client, document: Document, given: Mapping[str, str]) -> TokenAnswer:
        call = f"POST {document.token_endpoint}"
        answer = self._post(client, document, document.token_endpoint, {"grant_type": "authorization_code", **given})
        if answer.status_code in (400, 401):
            problem = _problem(answer)
            wanted = _WANTED.get(problem.error, "a login that the provider grants")
            raise told_error(f"The identity provider, asked by {call},", problem.error, problem.error_description, wanted)
        if answer.status_code != 200:
            raise from_answer(answer, call)
        return ANSWERS.read(TokenAnswer, answer.content, call)

    def _give_back(self, client: httpx.Client, document: Document, token: str) -> None:
        """RFC 7009, where the provider knows it."""
        if token and document.revocation_endpoint:
            self._post(client, document, document.revocation_endpoint, {"token": token})

    def _post(self, client: httpx.Client, document: Document, address: str, form: Mapping[str, str]) -> httpx.Response:
        """With this client's name and secret, the way the provider takes them (RFC 6749, 2.3.1)."""
        if document.way == "client_secret_basic":
            keys = httpx.BasicAuth(quote_plus(self._client_id), quote_plus(self._client_secret))
            request = next(keys.auth_flow(client.build_request("POST", address, data=dict(form))))
        else:
            keyed = {**form, "client_id": self._client_id, "client_secret": self._client_secret}
            request = client.build_request("POST", address, data=keyed)
        return called(client, request, f"POST {address}")


def _client() -> httpx.Client:
    return httpx.Client(timeout=TIMEOUT, headers={"Accept": "application/json", "User-Agent": "llmgate"})


def _called(identity: Identity) -> str:
    """A name that people can read, whatever the provider lets them be called."""
    return quoted(next(iter(identity.chosen(NAMES).values()), identity.subject))


def _problem(answer: httpx.Response) -> Problem:
    try:
        return ANSWERS.read(Problem, answer.content, "it")
    except WorldError:
        return Problem(error=f"status {answer.status_code}")
