"""The desk's part in break-glass: the button, the dialogue and the task afterwards, answered from the store alone."""

from __future__ import annotations

from bot.core.events import FormSubmitted, OverrideGiven, OverrideReviewed
from bot.core.facts import Facts
from bot.core.ids import Person
from bot.core.messages.answers import Standing, render_refusal
from bot.core.messages.overriding import (
    MIN_REVIEW,
    render_override_button,
    render_override_form,
    render_review_form,
    too_short,
)
from bot.core.notice import Form, FormErrors, Notice
from bot.handlers.decision import Refusal
from bot.handlers.kit import Kit
from bot.handlers.overriding import find_override, may_override, may_review

KINDS = ("override", "override-review")


def _told(refusal: Refusal) -> Notice:
    return render_refusal(refusal.because, refusal.cure)


def offer_override(standing: Standing, person: Person | None) -> Notice:
    """What `/llmgate override` answers: the private button, or why there is none."""
    refusal = may_override(standing.facts, standing.verdict, person)
    return _told(refusal) if refusal else render_override_button(standing.facts, standing.token)


def open_override(standing: Standing, person: Person | None) -> Form | Notice:
    """The dialogue, or why this person may not open it."""
    refusal = may_override(standing.facts, standing.verdict, person)
    return _told(refusal) if refusal else render_override_form(standing.facts, standing.verdict, standing.token)


def submit_override(kit: Kit, standing: Standing, form: FormSubmitted) -> FormErrors | Notice | None:
    """Stored for the worker, who looks at everything again."""
    refusal = may_override(standing.facts, standing.verdict, kit.people.by_chat(form.user))
    if refusal:
        return _told(refusal)
    problem = too_short(form.reason)
    if problem:
        return FormErrors((("reason", problem),))
    event = OverrideGiven(standing.token, form.user, form.reason, form.interaction)
    kit.store.accept(event, standing.facts.change.ref.key, f"chat:{form.interaction}")
    return None


def open_review(kit: Kit, token: str, person: Person | None) -> Form | Notice:
    """The dialogue of whoever looks at an override afterwards, also when its change is over."""
    found = find_override(kit, token)
    if found is None:
        return render_refusal("This button leads nowhere any more.", "Use the newest card, or /llmgate status.")
    ref, one = found
    refusal = may_review(one, person)
    if refusal:
        return _told(refusal)
    with kit.store.look() as unit:
        record = unit.change(ref)
    if record is None or not record.facts:
        return render_refusal(f"I do not know {ref} any more.", "The override stands in the log all the same.")
    return render_review_form(kit.codec.load(Facts, record.facts), one, token)


def submit_review(kit: Kit, token: str, form: FormSubmitted) -> FormErrors | Notice | None:
    """Stored for the worker; errors stay in the dialogue, a refusal is said in private."""
    found = find_override(kit, token)
    if found is None:
        return render_refusal("This form is about an override that I do not know.")
    refusal = may_review(found[1], kit.people.by_chat(form.user))
    if refusal:
        return _told(refusal)
    problem = too_short(form.reason, MIN_REVIEW)
    if problem:
        return FormErrors((("reason", problem),))
    event = OverrideReviewed(token, form.user, form.reason, form.interaction)
    kit.store.accept(event, found[0].key, f"chat:{form.interaction}")
    return None
