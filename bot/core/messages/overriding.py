"""Break-glass in words: the way to it, the dialogue, what everybody is told, and the task of looking at it afterwards."""

from __future__ import annotations

from bot.core.facts import Facts
from bot.core.messages.words import mention, obstacle_titles, person_words, waiting_for
from bot.core.notice import Code, Control, Form, Link, Moment, Notice, Section, text
from bot.core.override import MIN_REASON, Override
from bot.core.verdict import Verdict

MIN_REVIEW = 10


def render_override_button(facts: Facts, token: str) -> Notice:
    """The private button that `/llmgate override` leads to."""
    ref, minutes = str(facts.change.ref), facts.policy.override.minutes
    summary = f"An override lets {ref} through against the verdict. It is no approval."
    said = (
        f"It holds for {minutes} minutes and this commit alone, is told to another person at once, stands in the log for ever, "
    )
    return Notice(
        summary=summary,
        tone="override",
        headline=text(summary),
        sections=(Section((text(said, "and somebody else has to look at it afterwards."),)),),
        controls=(Control("override", "Override …", token, style="danger", described=f"Override the verdict on {ref}"),),
    )


def render_override_form(facts: Facts, verdict: Verdict, token: str) -> Form:
    """What is got around, and why."""
    change = facts.change
    titles = obstacle_titles(verdict)
    left = waiting_for(verdict)
    around = [text(title) for title in titles] + ([text(f"approval by {left}")] if left else [])
    return Form(
        title="Override the verdict",
        submit="Override",
        token=f"override:{token}",
        sections=(
            Section(
                (text(Link(change.url, change.title or str(change.ref))), text(f"{change.ref} at ", Code(change.head_sha[:12])))
            ),
            Section(tuple(around), heading="What you get around", bullets=True),
            Section((text(f"It ends after {facts.policy.override.minutes} minutes, or with a push."),)),
        ),
        reason="required",
        reason_label="Why it cannot wait",
        reason_hint="Signed, kept for ever, shown on the change and in the channel. Leave out secrets.",
    )


def render_override_line(facts: Facts, one: Override) -> Notice:
    """In the thread, for everybody."""
    who, told = person_words(facts.directory, one.person), mention(facts.directory, one.told)
    summary = f"OVERRIDE by {who}: {facts.change.ref} may merge against the verdict, and nobody approved it by that"
    told_line = text("Told: ", told, ". It ends ", Moment(one.until), " or with a push.")
    return Notice(summary=summary, tone="override", headline=text(summary), sections=(Section((text(one.reason), told_line)),))


def render_override_told(facts: Facts, one: Override) -> Notice:
    """To the second person, in private."""
    who, change = person_words(facts.directory, one.person), facts.change
    summary = f"{who} overrode the verdict on {change.ref}: you are told because a second person has to know."
    return Notice(
        summary=summary,
        tone="override",
        headline=text(summary),
        sections=(
            Section((text(one.reason), text("It ends ", Moment(one.until), ", or with a push.")), heading="Their reason"),
        ),
        controls=(Control("open", "Open the change", url=change.url, described=f"Open {change.ref}"),),
        footnote=text("In the card's thread a task waits for you: look at what went through, and say what you found."),
    )


def render_review_task(facts: Facts, one: Override) -> Notice:
    """The task in the thread, until it is done; then what was found."""
    who, ref = person_words(facts.directory, one.person), facts.change.ref
    if one.reviewed_by is not None:
        by = person_words(facts.directory, one.reviewed_by)
        summary = f"{by} looked at {who}'s override of {ref} afterwards"
        return Notice(summary=summary, tone="neutral", headline=text(summary), sections=(Section((text(one.review),)),))
    summary = f"The override of {ref} has yet to be looked at"
    asked = text(mention(facts.directory, one.told), f", please look at what {who} let through, and say what you found.")
    described = f"Say what you found about the override of {ref}"
    return Notice(
        summary=summary,
        tone="override",
        headline=asked,
        controls=(Control("override-review", "Say what you found", f"{one.id}@{ref.key}", described=described),),
        footnote=text("Anybody else may do it; whoever overrode may not."),
    )


def render_review_form(facts: Facts, one: Override, token: str) -> Form:
    who, change = person_words(facts.directory, one.person), facts.change
    return Form(
        title="Look at an override",
        submit="Record",
        token=f"override-review:{token}",
        sections=(
            Section(
                (text(Link(change.url, change.title or str(change.ref)), f" ({change.ref}) at ", Code(one.head_sha[:12])),)
            ),
            Section((text(one.reason),), heading=f"Why {who} overrode"),
        ),
        reason="required",
        reason_label="What you found",
        reason_hint="Was it right, and what follows from it? Signed, and kept for ever.",
    )


def too_short(reason: str, least: int = MIN_REASON) -> str:
    """What is wrong with a reason; empty if nothing."""
    return (
        ""
        if len(reason.strip()) >= least
        else f"Say it in at least {least} characters: it is read when this is looked at again."
    )
