"""Whose hands made the change: the accounts that may not approve it, and the commits nobody can be tied to.

An address is no identity. It leads to an account only where the forge says so: the account it ties to a commit, or the number
inside its own no-reply addresses. An address that leads nowhere could be anybody's, so it is reported, never passed over;
addresses of known agents and of the forge itself belong to no person.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.core.detection.identities import mark_of_account, mark_of_address, numbered
from bot.core.detection.marks.builtin import BUILTIN
from bot.core.detection.marks.exempt import NON_AI_ACCOUNTS, NON_AI_MAILS
from bot.core.detection.model import Detection
from bot.core.detection.spelling import plain, quote, squeezed
from bot.core.detection.trailers import name_and_address, trailers
from bot.core.facts import Commit, CommitIdentity, Facts
from bot.core.ids import ForgeAccount, ForgeName

_NOREPLY: dict[ForgeName, re.Pattern[str]] = {
    "github": re.compile(r"([0-9]{1,12})\+[^@]+@users\.noreply\.(.+)"),
    "gitlab": re.compile(r"([0-9]{1,12})-[^@]+@users\.noreply\.(.+)"),
}


@dataclass(frozen=True, slots=True)
class Untied:
    """Somebody who had a part in the change and whom no account names."""

    part: str
    saw: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Hands:
    """`parts` leads from an account's key, or from `@login` where only that is known, to what that account did here, in words
    that follow a name."""

    parts: dict[str, list[str]] = field(default_factory=dict)
    untied: list[Untied] = field(default_factory=list)

    def add(self, key: str, part: str) -> None:
        self.parts.setdefault(key, []).append(part)


@dataclass(frozen=True, slots=True)
class _Addresses:
    """What an address leads to, for this change."""

    forge: ForgeName
    host: str
    tied: dict[str, str]
    """Addresses that the forge ties to an account somewhere in this change."""
    agents: tuple[str, ...]
    """Quotations of the marks seen, in lower case: a team's own rows know addresses that the built-in table does not."""

    def account_of(self, address: str) -> str | None:
        found = _NOREPLY[self.forge].fullmatch(address)
        if found and found[2] == self.host.partition(":")[0]:
            return f"{self.forge}:{self.host}:{found[1]}"
        return self.tied.get(address)

    def is_agent(self, name: str, address: str) -> bool:
        if mark_of_address(name, address, BUILTIN):
            return True
        return any(address in saw for saw in self.agents)


def hands_of(facts: Facts, detection: Detection) -> Hands:
    """Everyone who had a part in the change."""
    change = facts.change
    hands = Hands()
    addresses = _addresses(facts, detection)
    hands.add(change.author.key, "opened this change")
    if change.last_pusher:
        hands.add(change.last_pusher.key, "made the last push")
    for push in change.pushes:
        if (push.head_sha, push.by) != (change.head_sha, change.last_pusher):
            hands.add(push.by.key, f"pushed commit {push.head_sha[:7]}")
    said: set[str] = set()
    for commit in facts.commits:
        short = commit.sha[:7]
        _identity(hands, addresses, commit.author, f"is the author of commit {short}")
        if commit.committer != commit.author:
            _committer(hands, addresses, commit, short)
        said |= _co_authors(hands, addresses, commit, short)
    said |= {one.address for one in hands.untied}
    for operator in detection.operators:
        if operator.lower() not in said:  # else of their commit already
            _operator(hands, addresses, operator)
    return hands


def _addresses(facts: Facts, detection: Detection) -> _Addresses:
    ref = facts.change.ref.repo
    tied = {
        who.email.lower(): who.account.key
        for commit in facts.commits
        for who in (commit.author, commit.committer)
        if who.account and "@" in who.email
    }
    agents = tuple(dict.fromkeys(plain(signal.saw).lower() for signal in detection.signals if "@" in signal.saw))
    return _Addresses(ref.forge, ref.host, tied, agents)


def _identity(hands: Hands, addresses: _Addresses, who: CommitIdentity, part: str) -> None:
    address = plain(who.email).strip().lower()
    key = who.account.key if who.account else addresses.account_of(address)
    if key:
        hands.add(key, part)
    elif not address or not addresses.is_agent(who.name, address):
        hands.untied.append(Untied(part, _shown(who.name, address), address))


def _committer(hands: Hands, addresses: _Addresses, commit: Commit, short: str) -> None:
    """The forge commits what people do in its web pages; then the author is the person at work."""
    who = commit.committer
    if who.account is None and who.email.lower() in NON_AI_MAILS:
        return
    if who.account is not None and numbered(who.account) and who.account.id in NON_AI_ACCOUNTS:
        return
    _identity(hands, addresses, who, f"is the committer of commit {short}")


def _co_authors(hands: Hands, addresses: _Addresses, commit: Commit, short: str) -> set[str]:
    """Adds the co-authors of one commit. Returns the addresses that lead nowhere but belong to an account that was added."""
    part = f"is a co-author of commit {short}"
    for account in commit.co_author_accounts:
        hands.add(account.key, part)
    unknown: list[Untied] = []
    named: set[str] = set()
    for name, address in _named_co_authors(commit.message):
        key = addresses.account_of(address)
        if key:
            named.add(key)
            hands.add(key, part)
        elif not address or not (address in NON_AI_MAILS or addresses.is_agent(name, address)):
            unknown.append(Untied(part, _shown(name, address), address))
    spoken_for = [account for account in commit.co_author_accounts if account.key not in named and not _is_machine(account)]
    if len(unknown) > len(spoken_for):  # the forge does not say which address it tied to which account
        hands.untied.extend(unknown)
        return set()
    return {one.address for one in unknown if one.address}


def _named_co_authors(message: str) -> Iterator[tuple[str, str]]:
    if "co" not in message.lower():
        return
    for trailer in trailers(plain(message)):
        if squeezed(trailer.key) == "coauthoredby":
            yield name_and_address(trailer.value)


def _is_machine(account: ForgeAccount) -> bool:
    if account.kind == "bot" or (numbered(account) and account.id in BUILTIN.accounts):
        return True
    return mark_of_account(account, BUILTIN) is not None


def _operator(hands: Hands, addresses: _Addresses, operator: str) -> None:
    part = "ran the agent"
    if operator.startswith("@") or "@" not in operator:
        hands.add(operator.lower() if operator.startswith("@") else operator, part)
        return
    address = operator.lower()
    key = addresses.account_of(address)
    if key:
        hands.add(key, part)
    elif address not in NON_AI_MAILS and not addresses.is_agent("", address):
        hands.untied.append(Untied(part, _shown("", address)))


def _shown(name: str, address: str) -> str:
    return quote(f"{name} <{address}>" if name else address) or "an identity without name and address"
