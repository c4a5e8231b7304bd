"""The bot's own account: what it does itself comes back as webhooks, which shall tell it nothing."""

from __future__ import annotations

import threading

from bot.ports.answers import Tolerant
from integrations.gitlab.client import Client
from integrations.gitlab.mapping import number_of


class AccountItem(Tolerant):
    id: int


class OwnAccount:
    """Its number: learnt from the first look at a change, before anything is written that would come back. Thread-safe."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._lock = threading.Lock()
        self.known = 0
        """0 where it is not known yet."""

    def learn(self, gid: str) -> None:
        """From GraphQL's `currentUser`: whose token asks."""
        self.known = number_of(gid) or self.known

    def number(self) -> int:
        """Asked for once, where no look told it."""
        with self._lock:
            if not self.known:
                self.known = self._client.get("/user", AccountItem).id
            return self.known
