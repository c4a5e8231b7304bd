"""Trouble on order: the next call of a method fails, or the documented rate limits hold."""

from __future__ import annotations

import math
from collections import defaultdict, deque
from dataclasses import dataclass

from integrations.sandbox.slack.methods import POSTING, Method
from integrations.sandbox.slack.workspace import Workspace

MINUTE = 60.0


@dataclass(slots=True)
class Fault:
    """`error` is a code of Slack's, or an HTTP status."""

    method: str
    error: str | int
    times: int
    retry_after: int | None
    after: bool
    """The call takes effect, and only its answer is lost."""


class Faults:
    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self.down = False
        """Every call is answered 503."""
        self._ordered: list[Fault] = []
        self._used: dict[tuple[str, str], deque[float]] = defaultdict(deque)

    def order(self, fault: Fault) -> None:
        self._ordered.append(fault)

    def next_for(self, method: str) -> Fault | None:
        """The fault ordered for this call, used up by one."""
        if self.down:
            return Fault(method, 503, 1, None, False)
        for fault in self._ordered:
            if fault.method == method and fault.times > 0:
                fault.times -= 1
                return fault
        return None

    def wait_s(self, name: str, method: Method, channel: str) -> int:
        """Whole seconds until this call is allowed, 0 where it is now (and then it counts)."""
        allowed, window = (1, 1.0) if method.per_minute == POSTING else (method.per_minute, MINUTE)
        used = self._used[(name, channel if method.per_minute == POSTING else "")]
        now = self._workspace.seconds()
        while used and now - used[0] >= window:
            used.popleft()
        if len(used) >= allowed:
            return max(1, math.ceil(window - (now - used[0])))
        used.append(now)
        return 0
