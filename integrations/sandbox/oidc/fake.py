"""`FakeIdentityProvider`: an OpenID Connect provider on a loopback port, with the verbs that people have.

It takes S256 only and wants it, knows two ways for a client to authenticate, and buys nothing for a code that is used,
old, another client's or for another address. Times follow the clock it is given.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from types import TracebackType
from typing import Any, Self, Unpack

from bot.ports.clock import Clock
from integrations.sandbox.details import FaultDetails
from integrations.sandbox.faults import Fault, Faults, LoggedCall
from integrations.sandbox.oauth.signing import Algorithm, SigningKey, signing_key
from integrations.sandbox.oidc.face import Face
from integrations.sandbox.oidc.provider import Provider, Resident
from integrations.sandbox.serve import Served


class FakeIdentityProvider:
    """`url` is the issuer. Close it when done; a `with` block does."""

    def __init__(self, clock: Clock, *, port: int = 0) -> None:
        self.provider = Provider(clock)
        self.faults = Faults()
        self._lock = threading.RLock()
        self._served = Served(Face(self.provider, self.faults, self._lock), port)
        self.url = self.provider.url = self._served.url

    def close(self) -> None:
        self._served.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    @property
    def client_id(self) -> str:
        return self.provider.application.client_id

    @property
    def client_secret(self) -> str:
        return self.provider.application.client_secret

    @property
    def key(self) -> SigningKey:
        """What it signs with now."""
        return self.provider.key

    def settings(self) -> dict[str, dict[str, Any]]:
        """The gate's settings that connect it to this provider, by section of the settings file."""
        return {"oidc": {"issuer": self.url, "client_id": self.client_id, "client_secret": self.client_secret}}

    # who there is

    def person(self, login: str, subject: str = "", /, **claims: Any) -> Resident:
        """Somebody who can sign in; `claims` are said of them in each token. Without a `subject` it is `sub-LOGIN`."""
        with self._lock:
            made = self.provider.people[login] = Resident(subject or f"sub-{login}", login, claims)
            return made

    def suspend(self, login: str) -> None:
        with self._lock:
            self.provider.person(login).suspended = True

    def signed_in_since(self, login: str, at: datetime) -> None:
        """That person has a session of then, which is enough for a client that does not ask for more."""
        with self._lock:
            self.provider.person(login).since = at

    # what people do

    def allow_redirect(self, uri: str) -> None:
        """Register an address to come back to. There is none at first, and it must then match to the letter."""
        with self._lock:
            self.provider.application.redirects.add(uri)

    def sign_in(self, authorize_url: str, as_login: str) -> str:
        """Do what the page's button does: where the browser goes, with `code` and `state`. Raises for an error page."""
        with self._lock:
            return self.provider.agree(self.provider.query_of(authorize_url), as_login)

    def cancel_sign_in(self, authorize_url: str) -> str:
        """Press Cancel: where the browser goes, with `error` and `state`."""
        with self._lock:
            return self.provider.cancel(self.provider.query_of(authorize_url))

    # how it is run

    def sign_with(self, name: str, algorithm: Algorithm = "RS256") -> None:
        """Another key from now on, and only that one is published."""
        with self._lock:
            self.provider.key = signing_key(name, algorithm)

    def tell_auth_time(self, told: bool) -> None:
        with self._lock:
            self.provider.tells_auth_time = told

    def honour_fresh(self, honoured: bool) -> None:
        """Whether it has people prove themselves again when a client asks for that."""
        with self._lock:
            self.provider.honours_fresh = honoured

    def forge_next(self, make: Callable[[Mapping[str, Any]], str]) -> None:
        """The next identity token is what this makes of its claims."""
        with self._lock:
            self.provider.forge = make

    # the wire

    def fail_next(self, pattern: str, status: int, **details: Unpack[FaultDetails]) -> None:
        """The next matching requests (`POST /token`) are answered with `status` and not carried out."""
        times, headers = details.get("times", 1), details.get("headers", {})
        self.faults.plan(Fault(pattern, status, times, headers, details.get("body")))

    @property
    def calls(self) -> list[LoggedCall]:
        return self.faults.calls

    @property
    def revoked(self) -> list[str]:
        """Tokens that clients gave back."""
        return self.provider.revoked

    @property
    def unmodelled(self) -> list[str]:
        """What was asked that a provider may know and this does not. A story should end with none."""
        return self.faults.unmodelled
