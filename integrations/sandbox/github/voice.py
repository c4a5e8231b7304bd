"""Webhooks: signed POSTs to the app's hook address, in the order things happened.

A delivery that fails is recorded and stays failed: GitHub does not send it again by itself. `redeliver` sends the same
bytes with the same delivery id. While `held`, deliveries wait, so that a story can reorder, repeat or drop them.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import queue
import ssl
import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

import httpx

from integrations.sandbox.github.model import App

NAMESPACE = uuid.UUID("6d2f4d0e-8f4e-4f0c-9f39-3f6a2b1c7d55")


@lru_cache(maxsize=1)
def trust() -> ssl.SSLContext:
    """One for the process: loading the machine's certificates takes longer than a delivery."""
    return ssl.create_default_context()


@dataclass(slots=True)
class Delivery:
    """One event as sent. `status` is the answer, 0 where none came."""

    id: int
    guid: str
    event: str
    action: str | None
    body: bytes = field(repr=False)
    at: datetime
    status: int = 0
    answer: str = "held"
    """`held`, `sending`, `OK`, or why it failed."""
    redelivery: bool = False
    repository_id: int | None = None

    @property
    def payload(self) -> dict[str, Any]:
        loaded: dict[str, Any] = json.loads(self.body)
        return loaded


class Voice:
    """Sends in `senders` threads of its own: one keeps the order of things, several make a burst.

    `flush` waits until nothing is on its way.
    """

    def __init__(self, app: App, now: Callable[[], datetime], senders: int = 1) -> None:
        self._app = app
        self._now = now
        self.deliveries: list[Delivery] = []
        self.held = False
        self.timeout_s = 10.0
        self._queue: queue.Queue[Delivery | None] = queue.Queue()
        self._lock = threading.Lock()
        self._client = httpx.Client(trust_env=False, verify=trust())
        self._threads = [threading.Thread(target=self._run, daemon=True, name=f"github-voice-{n}") for n in range(senders)]
        for thread in self._threads:
            thread.start()

    def emit(self, event: str, payload: Mapping[str, Any], *, always: bool = False) -> Delivery | None:
        """Queue the event if the app has a hook and is subscribed to it. Callers hold no answer to wait for."""
        if not self._app.hook_url or not (always or event in self._app.events):
            return None
        body = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
        with self._lock:
            number = len(self.deliveries) + 1
            guid = str(uuid.uuid5(NAMESPACE, f"{self._app.hook_url} {number}"))
            repo = payload.get("repository", {}).get("id")
            delivery = Delivery(number, guid, event, payload.get("action"), body, self._now(), repository_id=repo)
            self.deliveries.append(delivery)
            if not self.held:
                self._start(delivery)
        return delivery

    def delivery(self, delivery_id: int) -> Delivery | None:
        with self._lock:
            return next((each for each in self.deliveries if each.id == delivery_id), None)

    def redeliver(self, delivery_id: int) -> Delivery:
        """Send that delivery again, as a new attempt under the same delivery GUID. LookupError if there is none."""
        first = self.delivery(delivery_id)
        if first is None:
            raise LookupError(f"no delivery {delivery_id}; there are {len(self.deliveries)}")
        with self._lock:
            number = len(self.deliveries) + 1
            again = Delivery(number, first.guid, first.event, first.action, first.body, self._now(), redelivery=True)
            again.repository_id = first.repository_id
            self.deliveries.append(again)
            self._start(again)
        return again

    def send_held(self, *delivery_ids: int) -> None:
        """Send these held deliveries, in this order; without ids all of them. Those not named stay held."""
        with self._lock:
            held = {each.id: each for each in self.deliveries if each.answer == "held"}
            for number in delivery_ids or sorted(held):
                self._start(held[number])

    def flush(self) -> None:
        """Wait until every delivery on its way was answered or failed."""
        self._queue.join()

    def close(self) -> None:
        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            thread.join(timeout=self.timeout_s + 1)
        self._client.close()

    def headers(self, delivery: Delivery) -> dict[str, str]:
        """All that GitHub sends along."""
        digest = hmac.new(self._app.webhook_secret.encode(), delivery.body, hashlib.sha256).hexdigest()
        sha1 = hmac.new(self._app.webhook_secret.encode(), delivery.body, hashlib.sha1).hexdigest()
        return {
            "Accept": "*/*",
            "Content-Type": "application/json",
            "User-Agent": f"GitHub-Hookshot/{hashlib.sha256(self._app.slug.encode()).hexdigest()[:7]}",
            "X-GitHub-Delivery": delivery.guid,
            "X-GitHub-Event": delivery.event,
            "X-GitHub-Hook-ID": str(self._app.hook_id),
            "X-GitHub-Hook-Installation-Target-ID": str(self._app.id),
            "X-GitHub-Hook-Installation-Target-Type": "integration",
            "X-Hub-Signature": f"sha1={sha1}",
            "X-Hub-Signature-256": f"sha256={digest}",
        }

    def _start(self, delivery: Delivery) -> None:
        delivery.answer = "sending"
        self._queue.put(delivery)

    def _run(self) -> None:
        while (delivery := self._queue.get()) is not None:
            try:
                self._send(delivery)
            finally:
                self._queue.task_done()
        self._queue.task_done()

    def _send(self, delivery: Delivery) -> None:
        try:
            answer = self._client.post(
                self._app.hook_url, content=delivery.body, headers=self.headers(delivery), timeout=self.timeout_s
            )
        except (httpx.HTTPError, httpx.InvalidURL) as failed:
            delivery.answer = f"failed to connect to host: {type(failed).__name__}"
            return
        delivery.status = answer.status_code
        delivery.answer = "OK" if answer.is_success else f"Invalid HTTP Response: {answer.status_code}"
