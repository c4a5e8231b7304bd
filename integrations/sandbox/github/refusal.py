"""GitHub's ways of saying no, in its own shape: status, message, `errors`, headers.

A refusal is raised by whatever part finds the reason, verbs included, and rendered once by the face. A test that calls a
verb directly sees the same exception with the same status that a client would get over HTTP.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from integrations.sandbox.stage import ForgeRefused

DOCS = "https://docs.github.com/rest"


@dataclass(eq=False)
class Refusal(ForgeRefused):
    """The request is answered with this status and message."""

    status: int
    message: str
    errors: tuple[Mapping[str, Any], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    def answer(self) -> dict[str, Any]:
        told: dict[str, Any] = {"message": self.message}
        if self.errors:
            told["errors"] = [dict(error) for error in self.errors]
        return {**told, "documentation_url": DOCS, "status": str(self.status)}


def not_found() -> Refusal:
    """Missing and invisible look alike on GitHub."""
    return Refusal(404, "Not Found")


def forbidden(missing: str) -> Refusal:
    """The token lacks a permission; the header names what would be accepted."""
    accepted = missing.replace(":", "=")
    return Refusal(403, "Resource not accessible by integration", headers={"X-Accepted-GitHub-Permissions": accepted})


def bad_credentials() -> Refusal:
    return Refusal(401, "Bad credentials")


def invalid(resource: str, field_name: str, code: str, message: str = "") -> Refusal:
    """422 with one entry in `errors`, as validation of a single field gives."""
    error: dict[str, Any] = {"resource": resource, "field": field_name, "code": code}
    if message:
        error["message"] = message
    return Refusal(422, "Validation Failed", (error,))


def unprocessable(message: str) -> Refusal:
    """422 as GitHub's schema check words it: one sentence, no `errors`."""
    return Refusal(422, f"Invalid request.\n\n{message}")
