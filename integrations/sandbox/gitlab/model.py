"""The things GitLab keeps, as plain mutable records. Verbs live elsewhere and own the rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from integrations.sandbox.git.gitdir import GitDir
from integrations.sandbox.gitlab.people import Access, Group, Hook, Member, User

Licence = Literal["free", "premium", "ultimate"]
JobStatus = Literal["created", "pending", "running", "success", "failed", "canceled", "skipped"]
MergeRequestState = Literal["opened", "closed", "merged", "locked"]
CheckResponse = Literal["pending", "passed", "failed"]


@dataclass(slots=True)
class Settings:
    """What a project's settings say of merging."""

    pipelines_must_succeed: bool = False
    skipped_pipelines_succeed: bool = False
    threads_must_be_resolved: bool = False
    status_checks_must_pass: bool = False
    merged_results_pipelines: bool = False
    merge_trains: bool = False
    reset_approvals_on_push: bool = True
    author_may_approve: bool = False
    committers_may_approve: bool = False
    rules_may_be_edited: bool = True
    """Whether authors may edit approval rules in their merge request."""


@dataclass(slots=True)
class ProtectedBranch:
    id: int
    name: str
    push_level: Access = Access.MAINTAINER
    merge_level: Access = Access.DEVELOPER
    force_push: bool = False
    code_owner_approval: bool = False


@dataclass(slots=True)
class Label:
    id: int
    name: str
    color: str = "#428BCA"
    description: str | None = None


@dataclass(slots=True)
class Note:
    id: int
    body: str
    by: User
    created_at: datetime
    updated_at: datetime
    discussion: str
    """Id of the discussion it belongs to; a lone note has one of its own."""
    system: bool = False
    resolvable: bool = False
    resolved: bool = False
    updated_by: User | None = None
    """Who edited it last."""


@dataclass(slots=True)
class Given:
    """An approval as GitLab keeps it: of the merge request, not of a commit."""

    by: User
    at: datetime


@dataclass(slots=True)
class Version:
    """What one push made of the merge request."""

    id: int
    base: str
    head: str
    start: str
    at: datetime


@dataclass(slots=True)
class Response:
    """The last answer of an external status check."""

    sha: str
    status: CheckResponse
    at: datetime


@dataclass(slots=True)
class MergeRequest:
    id: int
    iid: int
    project: Project
    by: User
    title: str
    description: str
    source_project: Project
    source_branch: str
    target_branch: str
    sha: str
    created_at: datetime
    updated_at: datetime
    state: MergeRequestState = "opened"
    closed_at: datetime | None = None
    merged_at: datetime | None = None
    merged_by: User | None = None
    merge_sha: str | None = None
    labels: list[str] = field(default_factory=list)
    assignees: list[User] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    approvals: list[Given] = field(default_factory=list)
    versions: list[Version] = field(default_factory=list)
    responses: dict[int, Response] = field(default_factory=dict)
    """By the id of the external status check."""

    @property
    def draft(self) -> bool:
        return self.title.lower().startswith(("draft:", "[draft]", "(draft)"))


@dataclass(slots=True)
class Job:
    """A build, or what somebody posted as a commit status (`external`). `at` is when it was made."""

    id: int
    name: str
    stage: str
    status: JobStatus
    by: User
    at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    external: bool = False
    ref: str = ""
    description: str | None = None
    target_url: str | None = None
    allow_failure: bool = False
    retried: bool = False
    artifacts: bytes | None = None
    """The archive (zip), where the job left one."""


def composite(jobs: list[Job]) -> JobStatus:
    """One status for many. The first of these sets that holds all of them names it; a job that may fail and did is fine."""
    told = {"success" if job.allow_failure and job.status in ("failed", "canceled") else job.status for job in jobs}
    if not told:
        return "created"
    for status, holds in _ONLY:
        if told <= holds:
            return status
    return "running" if told & {"running", "pending", "created"} else "failed"


