"""Trigger ids: handed out with each interaction, spent once, worthless after three seconds of the workspace's clock."""

from __future__ import annotations

from integrations.sandbox.slack.refusal import Refusal
from integrations.sandbox.slack.workspace import Workspace

LIFETIME_S = 3.0


class Triggers:
    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._issued: dict[str, tuple[str, float]] = {}
        self._spent: set[str] = set()

    def issue(self, user: str) -> str:
        seconds = self._workspace.seconds()
        trigger = f"{self._workspace.serial()}.{int(seconds)}.{user.lower()}"
        self._issued[trigger] = (user, seconds)
        return trigger

    def spend(self, trigger: str) -> str:
        """The person who acted. Refuses a trigger that was never issued, was used before, or is too old."""
        if trigger in self._spent:
            raise Refusal("exchanged_trigger_id")
        if trigger not in self._issued:
            raise Refusal("invalid_trigger_id")
        user, issued = self._issued.pop(trigger)
        self._spent.add(trigger)
        if self._workspace.seconds() - issued > LIFETIME_S:
            raise Refusal("expired_trigger_id")
        return user
