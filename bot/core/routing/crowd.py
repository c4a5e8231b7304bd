"""The directory turned round: from an account to the person, and which entries are one and the same human being."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.core.facts import Directory
from bot.core.ids import ForgeAccount, Person, PersonId


@dataclass(frozen=True, slots=True)
class Crowd:
    """Known people by what identifies them. `selves` leads from each entry to the first entry of the same human being:
    entries that share an account or a chat user are one person, however often they are listed."""

    people: dict[PersonId, Person] = field(default_factory=dict)
    by_account: dict[str, PersonId] = field(default_factory=dict)
    by_login: dict[str, PersonId] = field(default_factory=dict)
    selves: dict[PersonId, PersonId] = field(default_factory=dict)

    def owner_of(self, account: ForgeAccount) -> PersonId | None:
        return self.by_account.get(account.key)

    def one(self, person: PersonId) -> PersonId:
        """The entry that stands for this person."""
        return self.selves.get(person, person)

    def name(self, person: PersonId) -> str:
        known = self.people.get(person)
        return known.name if known else str(person)


def crowd_of(directory: Directory, forge: str, host: str) -> Crowd:
    """Index the directory. Logins count only on the change's own forge and host, where they mean something."""
    crowd = Crowd()
    seen: dict[str, PersonId] = {}
    for person in directory.people:
        marks = [account.key for account in person.accounts]
        if person.chat:
            marks.append("chat:" + person.chat.key)
        earlier = {crowd.selves[seen[mark]] for mark in marks if mark in seen}
        self_ = min(earlier) if earlier else person.id
        crowd.people.setdefault(person.id, person)
        crowd.selves.setdefault(person.id, self_)
        _merge(crowd.selves, earlier, self_)
        for mark in marks:
            seen.setdefault(mark, person.id)
        for account in person.accounts:
            crowd.by_account.setdefault(account.key, person.id)
            if (account.forge, account.host) == (forge, host):
                crowd.by_login.setdefault(account.login.lower(), person.id)
    return crowd


def _merge(selves: dict[PersonId, PersonId], earlier: set[PersonId], self_: PersonId) -> None:
    if len(earlier) > 1:
        for person, now in selves.items():
            if now in earlier:
                selves[person] = self_
