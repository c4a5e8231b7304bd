"""What adapters of login providers share: PKCE, addresses to send a browser to, and digests of what is never kept."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import urlencode, urlsplit

from bot.ports.errors import Refused, Unavailable, WorldError
from bot.ports.failures import fit

_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
NOTHING = re.compile(r"(?!)")
AGAIN = "start the login again"
UNATTENDED = "it is tried again"
"""What errors of a service say that nobody waits for."""
LEAST_SECRET = 6
"""Characters. What is shorter is no code and no token, and would be found inside of words."""


def challenge(verifier: str) -> str:
    """PKCE's `S256` of a verifier (RFC 7636, 4.2). ValueError if it is no verifier (4.1)."""
    if not _VERIFIER.fullmatch(verifier):
        raise ValueError("saw a PKCE verifier that is none; wanted 43 to 128 unreserved characters (RFC 7636, 4.1)")
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def with_query(endpoint: str, parameters: Mapping[str, str]) -> str:
    """The endpoint with these parameters, kept apart from those it has already (RFC 6749, 3.1)."""
    return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{urlencode(parameters)}"


def digest(token: str) -> str:
    """Hex SHA-256 of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def told_error(provider: str, error: str, description: str, wanted: str) -> Refused:
    """An error answer of a token endpoint (RFC 6749, 5.2)."""
    said = fit(f"{error} {description}".strip(), NOTHING)
    return Refused(f"{provider} refused the login: {said}; wanted {wanted}; {AGAIN}")


@contextmanager
def telling(*secrets: str) -> Iterator[list[str]]:
    """Errors of an attempt, fit for the person who made it: none of these secrets in them, nor of those added on the way.

    What leaves is Refused or Unavailable, and nobody but the person tries again.
    """
    kept = list(secrets)
    try:
        yield kept
    except WorldError as error:
        said = _without(str(error), kept).replace(UNATTENDED, AGAIN)
        if isinstance(error, Unavailable):
            raise Unavailable(said, error.retry_after_s) from None
        raise Refused(said) from None


def _without(text: str, secrets: Iterable[str]) -> str:
    for secret in secrets:
        text = text.replace(secret, "[secret]") if len(secret) >= LEAST_SECRET else text
    return text
