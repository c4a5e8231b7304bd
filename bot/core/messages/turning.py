"""What is said in the thread when a turn passes from one person to another, or is put off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.core.facts import Facts
from bot.core.ids import PersonId
from bot.core.messages.card import render_line
from bot.core.messages.words import mention, person_words
from bot.core.notice import Moment, Notice, Section, Text, flat, text


@dataclass(frozen=True, slots=True)
class Handed:
    """`to` is asked in place of `person`, because `by` wanted it so: `person` themselves, the author, or somebody who leads."""

    by: PersonId
    person: PersonId
    to: PersonId
    reason: str
    key: str


@dataclass(frozen=True, slots=True)
class Declined:
    """Somebody who was asked said that the review is not theirs."""

    person: PersonId
    reason: str
    key: str


@dataclass(frozen=True, slots=True)
class AskedOnceMore:
    """The request had expired, and somebody wants people to be asked again."""

    person: PersonId
    key: str


Passed = Handed | Declined | AskedOnceMore


def render_passed(facts: Facts, news: Passed) -> Notice:
    """One line, with the reason under it where one was given."""
    names = facts.directory
    if isinstance(news, Handed):
        to = mention(names, news.to)
        if news.by == news.person:
            line = text(f"{person_words(names, news.by)} handed the review on to ", to)
        else:
            line = text(f"{person_words(names, news.by)} asked ", to, f" in place of {person_words(names, news.person)}")
        return _line(line, news.reason)
    who = person_words(names, news.person)
    if isinstance(news, Declined):
        return _line(text(f"{who} said that this review is not theirs"), news.reason)
    return render_line(f"{who} wants people to be asked once more: the request had expired")


def _line(line: Text, reason: str) -> Notice:
    return Notice(flat(line), "neutral", line, (Section((text(reason),)),) if reason else ())


def render_postponed(name: str, until: datetime) -> Notice:
    """Somebody wants to be reminded later."""
    line = text(f"{name} wants to be reminded later, from ", Moment(until), " on")
    return Notice(f"{name} wants to be reminded later", "neutral", line)


def render_expired(facts: Facts) -> Notice:
    """The request ended because nobody answered."""
    said = f"Nobody answered in time: the request about {facts.change.head_sha[:12]} expired, and nobody is asked any more"
    return render_line(said, "bad", text("Whoever still needs it asks again, on the card."))
