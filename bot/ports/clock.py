"""Time, as a port: nothing else tells the hour."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """The current instant, with a UTC offset."""
        ...
