"""What goes wrong on purpose, what is slow on purpose, and the log of what was asked. Each forge has its own words for it."""

from __future__ import annotations

import fnmatch
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class LoggedCall:
    """One request as it was answered. `route` is the pattern, `operation` what a GraphQL document calls itself."""

    method: str
    path: str
    route: str
    status: int
    operation: str = ""

    @property
    def kind(self) -> Literal["read", "write"]:
        """GraphQL queries read, though they are posted."""
        return "read" if self.method in ("GET", "HEAD") or self.route == "/graphql" else "write"

    def __str__(self) -> str:
        return f"{self.method} {self.path}{' ' + self.operation if self.operation else ''} -> {self.status}"


@dataclass(slots=True)
class Fault:
    pattern: str
    status: int
    left: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    """None: what the forge would say with that status."""
    after: bool = False
    """The request is carried out, and only its answer is lost."""


class Faults:
    def __init__(self) -> None:
        self.latency_s = 0.0
        self.calls: list[LoggedCall] = []
        self.unmodelled: list[str] = []
        self.heard: Callable[[LoggedCall], None] | None = None
        """Told of each call once it is carried out and before its answer leaves."""
        self._planned: list[Fault] = []
        self._lock = threading.Lock()

    def plan(self, fault: Fault) -> None:
        with self._lock:
            self._planned.append(fault)

    def take(self, method: str, path: str, operation: str = "") -> Fault | None:
        """The fault that this request runs into. Patterns: `GET /repos/*/pulls/*`, `*check-runs*`, `graphql:Operation`."""
        names = (f"{method} {path}", path, *([f"graphql:{operation}", "graphql"] if path == "/graphql" else []))
        with self._lock:
            for fault in self._planned:
                if any(fnmatch.fnmatchcase(name, fault.pattern) for name in names):
                    fault.left -= 1
                    if fault.left <= 0:
                        self._planned.remove(fault)
                    return fault
        return None

    def pending(self) -> int:
        """Planned faults nothing has run into yet."""
        return len(self._planned)

    def log(self, call: LoggedCall) -> None:
        with self._lock:
            self.calls.append(call)
        if self.heard is not None:
            self.heard(call)

    def log_unmodelled(self, what: str) -> None:
        with self._lock:
            self.unmodelled.append(what)
