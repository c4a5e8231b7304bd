"""What adapters of login providers share: PKCE, addresses to send a browser to, and digests of what is never kept."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping
from urllib.parse import urlencode, urlsplit

from bot.ports.errors import Refused
from bot.ports.failures import fit

_VERIFIER = re.compile(r"^[A-Za-z0-9._~-]{43,128}$")
_NOTHING = re.compile(r"(?!)")
AGAIN = "start the login again"


def challenge(verifier: str) -> str:
    """PKCE's `S256` of a verifier (RFC 7636, 4.2). ValueError if it is no verifier (4.1)."""
    if not _VERIFIER.match(verifier):
        raise ValueError("saw a PKCE verifier that is none; wanted 43 to 128 unreserved characters (RFC 7636, 4.1)")
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def with_query(endpoint: str, parameters: Mapping[str, str]) -> str:
    """The endpoint with these parameters, kept apart from those it has already (RFC 6749, 3.1)."""
    return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{urlencode(parameters)}"


def digest(token: str) -> str:
    """Hex SHA-256 of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def told_error(provider: str, told: Mapping[str, object], secrets: Iterable[str], wanted: str) -> Refused:
    """An error answer of a token endpoint (RFC 6749, 5.2), without any of these secrets should it repeat them."""
    said = " ".join(str(told[key]) for key in ("error", "error_description") if told.get(key))
    return Refused(f"{provider} refused the login: {without(said, secrets)}; wanted {wanted}; {AGAIN}")


def without(text: str, secrets: Iterable[str]) -> str:
    """Text of another party, fit for an error, in which none of these secrets stands."""
    for secret in secrets:
        text = text.replace(secret, "[secret]") if secret else text
    return fit(text, _NOTHING)
