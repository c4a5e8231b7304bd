"""An identity provider as it keeps its people, and what it says of them: OpenID Connect Core 1.0, with authorization codes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from bot.ports.clock import Clock
from integrations.sandbox.oauth.application import (
    Application,
    Asked,
    CodeProblem,
    Grant,
    challenge_problem,
    denied,
    longest_of,
    parameters,
)
from integrations.sandbox.oauth.signing import SigningKey, left_half, signing_key

CLIENT_ID = "llmgate-sandbox"
SECRET = "sandbox-oidc-client-secret"  # noqa: S105 - guards nothing but the sandbox
AUTHORIZE = "/authorize"
ID_TOKEN_LIFE_S = 300
ASKING = frozenset(
    {
        "client_id", "redirect_uri", "response_type", "state", "scope", "nonce", "prompt", "max_age", "code_challenge",
        "code_challenge_method",
    }
)  # fmt: skip
Json = dict[str, Any]


@dataclass(eq=False)
class ProviderRefused(Exception):
    """The provider says no: RFC 6749's `error` and its description, and the status it is said with."""

    status: int
    error: str
    description: str

    def __str__(self) -> str:
        return f"{self.status} {self.error}: {self.description}"


@dataclass(slots=True)
class Resident:
    """Somebody the provider knows. `claims` are said of them beside those that all have."""

    subject: str
    login: str
    claims: dict[str, Any] = field(default_factory=dict)
    suspended: bool = False
    since: datetime | None = None
    """When they last proved themselves; None without a session."""


class Provider:
    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.url = ""
        self.application = Application(CLIENT_ID, SECRET)
        self.people: dict[str, Resident] = {}
        self.key: SigningKey = signing_key("oidc")
        self.tells_auth_time = True
        self.honours_fresh = True
        """Whether it has people prove themselves again who have a session, when asked to."""
        self.forge: Callable[[Mapping[str, Any]], str] | None = None
        """Makes the next identity token of its claims, in place of the provider."""
        self.revoked: list[str] = []
        self._tokens = 0

    def asked(self, query: str) -> Asked:
        """The authorization request that the browser comes with. Raises where the provider shows a page of its own."""
        given = parameters(query)
        if unknown := sorted(given.keys() - ASKING):
            raise ProviderRefused(400, "invalid_request", f"the sandbox knows no parameter {', '.join(unknown)}")
        if given.get("client_id") != self.application.client_id:
            raise ProviderRefused(400, "unauthorized_client", "no such client")
        if given.get("redirect_uri") not in self.application.redirects:
            raise ProviderRefused(400, "invalid_request", "this redirect_uri is not registered")
        if given.get("response_type") != "code":
            raise ProviderRefused(400, "unsupported_response_type", "response_type must be code")
        scopes = tuple(given.get("scope", "").split())
        if "openid" not in scopes:
            raise ProviderRefused(400, "invalid_scope", "scope must hold openid")
        return self._proving(given, scopes)

    def agree(self, query: str, login: str) -> str:
        """Press "Sign in as ..."; where the browser goes."""
        asked, now = self.asked(query), self.clock.now()
        person = self.person(login)
        if person.suspended:
            raise ProviderRefused(403, "access_denied", f"{login} is suspended")
        person.since = asked.proved_at(person.since, now) if self.honours_fresh else person.since or now
        return self.application.grant(asked, person.login, person.since, now)

    def cancel(self, query: str) -> str:
        return denied(self.asked(query), "the person declined")

    def exchange(self, given: Mapping[str, str]) -> Json:
        """The answer to a token request."""
        if given.get("grant_type") != "authorization_code":
            raise ProviderRefused(400, "unsupported_grant_type", "grant_type must be authorization_code")
        try:
            grant = self.application.redeem(given, self.clock.now())
        except CodeProblem as problem:
            if problem.reason == "client":
                raise ProviderRefused(401, "invalid_client", "unknown client, or a wrong secret") from problem
            raise ProviderRefused(400, "invalid_grant", f"the code does not hold: {problem.reason}") from problem
        self._tokens += 1
        token = f"opaque-access-token-{self._tokens}"
        return {"access_token": token, "token_type": "Bearer", "expires_in": 300, "id_token": self._id_token(grant, token)}

    def revoke(self, given: Mapping[str, str]) -> Json:
        """RFC 7009."""
        if (given.get("client_id"), given.get("client_secret")) != (self.application.client_id, self.application.client_secret):
            raise ProviderRefused(401, "invalid_client", "unknown client, or a wrong secret")
        self.revoked.append(given.get("token", ""))
        return {}

    def discovery(self) -> Json:
        """OpenID Connect Discovery 1.0, section 3."""
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}{AUTHORIZE}",
            "token_endpoint": f"{self.url}/token",
            "revocation_endpoint": f"{self.url}/revoke",
            "jwks_uri": f"{self.url}/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256", "ES256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "code_challenge_methods_supported": ["S256"],
        }

    def person(self, login: str) -> Resident:
        found = self.people.get(login)
        if found is None:
            raise ProviderRefused(404, "access_denied", f"nobody here is called {login}")
        return found

    def query_of(self, url: str) -> str:
        """The query of an address of this page. ValueError for one of another site's."""
        parts = urlsplit(url)
        if f"{parts.scheme}://{parts.netloc}{parts.path}" != f"{self.url}{AUTHORIZE}":
            raise ValueError(f"{url} is not where people sign in to {self.url}")
        return parts.query

    def _proving(self, given: Mapping[str, str], scopes: tuple[str, ...]) -> Asked:
        challenge = given.get("code_challenge", "")
        if problem := challenge_problem(given) or ("" if challenge else "code_challenge is required"):
            raise ProviderRefused(400, "invalid_request", problem)
        asked = Asked(given["redirect_uri"], given.get("state", ""), challenge, given.get("nonce", ""), scopes)
        try:
            return asked.proving(longest_of(given))
        except ValueError as wrong:
            raise ProviderRefused(400, "invalid_request", str(wrong)) from wrong

    def _id_token(self, grant: Grant, token: str) -> str:
        person, now = self.people[grant.subject], int(self.clock.now().timestamp())
        claims = {
            "iss": self.url,
            "sub": person.subject,
            "aud": self.application.client_id,
            "exp": now + ID_TOKEN_LIFE_S,
            "iat": now,
            "at_hash": left_half(token),
            "preferred_username": person.login,
            **person.claims,
        }
        if grant.asked.nonce:
            claims["nonce"] = grant.asked.nonce
        if self.tells_auth_time:
            claims["auth_time"] = int(grant.auth_time.timestamp())
        make, self.forge = self.forge or self.key.signed, None
        return make(claims)
