"""Members and user groups, remembered for ten minutes: a burst of clicks asks Slack once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar

from bot.core.ids import ChatUser
from bot.ports.chat import ChatProfile
from bot.ports.clock import Clock
from bot.ports.errors import Vanished
from integrations.slack.connection import Connection
from integrations.slack.payload import Payload

KEPT_FOR = timedelta(minutes=10)
MOST = 4_096
SLACKBOT = "USLACKBOT"
LAST_SECOND = 4_102_444_800
"""Of the year 2099."""

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Remembered(Generic[K, V]):
    """Answers by key, each for `KEPT_FOR`. Failures are not kept."""

    def __init__(self, clock: Clock, ask: Callable[[K], V]) -> None:
        self._clock = clock
        self._ask = ask
        self._known: dict[K, tuple[datetime, V]] = {}
        self._lock = threading.Lock()

    def get(self, key: K, *, fresh: bool = False) -> V:
        """`fresh`: ask again whatever is remembered."""
        now = self._clock.now()
        with self._lock:
            found = self._known.get(key)
        if not fresh and found is not None and now - found[0] < KEPT_FOR:
            return found[1]
        answer = self._ask(key)
        self.keep(key, answer)
        return answer

    def kept(self, key: K) -> V | None:
        """What is remembered still, asking nobody."""
        with self._lock:
            found = self._known.get(key)
        return found[1] if found is not None and self._clock.now() - found[0] < KEPT_FOR else None

    def keep(self, key: K, answer: V) -> None:
        """Remember what was told otherwise."""
        with self._lock:
            if len(self._known) >= MOST:
                self._known.clear()
            self._known[key] = (self._clock.now(), answer)

    def last(self, key: K) -> V | None:
        """What was answered last, however long ago. Asks nobody."""
        with self._lock:
            found = self._known.get(key)
        return found[1] if found is not None else None


class People:
    """Who is who, by Slack's own ids."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self.profiles: Remembered[ChatUser, ChatProfile] = Remembered(clock, self._ask_profile)
        self._groups: Remembered[str, tuple[ChatUser, ...]] = Remembered(clock, self._ask_group)
        self._teams: Remembered[str, str] = Remembered(clock, self._ask_team)

    def profile(self, user: ChatUser, *, fresh: bool = False) -> ChatProfile:
        return self.profiles.get(user, fresh=fresh)

    def address(self, user: ChatUser) -> str:
        """Where they are written to, as Slack last told; empty where it never did."""
        profile = self.profiles.last(user)
        return profile.email if profile is not None else ""

    def group(self, group: str) -> tuple[ChatUser, ...]:
        """Members of a user group by its id (`S…`); an empty group is an empty answer."""
        return self._groups.get(group)

    def of_address(self, address: str) -> ChatUser | None:
        """Needs `users:read.email`, which the manifest does not ask for."""
        try:
            found = self._connection.ask("users.lookupByEmail", email=address).at("user")
        except Vanished:
            return None
        return ChatUser(found.text("team_id"), found.text("id"))

    def _ask_team(self, _: str) -> str:
        return self._connection.ask("auth.test").text("team_id")

    def _ask_profile(self, user: ChatUser) -> ChatProfile:
        return read_profile(user, self._connection.ask("users.info", user=user.id).at("user"))

    def _ask_group(self, group: str) -> tuple[ChatUser, ...]:
        team = self._teams.get("")
        members = self._connection.ask("usergroups.users.list", usergroup=group, team_id=team).texts("users")
        return tuple(ChatUser(team, member) for member in members)


def read_profile(user: ChatUser, member: Payload) -> ChatProfile:
    """A member as Slack describes one, in an answer or in an event."""
    home = member.text("team_id") or member.text("profile", "team")
    return ChatProfile(
        user=user,
        name=_name(member) or user.id,
        bot=member.flag("is_bot") or member.flag("is_workflow_bot") or user.id == SLACKBOT,
        deactivated=member.flag("deleted"),
        guest=member.flag("is_restricted") or member.flag("is_ultra_restricted"),
        stranger=member.flag("is_stranger") or home != user.team,
        zone=member.text("tz"),
        status_text=member.text("profile", "status_text"),
        status_emoji=member.text("profile", "status_emoji"),
        status_until=instant(member.number("profile", "status_expiration")),
        email=member.text("profile", "email") if member.flag("is_email_confirmed") else "",
    )


def instant(seconds: int) -> datetime | None:
    """Of Slack's seconds since 1970; None for 0, which says never, and for what is no time at all."""
    return datetime.fromtimestamp(seconds, UTC) if 0 < seconds < LAST_SECOND else None


def _name(member: Payload) -> str:
    return member.text("profile", "display_name") or member.text("profile", "real_name") or member.text("name")
