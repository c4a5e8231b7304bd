"""The store: state, the inbox of jobs and the outbox of actions, which commit together."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol, TypeVar

from bot.core.actions import Action, Remind, ShowAsk
from bot.core.detection.model import Signal
from bot.core.events import BranchPushed, Event
from bot.core.facts import Change
from bot.core.ids import ChangeRef, ChatUser, PersonId, RepoRef
from bot.ports.escalation import EscalationUnit
from bot.ports.forge import HeadFacts
from bot.ports.identity import IdentityUnit
from bot.ports.records import LogUnit

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Job:
    """A stored event in the hands of one worker. Jobs of one `lane` (a change) never run at once."""

    id: int
    lane: str
    event: Event
    attempts: int
    received_at: datetime
    merged: int = 0
    """How many further stored events of the lane this job answers for: they asked for the same look."""
    others: tuple[Event, ...] = ()
    """Those further events, oldest first, as they were stored: a push among them still names its pusher."""


@dataclass(frozen=True, slots=True)
class NewJob:
    """An event to store once, by its key."""

    event: Event
    lane: str
    dedupe_key: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """An action in the hands of one delivery lane."""

    id: int
    key: str
    lane: str
    change_key: str
    action: Action
    revision: int
    attempts: int
    shown: str | None
    """External id of the surface, from its last delivery."""
    thread: str | None
    """External id of the change's card in the same channel, for asks and thread lines."""


RequestState = Literal["open", "approved", "changes-requested", "expired", "void", "closed"]


@dataclass(frozen=True, slots=True)
class ApprovalRequest:
    """What was asked of people about one head commit. A click leads here by `token`; `revision` guards each change."""

    token: str
    change: ChangeRef
    head_sha: str
    policy_digest: str
    tier: str
    state: RequestState
    revision: int
    channel: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class ChangeRecord:
    """What the store remembers of a change. `facts` and `verdict` are the last ones judged, as their JSON."""

    ref: ChangeRef
    head: HeadFacts | None
    signals: tuple[Signal, ...]
    facts: bytes
    verdict: bytes
    request: ApprovalRequest | None
    pushers: tuple[tuple[str, str], ...]
    """(head commit, key of the account that pushed it), as the forge's events named them."""
    evaluated_at: datetime | None
    open: bool = True


@dataclass(frozen=True, slots=True)
class StoredBundle:
    """A signed decision as stored in the log; `voided` is read from later records."""

    id: str
    change_key: str
    head_sha: str
    bundle: bytes
    stored_at: datetime
    voided: str | None = None


class Unit(LogUnit, IdentityUnit, EscalationUnit, Protocol):
    """One transaction. Leaves no trace unless `commit` was reached."""

    def commit(self) -> None: ...

    # changes
    def change(self, ref: ChangeRef) -> ChangeRecord | None: ...
    def changes(self, refs: Collection[ChangeRef]) -> dict[ChangeRef, ChangeRecord]:
        """Those of them that are known, in one query."""
        ...

    def save_change(self, record: ChangeRecord) -> None: ...
    def open_changes(self, repo: RepoRef | None = None) -> tuple[ChangeRecord, ...]: ...
    def changes_on_head(self, repo: RepoRef, head_sha: str, *, elsewhere: bool = False) -> tuple[ChangeRef, ...]:
        """Open changes of the repository with this head commit; with `elsewhere` those of the whole host."""
        ...

    def keep_push(self, pushed: BranchPushed, now: datetime) -> bool:
        """Remember who pushed, for 90 days. False where it is known already."""
        ...

    def pushes_of(self, change: Change, commits: Sequence[str]) -> tuple[tuple[str, str], ...]:
        """(commit, account), oldest first: pushes of these commits to the change's branch, and the first one anywhere on the
        host, which brought the commit. That somebody else began a branch at it later is no part in it."""
        ...

    # requests
    def request(self, token: str) -> ApprovalRequest | None: ...
    def request_of(self, ref: ChangeRef) -> ApprovalRequest | None:
        """The newest request of the change."""
        ...

    def add_request(self, request: ApprovalRequest) -> None: ...
    def move_request(self, token: str, expected_revision: int, state: RequestState, now: datetime) -> bool:
        """Conditional update: False when somebody was faster."""
        ...

    def approvals(self, ref: ChangeRef) -> tuple[StoredBundle, ...]:
        """Every decision about the change (records of kind `decision`), oldest first, void ones too."""
        ...

    # jobs
    def add_job(self, event: Event, lane: str, dedupe_key: str, now: datetime, due: datetime | None = None) -> bool:
        """Store an event, to be worked on from `due` on (None: at once). False when this delivery was stored before."""
        ...

    def add_jobs(self, jobs: Sequence[NewJob], now: datetime) -> int:
        """Store those that were not stored before, in one statement, to be worked on at once. Returns how many."""
        ...

    # outbox
    def add_action(self, change_key: str, action: Action, now: datetime) -> bool:
        """Queue an action. A projection equal to what is shown or queued is dropped (False); an older queued revision
        of the same surface is replaced. A message whose surface was queued before is dropped."""
        ...

    def withdraw_reminds(
        self, older_than: datetime, limit: int, people: Collection[PersonId] | None = None
    ) -> tuple[tuple[int, Remind], ...]:
        """Take back (id, reminder) of those queued before then that nobody is delivering now, oldest first: whoever does this
        says them another way, and they are never said here. `people`: only what is for them."""
        ...

    def unsaid_asks(self, older_than: datetime, limit: int, after: int = 0) -> tuple[tuple[int, ShowAsk], ...]:
        """(id, ask) of those queued before then of which nobody has seen anything in the chat, from behind that id on."""
        ...

    def shown(self, change_key: str, surface: str) -> str | None:
        """External id of what is shown on this surface."""
        ...

    def resting(self, change_key: str, surface: str) -> int | None:
        """Revision of what was last shown on this surface (0: nothing ever), None while something is on its way there. The
        same number before and after a look at the world means that this surface was not written to meanwhile."""
        ...

    def card_of(self, channel: str, ts: str) -> str | None:
        """Key of the change whose card this message is."""
        ...

    def behind(self, change_key: str) -> int:
        """How many actions of the change are not delivered yet; those given up are not counted."""
        ...

    def homes(self) -> tuple[ChatUser, ...]:
        """Everybody to whom a home page was ever shown."""
        ...

    def home_stamp(self) -> str:
        """A word that is another one after each look at a change, turn, step, deed or choice of settings."""
        ...

    def refusal(self, change_key: str, surface: str) -> str:
        """Why the newest action for this surface was laid aside for good; empty where it was not."""
        ...

    def forget_shown(self, change_key: str, surface: str) -> None:
        """The surface lost what was shown (deleted, tampered with): the next plan shows it anew."""
        ...


