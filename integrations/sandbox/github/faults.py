"""What goes wrong on purpose, what is slow on purpose, and the log of what was asked."""

from __future__ import annotations

import fnmatch
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from integrations.sandbox.github.refusal import DOCS, Refusal

SECONDARY = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
_WORDS = {
    401: "Bad credentials",
    403: "Resource not accessible by integration",
    404: "Not Found",
    409: "Conflict",
    422: "Validation Failed",
    429: SECONDARY,
    500: "Server Error",
    502: "Server Error",
    503: "Service Unavailable",
    504: "We couldn't respond to your request in time. Sorry about that.",
}


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
    after: bool = False
    """The request is carried out, and only its answer is lost."""

    def refusal(self) -> Refusal:
        return Refusal(self.status, _WORDS.get(self.status, "Server Error"), headers=self.headers)

    def answer(self) -> dict[str, Any]:
        if self.body is not None:
            return dict(self.body)
        words = _WORDS.get(self.status, "Server Error")
        return {"message": words, "documentation_url": DOCS, "status": str(self.status)}


class Faults:
    def __init__(self) -> None:
        self.latency_s = 0.0
        self.calls: list[LoggedCall] = []
        self.unmodelled: list[str] = []
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

    def log_unmodelled(self, what: str) -> None:
        with self._lock:
            self.unmodelled.append(what)
