"""The answer to `/llmgate metrics`."""

from __future__ import annotations

from bot.core.figures import QUICK_S, Figures, Spread
from bot.core.messages.handing import spell_minutes
from bot.core.messages.words import TIER_WORDS, counted
from bot.core.notice import Link, Notice, Section, Strong, Text, text


def render_figures(figures: Figures) -> Notice:
    """How long people wait, by tier; what waits now; and what is on the asker's own desk."""
    waiting = sum(number for _, number in figures.open)
    summary = f"{counted(waiting, 'change waits', 'changes wait')} now; figures of the last {figures.days} days"
    first = tuple(text(Strong(TIER_WORDS[tier]), f": {_spread(spread)}") for tier, spread in figures.first)
    still = tuple(text(Strong(TIER_WORDS[tier]), f": {number}") for tier, number in figures.open)
    sections = [
        Section(first, heading="Time to the first action, in working hours of who acted", bullets=True),
        Section((*still, *_oldest(figures)), heading="Waiting now", bullets=True),
        Section(_mine(figures), heading="You", bullets=True),
    ]
    return Notice(summary, "neutral", text(summary), tuple(sections))


def _spread(spread: Spread | None) -> str:
    if spread is None:
        return "nothing yet"
    within = f"median {spell_minutes(spread.median)}, nine in ten within {spell_minutes(spread.p90)}"
    return f"{within} ({counted(spread.count, 'request')})"


def _oldest(figures: Figures) -> tuple[Text, ...]:
    one = figures.oldest
    if one is None:
        return ()
    return (
        text("The oldest turn: ", Link(one.url, str(one.ref)), f" waits for {one.who}, {spell_minutes(one.minutes)} so far"),
    )


def _mine(figures: Figures) -> tuple[Text, ...]:
    today = text(f"{counted(figures.decided_today, 'decision')} today, {figures.decided} in {figures.days} days")
    if not figures.quick:
        return (today,)
    quick = f"{figures.quick} of them within {QUICK_S} seconds of opening the dialogue: read on before the next one"
    return (today, text(quick))
