"""What webhooks carry, in GitLab's words. Instants are told as `2026-03-03 09:00:00 UTC`, those of commits in ISO 8601."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from integrations.sandbox.git.gitdir import NO_OID
from integrations.sandbox.git.objects import GitCommit
from integrations.sandbox.gitlab.model import Job, Label, MergeRequest, Note, Pipeline, Project
from integrations.sandbox.gitlab.people import User
from integrations.sandbox.gitlab.state import World

Json = dict[str, Any]
COMMITS_TOLD = 20
"""A push payload lists no more commits than this."""
_STATE_IDS = {"opened": 1, "closed": 2, "merged": 3, "locked": 4}


def spoken(at: datetime | None) -> str | None:
    return at.strftime("%Y-%m-%d %H:%M:%S UTC") if at else None


class Payloads:
    def __init__(self, world: World) -> None:
        self._world = world
        self.standing: Callable[[MergeRequest], str] = lambda _: "unchecked"
        """Tells `detailed_merge_status`; set once merging is there."""

    def user(self, user: User) -> Json:
        return {
            "id": user.id,
            "name": user.name or user.username,
            "username": user.username,
            "avatar_url": f"{self._world.url}/uploads/-/avatar/{user.id}.png",
            "email": "[REDACTED]",
        }

    def project(self, project: Project) -> Json:
        page = f"{self._world.url}/{project.path}"
        namespace = project.group.name if project.group else project.owner.username if project.owner else ""
        return {
            "id": project.id,
            "name": project.name,
            "description": None,
            "web_url": page,
            "avatar_url": None,
            "git_ssh_url": f"git@{self._world.host}:{project.path}.git",
            "git_http_url": f"{page}.git",
            "namespace": namespace,
            "visibility_level": 0 if project.private else 20,
            "path_with_namespace": project.path,
            "default_branch": project.default_branch,
            "ci_config_path": None,
            "homepage": page,
            "url": f"git@{self._world.host}:{project.path}.git",
            "ssh_url": f"git@{self._world.host}:{project.path}.git",
            "http_url": f"{page}.git",
        }

    def repository(self, project: Project) -> Json:
        told = self.project(project)
        return {key: told[key] for key in ("name", "url", "description", "homepage")}

    def label(self, project: Project, label: Label) -> Json:
        return {
            "id": label.id,
            "title": label.name,
            "color": label.color,
            "project_id": project.id,
            "created_at": spoken(project.created_at),
            "updated_at": spoken(project.created_at),
            "template": False,
            "description": label.description,
            "type": "ProjectLabel",
            "group_id": None,
        }

    def labels(self, mr: MergeRequest, names: list[str]) -> list[Json]:
        return [self.label(mr.project, mr.project.labels[name.lower()]) for name in sorted(names)]

    def merge_request(self, mr: MergeRequest) -> Json:
        """`object_attributes`, without what only one event has."""
        unresolved = any(note.resolvable and not note.resolved for note in mr.notes)
        return {
            "id": mr.id,
            "iid": mr.iid,
            "author_id": mr.by.id,
            "assignee_id": None,
            "assignee_ids": [],
            "reviewer_ids": [],
            "blocking_discussions_resolved": not unresolved,
            "created_at": spoken(mr.created_at),
            "updated_at": spoken(mr.updated_at),
            "description": mr.description,
            "draft": mr.draft,
            "work_in_progress": mr.draft,
            "first_contribution": False,
            "head_pipeline_id": None,
            "merge_commit_sha": mr.merge_sha,
            "merge_error": None,
            "merge_status": "can_be_merged" if mr.state == "opened" else "unchecked",
            "detailed_merge_status": self.standing(mr),
            "merge_user_id": mr.merged_by.id if mr.merged_by else None,
            "source_branch": mr.source_branch,
            "source_project_id": mr.source_project.id,
            "target_branch": mr.target_branch,
            "target_project_id": mr.project.id,
            "state": mr.state,
            "state_id": _STATE_IDS[mr.state],
            "title": mr.title,
            "url": f"{self._world.url}/{mr.project.path}/-/merge_requests/{mr.iid}",
            "source": self.project(mr.source_project),
            "target": self.project(mr.project),
            "last_commit": self.commit(mr.project, mr.project.git.objects.commit(mr.sha)),
            "labels": self.labels(mr, mr.labels),
        }

    def commit(self, project: Project, commit: GitCommit) -> Json:
        return {
            "id": commit.oid,
            "message": commit.message,
            "title": commit.message.partition("\n")[0],
            "timestamp": commit.committer.at.isoformat(),
            "url": f"{self._world.url}/{project.path}/-/commit/{commit.oid}",
            "author": {"name": commit.author.name, "email": commit.author.email},
        }

    def note(self, mr: MergeRequest, note: Note, action: str) -> Json:
        page = f"{self._world.url}/{mr.project.path}/-/merge_requests/{mr.iid}"
        return {
            "attachment": None,
            "author_id": note.by.id,
            "change_position": None,
            "commit_id": None,
            "created_at": spoken(note.created_at),
            "discussion_id": note.discussion,
            "id": note.id,
            "internal": False,
            "line_code": None,
            "note": note.body,
            "noteable_id": mr.id,
            "noteable_type": "MergeRequest",
            "position": None,
            "project_id": mr.project.id,
            "resolved_at": None,
            "resolved_by_id": None,
            "resolved_by_push": None,
            "st_diff": None,
            "system": False,
            "type": "DiscussionNote" if note.resolvable else None,
            "updated_at": spoken(note.updated_at),
            "updated_by_id": note.updated_by.id if note.updated_by else None,
            "description": note.body,
            "url": f"{page}#note_{note.id}",
            "action": action,
        }

    def pipeline(self, pipeline: Pipeline) -> Json:
        done = max((job.finished_at for job in pipeline.jobs if job.finished_at), default=None)
        return {
            "id": pipeline.id,
            "iid": pipeline.iid,
            "name": None,
            "ref": pipeline.merge_request.source_branch if pipeline.merge_request else pipeline.ref,
            "tag": False,
            "sha": pipeline.sha,
            "before_sha": pipeline.before_sha or NO_OID,
            "source": pipeline.source,
            "status": pipeline.status,
            "detailed_status": {"success": "passed"}.get(pipeline.status, pipeline.status),
            "stages": list(dict.fromkeys(job.stage for job in pipeline.jobs)),
            "created_at": spoken(pipeline.at),
            "finished_at": spoken(done) if pipeline.status in ("success", "failed", "canceled", "skipped") else None,
            "duration": 0,
            "queued_duration": 0,
            "variables": [],
            "url": f"{self._world.url}/{pipeline.project.path}/-/pipelines/{pipeline.id}",
        }

    def build(self, job: Job) -> Json:
        """One of a pipeline's `builds`. Commit statuses are not among them."""
        return {
            "id": job.id,
            "stage": job.stage,
            "name": job.name,
            "status": job.status,
            "created_at": spoken(job.at),
            "started_at": spoken(job.started_at),
            "finished_at": spoken(job.finished_at),
            "when": "on_success",
            "manual": False,
            "allow_failure": job.allow_failure,
            "user": self.user(job.by),
            "runner": None,
            "artifacts_file": {"filename": "artifacts.zip", "size": len(job.artifacts)} if job.artifacts else {},
            "environment": None,
        }

    def source(self, mr: MergeRequest) -> Json:
        """The short form beside a pipeline."""
        return {
            "id": mr.id,
            "iid": mr.iid,
            "title": mr.title,
            "source_branch": mr.source_branch,
            "source_project_id": mr.source_project.id,
            "target_branch": mr.target_branch,
            "target_project_id": mr.project.id,
            "state": mr.state,
            "merge_status": "can_be_merged",
            "detailed_merge_status": self.standing(mr),
            "url": f"{self._world.url}/{mr.project.path}/-/merge_requests/{mr.iid}",
        }

    def touched(self, project: Project, commit: GitCommit) -> dict[str, list[str]]:
        """The paths that a commit of a push changed."""
        told: dict[str, list[str]] = {"added": [], "modified": [], "removed": []}
        if not commit.parents:
            return told
        words = {"added": "added", "copied": "added", "removed": "removed"}
        for change in project.git.changes(commit.parents[0], commit.oid):
            told[words.get(change.status, "modified")].append(change.path)
        return told
