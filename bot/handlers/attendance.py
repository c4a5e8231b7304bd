"""Whether people can be asked now, and how much is on their desks: the chat, the forges and the store, asked a few times.

What does not answer says nothing against anybody: they count as there, with the reason.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import structlog

from bot.core.attendance import Attendance
from bot.core.escalation.model import PersonSettings
from bot.core.hours.calendar import Calendar
from bot.core.ids import ForgeAccount, Person, PersonId
from bot.core.presence import Signs, presence_of
from bot.core.routing.load import RECENT, load_of
from bot.handlers.clocks import status_of
from bot.handlers.kit import Kit
from bot.ports.chat import ChatProfile
from bot.ports.errors import WorldError

log = structlog.get_logger()
MOST = 50
"""People a look."""
BUSY_FOR = timedelta(minutes=5)
"""So long what a forge said of somebody is remembered."""
MOST_REMEMBERED = 4_096
LEARNED_AT_ONCE = 20
LEARNED_FOR = timedelta(minutes=10)
MOST_TURNS = 1_000
KEPT_HOLIDAYS = timedelta(days=60)
"""How far ahead holidays are kept with what was seen of somebody."""


class Attendances:
    """Implements `bot.handlers.naming.Presences`. Safe to share among threads."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self._busy: dict[str, tuple[datetime, bool]] = {}

    def of(self, people: Sequence[PersonId], now: datetime) -> tuple[Attendance, ...]:
        """In the order given, of fifty at most. Raises nothing."""
        ids = tuple(dict.fromkeys(people))[:MOST]
        known = {person.id: person for person in self._kit.people.people() if person.id in ids}
        profiles = self._profiles([known[person] for person in ids if person in known], now)
        calendars, loads = self.calendars(ids), self._loads(ids, now)
        signs = {person: _signs(profiles.get(person)) for person in ids}
        here = [known[one] for one in ids if one in known and presence_of(calendars[one], signs[one], now)[0] == "active"]
        busy, silent = self._busy_of(here, now)
        found = []
        for person in ids:
            presence, why = presence_of(calendars[person], replace(signs[person], busy=busy.get(person, "")), now)
            if presence == "active":
                untold = "the chat" if _has_chat(known.get(person)) and person not in profiles else silent.get(person, "")
                why = f"counts as at work, for {untold} does not tell" if untold else ""
            found.append(Attendance(person, presence, why, _near(calendars[person], now.date()), loads[person]))
        return tuple(found)

    def calendar_of(self, person: PersonId) -> Calendar:
        """As `calendars`, of one."""
        return self.calendars([person])[person]

    def calendars(self, people: Collection[PersonId]) -> Mapping[PersonId, Calendar]:
        """When they work, as far as it is known here."""
        now = self._kit.clock.now()
        with self._kit.store.look() as unit:
            chosen = {one.person: one for one in unit.settings_of(people)} if people else {}
        return {one: self._kit.clocks.calendar(chosen.get(one) or PersonSettings(one), now) for one in people}

    def learn(self) -> int:
        """Hear of some of those for whom something waits what the chat says of them, and read holidays that are due: what a
        step has to know is there before it comes due. Returns how much was learned."""
        learned = self._read_holidays()
        if self._kit.chat is None:
            return learned
        now = self._kit.clock.now()
        with self._kit.store.look() as unit:
            waiting = {row.person for row in unit.waiting_since(MOST_TURNS)}
        stale = [person for person in self._kit.people.people() if person.id in waiting and self._is_stale(person.id, now)]
        return learned + sum(self._learned(person, now) for person in stale[:LEARNED_AT_ONCE])

    def _read_holidays(self) -> int:
        holidays = self._kit.clocks.holidays
        read = holidays.refresh() if holidays else 0
        for problem in holidays.problems() if holidays and read else ():
            log.warning("holidays are not as they should be", problem=problem)
        return read

    def _is_stale(self, person: PersonId, now: datetime) -> bool:
        seen = self._kit.clocks.seen_at(person)
        return seen is None or now - seen >= LEARNED_FOR

    def _learned(self, person: Person, now: datetime) -> bool:
        if person.chat is None or self._kit.chat is None:
            return False
        try:
            self._kit.clocks.note(person.id, self._kit.chat.fetch_profile(person.chat), now)
        except WorldError as error:
            log.warning("the chat does not tell of somebody", person=person.id, problem=str(error))
            return False
        return True

    def _profiles(self, people: Sequence[Person], now: datetime) -> dict[PersonId, ChatProfile]:
        """What the chat sees of them now, as far as it tells."""
        by_chat = {person.chat: person.id for person in people if person.chat}
        if self._kit.chat is None or not by_chat:
            return {}
        found = {by_chat[one.user]: one for one in self._kit.chat.fetch_seen(tuple(by_chat)) if one.user in by_chat}
        for person, profile in found.items():
            self._kit.clocks.note(person, profile, now)
        return found

    def _loads(self, people: Sequence[PersonId], now: datetime) -> dict[PersonId, float]:
        with self._kit.store.look() as unit:
            asked = unit.asked(people, now - RECENT) if people else ()
        return {one: load_of((row.tier, row.open, row.recent) for row in asked if row.person == one) for one in people}

    # forges

    def _busy_of(self, people: Sequence[Person], now: datetime) -> tuple[dict[PersonId, str], dict[PersonId, str]]:
        """Who is busy, and of whom that is not known, each with the host of the forge. A host is asked once a look."""
        busy: dict[PersonId, str] = {}
        silent: dict[PersonId, str] = {}
        for host, accounts in self._by_host(people).items():
            told = self._asked(host, [account for _, account in accounts], now)
            for person, account in accounts:
                if told is None:
                    silent.setdefault(person, host[1])
                elif account.key in told:
                    busy.setdefault(person, host[1])
        return busy, silent

    def _by_host(self, people: Sequence[Person]) -> Mapping[tuple[str, str], list[tuple[PersonId, ForgeAccount]]]:
        found: dict[tuple[str, str], list[tuple[PersonId, ForgeAccount]]] = defaultdict(list)
        for person in people:
            for account in person.accounts:
                found[account.forge, account.host].append((person.id, account))
        return found

    def _asked(self, host: tuple[str, str], accounts: Sequence[ForgeAccount], now: datetime) -> frozenset[str] | None:
        """Keys of the busy ones, remembered for minutes; None where the forge does not tell."""
        forge = next((one for (name, at), one in self._kit.forges.items() if (name, at) == host), None)
        if forge is None:
            return frozenset()
        new = [account for account in accounts if not self._is_known(account, now)]
        try:
            told = forge.fetch_busy(new) if new else frozenset()
        except WorldError as error:
            log.warning("the forge does not tell who is busy", host=host[1], problem=str(error))
            return None
        busy = frozenset((*told, *self._remembered(accounts, now)))
        if len(self._busy) >= MOST_REMEMBERED:
            self._busy.clear()
        self._busy.update({account.key: (now, account.key in told) for account in new})
        return busy

    def _is_known(self, account: ForgeAccount, now: datetime) -> bool:
        kept = self._busy.get(account.key)
        return kept is not None and now - kept[0] < BUSY_FOR

    def _remembered(self, accounts: Sequence[ForgeAccount], now: datetime) -> Iterator[str]:
        for account in accounts:
            if self._is_known(account, now) and self._busy[account.key][1]:
                yield account.key


def _signs(profile: ChatProfile | None) -> Signs:
    return Signs(status_of(profile), profile.away is True, profile.quiet_until is not None) if profile else Signs()


def _has_chat(person: Person | None) -> bool:
    return person is not None and person.chat is not None


def _near(calendar: Calendar, today: date) -> Calendar:
    """With the holidays that anybody waits for: what was seen of people is kept with each change."""
    days = {day for day in calendar.holidays if today - timedelta(days=1) <= day <= today + KEPT_HOLIDAYS}
    return replace(calendar, holidays=frozenset(days))
