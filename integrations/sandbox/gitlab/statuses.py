"""Commit statuses posted from outside. They live in a pipeline, as jobs of its `external` stage, and belong to who posted them.

A status that is pending or running is updated by a later one of the same name from the same user; a finished one is
followed by a new row. Whichever was posted last, every other row of that name, whoever posted it, counts as retried from
then on. A row that somebody else's made retried is still updated, and stays retried.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypedDict

from integrations.sandbox.gitlab.model import Job, JobStatus, Pipeline, Project
from integrations.sandbox.gitlab.people import User
from integrations.sandbox.gitlab.pipelines import Pipelines, Run
from integrations.sandbox.gitlab.refusal import Refusal, bad_request, forbidden, invalid, not_found
from integrations.sandbox.gitlab.state import World

MAX_TEXT = 255
STAGE = "external"
_EVENTS: dict[str, tuple[str, JobStatus, frozenset[str]]] = {
    "pending": ("enqueue", "pending", frozenset({"created"})),
    "running": ("run", "running", frozenset({"created", "pending"})),
    "success": ("success", "success", frozenset({"created", "pending", "running"})),
    "failed": ("drop", "failed", frozenset({"created", "pending", "running"})),
    "canceled": ("cancel", "canceled", frozenset({"created", "pending", "running"})),
    "skipped": ("skip", "skipped", frozenset({"created", "pending"})),
}
"""By the state asked for: what GitLab calls the transition, where it leads, and from where it may start."""


class NewStatus(TypedDict, total=False):
    state: str
    name: str
    context: str
    ref: str
    target_url: str | None
    description: str | None
    pipeline_id: int


class Statuses:
    def __init__(self, world: World, pipelines: Pipelines) -> None:
        self._world = world
        self._pipelines = pipelines
        self.posted: list[Callable[[Pipeline, Job], None]] = []
        """Told of every status, once it is in its pipeline."""
        self.jobs_limit = 0
        """How many jobs a pipeline may hold, statuses among them; 0: any number. gitlab.com allows 500 on Free."""

    def post(self, project: Project, sha: str, new: NewStatus, by: User) -> Job:
        """Set a status on a commit, with all of GitLab's conditions."""
        self._check(project, sha, new, by)
        pipeline = self._pipeline(project, sha, new)
        ref = new.get("ref") or (pipeline.ref if pipeline else self._branch_of(project, sha))
        if not ref:
            raise not_found("References for commit")
        if new.get("pipeline_id") and pipeline is None:
            raise not_found("Pipeline for pipeline_id, sha and ref")
        if pipeline is not None and self._is_full(pipeline, ref, new, by):
            if new.get("pipeline_id"):
                raise Refusal(422, "The number of jobs has exceeded the limit")
            pipeline = None
        if not self._may_update(project, pipeline.ref if pipeline else ref, by):
            raise forbidden()
        if pipeline is None:
            pipeline = self._pipelines.create(project, Run(sha, ref, "external"), by)
        job = self._put(pipeline, ref, new, by)
        for each in self.posted:
            each(pipeline, job)
        return job

    def latest(self, project: Project, sha: str) -> list[Job]:
        """The newest external row of each name in each pipeline on that commit, oldest first."""
        found = [job for each in project.pipelines if each.sha == sha for job in each.jobs if job.external and not job.retried]
        return sorted(found, key=lambda job: job.id)

    def _check(self, project: Project, sha: str, new: NewStatus, by: User) -> None:
        if not self._world.develops(project, by):
            raise forbidden()
        if new.get("state") not in _EVENTS:
            problem = "state does not have a valid value" if new.get("state") else "state is missing"
            raise Refusal(400, problem, body={"error": problem})
        found = project.git.objects.read(sha)
        if found is None or found.kind != "commit":
            raise not_found("Commit")
        _check_texts(new)

    def _pipeline(self, project: Project, sha: str, new: NewStatus) -> Pipeline | None:
        """The newest one on that commit, among those of the ref and id that were named."""
        ref, number = new.get("ref"), new.get("pipeline_id")
        for each in reversed(project.pipelines):
            if each.sha == sha and (not ref or each.ref == ref) and (not number or each.id == number):
                return each
        return None

    def _is_full(self, pipeline: Pipeline, ref: str, new: NewStatus, by: User) -> bool:
        """No further job fits in. Who has a status there that waits may still move that one."""
        waits = any(_open(job, _name_of(new), ref, by) for job in pipeline.jobs)
        return bool(self.jobs_limit) and len(pipeline.jobs) >= self.jobs_limit and not waits

    def _branch_of(self, project: Project, sha: str) -> str | None:
        """The first branch that contains the commit."""
        for ref in sorted(project.git.refs):
            if ref.startswith("refs/heads/") and project.git.contains(project.git.refs[ref], sha):
                return ref.removeprefix("refs/heads/")
        return None

    def _may_update(self, project: Project, ref: str, by: User) -> bool:
        """A pipeline of a protected branch is for those who may push or merge there."""
        return self._world.protection(project, ref) is None or self._world.may_merge_into(project, ref, by)

    def _put(self, pipeline: Pipeline, ref: str, new: NewStatus, by: User) -> Job:
        name = _name_of(new)
        was = pipeline.status
        job = next((each for each in pipeline.jobs if _open(each, name, ref, by)), None)
        if job is None:
            job = Job(
                self._world.next_id("job"), name, STAGE, "created", by, self._world.now(), external=True, ref=pipeline.ref
            )
            self._move(job, new["state"])
            pipeline.jobs.append(job)
        else:
            self._move(job, new["state"])
        if "description" in new:
            job.description = new["description"]
        if "target_url" in new:
            job.target_url = new["target_url"]
        for older in pipeline.jobs:
            if older.name == name and older is not job:
                older.retried = True
        if pipeline.status != was or len(pipeline.jobs) == 1:
            self._pipelines.changed(pipeline)
        return job

    def _move(self, job: Job, state: str) -> None:
        event, to, starts = _EVENTS[state]
        if job.status not in starts:
            reason = f'Status cannot transition via "{event}"'
            raise bad_request(f"Cannot transition status via :{event} from :{job.status} (Reason(s): {reason})")
        self._pipelines.set_status(job, to)


def _name_of(new: NewStatus) -> str:
    return new.get("name") or new.get("context") or "default"


def _open(job: Job, name: str, ref: str, by: User) -> bool:
    return job.external and job.status in ("pending", "running") and (job.name, job.ref, job.by) == (name, ref, by)


def _check_texts(new: NewStatus) -> None:
    url = new.get("target_url")
    if url and not url.startswith(("http://", "https://")):
        raise invalid("target_url", "is blocked: Only allowed schemes are http, https")
    for field, value in (("target_url", url), ("description", new.get("description"))):
        if value and len(value) > MAX_TEXT:
            raise invalid(field, f"is too long (maximum is {MAX_TEXT} characters)")
