"""What every stand-in of a forge offers to stories, whatever the forge calls it: the verbs people have, and what they see.

A story that is told on this runs on each forge. What only one forge has is done on that forge's own stand-in, by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol, Unpack

from bot.core.ids import ForgeName
from integrations.sandbox.details import FaultDetails, Files, OpenDetails, PushDetails
from integrations.sandbox.faults import LoggedCall
from integrations.sandbox.mailbox import Letter

CheckSeenState = Literal["absent", "waiting", "blocked", "allowed", "neutral"]


class ForgeRefused(Exception):
    """The forge said no, to a person or to the gate; `message` is what it says. Each forge has its own form of it."""

    status: int
    message: str
    headers: Mapping[str, str]

    def __str__(self) -> str:
        return f"{self.status} {self.message}"

    def answer(self) -> dict[str, Any]:
        """The body as sent."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class CheckSeen:
    """The gate's word on a commit as the forge shows it. `text` is all that can be read of it."""

    state: CheckSeenState
    title: str = ""
    text: str = ""
    at: datetime | None = None
    """When it came."""
    made: tuple[str, ...] = ()
    """State and title of each that the gate made on this commit, oldest first, those that are no longer shown among them."""


@dataclass(frozen=True, slots=True)
class ChangeSeen:
    """A pull or merge request as its page shows it. `comments` are the gate's notes, `reviews` the requests it posted."""

    number: int
    title: str
    author: str
    state: Literal["open", "closed", "merged"]
    draft: bool
    head_sha: str
    head_ref: str
    base_ref: str
    labels: tuple[str, ...] = ()
    comments: tuple[str, ...] = ()
    reviews: tuple[str, ...] = ()


class ForgeStage(Protocol):
    """One forge with one gate on it. Every deed raises `ForgeRefused` where the forge would refuse."""

    forge: ForgeName
    title: str
    """`GitHub` or `GitLab`."""
    host: str
    """The name in keys and links."""

    # what people do

    def push(self, repo: str, branch: str, files: Files, **details: Unpack[PushDetails]) -> str:
        """One commit, pushed; its id."""
        ...

    def open_change(self, repo: str, head: str, *, by: str, **new: Unpack[OpenDetails]) -> ChangeSeen:
        """`head` is a branch, or `login:branch` of that person's fork."""
        ...

    def edit(self, repo: str, number: int, *, by: str, title: str | None = None, body: str | None = None) -> None: ...
    def set_draft(self, repo: str, number: int, draft: bool, *, by: str) -> None: ...
    def close_change(self, repo: str, number: int, *, by: str) -> None: ...
    def label(self, repo: str, number: int, *names: str, by: str) -> None: ...
    def unlabel(self, repo: str, number: int, name: str, *, by: str) -> None: ...
    def comment(self, repo: str, number: int, body: str, *, by: str) -> int: ...
    def approve(self, repo: str, number: int, *, by: str) -> None:
        """Approve on the forge itself, with its own button."""
        ...

    def take_back(self, repo: str, number: int, *, by: str) -> None:
        """The approval given there is withdrawn or dismissed."""
        ...

    def merge(self, repo: str, number: int, *, by: str) -> str:
        """Press the merge button; the id of the commit it made."""
        ...

    def fork(self, repo: str, *, by: str) -> str:
        """That person's own copy; its path. The gate can show its check there if the forge lets it at all."""
        ...

    def forge_green(self, repo: str, number: int, *, by: str) -> None:
        """Somebody with write access sets the gate's check green by hand, as far as the forge lets them."""
        ...

    def require_queue(self, repo: str, branch: str) -> None:
        """Changes land on this branch through a merge queue or a merge train from now on."""
        ...

    def queue(self, repo: str, numbers: Sequence[int], *, by: str) -> str:
        """Put the changes into the queue as one group, in this order; the commit that is judged for the last of them."""
        ...

    # what becomes of accounts, and who signs in

    def allow_redirect(self, uri: str) -> None:
        """Register an address to which the gate may have browsers sent back. `settings` tells of the application from then on:
        without one nobody can sign in."""
        ...

    def sign_in(self, authorize_url: str, as_login: str) -> str:
        """Do what the button on that page does; where the browser goes, with `code` and `state`."""
        ...

    def cancel_sign_in(self, authorize_url: str) -> str:
        """Press Cancel there; where the browser goes, with `error` and `state`."""
        ...

    def suspend(self, login: str) -> None:
        """The account is there and may not sign in: suspended, or blocked."""
        ...

    def reinstate(self, login: str) -> None: ...
    def rename_user(self, login: str, new: str) -> None:
        """The account's number stays, and somebody else may take the old login."""
        ...

    def delete_user(self, login: str) -> None: ...

    # what people see

    def change(self, repo: str, number: int) -> ChangeSeen: ...
    def check(self, repo: str, sha: str) -> CheckSeen: ...
    def head(self, repo: str, branch: str) -> str: ...
    def blockers(self, repo: str, number: int) -> str | None:
        """Why the change cannot be merged now, in the forge's words; None if it can."""
        ...

    def clone_url(self, repo: str, login: str) -> str: ...

    # the wire between the forge and the gate

    def connect(self, gate_url: str) -> None:
        """Webhooks flow to the gate at this address."""
        ...

    def disconnect(self) -> None:
        """Webhooks go where nobody listens, until `connect` is called again."""
        ...

    def flush(self) -> None:
        """Wait until no webhook is on its way."""
        ...

    def fail_next(self, what: str, status: int, **details: Unpack[FaultDetails]) -> None:
        """The next calls of this kind fail: `look`, `files`, `check`, `comment`, `label`, `review`, or a pattern of the
        stand-in's own."""
        ...

    @property
    def deliveries(self) -> Sequence[Letter]:
        """Every webhook so far, the lost ones too."""
        ...

    def settings(self) -> dict[str, dict[str, Any]]:
        """The gate's settings that connect it to this stand-in, by section of the settings file."""
        ...

    @property
    def calls(self) -> Sequence[LoggedCall]:
        """Every API call so far."""
        ...

    def on_call(self, heard: Callable[[LoggedCall], None]) -> None:
        """`heard` is told of each API call from now on: once it is carried out, before its answer leaves."""
        ...

    @property
    def reads(self) -> int:
        """API calls that only read, so far."""
        ...

    @property
    def writes(self) -> int: ...
    def clear_calls(self) -> None: ...
    @property
    def unmodelled(self) -> list[str]:
        """What was asked that the forge may know and the stand-in does not. A story should end with none."""
        ...

    @property
    def secrets(self) -> tuple[str, ...]:
        """What the gate was given and must never say."""
        ...

    @property
    def latency_s(self) -> float: ...
    @latency_s.setter
    def latency_s(self, seconds: float) -> None: ...
    def close(self) -> None: ...
