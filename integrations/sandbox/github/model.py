"""The things GitHub keeps, as plain mutable records. Verbs live elsewhere; `repository` and `changes` own the rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from integrations.sandbox.git.gitdir import GitDir

AccountKind = Literal["User", "Bot", "Organization"]


@dataclass(slots=True)
class Account:
    id: int
    login: str
    kind: AccountKind = "User"
    name: str = ""
    emails: set[str] = field(default_factory=set)
    suspended_at: datetime | None = None
    busy: bool = False
    """The box "Busy" of the status they set on their profile."""

    @property
    def identity(self) -> str:
        """Name and address as this account's git would write them."""
        return f"{self.name or self.login} <{min(self.emails)}>"


@dataclass(slots=True)
class Team:
    id: int
    org: str
    slug: str
    members: dict[str, Literal["member", "maintainer"]]
    parent: str | None = None


@dataclass(slots=True)
class App:
    """A GitHub App with its one installation."""

    id: int
    slug: str
    private_key: str = field(repr=False)
    webhook_secret: str = field(repr=False)
    installation_id: int = 0
    bot: Account = field(default_factory=lambda: Account(0, ""))
    permissions: dict[str, str] = field(default_factory=dict)
    events: set[str] = field(default_factory=set)
    hook_url: str = ""
    hook_id: int = 0

    @property
    def client_id(self) -> str:
        """What the App is called where people sign in."""
        return f"Iv23li{self.id:014d}"


@dataclass(slots=True)
class Protection:
    """Rules of one branch. A required check is a context and the app it must come from (None: anyone)."""

    checks: tuple[tuple[str, int | None], ...] = ()
    reviews: int = 0
    strict: bool = False
    enforce_admins: bool = False
    queue: bool = False
    ruleset: bool = False
    """Told through the rules API as well, as a ruleset would be."""


@dataclass(slots=True)
class Label:
    id: int
    name: str
    color: str = "ededed"
    description: str | None = None


@dataclass(slots=True)
class Comment:
    id: int
    body: str
    by: Account
    created_at: datetime
    updated_at: datetime
    via_app: App | None = None


@dataclass(slots=True)
class Review:
    id: int
    by: Account
    state: str
    """APPROVED, CHANGES_REQUESTED, COMMENTED or DISMISSED."""
    body: str
    commit: str
    at: datetime


@dataclass(slots=True)
class Status:
    id: int
    sha: str
    context: str
    state: str
    description: str | None
    target_url: str | None
    by: Account
    at: datetime
    app: int | None = None


@dataclass(slots=True)
class CheckSuite:
    id: int
    app: int
    sha: str
    branch: str | None
    at: datetime


@dataclass(slots=True)
class CheckRun:
    id: int
    suite: CheckSuite
    name: str
    sha: str
    status: str = "queued"
    conclusion: str | None = None
    external_id: str = ""
    details_url: str | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    output: dict[str, Any] = field(default_factory=dict)
    actions: list[Mapping[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class PullRequest:
    id: int
    number: int
    repo: Repository
    by: Account
    title: str
    body: str | None
    head_repo: Repository
    head_ref: str
    head_sha: str
    base_ref: str
    base_sha: str
    created_at: datetime
    updated_at: datetime
    draft: bool = False
    state: Literal["open", "closed"] = "open"
    closed_at: datetime | None = None
    merged_at: datetime | None = None
    merged_by: Account | None = None
    merge_sha: str | None = None
    labels: list[str] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)

    @property
    def merged(self) -> bool:
        return self.merged_at is not None


@dataclass(slots=True)
class Push:
    """One movement of one ref, and who made it."""

    id: int
    ref: str
    before: str
    after: str
    by: Account
    at: datetime
    kind: str


@dataclass(slots=True)
class MergeGroup:
    ref: str
    sha: str
    base_ref: str
    base_sha: str
    numbers: tuple[int, ...]
    by: Account
    at: datetime
    state: Literal["pending", "landed", "destroyed"] = "pending"


@dataclass(frozen=True, slots=True)
class Attestation:
    """A bundle as it was stored, with what its statement is about."""

    id: int
    bundle: Mapping[str, Any]
    digests: frozenset[str]
    predicate_type: str


@dataclass(slots=True)
class Repository:
    id: int
    owner: Account
    name: str
    git: GitDir
    default_branch: str
    created_at: datetime
    fork_of: Repository | None = None
    installed: bool = True
    private: bool = True
    default_permission: str = "write"
    """What people hold who were given nothing else."""
    grants: dict[str, str] = field(default_factory=dict)
    next_number: int = 1
    pulls: dict[int, PullRequest] = field(default_factory=dict)
    labels: dict[str, Label] = field(default_factory=dict)
    protections: dict[str, Protection] = field(default_factory=dict)
    suites: dict[tuple[int, str], CheckSuite] = field(default_factory=dict)
    runs: dict[str, list[CheckRun]] = field(default_factory=dict)
    """Check runs by commit, oldest first."""
    statuses: dict[str, list[Status]] = field(default_factory=dict)
    pushes: list[Push] = field(default_factory=list)
    groups: list[MergeGroup] = field(default_factory=list)
    attestations: list[Attestation] = field(default_factory=list)

    @property
    def full_name(self) -> str:
        return f"{self.owner.login}/{self.name}"

    def run(self, run_id: int) -> CheckRun | None:
        return next((run for runs in self.runs.values() for run in runs if run.id == run_id), None)
