"""People sign in to the App: GitHub's web application flow, with PKCE, which GitHub takes and does not demand.

GitHub knows no way to have somebody prove themselves again: `prompt=select_account` only asks which of their accounts.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from integrations.sandbox.github.auth import USER_TOKEN_LIFE_S, Tokens
from integrations.sandbox.github.model import Account
from integrations.sandbox.github.refusal import Refusal
from integrations.sandbox.github.render import Json
from integrations.sandbox.github.state import World
from integrations.sandbox.oauth.application import (
    Application,
    Asked,
    CodeProblem,
    Reason,
    challenge_problem,
    denied,
    parameters,
)

SECRET = "sandbox-client-secret"  # noqa: S105 - guards nothing but the sandbox
AUTHORIZE = "/login/oauth/authorize"
ASKING = frozenset(
    {
        "client_id", "redirect_uri", "state", "login", "scope", "allow_signup", "prompt", "code_challenge",
        "code_challenge_method",
    }
)  # fmt: skip
_DOCS = "/apps/managing-oauth-apps/troubleshooting-oauth-app-access-token-request-errors/"
_MISMATCH = ("redirect_uri_mismatch", "The redirect_uri MUST match the registered callback URL for this application.")
_BAD_CODE = ("bad_verification_code", "The code passed is incorrect or expired.")
_WORDS: Mapping[Reason, tuple[str, str]] = {
    "client": ("incorrect_client_credentials", "The client_id and/or client_secret passed are incorrect."),
    "unknown": _BAD_CODE,
    "used": _BAD_CODE,
    "expired": _BAD_CODE,
    "redirect_uri": _MISMATCH,
    "verifier": ("bad_code_verifier", "The code_verifier passed is incorrect."),
}


class SignIn:
    """The verbs of whoever sits at the browser, and the exchange of what they grant."""

    def __init__(self, world: World, tokens: Tokens) -> None:
        self._world = world
        self._tokens = tokens
        self.application = Application(world.app.client_id, SECRET)
        tokens.client = (self.application.client_id, self.application.client_secret)

    @property
    def people(self) -> list[Account]:
        """Who may sign in, by login."""
        return sorted((each for each in self._world.accounts.values() if each.kind == "User"), key=lambda each: each.login)

    def asked(self, query: str) -> Asked:
        """The authorization request that the browser comes with. Raises Refusal where GitHub shows a page of its own."""
        given = parameters(query)
        if unknown := sorted(given.keys() - ASKING):
            raise Refusal(400, f"the sandbox knows no parameter {', '.join(unknown)} of this page")
        if given.get("client_id") != self.application.client_id:
            raise Refusal(404, "Not Found")
        if given.get("redirect_uri") not in self.application.redirects:
            raise Refusal(400, "Be careful! The redirect_uri is not associated with this application.")
        if problem := challenge_problem(given):
            raise Refusal(400, problem)
        if given.get("prompt", "select_account") != "select_account":
            raise Refusal(400, "prompt must be select_account")
        return Asked(given["redirect_uri"], given.get("state", ""), given.get("code_challenge", ""))

    def agree(self, query: str, login: str) -> str:
        """Press "Sign in as ..."; where the browser goes."""
        asked, account = self.asked(query), self._world.account(login)
        if account.kind != "User":
            raise Refusal(403, f"{account.login} is no person")
        if account.suspended_at is not None:
            raise Refusal(403, "Your account has been suspended.")
        now = self._world.now()
        return self.application.grant(asked, str(account.id), now, now)

    def cancel(self, query: str) -> str:
        return denied(self.asked(query), "The user has denied your application access.")

    def exchange(self, given: Mapping[str, str]) -> Json:
        """The answer to a token request, which is 200 for an error too."""
        if given.get("client_id") != self.application.client_id:
            raise Refusal(404, "Not Found")
        try:
            grant = self.application.redeem(given, self._world.now())
        except CodeProblem as problem:
            error, description = _WORDS[problem.reason]
            uri = f"{_DOCS}#{error.replace('_', '-')}"
            return {"error": error, "error_description": description, "error_uri": uri}
        token = self._tokens.sign_in(self._world.account_by_id(int(grant.subject)))
        return {"access_token": token, "expires_in": USER_TOKEN_LIFE_S, "scope": "", "token_type": "bearer"}

    def query_of(self, url: str) -> str:
        """The query of an address of this page. ValueError for one of another site's."""
        parts = urlsplit(url)
        if f"{parts.scheme}://{parts.netloc}{parts.path}" != f"{self._world.url}{AUTHORIZE}":
            raise ValueError(f"{url} is not where people sign in to {self._world.url}")
        return parts.query
