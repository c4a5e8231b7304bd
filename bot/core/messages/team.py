"""Who waits on whom, the oldest turn first, for those who lead: in chat, on the home page, and at the gate's own page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.core.approval import Tier
from bot.core.escalation.model import AUTHOR, Escalation
from bot.core.escalation.slots import seat_of
from bot.core.ids import RoleName
from bot.core.messages.handing import spell_minutes
from bot.core.messages.queue import Item
from bot.core.messages.words import TIER_WORDS, counted, person_words, role_words
from bot.core.notice import Control, Link, Moment, Notice, Section, Strong, Text, text

MOST = 15
MINUTES = 10
"""How long the link to the page lasts."""


@dataclass(frozen=True, slots=True)
class Wait:
    """One turn: `who` has had it since then, which is `minutes` of their own working time."""

    ref: str
    url: str
    title: str
    tier: Tier
    author: str
    who: str
    seat: str
    since: datetime
    minutes: int
    snoozed_until: datetime | None = None

    @property
    def wanted(self) -> str:
        """What they are waited for: `a review as security`, `a review`, `mending it`."""
        seat = seat_of(self.seat)
        if seat == AUTHOR:
            return "mending it"
        kind, _, section = seat.partition(":")
        return f"a review as {f'code owner of {section}' if kind == 'section' else role_words(RoleName(seat))}"


def wait_of(item: Item, turn: Escalation, minutes: int) -> Wait:
    facts = item.standing.facts
    author = facts.directory.by_account(facts.change.author.key)
    return Wait(
        ref=str(item.ref),
        url=facts.change.url,
        title=facts.change.title,
        tier=turn.tier,
        author=author.name if author else facts.change.author.login,
        who=person_words(facts.directory, turn.person),
        seat=turn.seat,
        since=turn.since,
        minutes=minutes,
        snoozed_until=turn.snoozed_until,
    )


def wait_line(wait: Wait, now: datetime | None = None) -> Text:
    """`Bob: acme/shop#7 · a review as security · 4 h`. The age is in whole hours, so that a page made again is the same."""
    hours = wait.minutes - wait.minutes % 60
    age = spell_minutes(hours) if hours else "less than 1 h"
    later = wait.snoozed_until if now and wait.snoozed_until and wait.snoozed_until > now else None
    put_off = (", snoozed until ", Moment(later)) if later else ()
    named = (Strong(wait.who), ": ", Link(wait.url, wait.ref), f" {wait.title[:60]}")
    return text(*named, f" · {TIER_WORDS[wait.tier].lower()}, {wait.wanted} · {age}", *put_off)


def render_team(waits: tuple[Wait, ...], url: str, now: datetime) -> Notice:
    """`url`: the private link to the page, empty where there is none."""
    who = len({wait.who for wait in waits})
    summary = (
        f"{counted(len(waits), 'turn')} of {counted(who, 'person', 'people')} waited for"
        if waits
        else "Nobody waits for anybody"
    )
    lines = [wait_line(wait, now) for wait in waits[:MOST]]
    if len(waits) > MOST:
        lines.append(text(f"… and {len(waits) - MOST} more on the page"))
    sections = (Section(tuple(lines), heading="The oldest first, in their own working hours", bullets=True),) if lines else ()
    page = Control("open", "Open the page", url=url, described="Open the page of who waits on whom")
    footnote = text(f"The page opens once, within {MINUTES} minutes, for you alone.") if url else ()
    return Notice(summary, "neutral", text(summary), sections, (page,) if url else (), footnote=footnote)
