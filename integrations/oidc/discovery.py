"""What a provider publishes about itself: OpenID Connect Discovery 1.0, section 3, and its keys."""

from __future__ import annotations

from typing import Literal, TypeVar
from urllib.parse import urlsplit

import httpx
from pydantic import BaseModel

from bot.ports.answers import Tolerant
from bot.ports.errors import Refused
from integrations.oidc.failures import ANSWERS, called, from_answer, quoted

M = TypeVar("M", bound=BaseModel)
WELL_KNOWN = "/.well-known/openid-configuration"
ClientAuth = Literal["client_secret_basic", "client_secret_post"]
WAYS: tuple[ClientAuth, ...] = ("client_secret_basic", "client_secret_post")


class Document(Tolerant):
    """Only what is used. What a provider leaves out has the defaults of the specification."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    revocation_endpoint: str = ""
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    code_challenge_methods_supported: tuple[str, ...] | None = None

    @property
    def way(self) -> ClientAuth | None:
        """How this client shows its secret: the first of its own ways that the provider knows."""
        return next((way for way in WAYS if way in self.token_endpoint_auth_methods_supported), None)


class KeySet(Tolerant):
    keys: list[dict[str, object]]


def fetch_document(client: httpx.Client, issuer: str) -> Document:
    """Raises WorldError: the document has to be this issuer's own, and its addresses as safe as the issuer's."""
    found = _read(client, f"{issuer.rstrip('/')}{WELL_KNOWN}", Document)
    if found.issuer != issuer:
        raise Refused(f"saw the issuer {quoted(found.issuer)} in its own document; wanted {issuer}, to the letter: set that")
    if urlsplit(issuer).scheme == "https":
        for address in (found.authorization_endpoint, found.token_endpoint, found.jwks_uri, found.revocation_endpoint):
            if address and urlsplit(address).scheme != "https":
                raise Refused(f"saw {quoted(address)} in the document of {issuer}; wanted https there as well")
    if found.way is None:
        known = quoted(", ".join(found.token_endpoint_auth_methods_supported))
        raise Refused(f"saw that {issuer} authenticates clients by {known}; wanted {' or '.join(WAYS)}: register this one so")
    methods = found.code_challenge_methods_supported
    if methods is not None and "S256" not in methods:
        raise Refused(f"saw PKCE by {quoted(', '.join(methods)) or 'nothing'} at {issuer}; wanted S256 (RFC 7636)")
    return found


def fetch_keys(client: httpx.Client, address: str) -> list[dict[str, object]]:
    """The keys that sign now: never kept, so that one that was withdrawn counts no more."""
    return _read(client, address, KeySet).keys


def _read(client: httpx.Client, address: str, model: type[M]) -> M:
    call = f"GET {address}"
    answer = called(client, client.build_request("GET", address), call)
    if answer.status_code != 200:
        raise from_answer(answer, call)
    return ANSWERS.read(model, answer.content, call)
