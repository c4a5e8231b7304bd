"""What happened. Each event is a value small enough to store as a job before it is answered.

An event is a hint, never the truth: whoever handles it reads the state back from the forge and from the store.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.ids import ChangeRef, ChatUser, PersonId, RepoRef


@dataclass(frozen=True, slots=True)
class ChangeTouched:
    """A change was opened, pushed to, labelled, reviewed, retargeted, closed, or should be looked at again.

    `head_sha` and `base_ref` are what the sender said (empty where it said nothing): they save a look, and are checked.
    """

    change: ChangeRef
    reason: str
    head_sha: str = ""
    base_ref: str = ""
    sender: str = ""
    """Key of the forge account whose push this was (`github:host:id`), when the event was a push."""
    lost: str = ""
    """A surface whose content somebody removed or rewrote (`comment`): it is shown anew."""


@dataclass(frozen=True, slots=True)
class ReviewGiven:
    """Somebody decided on the forge itself: approved, asked for changes, or took that back (`dismissed`).

    `head_sha` is the head when they did; `account` the key of their account; `id` the forge's name for this very deed.
    """

    change: ChangeRef
    account: str
    decision: str
    head_sha: str
    id: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class BaseMoved:
    """A branch of the repository was pushed to. `paths` are those the sender named; empty: unknown."""

    repo: RepoRef
    branch: str
    paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BranchPushed:
    """A branch was pushed to, with or without an open change. `account` is the key of who pushed, by the forge's word."""

    repo: RepoRef
    branch: str
    head_sha: str
    account: str


@dataclass(frozen=True, slots=True)
class CommitTouched:
    """Something about a commit changed, and the sender did not say of which change: a pipeline began or ended."""

    repo: RepoRef
    head_sha: str
    reason: str


@dataclass(frozen=True, slots=True)
class GroupRequested:
    """A merge queue built a group and asks whether it may land."""

    repo: RepoRef
    head_sha: str
    head_ref: str
    base_ref: str
    base_sha: str


@dataclass(frozen=True, slots=True)
class DecisionGiven:
    """A person pressed the last button of a form. `token` leads to the request and its revision."""

    token: str
    user: ChatUser
    decision: str
    """`approved` or `changes-requested`"""
    ticked: tuple[str, ...] = ()
    reason: str = ""
    interaction: str = ""
    """The chat's own id of this press, for the record."""


@dataclass(frozen=True, slots=True)
class StatementSigned:
    """A person signed, or signed in for, the statement of a visit (`bot.ports.identity.Visit`, by its token's SHA-256).

    `proof` is what `bot.core.proof` says of its kind; it was checked at the page and is checked again.
    """

    visit: str
    proof: tuple[tuple[str, str], ...]
    change: ChangeRef


@dataclass(frozen=True, slots=True)
class OverrideGiven:
    """A person lets a change through against the verdict. `token` leads to the request whose head they saw."""

    token: str
    user: ChatUser
    reason: str
    interaction: str


@dataclass(frozen=True, slots=True)
class OverrideReviewed:
    """A person says what they found about an override, named as `<id of its record>@<key of the change>`."""

    override: str
    user: ChatUser
    reason: str
    interaction: str


@dataclass(frozen=True, slots=True)
class OverrideEnded:
    """The time of an override is over: judge the change as if it had never been."""

    change: ChangeRef
    override: str


@dataclass(frozen=True, slots=True)
class Snoozed:
    """Whoever is waited for wants to be reminded later: `minutes` of their own working time. `token` leads to the request.

    `seat` is the one that is meant; empty: every seat of the request that waits for them.
    """

    token: str
    user: ChatUser
    minutes: int
    seat: str = ""
    interaction: str = ""


@dataclass(frozen=True, slots=True)
class Delegated:
    """Somebody who was asked wants `to` to be asked in their stead."""

    token: str
    user: ChatUser
    to: PersonId
    reason: str = ""
    interaction: str = ""


@dataclass(frozen=True, slots=True)
class Reassigned:
    """The author, or somebody who leads, wants `to` to be asked in place of `person`."""

    token: str
    user: ChatUser
    person: PersonId
    to: PersonId
    reason: str = ""
    interaction: str = ""


@dataclass(frozen=True, slots=True)
class NotMine:
    """Somebody who was asked says that it is not theirs to review. They are named no more, and may still approve."""

    token: str
    user: ChatUser
    reason: str = ""
    interaction: str = ""


@dataclass(frozen=True, slots=True)
class AskedAgain:
    """Somebody wants people to be asked once more about a head whose request had expired."""

    token: str
    user: ChatUser
    interaction: str = ""


@dataclass(frozen=True, slots=True)
class PersonActive:
    """Somebody did something on a change that decides nothing: a comment, a review without a word for or against. `account` is
    the key of theirs on the forge. Whoever reads what is written there need not be reminded of it."""

    change: ChangeRef
    account: str


@dataclass(frozen=True, slots=True)
class PersonAway:
    """Somebody is away from now on: what waits for them is looked at again, so that it can wait for somebody else."""

    person: PersonId


@dataclass(frozen=True, slots=True)
class PersonChanged:
    """A member of the chat changed: deactivated, made a guest, renamed. What they are tied to is looked at again."""

    user: ChatUser


@dataclass(frozen=True, slots=True)
class LinksDue:
    """Look again at links that were not looked at for a week."""


@dataclass(frozen=True, slots=True)
class HomeOpened:
    user: ChatUser


@dataclass(frozen=True, slots=True)
class SweepDue:
    """Compare every open change of every repository with what the store believes."""


Event = (
    ChangeTouched
    | ReviewGiven
    | BaseMoved
    | BranchPushed
    | CommitTouched
    | GroupRequested
    | DecisionGiven
    | StatementSigned
    | OverrideGiven
    | OverrideReviewed
    | OverrideEnded
    | Snoozed
    | Delegated
    | Reassigned
    | NotMine
    | AskedAgain
    | PersonActive
    | PersonAway
    | PersonChanged
    | LinksDue
    | HomeOpened
    | SweepDue
)


@dataclass(frozen=True, slots=True)
class ButtonPressed:
    """A click on a control. `trigger` opens a form within three seconds; `place` is where the click happened."""

    name: str
    token: str
    user: ChatUser
    trigger: str
    channel: str
    message: str
    interaction: str


@dataclass(frozen=True, slots=True)
class FormSubmitted:
    token: str
    user: ChatUser
    ticked: tuple[str, ...]
    reason: str
    interaction: str
    answers: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """What was chosen or filled in, by the field's id; nothing for a field that was left empty."""

    def all_of(self, field: str) -> tuple[str, ...]:
        return next((values for name, values in self.answers if name == field), ())

    def one_of(self, field: str) -> str:
        """The one answer; empty where there is none."""
        return next(iter(self.all_of(field)), "")


@dataclass(frozen=True, slots=True)
class CommandGiven:
    """Words after `/llmgate`, or after the bot's name in a thread. `thread` is that thread's first message, if any."""

    words: str
    user: ChatUser
    channel: str
    thread: str = ""
    interaction: str = ""
