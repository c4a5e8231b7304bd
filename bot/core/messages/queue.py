"""What waits, as one person sees it: what waits for them by the time it is due, what they put off, what they wait for others
with, and what they decided of late."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bot.core.approval import TIERS
from bot.core.escalation.model import AUTHOR, Deed, Escalation
from bot.core.ids import ChangeRef, Person, PersonId
from bot.core.messages.answers import Standing
from bot.core.messages.card import asked_people
from bot.core.messages.words import headline_of, people_words
from bot.core.notice import Code, Link, Moment, Notice, Section, Strong, Text, text

MAX_QUEUE = 20
NEXT: dict[Deed, str] = {
    "nudge": "next reminder",
    "widen": "the backup is asked as well",
    "lead": "whoever leads is told",
    "fallback": "the fallback is asked",
    "webhook": "the next step",
    "expire": "it expires",
}
"""What comes at `next_at`, before the time."""


@dataclass(frozen=True, slots=True)
class Item:
    """A change that waits, with the seats that wait for somebody."""

    standing: Standing
    turns: tuple[Escalation, ...] = ()

    @property
    def ref(self) -> ChangeRef:
        return self.standing.facts.change.ref

    def of(self, person: PersonId) -> tuple[Escalation, ...]:
        """The turns that are this person's."""
        return tuple(turn for turn in self.turns if turn.person == person and not turn.ended)

    def waits_for(self, person: PersonId) -> bool:
        """It is their turn, or they are asked beside the one whose turn it is."""
        return bool(self.of(person)) or person in asked_people(self.standing.verdict)

    def next_for(self, person: PersonId) -> Escalation | None:
        """The turn of theirs whose next step comes first."""
        coming = [turn for turn in self.of(person) if turn.next_at is not None]
        return min(coming, key=lambda turn: turn.next_at or turn.since, default=None)

    def put_off(self, person: PersonId, now: datetime) -> datetime | None:
        """Until when they put all of it off; None where some of it waits for them now."""
        ends = [turn.snoozed_until for turn in self.of(person)]
        later = [end for end in ends if end is not None and end > now]
        return min(later) if later and len(later) == len(ends) else None


@dataclass(frozen=True, slots=True)
class Done:
    """What a person decided. `title` is empty where the change is not known any more."""

    ref: ChangeRef
    at: datetime
    words: str
    url: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Queue:
    """`mine` by due time, then by age; the others oldest first. `person` is whose queue it is, if anybody's we know."""

    mine: tuple[Item, ...] = ()
    snoozed: tuple[Item, ...] = ()
    authored: tuple[Item, ...] = ()
    rest: tuple[Item, ...] = ()
    decided: tuple[Done, ...] = ()
    person: PersonId | None = None
    now: datetime | None = None

    @property
    def others(self) -> tuple[Item, ...]:
        return (*self.authored, *self.rest)


def queue_of(person: Person | None, items: Iterable[Item], now: datetime, decided: Iterable[Done] = ()) -> Queue:
    """Everything that waits, sorted for one person; all of it is the rest for somebody who is not known."""
    waiting = sorted(items, key=lambda item: item.standing.facts.change.created_at)
    if person is None:
        return Queue(rest=tuple(waiting), now=now)
    theirs = [item for item in waiting if item.waits_for(person.id)]
    snoozed = tuple(item for item in theirs if item.put_off(person.id, now))
    mine = sorted((item for item in theirs if item not in snoozed), key=lambda item: _due(item, person.id))
    others = [item for item in waiting if item not in theirs]
    keys = {account.key for account in person.accounts}
    authored = tuple(item for item in others if item.standing.facts.change.author.key in keys)
    rest = tuple(item for item in others if item not in authored)
    return Queue(tuple(mine), snoozed, authored, rest, tuple(decided), person.id, now)


def _due(item: Item, person: PersonId) -> tuple[bool, datetime, int]:
    """What is due first comes first; what has no time any more comes last. Of two alike the higher tier."""
    turn = item.next_for(person)
    created = item.standing.facts.change.created_at
    at = turn.next_at if turn else None
    return at is None, at or created, -TIERS.index(item.standing.verdict.tier)


def counts_of(queue: Queue) -> str:
    """`2 waiting for you, 3 for others`"""
    more = f", {len(queue.snoozed)} snoozed" if queue.snoozed else ""
    return f"{len(queue.mine)} waiting for you, {len(queue.others)} for others{more}"


def render_queue(queue: Queue, everything: bool = False) -> Notice:
    """What waits for one person, and with `everything` what waits for others too."""
    held = queue.mine or queue.snoozed or queue.others
    summary = counts_of(queue) if held else "Nothing waits for approval"
    parts = [
        ("Waiting for you", queue.mine, True),
        ("Snoozed", queue.snoozed, True),
        ("Yours, waiting for others", queue.authored, False),
    ]
    if everything:
        parts.append(("Waiting for others", queue.rest, False))
    sections = [_section(queue, *part) for part in parts if part[1]]
    left = 0 if everything else len(queue.rest)
    footnote = text(f"{left} more for others: ", Code("/llmgate queue all")) if left else ()
    return Notice(summary=summary, tone="neutral", headline=text(summary), sections=tuple(sections), footnote=footnote)


def _section(queue: Queue, heading: str, items: tuple[Item, ...], mine: bool) -> Section:
    lines = [line_of(item) + (_behind(queue, item) if mine else ()) for item in items[:MAX_QUEUE]]
    if len(items) > MAX_QUEUE:
        lines.append(text(f"… and {len(items) - MAX_QUEUE} more: see App Home"))
    return Section(tuple(lines), heading=heading, bullets=True)


def line_of(item: Item) -> Text:
    """The change and its state, in one line."""
    change, verdict = item.standing.facts.change, item.standing.verdict
    return text(Link(change.url, str(change.ref)), " ", Strong(change.title), f" · {headline_of(verdict, item.standing.facts)}")


def _behind(queue: Queue, item: Item) -> Text:
    due = due_words(queue, item)
    return text(" · ", *due) if due else ()


def due_words(queue: Queue, item: Item) -> Text:
    """Until when its person put it off, or what comes next and when; where nothing comes any more, since when it waits."""
    if queue.person is None or queue.now is None:
        return ()
    until = item.put_off(queue.person, queue.now)
    if until is not None:
        return text("snoozed until ", Moment(until))
    turn = item.next_for(queue.person)
    if turn is not None and turn.next_at is not None and turn.step < len(turn.chain.steps):
        return text(f"{NEXT[turn.chain.steps[turn.step].deed]} ", Moment(turn.next_at))
    since = min((one.since for one in item.of(queue.person)), default=None)
    return text("your turn since ", Moment(since)) if since else ()


def who_waits(item: Item) -> str:
    """Everybody who is asked now, in names: `Bob, Cid and Sue`; empty where nobody is."""
    verdict = item.standing.verdict
    turns = [turn.person for turn in item.turns if not turn.ended and turn.seat != AUTHOR]
    named = [who for seat in verdict.routing.seats if seat.open for who in seat.asked] if verdict.state == "waiting" else []
    return people_words(item.standing.facts.directory, tuple(dict.fromkeys((*turns, *named))))
