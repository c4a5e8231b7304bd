"""A GitLab of our own on loopback, and the real adapter against it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.core.ids import ChangeRef, RepoRef
from integrations.gitlab.attachments import Attached
from integrations.gitlab.carriers import Showing
from integrations.gitlab.client import Client, Credentials, Endpoint
from integrations.gitlab.forge import GitLabForge
from integrations.sandbox.clock import FakeClock
from integrations.sandbox.gitlab.fake import FakeGitLab

HOST, SHOP = "gitlab.test", "acme/web/shop"
REPO = RepoRef("gitlab", HOST, SHOP)
ATTACHED = Attached("tests", packages=True)
LOOK, DIFF, PATHS, TEXTS = (
    "POST /graphql Change",
    "GET /merge_requests/1/raw_diffs",
    "POST /graphql Paths",
    "POST /graphql Texts",
)


@dataclass(slots=True)
class Scene:
    """The stand-in, the adapter, and what the adapter asked since the last look."""

    gitlab: FakeGitLab
    client: Client
    forge: GitLabForge
    told: int = 0

    def change(self, branch: str = "feature", *, by: str = "ann", base: str = "main") -> ChangeRef:
        """Open a merge request from a branch that was pushed."""
        return ChangeRef(REPO, self.gitlab.open_change(SHOP, branch, by=by, base=base, title="A change").iid)

    def pushed(self, files: dict[str, str | bytes | None]) -> ChangeRef:
        """A merge request whose branch changes these files."""
        self.push(files)
        return self.change()

    def push(self, files: dict[str, str | bytes | None], branch: str = "feature", by: str = "ann") -> str:
        return self.gitlab.push(SHOP, branch, files, by=by)

    def attaching(self) -> GitLabForge:
        """Another adapter, that reads attachments as well."""
        return GitLabForge(self.client, HOST, Showing(), ATTACHED)

    def asked(self) -> list[str]:
        """Calls since the last time, below the project."""
        calls = [str(call).partition(" -> ")[0] for call in self.gitlab.calls[self.told :]]
        self.told = len(self.gitlab.calls)
        return sorted(call.replace(f"/projects/{SHOP}", "") for call in calls)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """`acme/web/shop` with ann and bo, and a base that has a policy."""
    with FakeGitLab(tmp_path, FakeClock(), licence="premium") as gitlab:
        gitlab.user("ann", id=2001, emails=["ann@example.com"])
        gitlab.user("bo", id=2002, emails=["bo@example.com"])
        gitlab.user("duo-developer", id=2003, emails=["duo@example.com"], kind="service_account")
        gitlab.project(
            SHOP,
            files={
                "README.md": "# Shop\n",
                "src/old.py": "one = 1\ntwo = 2\n",
                ".llmgate/policy.yaml": "version: 1\n",
                "docs/CODEOWNERS": "* @bo\n",
                ".gitlab/CODEOWNERS": "* @nobody\n",
                ".gitattributes": "gen/** llmgate-generated\n",
            },
        )
        client = Client(Credentials(gitlab.bot_token), Endpoint(gitlab.url))
        yield Scene(gitlab, client, GitLabForge(client, HOST))
        client.close()
        assert gitlab.unmodelled == []
        assert gitlab.faults.pending() == 0, "a planned fault was never met"
