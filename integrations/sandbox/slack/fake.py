"""FakeSlack: one workspace behind real HTTP on loopback, with the verbs of its people and of whoever sets it up.

slack = FakeSlack(FakeClock())
bob = slack.member("Bob"); reviews = slack.channel("#reviews")
client = WebClient(slack.bot_token, base_url=slack.api_url)
...
seen = slack.click(bob.id, reviews.id, ts, "Review & approve")
"""

from __future__ import annotations

import secrets
import socket
import time
from collections.abc import Callable, Sequence
from typing import TypedDict, Unpack

from integrations.sandbox.clock import FakeClock
from integrations.sandbox.serve import Served
from integrations.sandbox.slack.face import Call, Face
from integrations.sandbox.slack.faults import Fault, Faults
from integrations.sandbox.slack.people import People
from integrations.sandbox.slack.people_methods import described_member
from integrations.sandbox.slack.responses import Responses
from integrations.sandbox.slack.sockets import Sockets
from integrations.sandbox.slack.triggers import Triggers
from integrations.sandbox.slack.voice import Voice
from integrations.sandbox.slack.workspace import APP, BOT_USER, TEAM, Channel, Member, Message, Traits, View, Workspace

SCOPES = (
    "app_mentions:read",
    "channels:join",
    "channels:read",
    "chat:write",
    "commands",
    "dnd:read",
    "groups:read",
    "im:read",
    "im:write",
    "links:read",
    "links:write",
    "team:read",
    "usergroups:read",
    "users:read",
    "users:read.email",
)


class Where(TypedDict, total=False):
    """What may be said of a new channel. Everybody known is in it unless `members` says who is."""

    id: str
    invited: bool
    archived: bool
    private: bool
    members: Sequence[str]


class Trouble(TypedDict, total=False):
    """What may be said of a fault. `after`: the call takes effect and only its answer is lost."""

    times: int
    retry_after: int
    after: bool


def await_listening(port: int) -> None:
    """Return once the port takes connections: a client that is refused the first time waits seconds before the next."""
    deadline = time.monotonic() + 5
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.001)
        else:
            return


PATIENCE_S = 20.0
"""Real seconds: what is waited for comes in a moment, and on a busy machine in several."""


