"""Who may not approve a change: for what they did to it, and for what they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bot.core.facts import Facts
from bot.core.ids import Person, PersonId
from bot.core.policy.defaults import ANYONE
from bot.core.routing.crowd import Crowd
from bot.core.routing.hands import Hands
from bot.core.routing.pools import Pool

MOST_PARTS = 3


def barred_of(crowd: Crowd, hands: Hands, unfit: dict[PersonId, str]) -> dict[PersonId, str]:
    """Everyone who may not approve, by the entry that stands for them, with the reasons in words that follow a name."""
    reasons: dict[PersonId, list[str]] = {}
    for key, parts in hands.parts.items():
        person = crowd.by_login.get(key[1:]) if key.startswith("@") else crowd.by_account.get(key)
        if person is not None:
            reasons.setdefault(crowd.one(person), []).extend(dict.fromkeys(parts))
    for person, reason in unfit.items():
        reasons.setdefault(person, []).append(reason)
    return {person: _told(said) for person, said in reasons.items()}


def unfit_of(facts: Facts, crowd: Crowd) -> dict[PersonId, str]:
    """Everyone who could approve no change of this repository, with the reason."""
    able = None if facts.directory.able is None else frozenset(facts.directory.able)
    unavailable = {crowd.one(person) for person in facts.directory.unavailable}
    accounts: dict[PersonId, list[Person]] = {}
    for person_id, known in crowd.people.items():
        accounts.setdefault(crowd.one(person_id), []).append(known)
    unfit: dict[PersonId, str] = {}
    for person_id, entries in accounts.items():
        reason = _unfit(facts, entries, able)
        if person_id in unavailable:
            reason = "has a chat account that is deactivated, a guest's or a stranger's"
        if reason:
            unfit[person_id] = reason
    return unfit


def _unfit(facts: Facts, entries: list[Person], able: frozenset[str] | None) -> str:
    """Why this person could not approve any change here; empty if they could."""
    repo = facts.change.ref.repo
    accounts = [a for entry in entries for a in entry.accounts if (a.forge, a.host) == (repo.forge, repo.host)]
    if not accounts:
        return f"has no account on {repo.host} in the people file"
    if any(account.kind == "bot" for account in accounts):
        return "is a bot"
    if able is not None and not any(account.key in able for account in accounts):
        return f"may not write to {repo.path}"
    return ""


def _told(said: list[str]) -> str:
    more = ", and more" if len(said) > MOST_PARTS else ""
    return ", ".join(said[:MOST_PARTS]) + more


def card_of(facts: Facts) -> Iterator[str]:
    """Where the chat does not take the card, nobody is asked there, whoever may approve."""
    if facts.card_refused:
        yield f"the card could not be shown in the chat: {facts.card_refused}"


def idle_of(pools: Iterable[Pool], barred: dict[PersonId, str], unfit: dict[PersonId, str], crowd: Crowd) -> Iterator[str]:
    """Who is named to approve and never can, a sentence each. Where nobody is left of a pool, its seat says so itself."""
    for pool in pools:
        if pool.role == ANYONE or all(person in barred for person in pool.members):
            continue
        yield from pool.ignored
        for person in pool.members:
            if person in unfit:
                yield f"{crowd.name(person)} of `{pool.role}` {unfit[person]}"
