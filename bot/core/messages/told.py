"""The sentences of a reminder: what is wanted and of whom, since when, and what happens next. Never a reproach."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.core.escalation.model import AUTHOR, Escalation, Reminder, ReminderKind
from bot.core.escalation.slots import seat_of
from bot.core.escalation.turns import seat_name
from bot.core.facts import Facts
from bot.core.ids import PersonId
from bot.core.messages.answers import Standing
from bot.core.messages.handing import spell_minutes
from bot.core.messages.words import (
    TIER_MARKS,
    TIER_WORDS,
    acting_words,
    obstacle_titles,
    people_words,
    person_words,
    prose,
)
from bot.core.notice import Link, Moment, Strong, Text, text
from bot.core.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Told:
    """One reminder with what its sentences need, as things stand when it is said.

    `turn` is the row that it follows from, None for what only tells that something happened. `waited`: for how many working
    minutes of theirs the one who is waited for has had it.
    """

    reminder: Reminder
    standing: Standing
    turn: Escalation | None = None
    waited: int = 0

    @property
    def ref(self) -> str:
        return str(self.standing.facts.change.ref)

    def name(self, person: PersonId | None) -> str:
        return person_words(self.standing.facts.directory, person) if person else "Somebody"


REVIEWERS: tuple[ReminderKind, ...] = ("asked", "nudge", "fallback")
"""Kinds that want a decision of whoever reads them."""


def holds(told: Told) -> bool:
    """Whether the reader is still wanted. Somebody asked beside the one whose turn it is may have answered, or declined, while
    the turn goes on."""
    if told.reminder.kind not in REVIEWERS:
        return True
    return told.reminder.person not in wanted_no_more(told.standing.verdict, told.standing.facts)


def wanted_no_more(verdict: Verdict, facts: Facts) -> frozenset[PersonId]:
    """Who answered, or said that it is not theirs."""
    gone = {one.person for one in facts.assignments if one.gone}
    return frozenset(gone.union(*(seat.taken_by for seat in verdict.routing.seats)))


def sentence(told: Told) -> Text:
    """The whole thing in one sentence, with its link."""
    return _SENTENCES[told.reminder.kind](told)


def _link(told: Told) -> Link:
    return Link(told.standing.facts.change.url, told.ref)


def _role(told: Told) -> str:
    """` as security`, where their role is not anybody's."""
    seats = told.standing.verdict.routing.seats
    own = [state for state in seats if state.open and told.reminder.person in state.asked]
    return acting_words([state for state in own if seat_name(state) == seat_of(told.reminder.seat)] or own)


def _ago(told: Told) -> str:
    return f"{spell_minutes(told.waited)} of working time"


def _say_nudge(told: Told) -> Text:
    had = f": you have had it for {_ago(told)}." if told.waited else "."
    return text(_link(told), f" waits for your review{_role(told)}{had}")


def _say_asked(told: Told) -> Text:
    """Beside somebody else, or as the first of all."""
    if told.reminder.about is None:
        return text("You are asked: ", _link(told), f" waits for your review{_role(told)}.")
    first = told.name(told.reminder.about)
    return text("You are asked as well: ", _link(told), f" waits for a review{_role(told)}, and {first} has not answered yet.")


def _say_fallback(told: Told) -> Text:
    first = told.name(told.reminder.about)
    return text("You are asked to stand in: ", _link(told), f" waits for a review{_role(told)}, and {first} has not answered.")


def _say_lead(told: Told) -> Text:
    who = told.name(told.reminder.about)
    what = "mend" if told.reminder.seat == AUTHOR else "review"
    return text(f"{who} has had ", _link(told), f" to {what} for {_ago(told)}.")


def _say_author(told: Told) -> Text:
    return text("Your change ", _link(told), f" waits for you: {_reasons(told)}.")


def _reasons(told: Told) -> str:
    titles = [title.lower() for title in obstacle_titles(told.standing.verdict)]
    more = f" and {len(titles) - 3} more" if len(titles) > 3 else ""
    return f"{', '.join(titles[:3])}{more}" if titles else "something is to be mended"


def _say_expired(told: Told) -> Text:
    return text("Nobody answered in time about ", _link(told), ": the request expired, and nobody is asked any more.")


def _say_fatigue(told: Told) -> Text:
    return text(f"{told.name(told.reminder.about or told.reminder.person)} {told.reminder.words}.")


def title_line(told: Told) -> Text:
    change, tier = told.standing.facts.change, told.standing.verdict.tier
    return text(TIER_MARKS[tier], Strong(TIER_WORDS[tier]), f": {change.title or told.ref} by {change.author.login}")


def since_lines(told: Told) -> tuple[Text, ...]:
    if told.turn is None:
        return ()
    whose = "It is your turn" if told.turn.person == told.reminder.person else f"It is {told.name(told.turn.person)}’s turn"
    worth = f", which is {_ago(told)}" if told.waited else ""
    return (text(f"{whose} since ", Moment(told.turn.since), f"{worth}."),)


def next_lines(told: Told) -> tuple[Text, ...]:
    """What happens next, and when, so that nobody has to guess."""
    turn = told.turn
    if turn is None or turn.ended or turn.next_at is None or turn.step >= len(turn.chain.steps):
        return ()
    step, at = turn.chain.steps[turn.step], Moment(turn.next_at)
    mine = turn.person == told.reminder.person
    if step.deed == "nudge":
        return (text(f"I will ask {'again' if mine else f'{told.name(turn.person)} again'} ", at, "."),)
    if step.deed == "widen":
        return (text(f"{_behind(told)} will be asked as well ", at, "."),)
    if step.deed == "expire":
        return (text("Without an answer it expires ", at, ", and stays shut until somebody asks again."),)
    what = {"lead": "will hear of it", "fallback": "will be asked to stand in", "webhook": "will be told"}[step.deed]
    return (text(*prose(f"`{step.role}` {what} "), at, "."),)


def _behind(told: Told) -> str:
    """Who stands by for the seat; a name where one is known."""
    seat = seat_of(told.reminder.seat)
    behind = [who for one in told.standing.verdict.routing.seats if seat_name(one) == seat for who in one.backup]
    others = [who for who in behind if told.turn is None or who != told.turn.person]
    return people_words(told.standing.facts.directory, others[:1]) or "Whoever else can review it"


_SENTENCES: dict[ReminderKind, Callable[[Told], Text]] = {
    "nudge": _say_nudge,
    "asked": _say_asked,
    "fallback": _say_fallback,
    "lead": _say_lead,
    "author": _say_author,
    "expired": _say_expired,
    "fatigue": _say_fatigue,
}
