"""What is read of GitLab's webhook payloads, and nothing more.

Small and tolerant: unknown fields are passed over, missing ones have a default wherever the gate can do without. What keys
and paths are built from (project paths, object ids, refs) is held to its form here, so that nothing hostile gets further.
"""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from bot.ports.answers import ObjectId, PushedCommit, RefName, Tolerant

SEGMENTS_LIMIT = 21
"""Twenty groups, one in the other, and the project."""
_SEGMENT = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_.-]{0,254}", re.ASCII)


def _project_path(path: str) -> str:
    """GitLab's rules for paths (GitLab docs, Reserved project and group names). ValueError for anything else."""
    segments = path.split("/")
    if not 2 <= len(segments) <= SEGMENTS_LIMIT:
        raise ValueError("wanted group/project")
    for segment in segments:
        if not _SEGMENT.fullmatch(segment) or not segment.strip(".") or segment.endswith((".git", ".atom")):
            raise ValueError("wanted GitLab's characters in a path")
    return path


ProjectPath = Annotated[str, AfterValidator(_project_path)]
Iid = Annotated[int, Field(gt=0)]


class Envelope(Tolerant):
    """What tells the payloads apart: project and group hooks say `object_kind`, some system hooks only `event_name`."""

    object_kind: str | None = None
    event_name: str | None = None
    external_approval_rule: dict[str, Any] | None = None

    @property
    def kind(self) -> str:
        return self.object_kind or self.event_name or ""


class User(Tolerant):
    id: int = 0
    username: str = ""


class ProjectNamed(Tolerant):
    path_with_namespace: ProjectPath


class Project(ProjectNamed):
    id: int = 0
    web_url: str = ""


class Housed(Tolerant):
    """A payload that is about a project. GitLab names no user for what it did by itself."""

    project: Project
    user: User | None = None

    @property
    def user_id(self) -> int:
        return self.user.id if self.user else 0


class Pointed(Tolerant):
    """A commit, of which the id is what counts."""

    id: ObjectId


class MergeRequest(Tolerant):
    """`oldrev` is there where commits were pushed; `system` where GitLab acted by itself."""

    iid: Iid
    action: str | None = None
    oldrev: str | None = None
    target_branch: RefName
    last_commit: Pointed | None = None
    system: bool | None = None

    @property
    def head_sha(self) -> str:
        return self.last_commit.id if self.last_commit else ""


class MergeRequestPayload(Housed):
    object_attributes: MergeRequest
    changes: dict[str, Any] | None = None


class Note(Tolerant):
    """`updated_by_id` is who edited it: the payload's `user` is always who wrote it first."""

    note: str | None = ""
    noteable_type: str | None = ""
    action: str | None = None
    author_id: int | None = None
    updated_by_id: int | None = None
    system: bool | None = False


class NotedOn(Tolerant):
    iid: Iid


class NotePayload(Housed):
    object_attributes: Note
    merge_request: NotedOn | None = None


class Pipeline(Tolerant):
    sha: ObjectId
    ref: str | None = ""
    before_sha: str | None = ""
    source: str | None = ""
    status: str | None = ""
    tag: bool | None = False


class PipelineOf(Tolerant):
    """The merge request that a pipeline was made for; its `url` is the one place that names its project's path."""

    iid: Iid
    target_branch: RefName
    target_project_id: int | None = None
    url: str | None = ""


class PipelinePayload(Housed):
    object_attributes: Pipeline
    merge_request: PipelineOf | None = None


class PushPayload(Housed):
    ref: RefName
    after: ObjectId | None = None
    pusher_id: Annotated[int, Field(alias="user_id")] = 0
    commits: tuple[PushedCommit, ...] = ()
    total_commits_count: int | None = None
