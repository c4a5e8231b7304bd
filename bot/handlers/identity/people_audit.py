"""Everything that ties people to accounts, looked at now: what is dead, who left, whom nothing ties, what contradicts what.

It changes nothing: the weekly look does, with a record. Equal addresses are told as a suggestion and never acted on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from bot.core.facts import Facts
from bot.core.ids import ForgeAccount, Person
from bot.handlers.identity.roster import unfit_words
from bot.handlers.kit import Kit
from bot.ports.errors import Vanished, WorldError
from bot.ports.store import ChangeRecord

Level = Literal["problem", "unknown", "note", "suggestion"]


@dataclass(frozen=True, slots=True)
class Doubt:
    """A line of the audit. `unknown`: who would know did not answer."""

    level: Level
    who: str
    saw: str
    cure: str = ""


def audit_people(kit: Kit) -> list[Doubt]:
    """One call a person, to the chat, and one an account, to its forge. Raises WorldError where the store does not answer."""
    joined = kit.people.joined()
    found = [Doubt("problem", "the file", kit.people.problem, "correct the file of people")] if kit.people.problem else []
    for one in joined.contradictions:
        link = one.link
        saw = f"a link of {link.chat.team}/{link.chat.id} to {link.account.login} ({link.account.key}); {one.because}"
        cure = f"correct the file, or: llmgate people unlink {link.chat.team}/{link.chat.id}"
        found.append(Doubt("problem", link.person, saw, cure))
    for person in joined.people:
        found += _chat(kit, person)
        found += [doubt for account in person.accounts for doubt in _account(kit, person, account)]
        found += _missing(kit, person)
    with kit.store.look() as unit:
        records = unit.open_changes()
    found += _roles(kit, records)
    found += _suggestions(kit, records)
    return found


def _chat(kit: Kit, person: Person) -> Iterator[Doubt]:
    if person.chat is None:
        yield Doubt(
            "note", person.id, "no Slack account", "add `slack: TEAM/USER` to the file; only the forge's own approvals count"
        )
        return
    if kit.chat is None:
        return
    try:
        unfit = unfit_words(kit.chat.fetch_profile(person.chat, fresh=True))
    except Vanished:
        unfit = "unknown to Slack"
    except WorldError as error:
        yield Doubt("unknown", person.id, str(error))
        return
    if unfit:
        cure = (
            "nothing: what they approve does not count"
            if person.id in kit.people.unavailable()
            else "the next daily look notes it"
        )
        yield Doubt("problem", person.id, f"the Slack account {person.chat.id} is {unfit}", cure)


def _account(kit: Kit, person: Person, account: ForgeAccount) -> Iterator[Doubt]:
    forge = kit.forges.get((account.forge, account.host))
    if forge is None:
        yield Doubt(
            "note", person.id, f"an account on {account.host}, which is not connected", "connect it, or remove the account"
        )
        return
    try:
        state = forge.fetch_account(account.id)
    except WorldError as error:
        yield Doubt("unknown", person.id, str(error))
        return
    if state.account is None or state.state != "active":
        saw = f"{account.login} ({account.key}) is {state.state}"
        yield Doubt("problem", person.id, saw, "remove it from the file; a link ends with the weekly look")
    elif state.account.login != account.login:
        saw = f"{account.login} ({account.key}) is called {state.account.login} now"
        yield Doubt("note", person.id, saw, "nothing depends on it: the number counts; the file can say so too")


def _missing(kit: Kit, person: Person) -> Iterator[Doubt]:
    have = {(account.forge, account.host) for account in person.accounts}
    for forge, host in kit.forges:
        if (forge, host) not in have:
            cure = "they say /llmgate link in Slack, or the file gets the account"
            yield Doubt("note", person.id, f"no account on {host}: nothing they decide counts there", cure)


def _roles(kit: Kit, records: tuple[ChangeRecord, ...]) -> Iterator[Doubt]:
    """Roles that nobody fills, as they were last resolved for an open change."""
    seen: set[tuple[str, str]] = set()
    for record in records:
        if not record.facts:
            continue
        for role in kit.codec.load(Facts, record.facts).directory.roles:
            place = (record.ref.repo.key, role.role)
            if not role.people and place not in seen:
                seen.add(place)
                saw = f"nobody fills it in {record.ref.repo}: {role.problem or role.source}"
                yield Doubt("problem", f"role {role.role}", saw, "name people there whom the file or a link knows")


def _suggestions(kit: Kit, records: tuple[ChangeRecord, ...]) -> Iterator[Doubt]:
    """Accounts that made a commit of an open change and belong to nobody, with the chat account of the same address."""
    known = {account.key for person in kit.people.people() for account in person.accounts}
    untied = {
        commit.author.account.key: commit.author
        for record in records
        if record.head
        for commit in record.head.commits
        if commit.author.account and commit.author.account.key not in known and commit.author.account.kind != "bot"
    }
    for author in untied.values():
        try:
            user = kit.chat.find_member(author.email) if kit.chat and author.email else None
        except WorldError:
            return  # without users:read.email, which is not asked for, nothing is suggested
        if user is not None and author.account is not None:
            account = author.account
            saw = f"the address of {user.team}/{user.id} in Slack is that of commits by {account.login} ({account.key})"
            yield Doubt("suggestion", f"{user.team}/{user.id}", saw, "proves nothing: have them say /llmgate link in Slack")
