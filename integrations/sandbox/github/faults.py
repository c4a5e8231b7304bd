"""How GitHub words what goes wrong on purpose."""

from __future__ import annotations

from typing import Any

from integrations.sandbox.faults import Fault
from integrations.sandbox.github.refusal import DOCS

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


def worded(fault: Fault) -> dict[str, Any]:
    """The body that this failure is answered with."""
    if fault.body is not None:
        return dict(fault.body)
    words = _WORDS.get(fault.status, "Server Error")
    return {"message": words, "documentation_url": DOCS, "status": str(fault.status)}
