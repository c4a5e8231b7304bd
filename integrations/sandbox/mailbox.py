"""Webhooks on their way: sent in the order things happened, recorded, held back or repeated when a story says so.

What an event looks like and how it is signed is each forge's; see the `Voice` of either.
"""

from __future__ import annotations

import json
import queue
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import Any, Generic, TypeVar

import httpx


@lru_cache(maxsize=1)
def trust() -> ssl.SSLContext:
    """One for the process: loading the machine's certificates takes longer than a delivery."""
    return ssl.create_default_context()


@dataclass(slots=True, kw_only=True)
class Letter:
    """One event as sent. `status` is the answer, 0 where none came."""

    id: int
    event: str
    body: bytes = field(repr=False)
    at: datetime
    status: int = 0
    answer: str = "held"
    """`held`, `sending`, `OK`, or why it failed."""
    redelivery: bool = False

    @property
    def payload(self) -> dict[str, Any]:
        loaded: dict[str, Any] = json.loads(self.body)
        return loaded


L = TypeVar("L", bound=Letter)


class Mailbox(Generic[L]):
    """Sends in `senders` threads of its own: one keeps the order of things, several make a burst.

    While `held`, deliveries wait, so that a story can reorder, repeat or drop them. `flush` waits until nothing is on its way.
    """

    def __init__(self, name: str, now: Callable[[], datetime], senders: int = 1) -> None:
        self.deliveries: list[L] = []
        self.held = False
        self.timeout_s = 10.0
        self._now = now
        self._queue: queue.Queue[L | None] = queue.Queue()
        self._lock = threading.Lock()
        self._client = httpx.Client(trust_env=False, verify=trust())
        self._threads = [threading.Thread(target=self._run, daemon=True, name=f"{name}-voice-{n}") for n in range(senders)]
        for thread in self._threads:
            thread.start()

    def address(self, letter: L, /) -> str:
        """Where it goes, asked when it leaves."""
        raise NotImplementedError

    def headers(self, letter: L) -> Mapping[str, str]:
        """All that the forge sends along."""
        raise NotImplementedError

    def settled(self, letter: L) -> None:
        """It was answered, or failed."""

    def post(self, make: Callable[[int], L], *, at_once: bool = False) -> L:
        """Queue what `make` makes of its number. Callers hold no answer to wait for."""
        with self._lock:
            letter = make(len(self.deliveries) + 1)
            self.deliveries.append(letter)
            if at_once or not self.held:
                self._start(letter)
        return letter

    def delivery(self, delivery_id: int) -> L | None:
        with self._lock:
            return next((each for each in self.deliveries if each.id == delivery_id), None)

    def known(self, delivery_id: int) -> L:
        """That delivery. LookupError if there is none."""
        found = self.delivery(delivery_id)
        if found is None:
            raise LookupError(f"no delivery {delivery_id}; there are {len(self.deliveries)}")
        return found

    def redeliver(self, delivery_id: int) -> L:
        """Send that delivery again, the same bytes as a new attempt. LookupError if there is none."""
        first = replace(self.known(delivery_id), redelivery=True, status=0, answer="held")
        return self.post(lambda number: replace(first, id=number, at=self._now()), at_once=True)

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

    def _start(self, letter: L) -> None:
        letter.answer = "sending"
        self._queue.put(letter)

    def _run(self) -> None:
        while (letter := self._queue.get()) is not None:
            try:
                self._send(letter)
                self.settled(letter)
            finally:
                self._queue.task_done()
        self._queue.task_done()

    def _send(self, letter: L) -> None:
        headers = dict(self.headers(letter))
        try:
            answer = self._client.post(self.address(letter), content=letter.body, headers=headers, timeout=self.timeout_s)
        except (httpx.HTTPError, httpx.InvalidURL) as failed:
            letter.answer = f"failed to connect to host: {type(failed).__name__}"
            return
        letter.status = answer.status_code
        letter.answer = "OK" if answer.is_success else f"Invalid HTTP Response: {answer.status_code}"
