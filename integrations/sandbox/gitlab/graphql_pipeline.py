"""Pipelines and their jobs as GraphQL sees them: what was posted as a commit status is a job among the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack

from graphql import GraphQLError

from integrations.sandbox.gitlab.graphql_paging import Connection
from integrations.sandbox.gitlab.graphql_view import Gaze, UserView, gid, when
from integrations.sandbox.gitlab.model import Job, Pipeline
from integrations.sandbox.graphql.connection import Paging
from integrations.sandbox.graphql.documents import View

if TYPE_CHECKING:
    from integrations.sandbox.gitlab.graphql_project import ProjectView

_ACTIVE = ("created", "pending", "running")
JobAt = tuple[Pipeline, Job]


class PipelineView(View):
    typename = "Pipeline"

    def __init__(self, gaze: Gaze, pipeline: Pipeline) -> None:
        self._gaze = gaze
        self._pipeline = pipeline
        self.id = gid("Ci::Pipeline", pipeline.id)
        self.iid = str(pipeline.iid)
        self.sha = pipeline.sha
        self.before_sha = pipeline.before_sha
        self.ref = pipeline.ref
        self.source = pipeline.source
        self.created_at = when(pipeline.at)
        self.path = f"/{pipeline.project.path}/-/pipelines/{pipeline.id}"

    @property
    def status(self) -> str:
        return self._pipeline.status.upper()

    @property
    def active(self) -> bool:
        return self._pipeline.status in _ACTIVE

    @property
    def complete(self) -> bool:
        return not self.active

    @property
    def updated_at(self) -> str | None:
        instants = [at for job in self._pipeline.jobs for at in (job.at, job.started_at, job.finished_at) if at]
        return when(max([self._pipeline.at, *instants]))

    @property
    def detailed_status(self) -> dict[str, Any]:
        return _detailed(self.id, self._pipeline.status, self.path)

    @property
    def user(self) -> UserView:
        return UserView(self._gaze, self._pipeline.by)

    @property
    def project(self) -> ProjectView:
        from integrations.sandbox.gitlab.graphql_project import ProjectView  # the two see each other

        return ProjectView(self._gaze, self._pipeline.project)

    def job(self, id: str | None = None, name: str | None = None) -> JobView | None:
        if id is None and name is None:
            raise GraphQLError("One of id or name is required")
        wanted = [job for job in self._pipeline.jobs if id in (None, job_id(job)) and name in (None, job.name)]
        return JobView(self._gaze, (self._pipeline, wanted[0])) if wanted else None

    def jobs(
        self,
        statuses: list[str] | None = None,
        retried: bool | None = None,
        job_kind: str | None = None,
        **paging: Unpack[Paging],
    ) -> Connection[JobAt]:
        """Newest first. All rows, unless `retried` says which: those that a newer one replaced, or the others."""
        found = sorted(self._pipeline.jobs, key=lambda job: -job.id)
        found = [job for job in found if retried in (None, job.retried)]
        found = [job for job in found if statuses is None or job.status.upper() in statuses]
        found = [job for job in found if job_kind is None or (job_kind == "BUILD" and not job.external)]
        return Connection([(self._pipeline, job) for job in found], lambda each: JobView(self._gaze, each), paging)


def _detailed(id: str, status: str, path: str | None) -> dict[str, Any]:
    word = {"success": "passed"}.get(status, status)
    told = {"id": f"{status}-{id.rpartition('/')[2]}", "detailsPath": path, "group": status, "hasDetails": path is not None}
    return {**told, "icon": f"status_{status}", "name": status.upper(), "label": word, "text": word.title(), "tooltip": word}


def job_id(job: Job) -> str:
    """A status posted from outside is a record of another class than a build."""
    return gid("GenericCommitStatus" if job.external else "Ci::Build", job.id)


class JobView(View):
    typename = "CiJob"
    kind = "BUILD"

    def __init__(self, gaze: Gaze, at: JobAt) -> None:
        self._gaze = gaze
        self._pipeline, self._job = at
        job, path = self._job, self._pipeline.project.path
        self.id = job_id(job)
        self.name = job.name
        self.stage = {"name": job.stage}
        self.status = job.status.upper()
        self.active = job.status in _ACTIVE
        self.allow_failure = job.allow_failure
        self.retried = job.retried
        self.ref_name = job.ref or self._pipeline.ref
        self.short_sha = self._pipeline.sha[:8]
        self.created_at = when(job.at)
        self.finished_at = when(job.finished_at)
        self.web_path = f"/{path}/-/jobs/{job.id}"

    @property
    def detailed_status(self) -> dict[str, Any]:
        """Of a posted status it is the only place that shows the description and the address."""
        job = self._job
        told = _detailed(self.id, job.status, job.target_url if job.external else self.web_path)
        return {**told, "label": job.description} if job.external and job.description else told

    @property
    def pipeline(self) -> PipelineView:
        return PipelineView(self._gaze, self._pipeline)

    @property
    def project(self) -> ProjectView:
        return self.pipeline.project

    def artifacts(self, **paging: Unpack[Paging]) -> Connection[Job] | None:
        """A posted status has none, not even an empty list."""
        if self._job.external:
            return None
        return Connection([self._job] if self._job.artifacts is not None else [], self._archive, paging)

    def _archive(self, job: Job) -> dict[str, Any]:
        return {
            "id": gid("Ci::JobArtifact", job.id),
            "name": "artifacts.zip",
            "fileType": "ARCHIVE",
            "size": str(len(job.artifacts or b"")),
            "downloadPath": f"{self.web_path}/artifacts/download?file_type=archive",
            "expireAt": None,
        }
