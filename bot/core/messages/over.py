"""A private message that reminded somebody, once what it wanted is wanted no more: what became of it, and nothing to press."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.messages.reminding import MOST_LISTED, line_about, open_control, ordered
from bot.core.messages.told import REVIEWERS, Told, title_line
from bot.core.notice import Link, Moment, Notice, Section, Text, flat, text


def render_reworded(over: Sequence[Told], holding: Sequence[Told]) -> Notice | None:
    """The message as it is to stand now. `over`: of its reminders those that hold no more; `holding`: the others."""
    still = ordered(holding)
    ended = {one.ref: one for one in over if one.ref not in {each.ref for each in still}}
    if not ended:
        return None
    if len(ended) == 1 and not still:
        return _one(next(iter(ended.values())))
    summary = _what_is_left(still, len(ended)) if still else "None of this waits for you any more"
    lines = [*(line_about(one) for one in still), *(text("✓ ", *_ended_sentence(one)) for one in ended.values())]
    section = Section(tuple(lines[:MOST_LISTED]), bullets=True)
    return Notice(summary, "waiting" if still else "neutral", text(summary), (section,))


def _what_is_left(still: Sequence[Told], ended: int) -> str:
    """`1 of 3 still waits for you`; of what the reader only hears of, `1 of 3 still holds`."""
    one = len(still) == 1
    if all(told.reminder.kind in (*REVIEWERS, "author") for told in still):
        return f"{len(still)} of {len(still) + ended} still {'waits' if one else 'wait'} for you"
    return f"{len(still)} of {len(still) + ended} still {'holds' if one else 'hold'}"


def _one(told: Told) -> Notice:
    said = text("✓ ", *_ended_sentence(told))
    return Notice(flat(said), "neutral", said, (Section((title_line(told),)),), (open_control(told),))


def _ended_sentence(told: Told) -> Text:
    """Why the reader need not look any more, as far as it can be told."""
    facts, reader, turn = told.standing.facts, told.reminder.person, told.turn
    link = Link(facts.change.url, told.ref)
    if facts.change.state != "open":
        return text(link, f" is {facts.change.state}.")
    if told.reminder.kind in REVIEWERS and any(reader in seat.taken_by for seat in told.standing.verdict.routing.seats):
        return text("You answered ", link, ".")
    if any(one.person == reader and one.gone for one in facts.assignments):
        return text("You are not asked about ", link, " any more.")
    if turn is not None and turn.person == reader and turn.snoozed_until is not None:
        return text("You put ", link, " off until ", Moment(turn.snoozed_until), ".")
    if told.standing.verdict.merge_allowed:
        return text(link, " has all it needs.")
    if turn is not None and turn.person != reader:
        return text(link, f" waits for {told.name(turn.person)} now.")
    return text(link, " does not wait for you any more.")
