"""What is asked of a source of holidays."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Protocol


class Holidays(Protocol):
    """Days on which people do not work, by whose or which zone's they are."""

    def known(self, names: Sequence[str]) -> frozenset[date]:
        """Local dates of the first of these names that has a calendar, else of the default one. Asks nobody: what was last
        read is told, nothing before."""
        ...

    def refresh(self) -> int:
        """Read anew what is due, a day after it was read and an hour after it could not be. Returns how many calendars were
        read. Raises nothing: what cannot be read is a problem, and what was known before still holds."""
        ...

    def problems(self) -> tuple[str, ...]:
        """What is wrong with calendars now, as sentences that name the setting."""
        ...
