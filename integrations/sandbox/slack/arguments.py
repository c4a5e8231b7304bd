"""The arguments of one Web API call, read strictly: JSON, form and query all arrive here alike."""

from __future__ import annotations

import json
from dataclasses import dataclass

from integrations.sandbox.slack.refusal import Json, Refusal


@dataclass(frozen=True, slots=True)
class Arguments:
    given: Json

    def text(self, name: str, default: str = "") -> str:
        value = self.given.get(name, default)
        if value is None:
            return default
        if isinstance(value, dict | list):
            raise Refusal("invalid_arguments", response_metadata={"messages": [f"[ERROR] {name} must be a string"]})
        return str(value)

    def required(self, name: str) -> str:
        value = self.text(name)
        if not value:
            raise Refusal("invalid_arguments", response_metadata={"messages": [f"[ERROR] missing required field: {name}"]})
        return value

    def flag(self, name: str) -> bool:
        return str(self.given.get(name, "")).lower() in ("1", "true")

    def number(self, name: str, default: int) -> int:
        try:
            return int(self.text(name, str(default)))
        except ValueError as bad:
            raise Refusal("invalid_arguments", response_metadata={"messages": [f"[ERROR] {name} must be a number"]}) from bad

    def value(self, name: str, code: str) -> object:
        """A JSON value, or JSON in a string as forms carry it; None when it was not given."""
        value = self.given.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError as bad:
            raise Refusal(code) from bad


def page(items: list[Json], arguments: Arguments, key: str) -> Json:
    """One page of a list, with the cursor of the next. The cursor is opaque and empty at the end."""
    limit = arguments.number("limit", 200)
    start = int(arguments.text("cursor", "0").removeprefix("next:") or 0)
    following = start + limit if start + limit < len(items) else 0
    cursor = f"next:{following}" if following else ""
    return {"ok": True, key: items[start : start + limit], "response_metadata": {"next_cursor": cursor}}
