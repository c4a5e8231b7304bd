"""Pipelines and their jobs: which one speaks for a merge request, and what follows when one changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from integrations.sandbox.git.gitdir import NewCommit
from integrations.sandbox.gitlab.announce import Announcer
from integrations.sandbox.gitlab.model import Job, JobStatus, MergeRequest, Pipeline, Project
from integrations.sandbox.gitlab.people import User
from integrations.sandbox.gitlab.refusal import Refusal, not_found

Source = Literal["push", "merge_request_event", "external", "web"]
FINISHED: frozenset[JobStatus] = frozenset({"success", "failed", "canceled", "skipped"})


@dataclass(frozen=True, slots=True)
class Run:
    """What a pipeline is made for. `source_sha` is the head where `sha` is a commit made for the pipeline."""

    sha: str
    ref: str
    source: Source
    merge_request: MergeRequest | None = None
    source_sha: str | None = None
    jobs: Mapping[str, JobStatus] = field(default_factory=dict)
    artifacts: Mapping[str, bytes] = field(default_factory=dict)
    """Archives by the name of the job that leaves them."""


class Pipelines:
    def __init__(self, tell: Announcer) -> None:
        self._tell = tell
        self._world = tell.world
        self.settled: list[Callable[[Pipeline], None]] = []
        """Told of every pipeline whose status changed."""

    def of(self, mr: MergeRequest) -> list[Pipeline]:
        """All that ran for it: merge request pipelines first, then those of its branch in the source project; newest first."""
        commits = {mr.sha, *(version.head for version in mr.versions), *self._commits(mr)}
        projects = {id(each): each for each in (mr.project, mr.source_project)}.values()
        triggered = [each for project in projects for each in project.pipelines if each.merge_request is mr]
        of_branch = [
            each
            for each in mr.source_project.pipelines
            if each.source != "merge_request_event" and each.ref == mr.source_branch and each.sha in commits
        ]
        return sorted([*triggered, *of_branch], key=lambda each: (each.source != "merge_request_event", -each.id))

    def head(self, mr: MergeRequest) -> Pipeline | None:
        """The pipeline that speaks for the head commit; None while none ran for it."""
        return next((each for each in self.of(mr) if mr.sha in each.heads), None)

    def find(self, project: Project, number: int) -> Pipeline:
        for pipeline in project.pipelines:
            if pipeline.id == number:
                return pipeline
        raise not_found("Pipeline")

    def create(self, project: Project, run: Run, by: User, before: str | None = None) -> Pipeline:
        """A pipeline with these jobs; without jobs nothing is told of it yet."""
        now = self._world.now()
        pipeline = Pipeline(
            self._world.next_id("pipeline"), len(project.pipelines) + 1, project, run.sha, run.ref, run.source, by, now,
            merge_request=run.merge_request, source_sha=run.source_sha, before_sha=before,
        )  # fmt: skip
        for name, status in run.jobs.items():
            job = Job(self._world.next_id("job"), name, "test", "created", by, now, ref=run.ref)
            job.artifacts = run.artifacts.get(name)
            self.set_status(job, status)
            pipeline.jobs.append(job)
        project.pipelines.append(pipeline)
        if pipeline.jobs:
            self.changed(pipeline)
        return pipeline

    def run_for(self, mr: MergeRequest, run: Run, by: User, *, in_target: bool = False) -> Pipeline:
        """A merge request pipeline on the head; of a fork's merge request it runs in the fork unless `in_target`."""
        project = mr.project if in_target else mr.source_project
        return self.create(project, run, by, mr.versions[-1].base)

    def merged_results(self, mr: MergeRequest, by: User) -> Run:
        """What a merged results pipeline runs on: a real merge of the head into the target, made for it (Premium)."""
        if not self._world.licensed("premium") or not mr.project.settings.merged_results_pipelines:
            raise Refusal(403, "403 Forbidden - merged results pipelines are not enabled for this project")
        ref = f"refs/merge-requests/{mr.iid}/merge"
        git = mr.project.git
        commit = NewCommit(ref, f"Merge {mr.sha} into {mr.target_branch}", by.identity, by.identity, self._world.now(), {})
        sha = git.merge_commit(commit, git.refs[f"refs/heads/{mr.target_branch}"], mr.sha)
        if sha is None:
            return Run(mr.sha, f"refs/merge-requests/{mr.iid}/head", "merge_request_event", mr)
        return Run(sha, ref, "merge_request_event", mr, source_sha=mr.sha)

    def finish(self, project: Project, job_id: int, status: JobStatus) -> Job:
        """A job of the project's own CI changes its status."""
        for pipeline in project.pipelines:
            for job in pipeline.jobs:
                if job.id == job_id:
                    was = pipeline.status
                    self.set_status(job, status)
                    if pipeline.status != was:
                        self.changed(pipeline)
                    return job
        raise not_found()

    def set_status(self, job: Job, status: JobStatus) -> None:
        """Status and the instants that go with it; telling of it is the caller's."""
        now = self._world.now()
        job.status = status
        if status not in ("created", "pending") and job.started_at is None:
            job.started_at = now
        job.finished_at = now if status in FINISHED else None

    def changed(self, pipeline: Pipeline) -> None:
        """The pipeline's status is another: tell of it, and let a merge train go on."""
        self._tell.pipeline(pipeline)
        for each in self.settled:
            each(pipeline)

    def _commits(self, mr: MergeRequest) -> tuple[str, ...]:
        return mr.project.git.commits_between(mr.versions[-1].base, mr.sha) if mr.versions else ()
