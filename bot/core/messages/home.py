"""App Home of one person: what waits, what they put off, what they wait for others with, what they decided, and what they chose
for themselves. Times are instants, never ages, so that a page that says the same is the same."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.messages.answers import Standing
from bot.core.messages.card import TONES
from bot.core.messages.controls import asked_controls, asked_menu
from bot.core.messages.queue import Done, Item, Queue, counts_of, due_words, line_of, who_waits
from bot.core.messages.words import prose
from bot.core.notice import Control, Home, HomePart, Link, Moment, Notice, Section, Strong, Text, text

PAGE = 20
"""Items of a page: a hundred blocks take that many with all that stands around them."""
DECIDED = 5
TEAM = 10


@dataclass(frozen=True, slots=True)
class Profile:
    """What stands on the page besides the queue: who the person is to the gate, what they chose, and who waits on whom where
    they lead."""

    linked: str
    settings: tuple[Text, ...] = ()
    team: tuple[Text, ...] | None = None
    """None: they lead nobody."""


def render_home(queue: Queue, profile: Profile, page: int = 0) -> Home:
    """One page of it, counted from 0; a page that is not there any more is the last one."""
    listed = [
        *(("Waiting for you", item) for item in queue.mine),
        *(("Snoozed", item) for item in queue.snoozed),
        *(("Yours, waiting for others", item) for item in queue.authored),
    ]
    last = max(0, (len(listed) - 1) // PAGE)
    page = min(max(page, 0), last)
    shown = listed[page * PAGE : (page + 1) * PAGE]
    parts = [
        _part(queue, heading, [item for part, item in shown if part == heading])
        for heading in dict.fromkeys(p for p, _ in shown)
    ]
    if not queue.mine and page == 0:
        parts.insert(0, HomePart("Waiting for you", note=text("Nothing waits for you.")))
    if page == 0:
        parts += _first_page(queue, profile)
    headline = text(Strong("My queue"), f": {counts_of(queue)}")
    return Home(headline, tuple(parts), text(profile.linked), _pager(page, last))


def _part(queue: Queue, heading: str, items: list[Item]) -> HomePart:
    note = text("What is due first stands first.") if heading == "Waiting for you" and len(items) > 1 else ()
    return HomePart(heading, tuple(_entry(queue, item, heading) for item in items), note)


def _entry(queue: Queue, item: Item, heading: str) -> Notice:
    ref, standing = str(item.ref), item.standing
    mine = heading != "Yours, waiting for others"
    behind = due_words(queue, item) if mine else _waits_on(item)
    press = mine and _may_press(standing, queue)
    return Notice(
        summary=ref,
        tone=TONES[standing.verdict.state],
        headline=line_of(item),
        sections=(Section((behind,)),) if behind else (),
        controls=asked_controls(ref, standing.token) if press else (),
        more=asked_menu(ref, standing.facts.change.url, standing.token) if press else (),
    )


def _may_press(standing: Standing, queue: Queue) -> bool:
    """They are asked to review; whoever has to mend something has no button for it here."""
    asked = {who for seat in standing.verdict.routing.seats if seat.open for who in seat.asked}
    return bool(standing.token) and standing.verdict.state == "waiting" and queue.person in asked


def _waits_on(item: Item) -> Text:
    who = who_waits(item)
    return text(f"asked: {who}") if who else ()


def _first_page(queue: Queue, profile: Profile) -> list[HomePart]:
    parts = []
    if queue.decided:
        parts.append(HomePart("Decided of late", tuple(_done(one) for one in queue.decided[:DECIDED])))
    if profile.team is not None:
        lines = profile.team[:TEAM]
        left = len(profile.team) - len(lines)
        more = f"{left} more: " if left > 0 else ""
        note = text(*prose(f"{more}`/llmgate queue team` shows all of it.")) if lines else text("Nobody waits for anybody.")
        entries = tuple(Notice("who waits on whom", "neutral", line) for line in lines)
        parts.append(HomePart("Who waits on whom, the oldest first", entries, note))
    if profile.settings:
        opens = Control("settings", "Settings …", "own", described="Change your hours, delivery and absence")
        entry = Notice(
            "settings", "neutral", profile.settings[0], (Section(profile.settings[1:]),) if profile.settings[1:] else ()
        )
        parts.append(HomePart("Your settings", (entry,), controls=(opens,)))
    return parts


def _done(one: Done) -> Notice:
    named = Link(one.url, str(one.ref)) if one.url else str(one.ref)
    title = (" ", Strong(one.title)) if one.title else ()
    return Notice(str(one.ref), "neutral", text(named, *title, f" · {one.words} ", Moment(one.at)))


def _pager(page: int, last: int) -> tuple[Control, ...]:
    if not last:
        return ()
    back = (Control("home-page", f"← Page {page}", str(page - 1), described="The page before"),) if page else ()
    on = (
        (Control("home-page", f"Page {page + 2} of {last + 1} →", str(page + 1), described="The next page"),)
        if page < last
        else ()
    )
    return (*back, *on)
