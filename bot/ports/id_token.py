"""Identity tokens of OpenID Connect, checked before anything in them is believed.

What is checked is OpenID Connect Core 1.0, section 3.1.3.7, with the choices it leaves open made strictly: the signature is
checked though the token came straight from the provider, only RS256 and ES256 count, and a token is for this client alone
or names it as the authorized party. Clocks may differ by `LEEWAY`, in either direction.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import jwt

from bot.ports.errors import Refused
from bot.ports.failures import fit
from bot.ports.oauth import AGAIN, NOTHING

KINDS = {"RS256": "RSA", "ES256": "EC"}
"""Algorithms that count, with the type of key (RFC 7518) that each needs."""
LEEWAY = timedelta(seconds=60)
ISSUED_WITHIN = timedelta(minutes=10)
"""A token is issued when the code is exchanged, so an old one is another's."""
LONGEST_TOKEN = 64 * 1024
LONGEST_SUBJECT = 255
CLOCKS = "compare this machine's clock and the provider's"


@dataclass(frozen=True, slots=True)
class Expected:
    """What the token has to say. `max_age`: so long ago the person may have proved themselves, where that was asked for."""

    issuer: str
    client_id: str
    nonce: str
    access_token: str = ""
    """What came with it, which the token then vouches for if it says `at_hash`."""
    max_age: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """What a good token says."""

    subject: str
    auth_time: datetime | None
    claims: Mapping[str, object]

    def chosen(self, names: Iterable[str]) -> dict[str, str]:
        """Those claims of these names that there are. What is no text is written as JSON."""
        found = {name: self.claims[name] for name in names if self.claims.get(name) is not None}
        return {name: value if isinstance(value, str) else _json(value) for name, value in found.items()}


def check_id_token(token: str, keys: Sequence[Mapping[str, object]], expected: Expected, now: datetime) -> Identity:
    """Whoever the token is about. `keys` is the provider's published set (RFC 7517). Raises Refused with what is wrong."""
    claims = _signed(token, keys)
    _check_parties(claims, expected)
    _check_times(claims, now)
    _check_binding(claims, expected)
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT:
        raise _refused("no subject", f"`sub`, of 1 to {LONGEST_SUBJECT} characters")
    return Identity(subject, _auth_time(claims, expected, now), claims)


def _signed(token: str, keys: Sequence[Mapping[str, object]]) -> Mapping[str, object]:
    if len(token) > LONGEST_TOKEN:
        raise _refused(f"{len(token)} characters", f"{LONGEST_TOKEN} at most")
    try:
        header = jwt.get_unverified_header(token)
        algorithm = str(header.get("alg"))
        if algorithm not in KINDS:
            raise _refused(f"the algorithm {_said(algorithm)}", f"one of {', '.join(KINDS)}: set that at the provider")
        key = jwt.PyJWK(dict(_key(keys, algorithm, header.get("kid"))), algorithm)
        payload = jwt.PyJWS().decode(token, key, [algorithm], {"enforce_minimum_key_length": True})
        claims = json.loads(payload)
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError) as failed:
        raise _refused(f"{type(failed).__name__}", "a token signed with a published key of this provider") from None
    if not isinstance(claims, dict):
        raise _refused("no claims", "a JSON object of them")
    return claims


def _key(keys: Sequence[Mapping[str, object]], algorithm: str, kid: object) -> Mapping[str, object]:
    """The one key of that id, or the only one there is for a token that names none."""
    fit_for = [
        key
        for key in keys
        if key.get("kty") == KINDS[algorithm] and key.get("use", "sig") == "sig" and key.get("alg", algorithm) == algorithm
    ]
    found = [key for key in fit_for if kid is None or key.get("kid") == kid]
    if len(found) != 1:
        named = "no key" if kid is None else f"the key {_said(kid)}"
        raise _refused(f"{named}, which {len(found)} of the published {algorithm} keys are", "exactly one")
    return found[0]


def _check_parties(claims: Mapping[str, object], expected: Expected) -> None:
    if claims.get("iss") != expected.issuer:
        raise _refused(f"the issuer {_said(claims.get('iss'))}", f"{expected.issuer}: check the setting to the letter")
    told = claims.get("aud")
    audiences = told if isinstance(told, list) else [told]
    if expected.client_id not in audiences:
        raise _refused(f"the audience {_said(told)}", "this client's id")
    if len(audiences) > 1 and "azp" not in claims:
        raise _refused(f"several audiences, {_said(told)}, and no `azp`", "this client's id alone, or as `azp`")
    if claims.get("azp", expected.client_id) != expected.client_id:
        raise _refused(f"the authorized party {_said(claims.get('azp'))}", "this client's id as `azp`")


def _check_times(claims: Mapping[str, object], now: datetime) -> None:
    ends, issued = _instant(claims, "exp"), _instant(claims, "iat")
    if now >= ends + LEEWAY:
        raise _refused(f"a token that ended at {ends:%Y-%m-%d %H:%M:%S} UTC", f"one that still holds: {CLOCKS}")
    if issued > now + LEEWAY:
        raise _refused(f"a token of {issued:%Y-%m-%d %H:%M:%S} UTC, which is to come", f"one of now: {CLOCKS}")
    if issued < now - ISSUED_WITHIN - LEEWAY:
        raise _refused(f"a token of {issued:%Y-%m-%d %H:%M:%S} UTC", f"one issued within ten minutes: {CLOCKS}")
    if "nbf" in claims and _instant(claims, "nbf") > now + LEEWAY:
        raise _refused("a token that does not hold yet", f"one that holds: {CLOCKS}")


def _check_binding(claims: Mapping[str, object], expected: Expected) -> None:
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not hmac.compare_digest(nonce.encode(), expected.nonce.encode()):
        raise _refused("the nonce of another login, or none", "the one this browser began with")
    half = hashlib.sha256(expected.access_token.encode()).digest()[:16]
    wanted = base64.urlsafe_b64encode(half).rstrip(b"=").decode()
    if expected.access_token and claims.get("at_hash", wanted) != wanted:
        raise _refused("the `at_hash` of another access token", "that of the one it came with")


def _auth_time(claims: Mapping[str, object], expected: Expected, now: datetime) -> datetime | None:
    if "auth_time" not in claims:
        if expected.max_age is not None:
            raise _refused("no `auth_time`", "when the person proved themselves, which `max_age` makes a provider tell")
        return None
    at = _instant(claims, "auth_time")
    if at > now + LEEWAY:
        raise _refused(f"an `auth_time` of {at:%Y-%m-%d %H:%M:%S} UTC, which is to come", f"one that has been: {CLOCKS}")
    if expected.max_age is not None and now - at > expected.max_age + LEEWAY:
        age, most = int((now - at).total_seconds()), int(expected.max_age.total_seconds())
        raise _refused(f"a person who proved themselves {age} s ago", f"{most} s at most: sign in with your password or key")
    return min(at, now)


def _instant(claims: Mapping[str, object], name: str) -> datetime:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _refused(f"no number as `{name}`", "seconds since 1970")
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        raise _refused(f"{_said(value)} as `{name}`", "seconds since 1970") from None


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def _said(value: object) -> str:
    """A value of the provider's, short and on one line."""
    return fit(value if isinstance(value, str) else _json(value), NOTHING, 80)


def _refused(saw: str, wanted: str) -> Refused:
    return Refused(f"the identity token is not believed: saw {saw}; wanted {wanted}; {AGAIN}")
