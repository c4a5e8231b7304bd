"""Facts: all that is known of one change at one instant.

Adapters make these values and never judge them; `evaluate` judges them and never fetches. Everything that came from the
change's head (texts, files, documents) is hostile, and stays a plain value until a rule looks at it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from bot.core.approval import Approval, RejectedApproval
from bot.core.attendance import Assignment, Attendance
from bot.core.detection.model import Signal
from bot.core.evidence.model import Evidence
from bot.core.ids import ChangeRef, CommitSha, ForgeAccount, Person, PersonId, RoleName
from bot.core.override import Override
from bot.core.policy.model import Policy
from bot.core.provenance.model import FoundDocument

FileStatus = Literal["added", "modified", "removed", "renamed", "copied", "changed"]
ChangeState = Literal["open", "closed", "merged"]


@dataclass(frozen=True, slots=True)
class CommitIdentity:
    """Name and address as git stores them, and the forge account that the forge ties to it, if any."""

    name: str
    email: str
    account: ForgeAccount | None = None


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit of the change. `verified` is the forge's word that the commit's signature is good."""

    sha: CommitSha
    message: str
    author: CommitIdentity
    committer: CommitIdentity
    authored_at: datetime
    verified: bool = False
    parents: tuple[CommitSha, ...] = ()
    files: tuple[str, ...] | None = None
    """Paths this commit touched, where that is known; None where the forge was not asked."""
    note: str | None = None
    """The text of the commit's `refs/notes/ai` note, if there is one."""
    co_author_accounts: tuple[ForgeAccount, ...] = ()
    """Accounts that the forge itself ties to the commit's co-authors."""


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """One file between merge base and head.

    `blob` is the git object id at head (None when removed), `sha256` the digest of the content at head where it is known,
    `opening` the first lines at head where they are known (for marks in a file's header), `patch` the unified diff
    without its header lines, None when the forge left it out.
    """

    path: str
    status: FileStatus
    additions: int
    deletions: int
    blob: str | None = None
    sha256: str | None = None
    previous_path: str | None = None
    opening: str | None = None
    patch: str | None = None
    marked: bool = False
    """A git attribute at the base says that this path holds generated code (`llmgate-generated`)."""


@dataclass(frozen=True, slots=True)
class Push:
    """Who made a commit of the change a head of its branch: the forge's word, whatever the commit says of its author."""

    head_sha: CommitSha
    by: ForgeAccount


@dataclass(frozen=True, slots=True)
class Change:
    """The pull or merge request itself, as the forge tells it at this instant."""

    ref: ChangeRef
    title: str
    body: str
    state: ChangeState
    draft: bool
    author: ForgeAccount
    head_sha: CommitSha
    head_ref: str
    base_ref: str
    base_sha: CommitSha
    url: str
    created_at: datetime
    updated_at: datetime
    head_tree: str = ""
    head_repo: str = ""
    """Path of the repository the head lives in: differs from `ref.repo.path` for a fork."""
    merge_base: CommitSha | None = None
    via_app: str | None = None
    """Slug of the app that opened the change, by the forge's word."""
    last_pusher: ForgeAccount | None = None
    pushes: tuple[Push, ...] = ()
    """Every push that is known of a commit still in the change."""
    labels: tuple[str, ...] = ()
    assignees: tuple[ForgeAccount, ...] = ()
    """Whom the change is assigned to, where the forge was asked."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that could not be read whole. A gap is never good news: the rule that needs it blocks."""

    what: Literal["commits", "files", "patch", "policy", "owners", "provenance", "evidence", "people", "roles", "checks"]
    saw: str
    wanted: str


@dataclass(frozen=True, slots=True)
class RoleMembers:
    """Who fills a role now, as resolved from a list, a forge team or a chat group; `problem` says why nobody does."""

    role: RoleName
    people: tuple[PersonId, ...]
    source: str
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Directory:
    """The people the gate knows, and the roles they fill."""

    people: tuple[Person, ...] = ()
    roles: tuple[RoleMembers, ...] = ()
    able: tuple[str, ...] | None = None
    """Keys of the accounts that may write to the repository, where the forge was asked; None where it was not."""
    unavailable: tuple[PersonId, ...] = ()
    """People whose chat account is deactivated, a guest or a stranger: they may not approve."""

    def by_account(self, key: str) -> Person | None:
        """Whose forge account has this `key`; None where the directory knows nobody of it."""
        return next((person for person in self.people if any(known.key == key for known in person.accounts)), None)

    def by_id(self, person_id: PersonId) -> Person | None:
        return next((person for person in self.people if person.id == person_id), None)

    def members(self, role: RoleName) -> RoleMembers | None:
        return next((members for members in self.roles if members.role == role), None)


@dataclass(frozen=True, slots=True)
class Facts:
    """What `evaluate` looks at, and all of it. `policy` is already the floor joined with the base branch's file."""

    now: datetime
    change: Change
    policy: Policy
    commits: tuple[Commit, ...] = ()
    files: tuple[ChangedFile, ...] = ()
    documents: tuple[FoundDocument, ...] = ()
    evidence: Evidence = field(default_factory=Evidence)
    owners_text: str = ""
    """CODEOWNERS of the base branch; empty where there is none."""
    directory: Directory = field(default_factory=Directory)
    approvals: tuple[Approval, ...] = ()
    rejected_approvals: tuple[RejectedApproval, ...] = ()
    overrides: tuple[Override, ...] = ()
    """Every override of this change on record, oldest first."""
    seen_before: tuple[Signal, ...] = ()
    """Signals this change showed at any earlier evaluation: once seen, they stick."""
    twins: tuple[ChangeRef, ...] = ()
    """Other open changes that share this head commit."""
    idle_twins: tuple[ChangeRef, ...] = ()
    """Those of them whose policy decides no merge (it observes or warns), as they were last judged."""
    gaps: tuple[Gap, ...] = ()
    attendance: tuple[Attendance, ...] = ()
    """Whether those who could be asked can be asked now; whoever is missing here is taken for present and free."""
    assignments: tuple[Assignment, ...] = ()
    """Who was asked for this head already: they stay asked while they may."""
    wrote: tuple[tuple[PersonId, int], ...] = ()
    """Who wrote the lines that this change touches, with how many, where the policy prefers them."""
    expired_at: datetime | None = None
    """When the request about this head ended because nobody answered."""
    card_refused: str = ""
    """Why the chat's channel did not take the card, in the adapter's words; empty where it did."""
