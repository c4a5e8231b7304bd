"""People's home pages: made when they are opened, and from then on shown anew when what they show has changed.

What is shown is a projection like a card: the store drops what would change nothing. Looks at changes are not counted: a tick
asks whether anything happened at all, and however much did, each page is made once.
"""

from __future__ import annotations

import threading

from bot.core.actions import ShowHome
from bot.core.events import HomeOpened
from bot.core.ids import ChatUser, Person
from bot.core.messages.home import Profile, render_home
from bot.core.messages.queue import Item
from bot.core.messages.team import wait_line
from bot.core.notice import Home
from bot.handlers.counter.board import queue_for, read_items
from bot.handlers.counter.own import own_lines
from bot.handlers.counter.team import team_waits
from bot.handlers.identity.linking import NO_LOGINS, can_link
from bot.handlers.kit import Kit
from bot.ports.store import Unit

HOMES = "homes"
"""Name of the tick."""
UNLINKED = "Your chat account is tied to no forge account here, so nothing you press can count."


class HomePages:
    """Makes home pages. One a process: it remembers what it has seen."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self._lock = threading.Lock()
        self._seen = ""

    def of(self, user: ChatUser, page: int = 0, items: tuple[Item, ...] | None = None) -> Home:
        """`items`: everything that waits, where it was read already."""
        person = self._kit.people.by_chat(user)
        found = read_items(self._kit) if items is None else items
        return render_home(queue_for(self._kit, person, found), self._profile(person, found), page)

    def opened(self, user: ChatUser) -> Home:
        """Somebody opened theirs: from now on it is kept up to date."""
        now = self._kit.clock.now()
        self._kit.store.accept(HomeOpened(user), f"home:{user.key}", f"home:{user.key}:{now.isoformat()}")
        return self.of(user)

    def show(self, user: ChatUser) -> None:
        """Queue the page of somebody who has opened it."""
        home = self.of(user)
        with self._kit.store.begin(durable=False) as unit:
            self._queue(unit, user, home)
            unit.commit()

    def tick(self) -> int:
        """Queue the pages that show something else now. Returns how many were made; none where nothing happened."""
        with self._lock:
            with self._kit.store.look() as unit:
                users, stamp = unit.homes(), unit.home_stamp()
            if not users or stamp == self._seen:
                return 0
            items = read_items(self._kit)
            homes = [(user, self.of(user, items=items)) for user in users if not self._has_left(user)]
            with self._kit.store.begin(durable=False) as unit:
                queued = sum(self._queue(unit, user, home) for user, home in homes)
                unit.commit()
            self._seen = stamp
            return queued

    def _has_left(self, user: ChatUser) -> bool:
        """Their account in the chat takes no page any more."""
        person = self._kit.people.by_chat(user)
        return person is not None and person.id in self._kit.people.unavailable()

    def _queue(self, unit: Unit, user: ChatUser, home: Home) -> bool:
        return unit.add_action(f"home:{user.key}", ShowHome(user, home), self._kit.clock.now())

    def _profile(self, person: Person | None, items: tuple[Item, ...]) -> Profile:
        if person is None:
            cure = "Say /llmgate link to link one." if can_link(self._kit) else NO_LOGINS.cure
            return Profile(f"{UNLINKED} {cure}")
        now = self._kit.clock.now()
        waits = team_waits(self._kit, person, items)
        team = None if waits is None else tuple(wait_line(wait, now) for wait in waits)
        return Profile(f"You are {named(person)}", own_lines(self._kit, person), team)


def named(person: Person) -> str:
    """`Bob: @bob on github.com`"""
    return f"{person.name}: " + ", ".join(f"@{account.login} on {account.host}" for account in person.accounts)
