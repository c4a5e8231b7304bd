"""Webhooks of projects, groups and the whole instance, and the calls to external status checks.

A delivery that fails is recorded and stays failed: GitLab sends nothing again by itself. `redeliver` sends the same bytes
under the same idempotency key. A project's or group's hook that failed four times in a row is switched off for a minute, for
twice as long with every failure after that, and for good after forty.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from integrations.sandbox.gitlab.model import StatusCheck
from integrations.sandbox.gitlab.people import Hook
from integrations.sandbox.mailbox import Letter, Mailbox

NAMESPACE = uuid.UUID("0f6b7a0e-52a7-4a0f-8a63-0d1f4a3b9c11")
VERSION = "19.0.0"
FAILURES, FOR_GOOD = 4, 40
"""So many in a row switch a hook off for a while, and for good (GitLab docs, "Auto-disabled webhooks")."""
OFF, LONGEST = timedelta(minutes=1), timedelta(days=1)


@dataclass(slots=True, kw_only=True)
class Delivery(Letter):
    """`to` is a hook, or the external status check that is asked."""

    to: Hook | StatusCheck
    key: str = ""
    """Idempotency key: the same when it is sent again."""
    event_uuid: str = ""
    instance: str = ""

    @property
    def kind(self) -> str:
        return str(self.payload.get("object_kind", self.payload.get("event_name", "")))


class Voice(Mailbox[Delivery]):
    def __init__(self, now: Callable[[], datetime], senders: int = 1) -> None:
        super().__init__("gitlab", now, senders)
        self._events = 0
        self._failures: dict[int, int] = {}
        self._off_until: dict[int, datetime] = {}

    def emit(self, event: str, payload: Mapping[str, Any], hooks: Iterable[Hook], instance: str) -> None:
        """Queue the event for each of these hooks that is subscribed to it. All deliveries of one event share its UUID."""
        self._events += 1
        event_uuid = str(uuid.uuid5(NAMESPACE, f"event {self._events}"))
        name = _HEADER.get(event, event)
        body = _encoded(payload)
        for hook in hooks:
            if event in hook.events and not self.disabled(hook):
                told = "System Hook" if hook.level == "system" else name
                self._queue_up(hook, told, body, (event_uuid, instance))

    def ask(self, check: StatusCheck, payload: Mapping[str, Any]) -> None:
        """Queue the call to an external status check."""
        self._queue_up(check, "External Status Check", _encoded(payload), ("", ""))

    def disabled(self, hook: Hook) -> bool:
        """By hand, or for now because of failures."""
        until = self._off_until.get(hook.id)
        return hook.disabled or (until is not None and self._now() < until)

    def enable(self, hook: Hook) -> None:
        """Somebody edited or tested it: what failed before is forgotten."""
        hook.disabled = False
        self._failures.pop(hook.id, None)
        self._off_until.pop(hook.id, None)

    def address(self, letter: Delivery, /) -> str:
        return letter.to.url

    def headers(self, letter: Delivery) -> Mapping[str, str]:
        if isinstance(letter.to, StatusCheck):
            signed = {"X-GitLab-Signature": _hex(letter.to.secret, letter.body)} if letter.to.secret else {}
            return {"Content-Type": "application/json", **signed}
        hook = letter.to
        headers = {
            "Content-Type": "application/json",
            "User-Agent": f"GitLab/{VERSION}",
            "Idempotency-Key": letter.key,
            "X-Gitlab-Event": letter.event,
            "X-Gitlab-Webhook-UUID": hook.uuid,
            "X-Gitlab-Instance": letter.instance,
            "X-Gitlab-Event-UUID": letter.event_uuid,
        }
        if hook.token:
            headers["X-Gitlab-Token"] = hook.token
        if hook.signing_token:
            headers |= standard_webhook(hook.signing_token, letter.key, int(letter.at.timestamp()), letter.body)
        return headers

    def settled(self, letter: Delivery) -> None:
        if not isinstance(letter.to, Hook) or letter.to.level == "system":
            return
        number = letter.to.id
        failures = self._failures[number] = 0 if letter.answer == "OK" else self._failures.get(number, 0) + 1
        if failures >= FAILURES:
            self._off_until[number] = self._now() + min(LONGEST, OFF * 2 ** min(failures - FAILURES, 16))
            letter.to.disabled = failures >= FOR_GOOD
        else:
            self._off_until.pop(number, None)

    def _queue_up(self, to: Hook | StatusCheck, event: str, body: bytes, told: tuple[str, str]) -> None:
        def make(number: int) -> Delivery:
            key = str(uuid.uuid5(NAMESPACE, f"{to.url} {number}"))
            return Delivery(
                id=number, event=event, body=body, at=self._now(), to=to, key=key, event_uuid=told[0], instance=told[1]
            )

        self.post(make)


def standard_webhook(token: str, key: str, at: int, body: bytes) -> dict[str, str]:
    """The three headers of the Standard Webhooks specification. A `whsec_` token is the key in base64."""
    secret = base64.b64decode(token.removeprefix("whsec_")) if token.startswith("whsec_") else token.encode()
    digest = hmac.new(secret, f"{key}.{at}.".encode() + body, hashlib.sha256).digest()
    return {
        "webhook-id": key,
        "webhook-timestamp": str(at),
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }


_HEADER = {
    "push": "Push Hook",
    "merge_requests": "Merge Request Hook",
    "note": "Note Hook",
    "pipeline": "Pipeline Hook",
}


def _encoded(payload: Mapping[str, Any]) -> bytes:
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


def _hex(secret: str, body: bytes) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
