"""The HTTP door: who may come in, and nobody twice with the same ticket.

The signature is checked over the raw bytes before anything reads them. Slack's own rule is a window of five minutes, in which
a captured request could be sent again; signatures seen in that time are remembered, and the second is answered politely and
not acted on. Times come from the clock port.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

from bot.ports.clock import Clock
from bot.ports.errors import Refused

WINDOW_S = 300
BODY_LIMIT = 1_000_000
REMEMBERED = 50_000
_STAMP = re.compile(r"[0-9]{1,12}", re.ASCII)
_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Turned:
    """A request that is not let in: the status and what to tell the sender, which is never why in detail."""

    status: int
    error: str


class Door:
    """Checks requests against the app's signing secret. Safe to share among threads."""

    def __init__(self, signing_secret: str, clock: Clock) -> None:
        if not signing_secret.strip():
            raise Refused(
                "the Slack signing secret is empty, so no request could be trusted; "
                "copy it from Basic Information, or use Socket Mode"
            )
        self._secret = signing_secret.encode()
        self._clock = clock
        self._seen: OrderedDict[str, float] = OrderedDict()
        self._lock = threading.Lock()

    def turn_away(self, body: bytes, headers: Mapping[str, str]) -> Turned | None:
        """None: let in, and remembered. `headers` by lower-case name."""
        if len(body) > BODY_LIMIT:
            return Turned(413, "request too large")
        stamp, signature = headers.get("x-slack-request-timestamp", ""), headers.get("x-slack-signature", "")
        now = self._clock.now().timestamp()
        if not _STAMP.fullmatch(stamp) or not _SIGNATURE.fullmatch(signature) or abs(now - int(stamp)) > WINDOW_S:
            return Turned(401, "invalid request")
        wanted = hmac.new(self._secret, b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(f"v0={wanted}", signature):
            return Turned(401, "invalid request")
        return None if self._first_time(signature, int(stamp), now) else Turned(200, "")

    def forget(self, headers: Mapping[str, str]) -> None:
        """The request was not handled after all: let the sender try again."""
        with self._lock:
            self._seen.pop(headers.get("x-slack-signature", ""), None)

    @property
    def remembered(self) -> int:
        """How many signatures could still be replayed."""
        return len(self._seen)

    def _first_time(self, signature: str, stamp: int, now: float) -> bool:
        with self._lock:
            while self._seen and (len(self._seen) >= REMEMBERED or next(iter(self._seen.values())) < now):
                self._seen.popitem(last=False)
            if signature in self._seen:
                return False
            self._seen[signature] = stamp + WINDOW_S + 1.0
            return True
