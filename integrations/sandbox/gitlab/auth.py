"""Who is calling: access tokens of people, groups, projects and service accounts, and what their scopes reach.

What somebody may do follows from their role in the project, which `World.access` tells; a token never gives more.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Literal

from integrations.sandbox.gitlab.people import User
from integrations.sandbox.gitlab.refusal import Refusal, forbidden, unauthorized
from integrations.sandbox.gitlab.state import World

TokenKind = Literal["personal", "group", "project", "service_account", "oauth"]
SCOPES = ("api", "read_api", "read_user", "read_repository", "write_repository")
OAUTH_LIFE_S = 7200
_IMPLIED: Mapping[str, frozenset[str]] = {
    "api": frozenset(SCOPES),
    "read_api": frozenset({"read_api", "read_user", "read_repository"}),
    "write_repository": frozenset({"write_repository", "read_repository"}),
}
_EXPIRED = "Token is expired. You can either do re-authorization or token refresh."
_REVOKED = "Token was revoked. You have to re-authorize from the user."
_HIGHER = "The request requires higher privileges than provided by the access token."


@dataclass(slots=True)
class Token:
    """An access token as its owner's settings list it. It works until the day it expires begins."""

    id: int
    name: str
    kind: TokenKind
    user: User
    scopes: tuple[str, ...]
    value: str = field(repr=False)
    created_at: datetime
    expires_on: date | None = None
    ends_at: float | None = None
    """An application's token for a person: seconds since 1970."""
    revoked: bool = False
    last_used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Caller:
    """`user` is None for whoever shows no token."""

    user: User | None = None
    token: Token | None = None

    def holds(self, scopes: Iterable[str]) -> bool:
        held = self.token.scopes if self.token else ()
        return any(scope in _IMPLIED.get(each, {each}) for each in held for scope in scopes)

    @property
    def key(self) -> str:
        """What rate limits count by."""
        return str(self.user.id) if self.user else "nobody"


NOBODY = Caller()


class Tokens:
    """Mints and recognises tokens."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._known: dict[str, Token] = {}

    def for_person(self, user: User) -> str:
        """That person's own token for the API and for `git push`; always the same."""
        value = f"glpat-{hashlib.sha256(f'person {user.id}'.encode()).hexdigest()[:20]}"
        if value not in self._known:
            self._keep(user, "personal", ("api",), value)
        return value

    def mint(
        self, user: User, *, kind: TokenKind = "personal", scopes: Iterable[str] = ("api",), expires_on: date | None = None
    ) -> Token:
        """A new token. A group's or project's token has a bot user of its own, which is `user` then."""
        wanted = tuple(scopes)
        if unknown := set(wanted) - set(SCOPES):
            raise ValueError(f"no scope of GitLab's: {', '.join(sorted(unknown))}")
        token = self._keep(user, kind, wanted, f"glpat-{secrets.token_hex(10)}")
        token.expires_on = expires_on
        return token

    def for_login(self, user: User, scopes: tuple[str, ...]) -> str:
        """A new token of an application for a person who signed in to it."""
        value = secrets.token_hex(32)
        self._keep(user, "oauth", scopes, value).ends_at = self._world.auth_now() + OAUTH_LIFE_S
        return value

    @property
    def of_logins(self) -> dict[str, bool]:
        """Every application's token so far, and whether it still works."""
        found = [token for token in self._known.values() if token.kind == "oauth"]
        return {token.value: not token.revoked for token in found}

    def end(self, value: str) -> None:
        """Revoke an application's token, if it is one."""
        token = self._known.get(value)
        if token is not None and token.kind == "oauth":
            token.revoked = True

    def revoke(self, value: str) -> None:
        self._known[value].revoked = True

    def caller(self, headers: Mapping[str, str]) -> Caller:
        """Read `PRIVATE-TOKEN`, else `Authorization: Bearer`. Raises 401 for what it does not recognise."""
        given = headers.get("private-token", "")
        if not given:
            scheme, _, given = headers.get("authorization", "").partition(" ")
            if scheme and scheme.lower() != "bearer":
                return NOBODY
        return self.bearer(given) if given else NOBODY

    def bearer(self, value: str) -> Caller:
        """Who holds this token; git sends it as a password."""
        token = self._known.get(value)
        if token is None:
            raise unauthorized()
        if token.revoked:
            raise _invalid(_REVOKED)
        if token.expires_on is not None and token.expires_on <= self._today():
            raise _invalid(_EXPIRED)
        if token.ends_at is not None and token.ends_at <= self._world.auth_now():
            raise _invalid(_EXPIRED)
        if token.user.state != "active":
            raise forbidden("Your account has been blocked.")
        token.last_used_at = self._world.now()
        return Caller(token.user, token)

    def _today(self) -> date:
        return datetime.fromtimestamp(self._world.auth_now(), UTC).date()

    def _keep(self, user: User, kind: TokenKind, scopes: tuple[str, ...], value: str) -> Token:
        number = 4_001 + len(self._known)
        token = Token(number, f"token {number}", kind, user, scopes, value, self._world.now())
        self._known[value] = token
        return token


def insufficient_scope(scopes: Iterable[str]) -> Refusal:
    """The token is good, and too weak; the answer names what would do."""
    told = {"error": "insufficient_scope", "error_description": _HIGHER, "scope": " ".join(scopes)}
    return Refusal(403, _HIGHER, body=told)


def _invalid(description: str) -> Refusal:
    challenge = f'Bearer realm="Protected by OAuth 2.0", error="invalid_token", error_description="{description}"'
    told = {"error": "invalid_token", "error_description": description}
    return Refusal(401, description, headers={"WWW-Authenticate": challenge}, body=told)
