"""What is asked of an endpoint of the organisation's own, which a step of a chain tells of a request that nobody answers."""

from __future__ import annotations

from typing import Protocol


class Hooks(Protocol):
    """Endpoints, by the names that the settings give them."""

    def knows(self, hook: str) -> bool:
        """Whether there is an endpoint of that name."""
        ...

    def call(self, hook: str, body: bytes, key: str) -> None:
        """Tell it once; `key` names the telling, and is the same when it is tried again.

        Raises Unavailable where it should be tried again, and Refused where a setting here or there is wrong.
        """
        ...
