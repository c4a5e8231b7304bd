"""An application as a login provider keeps it, and the codes it was granted: RFC 6749, section 4.1, with PKCE (RFC 7636).

What is wrong with a request is a `CodeProblem`, for which each provider has words of its own. Codes follow the given clock,
as the client does that is told `now`.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import parse_qsl, urlencode, urlsplit

CODE_LIFE = timedelta(minutes=10)
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
Reason = Literal["client", "unknown", "used", "expired", "redirect_uri", "verifier"]


class CodeProblem(Exception):
    """Why a code buys nothing."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


@dataclass(frozen=True, slots=True)
class Asked:
    """What an authorization request asked for. `longest`: how long ago the person may have proved themselves, if it matters."""

    redirect_uri: str
    state: str = ""
    challenge: str = ""
    nonce: str = ""
    scopes: tuple[str, ...] = ()
    longest: timedelta | None = None

    def proving(self, longest: timedelta | None) -> Asked:
        return replace(self, longest=longest)

    def proved_at(self, since: datetime | None, now: datetime) -> datetime:
        """When the person proved themselves who was signed in `since` then: now, where that is too long ago."""
        if since is None or (self.longest is not None and now - since > self.longest):
            return now
        return since


@dataclass(slots=True)
class Grant:
    """A code and what it stands for. `auth_time` is when the person proved themselves to the provider."""

    code: str = field(repr=False)
    asked: Asked
    subject: str
    granted_at: datetime
    auth_time: datetime
    used: bool = False


@dataclass(slots=True)
class Application:
    """`redirects` are the addresses registered for it: none is guessed, and none is taken that only looks alike."""

    client_id: str
    client_secret: str = field(repr=False)
    redirects: set[str] = field(default_factory=set)
    grants: dict[str, Grant] = field(default_factory=dict)

    def grant(self, asked: Asked, subject: str, auth_time: datetime, now: datetime) -> str:
        """The person agrees: where the browser goes next, with a new code."""
        code = hashlib.sha256(f"{self.client_id} {len(self.grants)}".encode()).hexdigest()[:20]
        self.grants[code] = Grant(code, asked, subject, now, auth_time)
        return returned(asked, {"code": code})

    def redeem(self, given: Mapping[str, str], now: datetime) -> Grant:
        """The grant behind the code of a token request, once. Raises CodeProblem."""
        if (given.get("client_id"), given.get("client_secret")) != (self.client_id, self.client_secret):
            raise CodeProblem("client")
        grant = self.grants.get(given.get("code", ""))
        if grant is None:
            raise CodeProblem("unknown")
        used, grant.used = grant.used, True  # a code that was shown is spent, whatever else is wrong with the request
        if used:
            raise CodeProblem("used")
        if now > grant.granted_at + CODE_LIFE:
            raise CodeProblem("expired")
        if given.get("redirect_uri") != grant.asked.redirect_uri:
            raise CodeProblem("redirect_uri")
        if grant.asked.challenge and challenge_of(given.get("code_verifier", "")) != grant.asked.challenge:
            raise CodeProblem("verifier")
        return grant


def challenge_of(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def returned(asked: Asked, told: Mapping[str, str]) -> str:
    """The redirect address with what the provider tells, and the state if one was sent."""
    query = urlencode({**told, **({"state": asked.state} if asked.state else {})})
    return f"{asked.redirect_uri}{'&' if urlsplit(asked.redirect_uri).query else '?'}{query}"


def denied(asked: Asked, description: str) -> str:
    """The person does not agree."""
    return returned(asked, {"error": "access_denied", "error_description": description})


def challenge_problem(given: Mapping[str, str]) -> str:
    """What is wrong with the PKCE part of an authorization request; empty if nothing is."""
    challenge, method = given.get("code_challenge", ""), given.get("code_challenge_method", "")
    if not challenge and not method:
        return ""
    if method != "S256":
        return "code_challenge_method must be S256"
    return "" if _CHALLENGE.fullmatch(challenge) else "code_challenge must be 43 characters of base64url"


def longest_of(given: Mapping[str, str]) -> timedelta | None:
    """`prompt=login` and `max_age` (OpenID Connect Core 1.0, 3.1.2.1). ValueError for an age that is none."""
    if "login" in given.get("prompt", "").split():
        return timedelta()
    age = given.get("max_age")
    if age is None:
        return None
    if not (age.isascii() and age.isdigit()):
        raise ValueError("max_age must be a number of seconds")
    return timedelta(seconds=int(age))


def parameters(text: str) -> dict[str, str]:
    """Of a query or a form. A parameter that comes twice counts as wrong (RFC 6749, 3.1): it is told as empty."""
    pairs = parse_qsl(text, keep_blank_values=True)
    names = [name for name, _ in pairs]
    return {name: value if names.count(name) == 1 else "" for name, value in pairs}


def sent(content_type: str, body: bytes) -> dict[str, str]:
    """What was posted, as a form or as JSON."""
    if "json" not in content_type:
        return parameters(body.decode("utf-8", "replace"))
    try:
        loaded = json.loads(body)
    except ValueError:
        return {}
    return {str(name): str(value) for name, value in loaded.items()} if isinstance(loaded, dict) else {}
