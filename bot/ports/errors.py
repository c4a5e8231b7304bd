"""How the world may fail. Adapters translate their client's errors at their edge, and nothing above sees those.

Errors mean that the world broke; a "no" is a value. The tree:

    WorldError
    ├── Unavailable      try again, after `retry_after_s` where the service named one
    │   └── RateLimited
    ├── Refused          a permission, a scope, a setting: a person has to act
    ├── Vanished         the thing is gone: a deleted message, a closed channel, a removed repository
    └── Conflict         somebody was faster; read again and decide again
"""

from __future__ import annotations


class WorldError(Exception):
    """Something outside the gate failed."""


class Unavailable(WorldError):
    """The service did not answer, or not now."""

    def __init__(self, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class RateLimited(Unavailable):
    """The service asked to slow down."""


class Refused(WorldError):
    """The service refused: a permission, a scope or a setting is missing. Retrying does not help."""


class Vanished(WorldError):
    """The thing asked for is gone."""


class Conflict(WorldError):
    """Somebody else changed it first."""
