"""Rate limits: a minute's budget for each caller, told in headers, and smaller ones for a few dear requests.

Windows follow the machine's own clock, because clients wait by it.
"""

from __future__ import annotations

from email.utils import formatdate

from integrations.sandbox.gitlab.auth import Caller
from integrations.sandbox.gitlab.refusal import Refusal
from integrations.sandbox.gitlab.state import World

WINDOW_S = 60
PER_MINUTE = 2_000
"""What gitlab.com lets an authenticated user ask of the API."""
DEAR = {"diffs": 300, "notes_create": 300}
"""By the name GitLab's settings give them: requests a minute and user."""
_TOO_OFTEN = "This endpoint has been requested too many times. Try again later."


class RateLimits:
    def __init__(self, world: World) -> None:
        self._world = world
        self.per_minute = PER_MINUTE
        self.dear = dict(DEAR)
        self._used: dict[tuple[str, str], int] = {}
        self._window = 0

    def spend(self, caller: Caller) -> None:
        """Count one request. Refuses in plain text, as the layer in front of GitLab's API does, when the budget is gone."""
        if self._count(caller, "api") > self.per_minute:
            headers = {"Retry-After": str(self._left_s()), "Content-Type": "text/plain"}
            raise Refusal(429, "Retry later\n", headers=headers)

    def spend_dear(self, caller: Caller, name: str) -> None:
        """Count one request of a kind that has a limit of its own; that refusal is JSON and says nothing of when."""
        if self._count(caller, name) > self.dear[name]:
            raise Refusal(429, _TOO_OFTEN, body={"message": {"error": _TOO_OFTEN}})

    def headers(self, caller: Caller) -> dict[str, str]:
        used = self._used.get((caller.key, "api"), 0)
        reset = self._window + WINDOW_S
        return {
            "RateLimit-Name": f"throttle_{'' if caller.user else 'un'}authenticated_api",
            "RateLimit-Limit": str(self.per_minute),
            "RateLimit-Observed": str(used),
            "RateLimit-Remaining": str(max(0, self.per_minute - used)),
            "RateLimit-Reset": str(reset),
            "RateLimit-ResetTime": formatdate(reset, usegmt=True),
        }

    def _count(self, caller: Caller, name: str) -> int:
        window = int(self._world.auth_now()) // WINDOW_S * WINDOW_S
        if window != self._window:
            self._window = window
            self._used.clear()
        key = (caller.key, name)
        self._used[key] = self._used.get(key, 0) + 1
        return self._used[key]

    def _left_s(self) -> int:
        return max(1, self._window + WINDOW_S - int(self._world.auth_now()))
