"""The line in the thread that says what the gate did because nobody answered. Whoever is asked is called by the asking itself,
and not once more here."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.escalation.model import AUTHOR, Deed, Escalation
from bot.core.facts import Facts
from bot.core.ids import PersonId
from bot.core.messages.card import render_line
from bot.core.messages.handing import spell_minutes
from bot.core.messages.words import people_words, person_words
from bot.core.notice import Notice


def render_step(facts: Facts, row: Escalation, deed: Deed, people: Sequence[PersonId], waited: int) -> Notice | None:
    """`people`: who was told or asked by this step. `waited`: working minutes of the row's person since it became their turn.

    None where nothing is to be said there: a nudge, which is between two; nobody was found; an endpoint was told; or the
    request expired, which is said with it.
    """
    who, others = person_words(facts.directory, row.person), people_words(facts.directory, people)
    turn = "mend it" if row.seat == AUTHOR else "review it"
    had = f"{who} has had {spell_minutes(waited)} of working time to {turn}"
    said = {"widen": "asked as well", "lead": "told", "fallback": "asked to stand in"}.get(deed)
    if said is None or not people:
        return None
    return render_line(f"{had}: {others} {'is' if len(people) == 1 else 'are'} {said}", "waiting")
