"""The private message that reminds somebody. One change in full, with its controls; several as a list, so that nobody gets more
than one message for what can be said in one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from bot.core.approval import TIERS
from bot.core.escalation.model import AUTHOR, ReminderKind
from bot.core.ids import PersonId
from bot.core.messages.card import render_missing
from bot.core.messages.controls import ask_again_control, asked_controls, asked_menu
from bot.core.messages.queue import MAX_QUEUE, Item, Queue, due_words, line_of
from bot.core.messages.told import REVIEWERS, Told, holds, next_lines, sentence, since_lines, title_line
from bot.core.messages.words import counted, mention
from bot.core.notice import Code, Control, Notice, Section, Text, flat, text

MOST_LISTED = 20
MAX_MISSING = 3
HOME = text("The buttons for each stand on my home page here.")


def render_reminders(told: Sequence[Told]) -> Notice | None:
    """What one person hears in one message; None where there is nothing to say. Of what says the same, one is enough."""
    several = ordered(told)
    if not several:
        return None
    return _one(several[0]) if len(several) == 1 else _bundle(several)


def render_mention(told: Sequence[Told]) -> Notice | None:
    """The same as a line in the thread of the one change it is about, for a reader who wants to be named rather than written
    to. The controls stand there already."""
    several = ordered(told)
    if not several:
        return None
    first = several[0]
    reader = mention(first.standing.facts.directory, first.reminder.person)
    lines = tuple(line for one in several[1:] for line in (sentence(one),))
    whole = _one(first)
    behind = (*lines, *next_lines(first))
    sections = (Section(behind),) if behind else ()
    return Notice(whole.summary, whole.tone, text(reader, ": ", *sentence(first)), sections)


def ordered(told: Iterable[Told]) -> list[Told]:
    """What still holds: the higher tier first, then what has waited longer; each thing once."""
    once: dict[tuple[str, bool, ReminderKind, PersonId | None], Told] = {}
    for one in filter(holds, told):
        asked = one.reminder.kind in REVIEWERS
        key = (one.ref, asked, "nudge" if asked else one.reminder.kind, None if asked else one.reminder.about)
        once.setdefault(key, one)
    return sorted(once.values(), key=lambda one: (-TIERS.index(one.reminder.tier), -one.waited, one.ref))


def _one(told: Told) -> Notice:
    render = _RENDERED[told.reminder.kind]
    return render(told)


def _bundle(several: Sequence[Told]) -> Notice:
    """A line each, what is wanted first. Buttons for each of them stand on the home page."""
    wanted = sum(one.reminder.kind in (*REVIEWERS, "author") for one in several)
    summary = (
        f"{counted(wanted, 'change')} {'waits' if wanted == 1 else 'wait'} for you" if wanted else "What happened meanwhile"
    )
    if wanted and wanted < len(several):
        summary += f", and {counted(len(several) - wanted, 'other thing')} to know"
    lines = [line_about(one) for one in several[:MOST_LISTED]]
    if len(several) > MOST_LISTED:
        lines.append(text(f"… and {len(several) - MOST_LISTED} more"))
    return Notice(
        summary, "waiting" if wanted else "neutral", text(summary), (Section(tuple(lines), bullets=True),), footnote=HOME
    )


def render_digest(queue: Queue, told: Sequence[Told] = ()) -> Notice | None:
    """What waits for one person when their day begins, by due time, and what else they were to hear of. None for nothing."""
    listed = {str(item.ref) for item in queue.mine}
    other = [one for one in ordered(told) if one.reminder.kind not in (*REVIEWERS, "author") or one.ref not in listed]
    if not queue.mine and not other:
        return None
    number = counted(len(queue.mine), "change")
    waits = f"{number} {'waits' if len(queue.mine) == 1 else 'wait'} for you" if queue.mine else "nothing waits for you"
    summary = f"Your day begins: {waits}"
    lines = [line_of(item) + _due(queue, item) for item in queue.mine[:MAX_QUEUE]]
    if len(queue.mine) > MAX_QUEUE:
        lines.append(text(f"… and {len(queue.mine) - MAX_QUEUE} more"))
    sections = [Section(tuple(lines), heading="What is due first stands first", bullets=True)] if lines else []
    if other:
        sections.append(Section(tuple(line_about(one) for one in other[:MOST_LISTED]), heading="To know", bullets=True))
    settings = Control("settings", "Settings …", "own", described="Change your hours, delivery and absence")
    return Notice(summary, "waiting" if queue.mine else "neutral", text(summary), tuple(sections), (settings,), footnote=HOME)


def _due(queue: Queue, item: Item) -> Text:
    due = due_words(queue, item)
    return text(" · ", *due) if due else ()


def line_about(told: Told) -> Text:
    upcoming = next_lines(told)
    return (*sentence(told), *(text(" ", *upcoming[0]) if upcoming else ()))


def _review(told: Told) -> Notice:
    """With the same buttons as on the ask: decide, or put it off, hand it on, say that it is not theirs."""
    said, change, token = sentence(told), told.standing.facts.change, told.standing.token
    return Notice(
        summary=flat(said),
        tone="waiting",
        headline=said,
        sections=(Section((title_line(told), *since_lines(told), *next_lines(told))),),
        controls=asked_controls(told.ref, token) if token else (open_control(told),),
        more=asked_menu(told.ref, change.url, token) if token else (),
        footnote=text("Replies and reactions do not count as approval."),
    )


def _lead(told: Told) -> Notice:
    said = sentence(told)
    about = told.reminder.about
    return Notice(
        summary=flat(said),
        tone="waiting",
        headline=said,
        sections=(Section((title_line(told), *since_lines(told), *next_lines(told))),),
        controls=(open_control(told),),
        footnote=()
        if told.reminder.seat == AUTHOR or about is None
        else text("To have somebody else asked: ", Code(f"/llmgate reassign {told.ref} @{about} @somebody")),
    )


def _author(told: Told) -> Notice:
    said, token = sentence(told), told.standing.token
    menu = asked_menu(told.ref, told.standing.facts.change.url, token)
    return Notice(
        summary=flat(said),
        tone="waiting",
        headline=said,
        sections=(
            Section((title_line(told), *since_lines(told), *next_lines(told))),
            *render_missing(told.standing.verdict, MAX_MISSING),
        ),
        controls=(open_control(told),),
        more=tuple(one for one in menu if one.name in ("snooze", "why")) if token else (),
    )


def _expired(told: Told) -> Notice:
    token = told.standing.token
    again = (ask_again_control(told.ref, token),) if token else ()
    lines = (title_line(told), text("It stays shut: no time-out ever approves. Ask again, and people are asked once more."))
    said = sentence(told)
    return Notice(flat(said), "bad", said, (Section(lines),), (*again, open_control(told)))


def _fatigue(told: Told) -> Notice:
    said = sentence(told)
    lines = (text("Nothing is undone by this. A word, or fewer requests for a while, may help."),)
    return Notice(flat(said), "neutral", said, (Section(lines),))


def open_control(told: Told) -> Control:
    return Control("open", "Open the change", url=told.standing.facts.change.url, described=f"Open {told.ref}")


_RENDERED: dict[ReminderKind, Callable[[Told], Notice]] = {
    "nudge": _review,
    "asked": _review,
    "fallback": _review,
    "lead": _lead,
    "author": _author,
    "expired": _expired,
    "fatigue": _fatigue,
}
