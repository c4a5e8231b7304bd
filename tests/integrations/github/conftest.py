"""A GitHub of our own on loopback, and the real adapter against it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.core.ids import ChangeRef, RepoRef
from integrations.github.client import AppCredentials, Endpoint, Sessions
from integrations.github.forge import GitHubForge
from integrations.sandbox.clock import FakeClock
from integrations.sandbox.github.fake import FakeGitHub

HOST = "github.test"
SHOP = "acme/shop"
REPO = RepoRef("github", HOST, SHOP)
SIGNING_IN = ("POST /app/installations", f"GET /repos/{SHOP}/installation", "GET /app")


@dataclass(slots=True)
class Scene:
    """The stand-in, the adapter, and what the adapter asked since the last look."""

    github: FakeGitHub
    forge: GitHubForge
    sessions: Sessions
    told: int = 0

    def change(self, branch: str = "feature", *, by: str = "ann", base: str = "main") -> ChangeRef:
        """Open a change from a branch that was pushed."""
        return ChangeRef(REPO, self.github.open_change(SHOP, branch, by=by, base=base, title="A change").number)

    def asked(self) -> list[str]:
        """Calls since the last time, without those that sign in."""
        calls = [str(call).partition(" -> ")[0] for call in self.github.faults.calls[self.told :]]
        self.told = len(self.github.faults.calls)
        return sorted(call for call in calls if not call.startswith(SIGNING_IN))


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """`acme/shop` with ann and bo, and a base that has a policy."""
    with FakeGitHub(tmp_path, FakeClock()) as github:
        github.user("ann", id=2001, emails=["ann@example.com"])
        github.user("bo", id=2002, emails=["bo@example.com"])
        github.user("helper[bot]", id=198_982_749, bot=True)
        github.repository(
            SHOP,
            files={
                "README.md": "# Shop\n",
                "src/old.py": "one = 1\ntwo = 2\n",
                ".llmgate/policy.yaml": "version: 1\n",
                ".github/CODEOWNERS": "* @bo\n",
                "CODEOWNERS": "* @nobody\n",
                ".gitattributes": "gen/** llmgate-generated\n",
            },
        )
        sessions = Sessions(AppCredentials(github.app.id, github.app.private_key), Endpoint(github.api_url))
        scene = Scene(github, GitHubForge(sessions, HOST), sessions)
        yield scene
        sessions.close()
        assert github.faults.unmodelled == []
        assert github.faults.pending() == 0, "a planned fault was never met"
