"""The state of one workspace: people, channels, messages, dialogues. It knows nothing of HTTP, tokens or the application.

Everything happens under `lock`; `touch` wakes whoever waits in `until`, so that a story never has to sleep.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypedDict

from integrations.sandbox.clock import FakeClock
from integrations.sandbox.slack.refusal import Json, Refusal

TEAM = "T0SANDBOX"
APP = "A0LLMGATE"
BOT = "B0LLMGATE"
BOT_USER = "U0LLMGATE"


class Traits(TypedDict, total=False):
    """What may be said of a new member. `tz` is an IANA zone name."""

    id: str
    tz: str
    guest: bool
    bot: bool
    deactivated: bool
    stranger: bool
    email: str
    away: bool
    status_text: str
    status_emoji: str
    status_until: int


@dataclass(slots=True)
class Member:
    id: str
    name: str
    tz: str = "Etc/UTC"
    guest: bool = False
    bot: bool = False
    deactivated: bool = False
    stranger: bool = False
    email: str = ""
    away: bool = False
    status_text: str = ""
    status_emoji: str = ""
    status_until: int = 0
    """Seconds since 1970; 0: the status does not end by itself."""


@dataclass(slots=True)
class Channel:
    id: str
    name: str
    members: set[str] = field(default_factory=set)
    archived: bool = False
    private: bool = False
    direct_with: str = ""
    """The person on the other side of a direct message with the bot."""


@dataclass(slots=True)
class Message:
    """One message. `notified` are the people whose phone buzzed when it was posted."""

    channel: str
    ts: str
    user: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    thread_ts: str = ""
    client_msg_id: str = ""
    notified: frozenset[str] = frozenset()
    edited: bool = False
    revision: int = 0
    metadata: Json | None = None
    only_for: str = ""
    """The one person an ephemeral message is shown to."""


@dataclass(slots=True)
class View:
    """A dialogue on a person's screen, or their home page. `values` is what they have typed and ticked, by block."""

    id: str
    user: str
    content: Json
    hash: str
    root_id: str = ""
    previous_id: str = ""
    external_id: str = ""
    values: dict[str, Json] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    warning: str = ""

    @property
    def blocks(self) -> list[Json]:
        return list(self.content["blocks"])

    @property
    def title(self) -> str:
        return str(self.content.get("title", {}).get("text", ""))


class Workspace:
    """All of one workspace."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.lock = threading.RLock()
        self.version = 0
        self._changed = threading.Condition(self.lock)
        self._serial = itertools.count(1)
        self.members: dict[str, Member] = {BOT_USER: Member(BOT_USER, "llmgate", bot=True)}
        self.channels: dict[str, Channel] = {}
        self.groups: dict[str, tuple[str, ...]] = {}
        self.messages: list[Message] = []
        self.ephemerals: list[Message] = []
        self.views: list[View] = []
        self.homes: dict[str, View] = {}
        self.snoozed: dict[str, tuple[int, int]] = {}

    # time and change

    def serial(self) -> int:
        return next(self._serial)

    def seconds(self) -> float:
        return self.clock.now().timestamp()

    def new_ts(self) -> str:
        """A message time: the clock's seconds, and a fraction that makes it unique and rising."""
        return f"{int(self.seconds())}.{self.serial():06d}"

    def touch(self) -> None:
        with self._changed:
            self.version += 1
            self._changed.notify_all()

    def until(self, condition: Callable[[], bool], within_s: float) -> bool:
        """Wait until the workspace looks as wanted; False if it did not in real seconds `within_s`."""
        with self._changed:
            return self._changed.wait_for(condition, timeout=within_s)

    # looking up

    def member(self, user: str) -> Member:
        found = self.members.get(user)
        if found is None:
            raise Refusal("user_not_found")
        return found

    def channel(self, name: str) -> Channel:
        """A channel by its id or its name, seen by the bot: a private one it is not in does not exist for it."""
        found = self.channels.get(name) or next((c for c in self.channels.values() if f"#{c.name}" == name), None)
        if found is None or (found.private and BOT_USER not in found.members):
            raise Refusal("channel_not_found")
        return found

    def message(self, channel: str, ts: str) -> Message | None:
        return next((m for m in self.messages if m.channel == channel and m.ts == ts), None)

    def direct(self, user: str) -> Channel:
        """The direct channel of the bot with this person, made when it is not there."""
        self.member(user)
        found = next((c for c in self.channels.values() if c.direct_with == user), None)
        if found is None:
            found = Channel(f"D{self.serial():08d}", "", {user, BOT_USER}, direct_with=user)
            self.channels[found.id] = found
        return found

    def stack(self, user: str) -> list[View]:
        """The dialogues open on a person's screen, the top one last."""
        return [view for view in self.views if view.user == user]
