"""GitLab as a stage: the verbs that every forge's stories are told in, done on `FakeGitLab`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Unpack

from bot.core.ids import ForgeName
from integrations.sandbox.details import Files, PushDetails
from integrations.sandbox.gitlab.fake import FakeGitLab
from integrations.sandbox.gitlab.model import Job, MergeRequest, Pipeline, Project
from integrations.sandbox.gitlab.people import Access
from integrations.sandbox.gitlab.pipelines import FINISHED
from integrations.sandbox.gitlab.said import state_of, title_of
from integrations.sandbox.played import NOWHERE, PlayedStage
from integrations.sandbox.stage import ChangeSeen, CheckSeen

PATTERNS = {
    "look": "graphql:Change",
    "files": "GET */raw_diffs",
    "check": "POST */statuses/*",
    "comment": "* */notes*",
    "label": "PUT */merge_requests/*",
    "review": "POST */discussions",
}
"""What each kind of call is called here."""


class GitLabStage(PlayedStage[MergeRequest]):
    """Implements `integrations.sandbox.stage.ForgeStage`. `fake` is the stand-in itself, for what only GitLab has.

    `gate` is the name of this host in the gate's settings.
    """

    forge: ForgeName = "gitlab"
    patterns = PATTERNS
    title = "GitLab"

    def __init__(self, fake: FakeGitLab, host: str = "gitlab.sandbox", gate: str = "work") -> None:
        super().__init__(fake, host)
        self.fake = fake
        self.gate = gate
        fake.verbs.statuses.posted.append(self._train_goes_on)

    # what people do

    def push(self, repo: str, branch: str, files: Files, **details: Unpack[PushDetails]) -> str:
        return self.fake.push(repo, branch, files, **details)

    def approve(self, repo: str, number: int, *, by: str) -> None:
        self.fake.approve(repo, number, by=by)

    def take_back(self, repo: str, number: int, *, by: str) -> None:
        self.fake.unapprove(repo, number, by=by)

    def fork(self, repo: str, *, by: str) -> str:
        """The bot is let into it: a fork's pipelines, and so the gate's status, live in the fork."""
        copy = self.fake.fork(repo, by)
        self.fake.grant(copy.path, self.fake.bot.username, Access.DEVELOPER)
        return copy.path

    def forge_green(self, repo: str, number: int, *, by: str) -> None:
        """A commit status of that name, where the head pipeline is."""
        with self.fake.world.lock:
            mr = self.fake.change(repo, number)
            pipeline = self.fake.verbs.pipelines.head(mr)
            project = pipeline.project if pipeline else mr.source_project
            self.fake.forge_status(project.path, mr.sha, self.fake.check_name, by=by)

    def require_queue(self, repo: str, branch: str) -> None:  # noqa: ARG002 - GitLab asks a whole project
        """Merge trains are Premium's."""
        if self.fake.licence == "free":
            self.fake.licence = "premium"
        settings = self.fake.settings(repo)
        settings.merged_results_pipelines = settings.merge_trains = True

    def queue(self, repo: str, numbers: Sequence[int], *, by: str) -> str:
        """One car each, in this order."""
        with self.fake.world.lock:
            cars = [self.fake.add_to_train(repo, number, by=by) for number in numbers]
        pipeline = cars[-1].pipeline
        if pipeline is None:
            raise LookupError(f"the last car of {numbers} has no pipeline")
        return pipeline.sha

    # what people see

    def check(self, repo: str, sha: str) -> CheckSeen:
        """The row of the gate's name that GitLab shows in the pipeline that counts, whoever posted it."""
        with self.fake.world.lock:
            project = self.fake.world.project(repo)
            found = self._pipelines(project, sha)
            rows = [job for pipeline in found for job in pipeline.jobs if job.external and job.name == self.fake.check_name]
            shown = next((job for job in rows if not job.retried and any(job is each for each in found[0].jobs)), None)
            if shown is None:
                return CheckSeen("absent")
            said = shown.description or ""
            notes = [note for mr in self._of(project, sha) for note in self._seen(mr).comments]
            mine = sorted((job for job in rows if job.by is self.fake.bot), key=lambda job: job.id)
            made = tuple(f"{state_of(job)}: {title_of(job)}" for job in mine)
            return CheckSeen(state_of(shown), title_of(shown), "\n".join([said, *notes]), shown.at, made)

    # the wire

    def connect(self, gate_url: str) -> None:
        hook_url = f"{gate_url}/webhooks/gitlab/{self.gate}"
        if not self.fake.hooks:
            self.fake.install(hook_url)
        for hook in self.fake.hooks:
            hook.url = hook_url
            self.fake.voice.enable(hook)

    def disconnect(self) -> None:
        for hook in self.fake.hooks:
            hook.url = NOWHERE

    def settings(self) -> dict[str, dict[str, Any]]:
        told = {
            "host": self.host,
            "url": self.fake.url,
            "token": self.fake.bot_token,
            "webhook_token": self.fake.hook_token,
            "check_name": self.fake.check_name,
            **self._application,
        }
        return {"gitlab": {self.gate: told}}

    @property
    def secrets(self) -> tuple[str, ...]:
        return (self.fake.bot_token, self.fake.hook_token, self.fake.signing_token, self.fake.client_secret)

    def _of(self, project: Project, sha: str) -> list[MergeRequest]:
        """The merge requests that this commit is judged for, open ones first."""
        trained = [each.merge_request for each in project.pipelines if each.sha == sha and each.merge_request]
        heads = [mr for mr in project.merge_requests.values() if mr.sha == sha]
        return sorted({mr.iid: mr for mr in [*heads, *trained]}.values(), key=lambda mr: (mr.state != "opened", mr.iid))

    def _pipelines(self, project: Project, sha: str) -> list[Pipeline]:
        """Those on that commit, the one that counts first: the head pipeline of a merge request, else the newest."""
        heads = [self.fake.verbs.pipelines.head(mr) for mr in self._of(project, sha) if mr.sha == sha]
        places = [project, *(mr.source_project for mr in self._of(project, sha))]
        others = [each for place in places for each in reversed(place.pipelines) if each.sha == sha]
        return list({each.id: each for each in [*heads, *others] if each is not None}.values())

    def _train_goes_on(self, pipeline: Pipeline, job: Job) -> None:
        """The project's own CI on a train is as quick as the gate: it ends when the gate has said its word."""
        mine = job.name == self.fake.check_name and job.status in FINISHED
        if mine and pipeline.ref.endswith("/train"):
            for each in [each for each in pipeline.jobs if each.status == "running" and not each.external]:
                self.fake.verbs.pipelines.finish(pipeline.project, each.id, "success")

    def _seen(self, mr: MergeRequest) -> ChangeSeen:
        bot = self.fake.bot
        said = [note for note in mr.notes if note.by is bot and not note.system]
        return ChangeSeen(
            number=mr.iid,
            title=mr.title,
            author=mr.by.username,
            state="merged" if mr.state == "merged" else "closed" if mr.state == "closed" else "open",
            draft=mr.draft,
            head_sha=mr.sha,
            head_ref=mr.source_branch,
            base_ref=mr.target_branch,
            labels=tuple(mr.labels),
            comments=tuple(note.body for note in said if not note.resolvable),
            reviews=tuple(note.body for note in said if note.resolvable),
        )