class FakeSlack(People):
    """A running workspace. Close it when the story is over."""

    def __init__(self, clock: FakeClock, *, port: int = 0) -> None:
        self.clock = clock
        self.workspace = Workspace(clock)
        self.triggers = Triggers(self.workspace)
        self.responses = Responses(self.workspace)
        self.sockets = Sockets(self.workspace)
        self.faults = Faults(self.workspace)
        self.signing_secret = secrets.token_hex(16)
        self.bot_token = f"xoxb-{secrets.token_hex(12)}"
        self.app_token = f"xapp-{secrets.token_hex(12)}"
        self.team, self.app_id, self.bot_user = TEAM, APP, BOT_USER
        self.scopes = set(SCOPES)
        self.calls: list[Call] = []
        self.unmodelled: list[str] = []
        self.revoked = False
        self.rate_limits = False
        self.latency_s = 0.0
        self.voice = Voice(self.workspace, self.sockets, self.signing_secret)
        super().__init__(self.workspace, self.voice, self.triggers, self.responses)
        self._served = Served(Face(self).routes(), port)
        await_listening(self._served.port)
        self.base_url = self._served.url

    @property
    def url(self) -> str:
        return self._served.url

    @property
    def api_url(self) -> str:
        return f"{self.url}/api/"

    @property
    def request_url(self) -> str:
        """Where signed HTTP requests go; empty means Socket Mode."""
        return self.voice.request_url

    @request_url.setter
    def request_url(self, url: str) -> None:
        self.voice.request_url = url

    def close(self) -> None:
        self.sockets.drop()
        self._served.close()

    # setting up

    def member(self, name: str, **traits: Unpack[Traits]) -> Member:
        """A new person. Channels made before have them only through `join`."""
        given = traits.copy()
        given.setdefault("id", f"U{self.workspace.serial():08d}")
        member = Member(name=name, **given)
        with self.workspace.lock:
            self.workspace.members[member.id] = member
            self.workspace.touch()
        return member

    def change_member(self, user: str, **traits: Unpack[Traits]) -> None:
        """An administrator deactivates somebody, makes them a guest, or takes that back: `user_change` is said."""
        with self.workspace.lock:
            member = self.workspace.members[user]
            for trait, value in traits.items():
                setattr(member, trait, value)
            self.workspace.touch()
            described = described_member(self.workspace, member)
        self.voice.event({"type": "user_change", "user": described, "event_ts": self.workspace.new_ts()})

    def channel(self, name: str, **where: Unpack[Where]) -> Channel:
        """A new channel, with the bot in it unless `invited=False`."""
        members = set(where.get("members", [user for user in self.workspace.members if user != BOT_USER]))
        if where.get("invited", True):
            members.add(BOT_USER)
        channel = Channel(where.get("id", f"C{self.workspace.serial():08d}"), name.removeprefix("#"), members)
        channel.archived, channel.private = where.get("archived", False), where.get("private", False)
        with self.workspace.lock:
            self.workspace.channels[channel.id] = channel
            self.workspace.touch()
        return channel

    def join(self, channel: str, user: str) -> None:
        with self.workspace.lock:
            self.workspace.channels[channel].members.add(user)
            self.workspace.touch()

    def leave(self, channel: str, user: str) -> None:
        with self.workspace.lock:
            self.workspace.channels[channel].members.discard(user)
            self.workspace.touch()

    def archive(self, channel: str) -> None:
        self.workspace.channels[channel].archived = True

    def group(self, group: str, members: Sequence[str]) -> None:
        """A user group (`S…`) with these members."""
        self.workspace.groups[group] = tuple(members)

    def remove_message(self, channel: str, ts: str) -> None:
        """An administrator deletes a message; the application is not told."""
        with self.workspace.lock:
            self.workspace.messages = [m for m in self.workspace.messages if (m.channel, m.ts) != (channel, ts)]
            self.workspace.touch()

    # looking

    def messages(self, channel: str) -> list[Message]:
        """The channel's own messages, replies in threads left out."""
        return [m for m in self.workspace.messages if m.channel == channel and not m.thread_ts]

    def thread(self, channel: str, ts: str) -> list[Message]:
        """The replies under a message."""
        return [m for m in self.workspace.messages if m.channel == channel and m.thread_ts == ts]

    def ephemerals(self, user: str) -> list[Message]:
        return [m for m in self.workspace.ephemerals if m.only_for == user]

    def open_views(self, user: str) -> list[View]:
        """Dialogues on this person's screen, the top one last."""
        return self.workspace.stack(user)

    def home(self, user: str) -> View | None:
        return self.workspace.homes.get(user)

    def until(self, condition: Callable[[], bool], within_s: float = PATIENCE_S) -> bool:
        """Wait, without sleeping, until the workspace looks as wanted: for what comes after an acknowledgement."""
        return self.workspace.until(condition, within_s)

    def connected(self, count: int = 1, within_s: float = PATIENCE_S) -> bool:
        """Wait until so many Socket Mode connections are open."""
        return self.until(lambda: self.sockets.count >= count, within_s)

    # trouble

    def fail_next(self, method: str, error: str | int, **trouble: Unpack[Trouble]) -> None:
        """The next call of `method` fails with this code, or with this HTTP status."""
        retry_after = trouble.get("retry_after")
        self.faults.order(Fault(method, error, trouble.get("times", 1), retry_after, trouble.get("after", False)))

    def drop_connections(self, *, announced: bool = False) -> None:
        """Cut every Socket Mode connection; `announced`: with the request to reconnect that Slack sends every few hours."""
        if announced:
            self.sockets.refresh()
        else:
            self.sockets.drop()

    def retry_due(self) -> int:
        """Say again the events whose retry is due; how many."""
        return self.voice.retry_due()
