"""People sign in to an application: GitLab as an OpenID Connect provider, with PKCE, which GitLab takes and does not demand.

GitLab keeps one instant a user, their last sign-in, and tells it as `auth_time`. With `prompt=login`, or when that is longer
ago than `max_age`, it signs them out and asks for their password.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlsplit

from integrations.sandbox.gitlab.auth import OAUTH_LIFE_S, Tokens
from integrations.sandbox.gitlab.people import User
from integrations.sandbox.gitlab.refusal import Refusal
from integrations.sandbox.gitlab.render import Json
from integrations.sandbox.gitlab.state import World
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
from integrations.sandbox.oauth.signing import left_half, signing_key

CLIENT_ID = "7a7f11c2c0d9ee0f4f15c0aab83e2b8d7a7f11c2c0d9ee0f4f15c0aab83e2b8d"
SECRET = "gloas-sandbox-client-secret"  # noqa: S105 - guards nothing but the sandbox
SCOPES = frozenset({"openid", "read_user"})
"""What the application was registered with."""
AUTHORIZE = "/oauth/authorize"
ID_TOKEN_LIFE_S = 120
ASKING = frozenset(
    {
        "client_id", "redirect_uri", "response_type", "state", "scope", "nonce", "prompt", "max_age", "code_challenge",
        "code_challenge_method",
    }
)  # fmt: skip
BAD_CLIENT = (
    "Client authentication failed due to unknown client, no client authentication included, "
    "or unsupported authentication method."
)
BAD_GRANT = (
    "The provided authorization grant is invalid, expired, revoked, does not match the redirection URI used in the "
    "authorization request, or was issued to another client."
)


class SignIn:
    """The verbs of whoever sits at the browser, and the exchange of what they grant."""

    def __init__(self, world: World, tokens: Tokens) -> None:
        self._world = world
        self._tokens = tokens
        self.application = Application(CLIENT_ID, SECRET)
        self.key = signing_key("gitlab")
        self.sessions: dict[int, datetime] = {}
        """When each user last signed in."""

    @property
    def people(self) -> list[User]:
        """Who may sign in, by username."""
        return sorted((each for each in self._world.users.values() if each.kind == "human"), key=lambda each: each.username)

    def asked(self, query: str) -> Asked:
        """The authorization request that the browser comes with. Raises Refusal where GitLab shows a page of its own."""
        given = parameters(query)
        if unknown := sorted(given.keys() - ASKING):
            raise Refusal(400, f"the sandbox knows no parameter {', '.join(unknown)} of this page")
        if given.get("client_id") != self.application.client_id:
            raise Refusal(401, BAD_CLIENT)
        if given.get("redirect_uri") not in self.application.redirects:
            raise Refusal(400, "The redirect URI included is not valid.")
        scopes = tuple(given.get("scope", "").split())
        asked = Asked(
            given["redirect_uri"], given.get("state", ""), given.get("code_challenge", ""), given.get("nonce", ""), scopes
        )
        if given.get("response_type") != "code":
            raise Refusal(400, "The authorization server does not support this response type.")
        if not scopes or not SCOPES.issuperset(scopes):
            raise Refusal(400, "The requested scope is invalid, unknown, or malformed.")
        if problem := challenge_problem(given):
            raise Refusal(400, problem)
        try:
            return asked.proving(longest_of(given))
        except ValueError as wrong:
            raise Refusal(400, str(wrong)) from wrong

    def agree(self, query: str, username: str) -> str:
        """Press "Sign in as ..."; where the browser goes."""
        asked, user, now = self.asked(query), self._world.user(username), self._world.now()
        if user.kind != "human":
            raise Refusal(403, f"{user.username} is no person")
        if user.state != "active":
            raise Refusal(403, "Your account has been blocked. Please contact your GitLab administrator.")
        self.sessions[user.id] = asked.proved_at(self.sessions.get(user.id), now)
        return self.application.grant(asked, str(user.id), self.sessions[user.id], now)

    def cancel(self, query: str) -> str:
        return denied(self.asked(query), "The resource owner or authorization server denied the request.")

    def exchange(self, given: Mapping[str, str]) -> Json:
        """The answer to a token request."""
        if given.get("grant_type") != "authorization_code":
            raise oauth_refusal(400, "unsupported_grant_type", "The authorization grant type is not supported.")
        try:
            grant = self.application.redeem(given, self._world.now())
        except CodeProblem as problem:
            if problem.reason == "client":
                raise oauth_refusal(401, "invalid_client", BAD_CLIENT) from problem
            raise oauth_refusal(400, "invalid_grant", BAD_GRANT) from problem
        user = self._world.user_by_id(int(grant.subject))
        token = self._tokens.for_login(user, grant.asked.scopes)
        told = {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": OAUTH_LIFE_S,
            "scope": " ".join(grant.asked.scopes),
        }
        told["created_at"] = int(self._world.now().timestamp())
        return {**told, "id_token": self._id_token(user, grant, token)} if "openid" in grant.asked.scopes else told

    def revoke(self, given: Mapping[str, str]) -> None:
        """RFC 7009: a token that is known no more is revoked, too."""
        keys = (given.get("client_id"), given.get("client_secret"))
        if keys != (self.application.client_id, self.application.client_secret):
            raise oauth_refusal(403, "unauthorized_client", "You are not authorized to revoke this token")
        self._tokens.end(given.get("token", ""))

    def discovery(self) -> Json:
        url = self._world.url
        return {
            "issuer": url,
            "authorization_endpoint": f"{url}{AUTHORIZE}",
            "token_endpoint": f"{url}/oauth/token",
            "revocation_endpoint": f"{url}/oauth/revoke",
            "jwks_uri": f"{url}/oauth/discovery/keys",
            "scopes_supported": sorted(SCOPES),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["plain", "S256"],
        }

    def query_of(self, url: str) -> str:
        """The query of an address of this page. ValueError for one of another site's."""
        parts = urlsplit(url)
        if f"{parts.scheme}://{parts.netloc}{parts.path}" != f"{self._world.url}{AUTHORIZE}":
            raise ValueError(f"{url} is not where people sign in to {self._world.url}")
        return parts.query

    def _id_token(self, user: User, grant: Grant, token: str) -> str:
        now = int(self._world.now().timestamp())
        claims = {
            "iss": self._world.url,
            "sub": str(user.id),
            "aud": self.application.client_id,
            "exp": now + ID_TOKEN_LIFE_S,
            "iat": now,
            "auth_time": int(grant.auth_time.timestamp()),
            "nonce": grant.asked.nonce,
            "at_hash": left_half(token),
            "preferred_username": user.username,
        }
        return self.key.signed({name: value for name, value in claims.items() if value != ""})


def oauth_refusal(status: int, error: str, description: str) -> Refusal:
    """RFC 6749, 5.2."""
    return Refusal(status, description, body={"error": error, "error_description": description})
