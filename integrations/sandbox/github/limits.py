"""The primary rate limits: an hour's budget for each token and resource, told in headers, refused when spent."""

from __future__ import annotations

from dataclasses import dataclass

from integrations.sandbox.github.auth import Caller
from integrations.sandbox.github.refusal import Refusal
from integrations.sandbox.github.state import World

WINDOW_S = 3600
PER_HOUR = 15_000
"""What an installation in an Enterprise Cloud organisation has."""


@dataclass(slots=True)
class _Budget:
    used: int
    reset: int


class RateLimits:
    def __init__(self, world: World) -> None:
        self._world = world
        self.per_hour = PER_HOUR
        self._budgets: dict[tuple[str, str], _Budget] = {}

    def spend(self, caller: Caller, path: str) -> None:
        """Count one request. Refuses when the hour's budget is gone; asking for the limit itself is free."""
        if path == "/rate_limit" or caller.kind == "app":
            return
        budget = self._budget(caller, path)
        if budget.used >= self.per_hour:
            raise Refusal(403, f"API rate limit exceeded for installation ID {self._world.app.installation_id}.")
        budget.used += 1

    def headers(self, caller: Caller, path: str, *, refund: bool = False) -> dict[str, str]:
        budget = self._budget(caller, path)
        if refund:  # an answer of 304 is free
            budget.used -= 1
        return {
            "X-RateLimit-Limit": str(self.per_hour),
            "X-RateLimit-Remaining": str(self.remaining(caller, path)),
            "X-RateLimit-Reset": str(budget.reset),
            "X-RateLimit-Used": str(budget.used),
            "X-RateLimit-Resource": _resource(path),
        }

    def remaining(self, caller: Caller, path: str) -> int:
        return max(0, self.per_hour - self._budget(caller, path).used)

    def told(self, caller: Caller, path: str) -> dict[str, int | str]:
        """The budget as `GET /rate_limit` shows it."""
        budget, left = self._budget(caller, path), self.remaining(caller, path)
        return {
            "limit": self.per_hour,
            "remaining": left,
            "used": budget.used,
            "reset": budget.reset,
            "resource": _resource(path),
        }

    def _budget(self, caller: Caller, path: str) -> _Budget:
        key, now = (caller.token, _resource(path)), self._world.auth_now()
        known = self._budgets.get(key)
        if known is None or known.reset <= now:
            known = self._budgets[key] = _Budget(0, int(now) + WINDOW_S)
        return known


def _resource(path: str) -> str:
    return "graphql" if path == "/graphql" else "core"
