"""What the worlds of all forges have: ids, time, and the one lock that keeps them whole.

Two clocks. The given one dates everything that is shown (commits, changes, comments), so that a story is the same every
time. Authentication follows the machine's own clock, because clients do: they date a JWT themselves and measure a token's
remaining life by the machine's time. `auth_skew_s` shifts it, to let tokens expire.
"""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import ClassVar

from bot.ports.clock import Clock


class ForgeWorld(ABC):
    """Hold `lock` while reading or changing more than one thing."""

    first_ids: ClassVar[Mapping[str, int]]
    """Where the numbers of each kind begin; those of other kinds begin with 1."""

    def __init__(self, root: Path, clock: Clock) -> None:
        self.root = root
        self.clock = clock
        self.lock = threading.RLock()
        self.url = ""
        self.auth_skew_s = 0.0
        self.verified: set[str] = set()
        """Commits whose signature the forge calls good."""
        self._ids: Counter[str] = Counter()

    def now(self) -> datetime:
        return self.clock.now()

    def auth_now(self) -> float:
        """Seconds since 1970 as authentication sees them."""
        return time.time() + self.auth_skew_s

    def next_id(self, kind: str) -> int:
        self._ids[kind] += 1
        return self.first_ids.get(kind, 1) + self._ids[kind] - 1

    @abstractmethod
    def identity(self, who: str) -> str:
        """`Name <address>` as given, or of the account with that login."""

    @abstractmethod
    def close(self) -> None:
        """End every open git process."""
