"""What the change itself shows: who opened it and by which app, its branch, its labels, its title and body."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from bot.core.detection.identities import account_key, address_key, mark_of_account
from bot.core.detection.markdown import OwnVoice, own_voice
from bot.core.detection.marks.builtin import BUILTIN
from bot.core.detection.marks.row import Mark
from bot.core.detection.marks.table import MarkTable
from bot.core.detection.model import Carrier, Signal
from bot.core.detection.spelling import plain, quote
from bot.core.facts import Change, Commit
from bot.core.ids import ForgeAccount

HUMAN_LABEL = "human-written"
REQUESTED = re.compile(r"(?im)^[^\w\n]{0,12}requested by\b[\s:*_]{0,6}(?P<who>[^\n]{1,200})$")
STARTED = re.compile(r"(?i)\bstarted by (?P<who>@[a-z0-9][a-z0-9-]{0,60})")
LOGIN = re.compile(r"(?<![\w@.])@([a-z0-9][a-z0-9_.-]{0,60})", re.IGNORECASE)
MAIL = re.compile(r"[\w.+-]{1,80}@[\w-]{1,80}(?:\.[\w-]{1,80})+")


def change_signals(change: Change, table: MarkTable = BUILTIN) -> tuple[Signal, ...]:
    """Signals of the change as a whole; none of them names a commit or a path."""
    found: dict[tuple[str, Carrier], Signal] = {}
    for mark, carrier, saw in _sightings(change, table):
        if carrier == "app" and any(signal.agent == mark.agent and signal.carrier == "account" for signal in found.values()):
            continue  # the app and its bot account are one fact
        assisted = mark.assisted and carrier not in ("account", "app")
        found.setdefault((mark.id, carrier), Signal(mark.agent, mark.id, carrier, mark.grade, quote(saw), assisted=assisted))
    return _without_lonely_support(tuple(found.values()), table)


def event_signals(names: Iterable[str], table: MarkTable = BUILTIN) -> tuple[Signal, ...]:
    """Signals of timeline events, by their names: for whoever reads a timeline or receives such an event."""
    rows = dict.fromkeys(table.events[name.lower()] for name in names if name.lower() in table.events)
    return tuple(Signal(row.agent, row.id, "event", row.grade, row.match) for row in rows)


def declared_label(change: Change) -> str:
    """The label by which people declare the whole change as theirs, or nothing."""
    return next((label for label in change.labels if plain(label).strip().lower() == HUMAN_LABEL), "")


def principals(change: Change, table: MarkTable = BUILTIN) -> tuple[str, ...]:
    """Those whom a change that an agent's account opened is assigned to: it acts in their name, and not of itself."""
    if mark_of_account(change.author, table) is None:
        return ()
    return tuple(key for key in map(account_key, change.assignees) if key)


def requesters(change: Change, commits: Iterable[Commit]) -> tuple[str, ...]:
    """People that the body names as the one who ran the agent: account keys, addresses, or `@login` where nothing ties it."""
    body = own_voice(plain(change.body)).visible
    known = {account.login.lower(): account for account in _accounts(change, commits)}
    found: list[str | None] = []
    for match in (*REQUESTED.finditer(body), *STARTED.finditer(body)):
        mails = MAIL.findall(match["who"])
        found += [address_key(mail) for mail in mails]
        for login in LOGIN.findall(match["who"]):
            account = known.get(login.lower())
            found.append(account_key(account) if account else f"@{login.lower().rstrip('.')}")
    return tuple(dict.fromkeys(key for key in found if key))


def _accounts(change: Change, commits: Iterable[Commit]) -> Iterator[ForgeAccount]:
    yield change.author
    if change.last_pusher:
        yield change.last_pusher
    for commit in commits:
        yield from commit.co_author_accounts
        for identity in (commit.author, commit.committer):
            if identity.account:
                yield identity.account


def _sightings(change: Change, table: MarkTable) -> Iterator[tuple[Mark, Carrier, str]]:
    for account, did in ((change.author, "opened by"), (change.last_pusher, "pushed by")):
        mark = mark_of_account(account, table) if account else None
        if account and mark:
            yield mark, "account", f"{did} {account.login} ({account.id})"
    app = table.apps.get(change.via_app.lower()) if change.via_app else None
    if app:
        yield app, "app", f"opened through the app {change.via_app}"
    branch, title = plain(change.head_ref), plain(change.title)
    for mark, _ in table.matching("branch", branch, branch.lower()):
        yield mark, "branch", branch
    for label in change.labels:
        mark = table.labels.get(plain(label).strip().lower())
        if mark:
            yield mark, "label", label
    for mark, match in table.matching("title", title, title.lower()):
        yield mark, "body", match[0]
    yield from _in_body(own_voice(plain(change.body)), table)


def _in_body(voice: OwnVoice, table: MarkTable) -> Iterator[tuple[Mark, Carrier, str]]:
    for mark, match in table.matching("body", voice.visible, voice.visible.lower()):
        yield mark, "body", match[0]
    for comment in voice.comments:
        for mark, _ in table.matching("comment", comment, comment.lower()):
            yield mark, "comment", comment


def _without_lonely_support(signals: tuple[Signal, ...], table: MarkTable) -> tuple[Signal, ...]:
    """Drop what says nothing by itself (`[WIP]`) unless another signal speaks of the same agent."""
    support = {row.id for row in table.rows if row.supporting}
    agents = {signal.agent for signal in signals if signal.mark not in support}
    return tuple(signal for signal in signals if signal.mark not in support or signal.agent in agents)
