"""How the Web API says no: HTTP 200 with `ok: false`, a code, and sometimes more beside it."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]
"""A JSON object as it travels."""


class Refusal(Exception):
    """A request that Slack answers with `ok: false`. `more` stands beside the code in the answer."""

    def __init__(self, code: str, **more: Any) -> None:
        super().__init__(code)
        self.code = code
        self.more = more

    def body(self) -> Json:
        return {"ok": False, "error": self.code, **self.more}


def missing_scope(needed: str, provided: frozenset[str]) -> Refusal:
    return Refusal("missing_scope", needed=needed, provided=",".join(sorted(provided)))


def invalid(code: str, problems: list[str]) -> Refusal:
    """A refusal of a payload, naming every problem with its JSON pointer as Slack does."""
    return Refusal(code, errors=problems, response_metadata={"messages": [f"[ERROR] {problem}" for problem in problems]})
