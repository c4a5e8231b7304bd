"""GitLab's ways of saying no. Mostly `{"message": "404 Project Not Found"}`; some parts say `{"error": ...}` or name fields.

A refusal is raised by whatever part finds the reason, verbs included, and rendered once by the face. A test that calls a
verb directly sees the same exception with the same status that a client would get over HTTP.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from integrations.sandbox.stage import ForgeRefused


@dataclass(eq=False)
class Refusal(ForgeRefused):
    """The request is answered with this status; with `body` in place of `{"message": message}` where that is given."""

    status: int
    message: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None

    def answer(self) -> dict[str, Any]:
        return {"message": self.message} if self.body is None else dict(self.body)


def not_found(what: str = "") -> Refusal:
    """Missing and invisible look alike. `what` is `Project`, `Merge Request`, ..."""
    return Refusal(404, f"404 {what} Not Found" if what else "404 Not Found")


def unauthorized() -> Refusal:
    return Refusal(401, "401 Unauthorized")


def forbidden(reason: str = "") -> Refusal:
    return Refusal(403, f"403 Forbidden - {reason}" if reason else "403 Forbidden")


def bad_request(message: str) -> Refusal:
    """400 with one sentence."""
    return Refusal(400, message)


def invalid(field_name: str, *problems: str, status: int = 400) -> Refusal:
    """Validation of a field as a record reports it: `{"message": {"title": ["can't be blank"]}}`."""
    return Refusal(status, f"{field_name} {', '.join(problems)}", body={"message": {field_name: list(problems)}})


def conflict(message: str = "409 Conflict") -> Refusal:
    return Refusal(409, message)
