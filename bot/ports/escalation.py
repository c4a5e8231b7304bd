"""What the store keeps of people's turns: assignments, escalations, reminders, own settings, and how decisions were made."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from bot.core.approval import Tier
from bot.core.attendance import Assignment
from bot.core.escalation.model import Escalation, PersonSettings, Reminder
from bot.core.ids import ChangeRef, PersonId


@dataclass(frozen=True, slots=True)
class Asked:
    """How many requests of a tier a person was asked for: those open now, and those of the last 30 days."""

    person: PersonId
    tier: Tier
    open: int
    recent: int


@dataclass(frozen=True, slots=True)
class Assigned:
    """Somebody asked about a request, and what the request is about."""

    token: str
    change: ChangeRef
    tier: Tier
    assignment: Assignment


@dataclass(frozen=True, slots=True)
class Step:
    """An escalation as it is to stand after a step; it holds only while (`epoch`, `from_step`) are still what was read."""

    row: Escalation
    from_step: int


@dataclass(frozen=True, slots=True)
class Turning:
    """One thing that happened to a request, for its history, the figures and the log of who did what: `step`, `snoozed`,
    `delegated`, `reassigned`, `not-mine`, `widened`, `expired`, `asked-again`, `opened`, `decided`, `evidence`."""

    at: datetime
    change: ChangeRef
    token: str
    seat: str
    kind: str
    person: PersonId | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Spoken:
    """One message to one person, made of the reminders with these ids. `over`: those of them that hold no more."""

    person: PersonId
    at: datetime
    reminders: tuple[int, ...]
    over: tuple[int, ...]


ReminderState = Literal["waiting", "sent", "stale", "elsewhere"]
"""elsewhere: sent by another notifier, because the chat did not answer. A reminder that was sent and holds no more is `over`
(`end_reminders`)."""


class EscalationUnit(Protocol):
    """Part of `Unit`. All of it commits with what it follows from."""

    # assignments
    def assignments(self, token: str) -> tuple[Assignment, ...]:
        """Everyone asked for this request, in the order they were, those who are not asked any more too."""
        ...

    def assign(self, token: str, change: ChangeRef, tier: Tier, assignment: Assignment) -> bool:
        """Keep it; one row a person and request, a later one of the same person replaces it. False: it stood so already."""
        ...

    def assignments_of(self, tokens: Collection[str]) -> dict[str, tuple[Assignment, ...]]:
        """As `assignments`, of many requests in one query. A request of which nobody was asked is not in it."""
        ...

    def assign_all(self, assigned: Sequence[Assigned]) -> None:
        """As `assign`, one after another, in one statement."""
        ...

    def close_assignments(self, token: str) -> None:
        """The request is over: it weighs on nobody's desk any more."""
        ...

    def asked(self, people: Collection[PersonId], since: datetime) -> tuple[Asked, ...]:
        """What is on the desks of these people, without what they are rid of (`gone`): one query. `since`: where the last 30
        days begin."""
        ...

    # escalations
    def escalations(self, token: str) -> tuple[Escalation, ...]: ...
    def escalations_of(self, ref: ChangeRef) -> tuple[Escalation, ...]:
        """Those that have not ended, of any request of the change."""
        ...

    def put_escalation(self, row: Escalation, expected_epoch: int | None, expected_step: int | None = None) -> bool:
        """Insert (None), or replace while the epoch, and the step where one is given, are still the expected ones. False:
        somebody was faster. Whoever keeps the step as they read it gives it: a step done meanwhile is not to be done again."""
        ...

    def due_escalations(self, now: datetime, limit: int) -> tuple[Escalation, ...]:
        """Those whose `next_at` has come, oldest first. PostgreSQL locks them here and skips what others hold."""
        ...

    def step(self, steps: Sequence[Step]) -> frozenset[tuple[str, str]]:
        """Move these on, each conditionally and all in a statement, or two where some end. Returns the keys that held. A step
        changes what comes next and whether the turn is over, never whose it is."""
        ...

    def overdue(self, before: datetime, limit: int = 50) -> tuple[Escalation, ...]:
        """Those whose step should have been done before then, and was not: what the auditor reports."""
        ...

    def waiting_since(self, limit: int) -> tuple[Escalation, ...]:
        """Every seat that waits, oldest turn first: who waits on whom."""
        ...

    # reminders
    def add_reminders(self, rows: Sequence[Reminder]) -> int:
        """Store those that were never stored (by `dedupe`). Returns how many."""
        ...

    def due_reminders(self, now: datetime, people: int) -> tuple[Reminder, ...]:
        """All waiting reminders of up to so many people for whom one is due (`at`), by person."""
        ...

    def defer_reminders(self, ids: Collection[int], until: datetime) -> None: ...
    def mark_reminders(self, ids: Collection[int], state: ReminderState, now: datetime) -> int:
        """Conditional on `waiting`; `elsewhere` also of those sent, which the chat did not take. Returns how many changed."""
        ...

    def live_reminders(self, ids: Collection[int], elsewhere: bool = False) -> tuple[Reminder, ...]:
        """Those of them, sent or waiting, whose escalation still runs in the same epoch; and what is news (`expired`,
        `fatigue`), which waits for nobody's turn. Read when a message is delivered. `elsewhere`: those that went elsewhere."""
        ...

    def sent_reminders(self, tokens: Collection[str]) -> tuple[Reminder, ...]:
        """Those of these requests that were sent in the chat, and of which nobody has said yet that they are over."""
        ...

    def end_reminders(self, ids: Collection[int]) -> tuple[Spoken, ...]:
        """Of those sent: they hold no more. Returns the messages that they were part of, as they stand now."""
        ...

    def ended_reminders(self, ids: Collection[int]) -> tuple[Reminder, ...]:
        """Those of them that are over."""
        ...

    def last_told(self, people: Collection[PersonId]) -> dict[PersonId, datetime]:
        """When each last got a message of reminders or a digest."""
        ...

    def said_late(self, ids: Collection[int], now: datetime) -> None:
        """The chat has taken only now what was made before: the next quarter of an hour begins now."""
        ...

    # people's own settings
    def settings_of(self, people: Collection[PersonId] | None = None) -> tuple[PersonSettings, ...]: ...
    def save_settings(self, settings: PersonSettings, now: datetime) -> None: ...
    def due_digests(self, now: datetime, limit: int) -> tuple[PersonId, ...]:
        """People whose next digest has come."""
        ...

    def planned_digests(self, people: Collection[PersonId]) -> dict[PersonId, datetime]:
        """When the next digest of each comes: what `plan_digest` expects. Nobody who has none planned is in it."""
        ...

    def plan_digest(self, person: PersonId, at: datetime | None, expected: datetime | None) -> bool:
        """Set when the next one comes (None: never), while the kept instant is still `expected` (None: none is kept)."""
        ...

    def digest_told(self, person: PersonId, now: datetime) -> None:
        """They get one now: the next message below the top tier waits a quarter of an hour from here."""
        ...

    # history
    def add_turning(self, turning: Turning) -> None: ...
    def add_turnings(self, turnings: Sequence[Turning]) -> None:
        """All of them in one statement, in their order."""
        ...

    def turnings(
        self, since: datetime, kinds: Collection[str] = (), person: PersonId | None = None, token: str = ""
    ) -> tuple[Turning, ...]: ...

    # one replica ticks at a time
    def take_lease(self, name: str, holder: str, now: datetime, for_s: float) -> bool:
        """Take or renew a named lease by conditional update. False: another holder's has not run out. Whoever comes second
        waits until the first has committed: take it in a short unit of its own."""
        ...
