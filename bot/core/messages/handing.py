"""The dialogues of somebody who is asked and cannot now: put it off, have somebody else asked, say that it is not theirs. And
what they are answered at once; that it happened is said where everybody reads it."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.escalation.model import Chain
from bot.core.facts import Facts
from bot.core.messages.words import counted
from bot.core.notice import Field, Form, Link, Notice, Option, Section, Strong, text

LENGTHS = (30, 60, 120, 240, 480, 960, 1440)
"""Minutes of work that are offered, as far as the tier allows them. A day of work has eight hours."""
DAY = 480
FOR, TO = "for", "to"
"""Names of the fields: how long, and whom."""


def spell_minutes(minutes: int) -> str:
    """Working minutes as people say them: `30 min`, `2 h`, `1 h 30 min`, `2 d 4 h`. A day has eight hours."""
    days, left = divmod(max(0, minutes), DAY)
    hours, rest = divmod(left, 60)
    parts = [(days, "d"), (hours, "h"), (rest, "min")]
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or "0 min"


def lengths_for(chain: Chain) -> tuple[int, ...]:
    """What may be chosen under this chain, its own limit included."""
    within = {minutes for minutes in LENGTHS if minutes <= chain.snooze_most}
    return tuple(sorted({*within, chain.snooze_most})) if chain.snooze_most > 0 else ()


def render_snooze_form(facts: Facts, chain: Chain, left: int, token: str) -> Form:
    """`left`: how often they may still do it."""
    lengths = lengths_for(chain)
    most = spell_minutes(chain.snooze_most)
    allowed = f"You can put this off {counted(left, 'more time')}, for at most {most} of your working time."
    return Form(
        title="Snooze",
        submit="Snooze",
        token=f"snooze:{token}",
        sections=(_about(facts), Section((text(allowed), text("Its chain waits meanwhile; nothing is approved by waiting.")))),
        fields=(
            Field(
                FOR,
                "Remind me after",
                "choice",
                tuple(Option(str(minutes), f"{spell_minutes(minutes)} of my working time") for minutes in lengths),
                (str(lengths[min(2, len(lengths) - 1)]),) if lengths else (),
            ),
        ),
    )


def render_delegate_form(facts: Facts, token: str) -> Form:
    return Form(
        title="Delegate",
        submit="Ask them instead",
        token=f"delegate:{token}",
        sections=(
            _about(facts),
            Section((text("They are asked in your stead, and everybody sees that you did this. You may still approve."),)),
        ),
        reason="optional",
        reason_label="Why",
        reason_hint="Said in the thread, under your name.",
        fields=(Field(TO, "Who should be asked", "person", hint="Somebody who may approve this change."),),
    )


def render_not_me_form(facts: Facts, token: str) -> Form:
    return Form(
        title="Not me",
        submit="It is not mine",
        token=f"not-me:{token}",
        sections=(
            _about(facts),
            Section((text("Somebody else is asked, and you are named no more for this request. You may still approve."),)),
        ),
        reason="optional",
        reason_label="Why it is not yours",
        reason_hint="Said in the thread, under your name. It helps to ask the right person next time.",
    )


def _about(facts: Facts) -> Section:
    change = facts.change
    return Section((text(Link(change.url, change.title or str(change.ref)), f" ({change.ref})"),))


@dataclass(frozen=True, slots=True)
class Taken:
    """What was taken down and is now worked on."""

    ref: str
    words: str


def render_taken(taken: Taken) -> Notice:
    """The private answer, at once: it is stored, and the thread says when it is done."""
    summary = f"{taken.ref}: {taken.words}"
    return Notice(summary, "good", text(Strong(taken.ref), f": {taken.words}"))
