"""Who is who: the people of the admin's file, joined with the links that people made and proved.

The file wins where both speak: a link that it contradicts ties nobody, and `llmgate people audit` shows it. A link adds an
account to the file's person of that chat account, or a chat account to the file's person of that forge account; where the
file knows neither, the chat account is a person of its own.

Whoever's chat account was found deactivated, a guest's or a stranger's stays in the list, as unavailable: what they approved
counts no longer, and the finding can say why.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.core.ids import ChatUser, ForgeAccount, Person, PersonId
from bot.handlers.identity.people import PeopleFile
from bot.handlers.identity.vouching import believed
from bot.ports.chat import ChatProfile
from bot.ports.identity import Link
from bot.ports.store import Store
from bot.ports.trust import Verifier

UNFIT = "the chat account is "
"""How the reason of a link begins that ended because of what became of the chat account."""


def unfit_words(profile: ChatProfile) -> str:
    """Why this member of the chat may never approve: `deactivated`, `a guest`; nothing where they may."""
    kinds = (
        (profile.deactivated, "deactivated"),
        (profile.bot, "a bot"),
        (profile.guest, "a guest"),
        (profile.stranger, "of another organisation"),
    )
    return " and ".join(word for holds, word in kinds if holds)


def person_of_chat(user: ChatUser) -> PersonId:
    """The id of a person whom the file does not know: `slack:T0123/U0456`."""
    return PersonId(f"slack:{user.team}/{user.id}")


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A live link that ties nobody, because the file says otherwise."""

    link: Link
    because: str


@dataclass(frozen=True, slots=True)
class Joined:
    """Everybody, who of them is unavailable, and the links that were left out."""

    people: tuple[Person, ...] = ()
    unavailable: tuple[PersonId, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()


@dataclass(slots=True)
class _Table:
    """People by what identifies them, while links are added."""

    people: dict[PersonId, Person] = field(default_factory=dict)
    by_chat: dict[ChatUser, PersonId] = field(default_factory=dict)
    by_account: dict[str, PersonId] = field(default_factory=dict)
    listed: dict[tuple[PersonId, str, str], ForgeAccount] = field(default_factory=dict)
    """The file's account of a person on a forge's host."""

    def put(self, person: Person) -> None:
        self.people[person.id] = person
        if person.chat:
            self.by_chat[person.chat] = person.id
        self.by_account.update(dict.fromkeys((account.key for account in person.accounts), person.id))

    def refusal(self, link: Link) -> str:
        """Why the link cannot be, in words that follow "the file"; nothing where it can."""
        owner, holder = self.by_account.get(link.account.key), self.by_chat.get(link.chat)
        if owner is not None:
            known = self.people[owner].chat
            return "" if owner == holder or (known is None and holder is None) else f"gives that account to {owner}"
        other = self.listed.get((holder, link.account.forge, link.account.host)) if holder else None
        return f"gives {holder} another account there, {other.login} ({other.id})" if other else ""

    def add(self, link: Link) -> None:
        """A link that has no refusal."""
        owner, holder = self.by_account.get(link.account.key), self.by_chat.get(link.chat)
        if owner is not None:
            self.put(replace(self.people[owner], chat=link.chat))
        elif holder is not None:
            known = self.people[holder]
            self.put(replace(known, accounts=(*known.accounts, link.account)))
        else:
            self.put(Person(person_of_chat(link.chat), link.account.login, link.chat, (link.account,)))


def join(listed: Sequence[Person], links: Iterable[Link]) -> Joined:
    """The file's people with all links, ended ones too, oldest first."""
    table = _Table()
    for person in listed:
        table.put(person)
        for account in person.accounts:
            table.listed.setdefault((person.id, account.forge, account.host), account)
    links = tuple(links)
    contradictions = []
    for link in (one for one in links if one.ended_at is None):
        no = table.refusal(link)
        if no:
            contradictions.append(Contradiction(link, f"the file {no}"))
        else:
            table.add(link)
    gone = _gone(links)
    for link in gone:
        if not table.refusal(link):
            table.add(link)
    unavailable = tuple(dict.fromkeys(table.by_chat[link.chat] for link in gone if link.chat in table.by_chat))
    return Joined(tuple(table.people.values()), unavailable, tuple(contradictions))


def _gone(links: Sequence[Link]) -> tuple[Link, ...]:
    """Links that ended with their chat account, where none was made since."""
    anew: dict[ChatUser, Link] = {link.chat: link for link in links if link.ended_at is None}
    ended = [link for link in links if link.ended_at is not None and link.because.startswith(UNFIT)]
    return tuple(link for link in ended if link.chat not in anew)


class Roster:
    """The people, read again when the file or a link changes."""

    def __init__(self, file: PeopleFile, store: Store, verifier: Verifier) -> None:
        self._file = file
        self._store = store
        self._verifier = verifier
        self._lock = threading.Lock()
        self._read: tuple[tuple[Person, ...], int] | None = None
        self._joined = Joined()

    @property
    def problem(self) -> str:
        """What is wrong with the file, as it was last read."""
        return self._file.problem

    def people(self) -> tuple[Person, ...]:
        return self.joined().people

    def unavailable(self) -> tuple[PersonId, ...]:
        """Who of them may not approve, because of what became of their chat account."""
        return self.joined().unavailable

    def by_chat(self, user: ChatUser) -> Person | None:
        return next((person for person in self.people() if person.chat == user), None)

    def listed(self) -> tuple[Person, ...]:
        """The file's people alone."""
        return self._file.people()

    def addresses(self) -> Mapping[PersonId, str]:
        """Where people are written to, of those for whom the file says so. An address says nothing about who somebody is."""
        return self._file.addresses()

    def joined(self) -> Joined:
        """Raises WorldError where the store does not answer."""
        listed = self._file.people()
        with self._store.look() as unit:
            revision = unit.links_revision()
            with self._lock:
                if self._read is not None and self._read[0] is listed and self._read[1] == revision:
                    return self._joined
            links = believed(unit.links(live=False), unit, self._verifier)
        joined = join(listed, links)
        with self._lock:
            self._read, self._joined = (listed, revision), joined
        return joined

    def place(self, link: Link) -> tuple[PersonId, str]:
        """Whose a link would be that is about to be made, and what the file says against it; nothing where it may be."""
        with self._store.look() as unit:
            links = unit.links()
        joined = join(self._file.people(), (*links, link))
        because = next((one.because for one in joined.contradictions if one.link is link), "")
        person = next((person.id for person in joined.people if person.chat == link.chat), person_of_chat(link.chat))
        return person, because
