"""Something to show or to send, as data. `plan` makes actions, the outbox keeps them, delivery performs them.

Two kinds. A *projection* shows state on a surface: the newest revision wins, an older pending one is dropped, and the same
digest twice is no action. A *message* is said once.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.core.ids import ChangeRef, ChatUser, PersonId, RepoRef
from bot.core.notice import Home, Notice

CheckState = Literal["waiting", "blocked", "allowed", "neutral"]


@dataclass(frozen=True, slots=True)
class SetCheck:
    """The merge status on one commit. `title` is what fits beside the check; `summary` and `details` are Markdown."""

    repo: RepoRef
    head_sha: str
    state: CheckState
    title: str
    summary: str
    details: str
    details_url: str = ""
    change: ChangeRef | None = None
    """None for a merge group."""

    @property
    def surface(self) -> str:
        return f"check:{self.head_sha}"


@dataclass(frozen=True, slots=True)
class SetLabels:
    """Labels the gate owns: `add` and `remove` name only those."""

    change: ChangeRef
    add: tuple[str, ...]
    remove: tuple[str, ...]

    @property
    def surface(self) -> str:
        return "labels"


@dataclass(frozen=True, slots=True)
class SetComment:
    """The one sticky comment, in Markdown.

    `details` is what a check would say, to be shown folded; empty where the forge's checks have a place for it.
    """

    change: ChangeRef
    body: str
    details: str = ""

    @property
    def surface(self) -> str:
        return "comment"


@dataclass(frozen=True, slots=True)
class PostReview:
    """A reviewer's request for changes, said on the forge as well. Said once."""

    change: ChangeRef
    head_sha: str
    body: str
    key: str

    @property
    def surface(self) -> str:
        return f"review:{self.key}"


@dataclass(frozen=True, slots=True)
class PublishSummary:
    """The verdict as an attestation that others can check, put where the forge keeps such. Said once, by its key.

    `statement` is the in-toto statement's text; `bundle` the Sigstore bundle around it, empty until it is delivered.
    """

    change: ChangeRef
    head_sha: str
    statement: str
    key: str
    bundle: str = ""

    @property
    def surface(self) -> str:
        return f"summary:{self.key}"


@dataclass(frozen=True, slots=True)
class ShowCard:
    """The change's card in a channel: posted the first time, edited after."""

    change: ChangeRef
    channel: str
    notice: Notice

    @property
    def surface(self) -> str:
        return f"card:{self.channel}"


@dataclass(frozen=True, slots=True)
class ShowAsk:
    """A named reviewer asked in the card's thread, with the controls there; edited when the asking is over."""

    change: ChangeRef
    channel: str
    person: str
    head_sha: str
    notice: Notice

    @property
    def surface(self) -> str:
        return f"ask:{self.channel}:{self.person}:{self.head_sha[:12]}"


@dataclass(frozen=True, slots=True)
class ShowTask:
    """Something that a person has yet to do, in the card's thread; edited when it is done. `key` names the task."""

    change: ChangeRef
    channel: str
    notice: Notice
    key: str

    @property
    def surface(self) -> str:
        return f"task:{self.channel}:{self.key}"


@dataclass(frozen=True, slots=True)
class SayInThread:
    """A line in the card's thread: what just happened. Said once."""

    change: ChangeRef
    channel: str
    notice: Notice
    key: str

    @property
    def surface(self) -> str:
        return f"say:{self.channel}:{self.key}"


@dataclass(frozen=True, slots=True)
class Whisper:
    """A private word to one person, where they acted. Said once."""

    user: ChatUser
    channel: str
    notice: Notice
    key: str
    thread: str = ""

    @property
    def surface(self) -> str:
        return f"whisper:{self.key}"


@dataclass(frozen=True, slots=True)
class ShowHome:
    user: ChatUser
    home: Home

    @property
    def surface(self) -> str:
        return f"home:{self.user.key}"


@dataclass(frozen=True, slots=True)
class PostCheckpoint:
    """A head of the transparency log, to stand in the audit channel as it was signed. Posted once, and again where it failed:
    the same note is the same surface."""

    channel: str
    size: int
    note: str

    @property
    def surface(self) -> str:
        return f"checkpoint:{self.channel}:{hashlib.sha256(self.note.encode()).hexdigest()}"


@dataclass(frozen=True, slots=True)
class Remind:
    """What one person should hear of, in one private message. Its words are made when it is delivered, of what still holds
    then; where nothing does, nothing is sent. `digest`: their day begins, and all that waits for them goes with it. `mention`:
    they want to be named in the thread instead; then all of it is about one change."""

    user: ChatUser | None
    """Nobody the chat knows: then it can only go another way."""
    person: PersonId
    reminders: tuple[int, ...]
    at: datetime
    digest: bool = False
    mention: bool = False

    @property
    def surface(self) -> str:
        return f"remind:{self.person}:{self.at.isoformat()}:{'digest' if self.digest else min(self.reminders, default=0)}"


@dataclass(frozen=True, slots=True)
class Reword:
    """The private message that `remind` became is edited where it stands: `over` are those of its reminders that hold no more,
    and nothing is left to press for them. Its words are made when it is delivered; what was never posted is not edited."""

    remind: Remind
    over: tuple[int, ...]

    @property
    def surface(self) -> str:
        return f"reword:{self.remind.surface}"


@dataclass(frozen=True, slots=True)
class Write:
    """The same in a letter, because the chat does not answer or does not reach them: `remind` is never said there. Its words
    are made when it is delivered, too."""

    remind: Remind
    because: Literal["down", "refused", "no-account", "no-chat"] = "down"

    @property
    def surface(self) -> str:
        return f"write:{self.remind.surface}"


@dataclass(frozen=True, slots=True)
class CallHook:
    """A step of a chain, told to an endpoint that the settings name `hook`. `body` is JSON. Said once, by its key."""

    hook: str
    change: ChangeRef
    body: str
    key: str

    @property
    def surface(self) -> str:
        return f"hook:{self.hook}:{self.key}"


ForgeAction = SetCheck | SetLabels | SetComment | PostReview | PublishSummary
ChatAction = ShowCard | ShowAsk | ShowTask | SayInThread | Whisper | ShowHome | PostCheckpoint
DeferredAction = Remind | Reword | Write | CallHook
"""Remind, Reword, Write: become words once it is known what still holds. CallHook: goes to an endpoint of the
organisation's own."""
Action = ForgeAction | ChatAction | DeferredAction