@dataclass(frozen=True, slots=True)
class Backlog:
    """How much waits, for `doctor`, metrics and the bench."""

    jobs: int
    oldest_job_at: datetime | None
    actions: int
    dead_jobs: int
    dead_actions: int


class Codec(Protocol):
    """Values of the core as bytes and back, for what the store keeps without looking inside."""

    def dump(self, value: object) -> bytes: ...

    def load(self, kind: type[T], content: bytes) -> T: ...


class Store(Protocol):
    def begin(self, durable: bool = True) -> AbstractContextManager[Unit]:
        """A transaction that may write. Keep it short, and wait for nothing inside.

        `durable`: it has reached the disk when it is committed. Without, a power cut (never a kill) may undo it together
        with everything after it; that is enough for what a stored job would only make again.
        """
        ...

    def look(self) -> AbstractContextManager[Unit]:
        """A unit that only reads: it waits for no writer, and what it would change is undone."""
        ...

    def accept(self, event: Event, lane: str, dedupe_key: str) -> bool:
        """Store one event durably before this returns; many callers share one transaction. False: seen before."""
        ...

    def claim_job(self, worker: str) -> Job | None:
        """The oldest due job of a lane nobody works on. Pending `ChangeTouched` of the same lane are merged into it."""
        ...

    def finish_job(self, job: Job) -> None: ...
    def retry_job(self, job: Job, error: str, after_s: float) -> None:
        """Put it back; after too many attempts it is kept as dead, and shown."""
        ...

    def claim_delivery(self, worker: str, lane_prefix: str) -> Delivery | None:
        """The oldest due action of a lane (`forge:…`, `chat:<channel>`) nobody delivers for."""
        ...

    def finish_delivery(self, delivery: Delivery, external_id: str | None) -> None: ...
    def retry_delivery(self, delivery: Delivery, error: str, after_s: float) -> None: ...
    def drop_delivery(self, delivery: Delivery, error: str) -> None:
        """It can never be done: kept as dead, and shown."""
        ...

    def inherit(self, worker_prefix: str) -> int:
        """At a start: give back what a dead process of this name held; where only one process works on the database, what
        any dead one held, for its name may have been another (a container's host name). Returns how many claims."""
        ...

    def release(self, worker_prefix: str) -> int:
        """Give back what a dead worker of this name held. Returns how many claims were released."""
        ...

    def on_work(self, wake: Callable[[int, int], None]) -> None:
        """Call `wake(jobs, actions)` after each commit of this process that stored so many."""
        ...

    def prune(self, older_than: timedelta) -> int:
        """Delete what is over and older than this, but never the memory of a delivery of the last seven days."""
        ...

    def backlog(self) -> Backlog: ...
    def close(self) -> None: ...
