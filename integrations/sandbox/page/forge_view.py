"""What the page wants to know of a forge, and the two buttons it offers. The page knows no stand-in of a forge by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.core.ids import ForgeName


@dataclass(frozen=True, slots=True)
class CheckShown:
    """`state` in the forge's words: queued, in_progress, success, failure, neutral, action_required and so on.

    `summary` and `text` are Markdown.
    """

    name: str
    state: str
    title: str = ""
    summary: str = ""
    text: str = ""
    required: bool = False


@dataclass(frozen=True, slots=True)
class CommentShown:
    author: str
    body: str
    """Markdown."""


@dataclass(frozen=True, slots=True)
class CommitShown:
    sha: str
    author: str
    title: str


@dataclass(frozen=True, slots=True)
class ChangeShown:
    """One pull or merge request as its page would show it. `state` is open, merged or closed."""

    repository: str
    number: int
    title: str
    author: str
    state: str = "open"
    labels: tuple[str, ...] = ()
    commits: tuple[CommitShown, ...] = ()
    checks: tuple[CheckShown, ...] = ()
    comments: tuple[CommentShown, ...] = ()
    mergeable: bool = False
    blocked_because: str = ""
    """Why the merge button is off, in the forge's words."""


class ForgeView(Protocol):
    """One repository's pull or merge requests."""

    @property
    def forge(self) -> ForgeName:
        """Decides what things are called."""
        ...

    def changes(self) -> Sequence[ChangeShown]:
        """All of them, open ones first."""
        ...

    def merge(self, number: int) -> str:
        """Press the merge button; what the forge answered, in a sentence."""
        ...

    def push(self, number: int) -> str:
        """Push one more commit to the branch; what happened, in a sentence."""
        ...
