"""An identity provider of our own on loopback, and somebody at the gate's page who is sent there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.ports.login import SignedIn
from integrations.oidc.login import Asking, OidcLogin
from integrations.sandbox.clock import FakeClock
from integrations.sandbox.oidc.fake import FakeIdentityProvider

BACK = "https://gate.test/login/oidc"
STATE, NONCE, VERIFIER = "s" * 43, "n" * 43, "v" * 43


@dataclass(slots=True)
class Browser:
    """Somebody at the gate's page, and the stand-in they are sent to."""

    provider: FakeIdentityProvider
    clock: FakeClock
    login: OidcLogin

    def asking(self, asking: Asking) -> None:
        self.login = OidcLogin(self.provider.client_id, self.provider.client_secret, self.provider.url, asking)

    def url(self, *, fresh: bool = False) -> str:
        return self.login.authorize_url(STATE, NONCE, VERIFIER, BACK, fresh)

    def code(self, by: str = "ann", *, fresh: bool = False) -> str:
        return queried(self.provider.sign_in(self.url(fresh=fresh), by))["code"]

    def complete(self, code: str, nonce: str = NONCE, verifier: str = VERIFIER, back: str = BACK) -> SignedIn:
        return self.login.complete(code, nonce, verifier, back, self.clock.now())

    def publish(self, **other: Any) -> None:
        """The document says something else, the next time."""
        self.provider.fail_next("GET /.well-known/*", 200, body={**self.provider.provider.discovery(), **other})


def queried(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


@pytest.fixture
def browser() -> Iterator[Browser]:
    clock = FakeClock()
    with FakeIdentityProvider(clock) as provider:
        provider.person("ann", "00u1", github_id=2001, groups=["core", "shop"])
        provider.person("bo", "00u2")
        provider.allow_redirect(BACK)
        yield Browser(provider, clock, OidcLogin(provider.client_id, provider.client_secret, provider.url))
        assert provider.unmodelled == []
        assert provider.faults.pending() == 0, "a planned fault was never met"
