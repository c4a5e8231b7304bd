"""Who a person is, by a login they completed at a forge or at an identity provider; and what an account is now.

A login proves that somebody who controls the account was at the browser. How long ago, `SignedIn.asserted` says: only a
provider that tells `auth_time` (OpenID Connect Core 1.0, section 2) says when they proved it; where it does not, all that is
known is when the code was exchanged, and a session of last week may have been enough for that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from bot.core.ids import ForgeAccount, ForgeName

Asserted = Literal["auth_time", "code-exchange"]


@dataclass(frozen=True, slots=True)
class SignedIn:
    """One completed login. `issuer` and `subject` together name the account for ever, wherever it is; `login` is to be read."""

    account: ForgeAccount | None
    """The account, where the provider is a forge; None of an identity provider, which knows of none but in `claims`."""
    issuer: str
    subject: str
    login: str
    at: datetime
    """When the login was completed: `auth_time` where the provider tells it, else the moment of the code's exchange."""
    asserted: Asserted
    claims: Mapping[str, str] = field(default_factory=dict)
    """What was asked for by name of the provider's claims and was there; whatever is no text is written as JSON."""
    token_sha256: str = ""
    """Hex digest of the identity token, else of the access token: evidence that there was one, and never the token."""


class LoginProvider(Protocol):
    """A place where people sign in with a browser: OAuth 2.0's authorization code (RFC 6749, 4.1) with PKCE (RFC 7636)."""

    @property
    def key(self) -> str:
        """`github:github.com`, `gitlab:gitlab.com`, `oidc`: names the provider in addresses and records."""
        ...

    @property
    def title(self) -> str:
        """What the button says after "Sign in with"."""
        ...

    @property
    def forge(self) -> tuple[ForgeName, str] | None:
        """The forge and its host whose accounts sign in here; None of an identity provider."""
        ...

    def authorize_url(self, state: str, nonce: str, verifier: str, redirect_uri: str, fresh: bool) -> str:
        """Where to send the browser. It comes back to `redirect_uri` with `code` and `state`, or with `error` and `state`.

        `state`, `nonce` and `verifier` are new for each attempt, of 43 or more characters that need no escaping in a URL,
        and bound to this browser by the caller. With `fresh` the provider is asked to have the person prove themselves again
        whatever session they have, as far as it can be asked; whether it did is in `SignedIn.at` and `asserted`. Raises
        WorldError where the address has to be asked for first.
        """
        ...

    def complete(self, code: str, nonce: str, verifier: str, redirect_uri: str, now: datetime) -> SignedIn:
        """Exchange the code, once, and tell who that is. The last three are what `authorize_url` was given.

        Raises Refused where the provider or a check of its answer refuses, Unavailable where it did not answer. No code,
        token or secret is in either.
        """
        ...


AccountStanding = Literal["active", "suspended", "gone"]


@dataclass(frozen=True, slots=True)
class AccountState:
    """An account as its forge knows it now, asked for by number: a new login shows, and `suspended` may not sign in."""

    account: ForgeAccount | None
    """None where the account is `gone`: deleted, or hidden from whoever asks."""
    state: AccountStanding
