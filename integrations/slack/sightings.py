"""Who is there now: profiles, presence and quiet hours of a few members, remembered for ten minutes.

`users.getPresence` tells of one member a call (tier 3), `dnd.teamInfo` of fifty (tier 2). It is no work of the chat's that a
verdict should wait for: after a call without an answer nothing more is asked in the same look, and what is remembered is told.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

import structlog

from bot.core.ids import ChatUser
from bot.ports.chat import ChatProfile
from bot.ports.clock import Clock
from bot.ports.errors import Refused, Vanished, WorldError
from integrations.slack.connection import Connection
from integrations.slack.people import People, Remembered, instant

log = structlog.get_logger()
MOST = 50
"""Members a look, and a call of `dnd.teamInfo`."""
AT_ONCE = 8

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Quiet:
    """The next stretch, or the present one, in which the chat is quiet for somebody."""

    start: datetime | None = None
    end: datetime | None = None

    def until(self, now: datetime) -> datetime | None:
        return self.end if self.start and self.end and self.start <= now < self.end else None


class Sightings:
    """Safe to share among threads."""

    def __init__(self, connection: Connection, clock: Clock, people: People) -> None:
        self._connection = connection
        self._clock = clock
        self._people = people
        self._away: Remembered[ChatUser, bool] = Remembered(clock, self._ask_away)
        self._quiet: Remembered[ChatUser, Quiet] = Remembered(clock, lambda _: Quiet())

    def seen(self, users: Sequence[ChatUser]) -> tuple[ChatProfile, ...]:
        """As `bot.ports.chat.Chat.fetch_seen`."""
        look = _Look()
        asked = tuple(dict.fromkeys(users))[:MOST]
        profiles = [profile for profile in look.all(self._people.profiles, asked) if profile is not None]
        here = [profile for profile in profiles if not (profile.deactivated or profile.bot)]
        self._learn_quiet([profile.user for profile in here if self._quiet.kept(profile.user) is None], look)
        users = [profile.user for profile in here]
        told = look.all(self._away, users)
        away = dict(zip(users, told, strict=True))
        now = self._clock.now()
        return tuple(self._told(profile, away[profile.user], now) if profile.user in away else profile for profile in profiles)

    def _told(self, profile: ChatProfile, away: bool | None, now: datetime) -> ChatProfile:
        quiet = self._quiet.kept(profile.user)
        return replace(profile, away=away, quiet_until=quiet.until(now) if quiet else None)

    def _learn_quiet(self, users: Sequence[ChatUser], look: _Look) -> None:
        if not users or look.over:
            return
        try:
            found = self._connection.ask("dnd.teamInfo", users=",".join(user.id for user in users)).at("users")
        except Refused:  # without its scope nothing is known of quiet hours, and all else still is
            found = None
        except WorldError as error:
            look.ended(error)
            return
        for user in users:
            said = found.at(user.id) if found else None
            stretch = (instant(said.number("next_dnd_start_ts")), instant(said.number("next_dnd_end_ts"))) if said else ()
            self._quiet.keep(user, Quiet(*stretch) if said and said.flag("dnd_enabled") else Quiet())

    def _ask_away(self, user: ChatUser) -> bool:
        return self._connection.ask("users.getPresence", user=user.id).text("presence") == "away"


class _Look:
    """Asks until there is no answer once; calls that are under way then are still waited for."""

    def __init__(self) -> None:
        self.over = False

    def get(self, remembered: Remembered[K, V], key: K) -> V | None:
        """None where it is not known."""
        if self.over:
            return remembered.kept(key)
        try:
            return remembered.get(key)
        except Vanished:
            return None
        except WorldError as error:
            self.ended(error)
            return None

    def all(self, remembered: Remembered[K, V], keys: Sequence[K]) -> list[V | None]:
        """Of many, in their order: several at once, so that nobody waits for fifty answers in turn."""
        if sum(remembered.kept(key) is None for key in keys) <= AT_ONCE:
            return [self.get(remembered, key) for key in keys]
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="slack-sightings") as pool:
            return list(pool.map(lambda key: self.get(remembered, key), keys))

    def ended(self, error: WorldError) -> None:
        self.over = True
        log.warning("the chat does not tell who is there", problem=str(error))