_ONLY: tuple[tuple[JobStatus, frozenset[str]], ...] = (
    ("skipped", frozenset({"skipped"})),
    ("success", frozenset({"success", "skipped"})),
    ("created", frozenset({"created"})),
    ("canceled", frozenset({"canceled", "success", "skipped"})),
    ("pending", frozenset({"pending", "created", "skipped"})),
)


@dataclass(slots=True)
class Pipeline:
    """`sha` is what it runs on; for merged results and trains that is a commit made for it, and `source_sha` is the head."""

    id: int
    iid: int
    project: Project
    sha: str
    ref: str
    source: Literal["push", "merge_request_event", "external", "web"]
    by: User
    at: datetime
    merge_request: MergeRequest | None = None
    source_sha: str | None = None
    before_sha: str | None = None
    jobs: list[Job] = field(default_factory=list)

    @property
    def status(self) -> JobStatus:
        """What its newest jobs come to. GitLab calls it a success where every single job counts as retried."""
        newest = [job for job in self.jobs if not job.retried]
        return composite(newest) if newest or not self.jobs else "success"

    @property
    def heads(self) -> set[str]:
        """The commits it speaks for."""
        return {self.sha, self.source_sha or self.sha}


@dataclass(slots=True)
class Car:
    """A merge request on a train."""

    id: int
    merge_request: MergeRequest
    by: User
    target_branch: str
    at: datetime
    pipeline: Pipeline | None = None
    status: Literal["idle", "fresh", "stale", "merging", "merged", "skip_merged"] = "idle"
    merged_at: datetime | None = None


@dataclass(slots=True)
class StatusCheck:
    """An external status check (Ultimate). Without branches it applies to all of them."""

    id: int
    name: str
    url: str
    secret: str = field(default="", repr=False)
    branches: tuple[str, ...] = ()


@dataclass(slots=True)
class ApprovalRule:
    """So many of these people must approve (Premium). `branches` empty: all."""

    id: int
    name: str
    users: list[User]
    required: int = 1
    branches: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PackageFile:
    id: int
    name: str
    content: bytes = field(repr=False)
    at: datetime | None = None


@dataclass(slots=True)
class Package:
    """A generic package of one version. Files of one name stand beside each other, as GitLab lets them unless it is told."""

    id: int
    name: str
    version: str
    at: datetime | None = None
    files: list[PackageFile] = field(default_factory=list)

    def add(self, name: str, content: bytes, at: datetime | None = None) -> PackageFile:
        """Beside one of that name, if there is one."""
        made = PackageFile(self.id * 1_000 + len(self.files) + 1, name, content, at or self.at)
        self.files.append(made)
        return made

    def newest(self, name: str) -> PackageFile | None:
        """What a download of that name gets."""
        return next((file for file in reversed(self.files) if file.name == name), None)


@dataclass(slots=True)
class Project:
    id: int
    group: Group | None
    """None for a project in a person's own namespace."""
    path: str
    """Whole, with its namespace: `acme/web/shop`."""
    git: GitDir
    default_branch: str
    created_at: datetime
    owner: User | None = None
    fork_of: Project | None = None
    private: bool = True
    archived: bool = False
    everybody: Access = Access.NONE
    """What people get who come to this world and were granted nothing."""
    members: dict[int, Member] = field(default_factory=dict)
    shared: dict[int, Access] = field(default_factory=dict)
    """Invited groups, by id."""
    settings: Settings = field(default_factory=Settings)
    protected: dict[str, ProtectedBranch] = field(default_factory=dict)
    labels: dict[str, Label] = field(default_factory=dict)
    merge_requests: dict[int, MergeRequest] = field(default_factory=dict)
    pipelines: list[Pipeline] = field(default_factory=list)
    cars: list[Car] = field(default_factory=list)
    status_checks: dict[int, StatusCheck] = field(default_factory=dict)
    approval_rules: list[ApprovalRule] = field(default_factory=list)
    packages: list[Package] = field(default_factory=list)
    hooks: list[Hook] = field(default_factory=list)
    next_iid: int = 1

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]
