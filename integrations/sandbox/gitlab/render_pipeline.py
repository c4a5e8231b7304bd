"""Pipelines, jobs, commit statuses and commits as the JSON objects of GitLab's REST API."""

from __future__ import annotations

from datetime import datetime

from integrations.sandbox.git.objects import GitCommit
from integrations.sandbox.gitlab.model import Job, Pipeline, Project
from integrations.sandbox.gitlab.render import Json, Renderer, when
from integrations.sandbox.gitlab.state import World

_DETAILED = {"success": "passed", "skipped": "skipped"}


class PipelineRenderer:
    def __init__(self, world: World) -> None:
        self._world = world
        self._plain = Renderer(world)

    def short(self, pipeline: Pipeline) -> Json:
        """As lists show it."""
        return {
            "id": pipeline.id,
            "iid": pipeline.iid,
            "project_id": pipeline.project.id,
            "sha": pipeline.sha,
            "ref": pipeline.ref,
            "status": pipeline.status,
            "source": pipeline.source,
            "created_at": when(pipeline.at),
            "updated_at": when(self._touched(pipeline)),
            "web_url": f"{self._world.url}/{pipeline.project.path}/-/pipelines/{pipeline.id}",
            "name": None,
        }

    def full(self, pipeline: Pipeline) -> Json:
        status = _DETAILED.get(pipeline.status, pipeline.status)
        return {
            **self.short(pipeline),
            "before_sha": pipeline.before_sha or "0" * 40,
            "tag": False,
            "yaml_errors": None,
            "user": self._plain.user(pipeline.by),
            "started_at": None,
            "finished_at": None,
            "committed_at": None,
            "duration": None,
            "queued_duration": None,
            "coverage": None,
            "detailed_status": {"icon": f"status_{pipeline.status}", "text": status, "label": status, "group": pipeline.status},
        }

    def job(self, pipeline: Pipeline, job: Job) -> Json:
        archive = {"filename": "artifacts.zip", "size": len(job.artifacts)} if job.artifacts is not None else None
        return {
            "id": job.id,
            "status": job.status,
            "stage": job.stage,
            "name": job.name,
            "ref": job.ref or pipeline.ref,
            "tag": False,
            "coverage": None,
            "allow_failure": job.allow_failure,
            "created_at": when(job.at),
            "started_at": when(job.started_at),
            "finished_at": when(job.finished_at),
            "erased_at": None,
            "duration": None,
            "queued_duration": None,
            "user": self._plain.user(job.by),
            "commit": self.commit(pipeline.project, pipeline.project.git.objects.commit(pipeline.sha)),
            "pipeline": self.short(pipeline),
            "failure_reason": "script_failure" if job.status == "failed" else None,
            "web_url": f"{self._world.url}/{pipeline.project.path}/-/jobs/{job.id}",
            "project": {"ci_job_token_scope_enabled": False},
            **({"artifacts_file": archive} if archive else {}),
            "artifacts": [{"file_type": "archive", "file_format": "zip", **archive}] if archive else [],
            "runner": None,
            "artifacts_expire_at": None,
            "archived": False,
            "tag_list": [],
        }

    def status(self, pipeline: Pipeline, job: Job) -> Json:
        """A commit status; jobs of the project's own CI are listed as such, too."""
        return {
            "id": job.id,
            "sha": pipeline.sha,
            "ref": job.ref or pipeline.ref,
            "status": job.status,
            "name": job.name,
            "target_url": job.target_url,
            "description": job.description,
            "created_at": when(job.at),
            "started_at": when(job.started_at),
            "finished_at": when(job.finished_at),
            "allow_failure": job.allow_failure,
            "coverage": None,
            "pipeline_id": pipeline.id,
            "author": self._plain.user(job.by),
        }

    def commit(self, project: Project, commit: GitCommit) -> Json:
        return {
            "id": commit.oid,
            "short_id": commit.oid[:8],
            "created_at": when(commit.committer.at),
            "parent_ids": list(commit.parents),
            "title": commit.message.partition("\n")[0],
            "message": commit.message,
            "author_name": commit.author.name,
            "author_email": commit.author.email,
            "authored_date": when(commit.author.at),
            "committer_name": commit.committer.name,
            "committer_email": commit.committer.email,
            "committed_date": when(commit.committer.at),
            "trailers": {},
            "extended_trailers": {},
            "web_url": f"{self._world.url}/{project.path}/-/commit/{commit.oid}",
        }

    def _touched(self, pipeline: Pipeline) -> datetime:
        instants = [at for job in pipeline.jobs for at in (job.at, job.started_at, job.finished_at) if at]
        return max([pipeline.at, *instants])
