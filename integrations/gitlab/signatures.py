"""Whether a delivery is GitLab's: its secret token, its signature, or a status check's signature.

    webhook, secret token     X-Gitlab-Token: the secret as it is
    webhook, signing token    webhook-signature over id, timestamp and body (Standard Webhooks)
    external status check     X-Gitlab-Signature: HMAC-SHA256 of the body under the check's shared secret

Where a signing token is set here, a webhook has to be signed by it: a token that travels with every delivery proves less.
The shared secret of a status check is the signing token where one is set, else the secret token. Every comparison takes
constant time.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

TOLERANCE_S = 300
"""How far a signature's time may be from now. A second delivery within it is known by its id."""
_PREFIX = "whsec_"


@dataclass(frozen=True, slots=True)
class Secrets:
    """What both sides of one host's webhooks know; no `repr` shows it."""

    token: str = field(default="", repr=False)
    signing_token: str = field(default="", repr=False)


def verify(secrets: Secrets, headers: Mapping[str, str], body: bytes, now: datetime) -> str | None:
    """None where the delivery is GitLab's, else what is wrong."""
    told = {name.lower(): value for name, value in headers.items()}
    if not secrets.token and not secrets.signing_token:
        return "no webhook secret is set here, so no delivery can be believed; set webhook_token or signing_token on both sides"
    given = told.get("x-gitlab-token", "")
    if told.get("x-gitlab-signature") and not given and not told.get("webhook-signature"):
        return _status_check(secrets, told["x-gitlab-signature"], body)
    if secrets.signing_token:
        wrong_token = bool(given) and bool(secrets.token) and not _same(secrets.token, given)
        return _WRONG_TOKEN if wrong_token else _signed(secrets.signing_token, told, body, now)
    if not given:
        return (
            "saw no X-Gitlab-Token; wanted the webhook's secret token: set it in the webhook on GitLab, "
            "or in an external status check as its shared secret"
        )
    return None if _same(secrets.token, given) else _WRONG_TOKEN


_WRONG_TOKEN = "X-Gitlab-Token is not the secret that is set here; set the same secret token on both sides"  # noqa: S105 # a sentence


def _signed(signing_token: str, told: Mapping[str, str], body: bytes, now: datetime) -> str | None:
    name, at, given = (told.get(f"webhook-{part}", "") for part in ("id", "timestamp", "signature"))
    if not (name and at and given):
        lacking = ", ".join(f"webhook-{part}" for part in ("id", "timestamp", "signature") if not told.get(f"webhook-{part}"))
        return f"saw no {lacking}; wanted a signed delivery, as signing_token is set here: set the signing token in the webhook"
    if not (at.isascii() and at.isdigit() and len(at) <= 12):
        return "saw a webhook-timestamp that is no number of seconds; send webhooks from GitLab only"
    off = int(at) - int(now.timestamp())
    if abs(off) > TOLERANCE_S:
        side = "ahead of" if off > 0 else "behind"
        return (
            f"the delivery was signed {abs(off)} s {side} this machine's clock, wanted {TOLERANCE_S} at most; set both clocks"
        )
    key = _key(signing_token)
    if key is None:
        return "signing_token is no whsec_ token: what follows whsec_ is not base64; copy it again from GitLab"
    wanted = base64.b64encode(hmac.new(key, f"{name}.{at}.".encode() + body, hashlib.sha256).digest()).decode()
    found = [_same(wanted, one.removeprefix("v1,")) for one in given.split() if one.startswith("v1,")]
    if any(found):
        return None
    return "the signature does not match the body; the signing token differs on the two sides, or the body was altered"


def _status_check(secrets: Secrets, given: str, body: bytes) -> str | None:
    secret = secrets.signing_token or secrets.token
    wanted = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    if _same(wanted, given.strip().removeprefix("sha256=").lower()):
        return None
    which = "signing_token" if secrets.signing_token else "webhook_token"
    return f"the status check's signature does not match the body; set its shared secret on GitLab to this host's {which}"


def _key(signing_token: str) -> bytes | None:
    """The key behind a token: base64 after its prefix, as Standard Webhooks has it; any other token as it is."""
    if not signing_token.startswith(_PREFIX):
        return signing_token.encode()
    try:
        return base64.b64decode(signing_token.removeprefix(_PREFIX), validate=True) or None
    except (binascii.Error, ValueError):
        return None


def _same(wanted: str, given: str) -> bool:
    return hmac.compare_digest(wanted.encode(), given.encode("utf-8", "replace"))
