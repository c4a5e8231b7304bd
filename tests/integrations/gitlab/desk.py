"""A GitLab of our own on loopback with one merge request, and what delivers to it: the real client over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bot.core.actions import CheckState, ForgeAction, SetCheck
from bot.core.ids import ChangeRef, RepoRef
from integrations.gitlab.carriers import Carriers, Showing
from integrations.gitlab.client import Client, Credentials, Endpoint
from integrations.gitlab.delivery import Deliverer
from integrations.gitlab.pipelines import HeadPipeline, HeadPipelines
from integrations.sandbox.clock import FakeClock
from integrations.sandbox.gitlab.fake import FakeGitLab
from integrations.sandbox.gitlab.model import Job, Licence, Pipeline

HOST, SHOP = "gitlab.test", "acme/web/shop"
REPO = RepoRef("gitlab", HOST, SHOP)
STATUSES = "POST /projects/*/statuses/*"


@dataclass(slots=True)
class Desk:
    gitlab: FakeGitLab
    client: Client
    ref: ChangeRef
    clock: FakeClock
    seen: HeadPipelines = field(default_factory=HeadPipelines)
    told: int = 0
    seconds: float = 0.0
    """What the carriers' clock counts."""
    showing: Showing = field(default_factory=Showing)

    def deliverer(self, showing: Showing | None = None) -> Deliverer:
        return Deliverer(Carriers(showing or self.showing, lambda: self.seconds), lambda: self.gitlab.bot.id, self.seen)

    def deliver(self, action: ForgeAction, external_id: str | None = None) -> str:
        return self.deliverer().deliver(self.client, action, external_id)

    def check(self, state: CheckState = "waiting", title: str = "One approval missing") -> SetCheck:
        url = "https://llmgate.test/c/1"
        return SetCheck(REPO, self.head, state, title, "**who**", "details", url, self.ref)

    @property
    def head(self) -> str:
        return self.gitlab.change(SHOP, self.ref.number).sha

    def look(self, pipeline: Pipeline) -> None:
        """Remember that pipeline as the newest of the head, as a look would."""
        self.seen.remember(
            REPO, self.head, HeadPipeline(pipeline.id, pipeline.sha, pipeline.project.path, pipeline.ref.endswith("/train"))
        )

    def status(self, sha: str = "", project: str = SHOP) -> Job:
        """The one status of ours that counts."""
        (only,) = [job for job in self.gitlab.statuses(project, sha or self.head) if job.name == "llmgate"]
        return only

    def rows(self, sha: str = "") -> list[Job]:
        """Every row of our name, those that no longer count with them."""
        found = [one for one in self.gitlab.world.project(SHOP).pipelines if one.sha == (sha or self.head)]
        return [job for pipeline in found for job in pipeline.jobs if job.name == "llmgate"]

    def asked(self) -> list[str]:
        """Calls since the last time, below the project."""
        calls = [str(call).partition(" -> ")[0] for call in self.gitlab.calls[self.told :]]
        self.told = len(self.gitlab.calls)
        return [call.replace(f"/projects/{SHOP}", "").replace("/projects/acme%2Fweb%2Fshop", "") for call in calls]


@contextmanager
def open_desk(root: Path, licence: Licence = "free") -> Iterator[Desk]:
    """`acme/web/shop` with ann and bo, and ann's merge request. Ends with every planned fault met."""
    clock = FakeClock()
    with FakeGitLab(root, clock, licence=licence) as gitlab:
        gitlab.user("ann", id=2001, name="Ann", emails=["ann@example.com"])
        gitlab.user("bo", id=2002, name="Bo", emails=["bo@example.com"])
        gitlab.project(SHOP, files={"README.md": "# Shop\n"})
        gitlab.push(SHOP, "feature", {"a.py": "a\n"}, by="ann")
        number = gitlab.open_change(SHOP, "feature", by="ann", title="A change").iid
        client = Client(Credentials(gitlab.bot_token), Endpoint(gitlab.url))
        yield Desk(gitlab, client, ChangeRef(REPO, number), clock)
        client.close()
        assert gitlab.unmodelled == []
        assert gitlab.faults.pending() == 0, "a planned fault was never met"
