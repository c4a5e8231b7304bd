"""Where GitLab's webhooks arrive in these tests."""

from __future__ import annotations

from typing import Any

from tests.integrations.sandbox.github.hook import Hook, Received


def _name(got: Received) -> str:
    """`merge_request.open`, `note.create`, `push`, `pipeline.success`."""
    attributes = got.payload.get("object_attributes", {})
    told = attributes.get("action") or attributes.get("status")
    return f"{got.payload['object_kind']}.{told}" if told else str(got.payload["object_kind"])


class GitLabHook(Hook):
    @property
    def names(self) -> list[str]:
        return [_name(each) for each in self.received]

    def last(self, name: str) -> dict[str, Any]:
        return next(each.payload for each in reversed(self.received) if _name(each) == name)
