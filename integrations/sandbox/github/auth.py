"""Who is calling: an app by its JWT, an installation or a person by token. And what they may do.

Times are the machine's own, see `state`.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Literal

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.types import Options

from integrations.sandbox.github.model import Account, Repository
from integrations.sandbox.github.refusal import Refusal, bad_credentials, forbidden, not_found
from integrations.sandbox.github.state import World

TOKEN_LIFE_S = 3600
USER_TOKEN_LIFE_S = 8 * 3600
JWT_LIFE_S = 600
CLOCK_DRIFT_S = 60
_RANK = {"read": 1, "write": 2, "admin": 3}
_OWN_TIMES: Options = {"verify_exp": False, "verify_iat": False, "verify_nbf": False, "require": ["iss"]}
"""Times are checked here, by `auth_now` and with GitHub's words."""


@lru_cache(maxsize=1)
def private_key() -> str:
    """One RSA key for the process: making them is slow, and it guards nothing but the sandbox."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = serialization.PrivateFormat.TraditionalOpenSSL
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


@lru_cache(maxsize=8)
def _public(pem: str) -> rsa.RSAPublicKey:
    key = serialization.load_pem_private_key(pem.encode(), None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError("a GitHub App has an RSA key")
    return key.public_key()


@dataclass(frozen=True, slots=True)
class Caller:
    kind: Literal["app", "installation", "user", "client", "nobody"]
    """`client` is the application by its client id and secret, which may ask about the tokens it was given."""
    account: Account | None = None
    permissions: Mapping[str, str] = field(default_factory=dict)
    repositories: frozenset[int] | None = None
    """Ids of the repositories the token was narrowed to; None: all that the installation has."""
    token: str = field(default="", repr=False)

    def holds(self, needs: Iterable[str]) -> bool:
        """Does the token carry one of these (`checks:write`)? Writing includes reading."""
        return any(_enough(self.permissions, need) for need in needs)


class Tokens:
    """Mints and recognises tokens."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._minted: dict[str, tuple[Caller, float]] = {}
        self._people: dict[str, Account] = {}
        self.logins: dict[str, tuple[Account, float]] = {}
        """Tokens of people who signed in to the app, and when each ends."""
        self.client: tuple[str, str] = ("", "")
        """The application's id and secret."""

    def for_person(self, account: Account) -> str:
        """That person's own token, for REST and for `git push`; always the same."""
        token = f"ghp_{hashlib.sha256(f'person {account.id}'.encode()).hexdigest()[:36]}"
        self._people[token] = account
        return token

    def mint(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """A new installation token, narrowed as asked; the answer GitHub gives."""
        app = self._world.app
        asked: Mapping[str, str] = body.get("permissions") or app.permissions
        for name, level in asked.items():
            if not _enough(app.permissions, f"{name}:{level}"):
                raise Refusal(422, "The permissions requested are not granted to this installation.")
        chosen = self._chosen(body)
        expires = self._world.auth_now() + TOKEN_LIFE_S
        token = f"ghs_{hashlib.sha256(f'{app.id} {len(self._minted)} {expires}'.encode()).hexdigest()[:36]}"
        ids = None if chosen is None else frozenset(repo.id for repo in chosen)
        self._minted[token] = (Caller("installation", app.bot, {"metadata": "read", **asked}, ids, token), expires)
        answer: dict[str, Any] = {
            "token": token,
            "expires_at": datetime.fromtimestamp(int(expires), UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "permissions": dict(asked),
            "repository_selection": "selected",
        }
        return answer if chosen is None else {**answer, "repositories": chosen}

    def sign_in(self, account: Account) -> str:
        """A new token of a person who signed in to the app."""
        token = f"ghu_{hashlib.sha256(f'{account.id} {len(self.logins)}'.encode()).hexdigest()[:36]}"
        self.logins[token] = (account, self._world.auth_now() + USER_TOKEN_LIFE_S)
        return token

    def revoke(self, token: str) -> bool:
        """End a token of a person who signed in; False if there is none."""
        account, expires = self.logins.get(token, (None, 0.0))
        if account is None or expires <= self._world.auth_now():
            return False
        self.logins[token] = (account, 0.0)
        return True

    @property
    def signed_in(self) -> list[str]:
        """Tokens of people who signed in that still work."""
        return [token for token, (_, expires) in self.logins.items() if expires > self._world.auth_now()]

    def revoke_all(self) -> None:
        """Every installation token stops working at once."""
        self._minted.clear()

    def caller(self, authorization: str) -> Caller:
        """Read the header. Raises 401 for what it does not recognise."""
        scheme, _, given = authorization.partition(" ")
        if not authorization:
            return Caller("nobody")
        if scheme.lower() == "basic":
            return self._client(given)
        if scheme.lower() not in ("bearer", "token"):
            raise bad_credentials()
        if given.count(".") == 2:
            return self._app(given)
        if given in self._people:
            return _person(self._people[given], given)
        if given in self.signed_in:
            return _person(self.logins[given][0], given)
        caller, expires = self._minted.get(given, (None, 0.0))
        if caller is None or expires <= self._world.auth_now():
            raise bad_credentials()
        return caller

    def _client(self, given: str) -> Caller:
        try:
            name, _, secret = base64.b64decode(given, validate=True).decode().partition(":")
        except ValueError as failed:
            raise bad_credentials() from failed
        if not secret or (name, secret) != self.client:
            raise bad_credentials()
        return Caller("client")

    def _app(self, given: str) -> Caller:
        app, now = self._world.app, self._world.auth_now()
        try:
            claims = jwt.decode(given, _public(app.private_key), algorithms=["RS256"], options=_OWN_TIMES)
        except jwt.PyJWTError as failed:
            raise Refusal(401, "A JSON web token could not be decoded") from failed
        issued, expires = claims.get("iat"), claims.get("exp")
        if not isinstance(issued, int) or issued > now + CLOCK_DRIFT_S:
            raise Refusal(
                401, "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued"
            )
        if not isinstance(expires, int) or expires <= now:
            message = "'Expiration time' claim ('exp') must be a numeric value representing the future time"
            raise Refusal(401, f"{message} at which the assertion expires")
        if expires > now + JWT_LIFE_S + CLOCK_DRIFT_S:
            raise Refusal(401, "'Expiration time' claim ('exp') is too far in the future")
        if str(claims["iss"]) != str(app.id):
            raise Refusal(404, "Integration not found")
        return Caller("app", app.bot)

    def _chosen(self, body: Mapping[str, Any]) -> list[Repository] | None:
        names, ids = body.get("repositories"), body.get("repository_ids")
        if not names and not ids:
            return None
        known = [repo for repo in self._world.repositories.values() if repo.installed]
        chosen = [repo for repo in known if repo.name in (names or ()) or repo.id in (ids or ())]
        if len(chosen) < len(names or ()) + len(ids or ()):
            raise Refusal(
                422, "There is at least one repository that does not exist or is not accessible to the parent installation."
            )
        return chosen


def _person(account: Account, token: str) -> Caller:
    if account.suspended_at is not None:
        raise Refusal(403, "Sorry. Your account was suspended.")
    return Caller("user", account, token=token)


def _enough(held: Mapping[str, str], need: str) -> bool:
    name, _, level = need.partition(":")
    return _RANK.get(held.get(name, ""), 0) >= _RANK.get(level, 9)


def visible(world: World, caller: Caller, full_name: str) -> Repository:
    """The repository, if the caller may know that it exists."""
    repo = world.repo(full_name)
    if caller.kind == "installation" and repo.installed and (caller.repositories is None or repo.id in caller.repositories):
        return repo
    if caller.kind == "user" and caller.account and world.may(repo, caller.account, "read"):
        return repo
    if not repo.private:
        return repo
    raise not_found()


_LEVEL_OF = {"read": "read", "write": "write", "admin": "admin"}


def require(world: World, caller: Caller, needs: tuple[str, ...], repo: Repository | None) -> None:
    """Raise what GitHub would, unless the caller holds one of `needs`."""
    if caller.kind == "installation" and needs and not caller.holds(needs):
        raise forbidden("; ".join(needs))
    if caller.kind == "user" and repo is not None and caller.account is not None:
        level = min((need.partition(":")[2] for need in needs), default="read")
        if not world.may(repo, caller.account, _LEVEL_OF.get(level, "admin")):
            raise Refusal(403, "Must have push access to repository.")
    if caller.kind == "app":
        raise forbidden("; ".join(needs))
    if caller.kind == "nobody":
        raise Refusal(401, "Requires authentication")
