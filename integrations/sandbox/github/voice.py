"""Webhooks: signed POSTs to the app's hook address, in the order things happened.

A delivery that fails is recorded and stays failed: GitHub does not send it again by itself. `redeliver` sends the same
bytes with the same delivery id. While `held`, deliveries wait, so that a story can reorder, repeat or drop them.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from integrations.sandbox.github.model import App
from integrations.sandbox.mailbox import Letter, Mailbox

NAMESPACE = uuid.UUID("6d2f4d0e-8f4e-4f0c-9f39-3f6a2b1c7d55")


@dataclass(slots=True, kw_only=True)
class Delivery(Letter):
    guid: str
    action: str | None
    repository_id: int | None = None


class Voice(Mailbox[Delivery]):
    def __init__(self, app: App, now: Callable[[], datetime], senders: int = 1) -> None:
        super().__init__("github", now, senders)
        self._app = app

    def emit(self, event: str, payload: Mapping[str, Any], *, always: bool = False) -> Delivery | None:
        """Queue the event if the app has a hook and is subscribed to it."""
        if not self._app.hook_url or not (always or event in self._app.events):
            return None
        body = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()

        def make(number: int) -> Delivery:
            guid = str(uuid.uuid5(NAMESPACE, f"{self._app.hook_url} {number}"))
            repo, action = payload.get("repository", {}).get("id"), payload.get("action")
            return Delivery(id=number, guid=guid, event=event, action=action, body=body, at=self._now(), repository_id=repo)

        return self.post(make)

    def address(self, _letter: Delivery, /) -> str:
        return self._app.hook_url

    def headers(self, letter: Delivery) -> Mapping[str, str]:
        digest = hmac.new(self._app.webhook_secret.encode(), letter.body, hashlib.sha256).hexdigest()
        sha1 = hmac.new(self._app.webhook_secret.encode(), letter.body, hashlib.sha1).hexdigest()
        return {
            "Accept": "*/*",
            "Content-Type": "application/json",
            "User-Agent": f"GitHub-Hookshot/{hashlib.sha256(self._app.slug.encode()).hexdigest()[:7]}",
            "X-GitHub-Delivery": letter.guid,
            "X-GitHub-Event": letter.event,
            "X-GitHub-Hook-ID": str(self._app.hook_id),
            "X-GitHub-Hook-Installation-Target-ID": str(self._app.id),
            "X-GitHub-Hook-Installation-Target-Type": "integration",
            "X-Hub-Signature": f"sha1={sha1}",
            "X-Hub-Signature-256": f"sha256={digest}",
        }
