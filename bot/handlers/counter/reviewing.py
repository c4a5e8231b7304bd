"""Decisions at the desk: the dialogue of a review, and its submission, which is stored and decides nothing yet."""

from __future__ import annotations

import structlog

from bot.core.approval import Strength
from bot.core.events import ButtonPressed, DecisionGiven, FormSubmitted
from bot.core.ids import ChatUser
from bot.core.messages.answers import Standing, render_refusal
from bot.core.messages.dialogue import check_form, render_request_changes, render_review
from bot.core.notice import Form, FormErrors, Notice
from bot.handlers.counter.opened import Opened
from bot.handlers.decision import Refusal, already, check_person
from bot.handlers.escalation.fatigue import Noted, demanded
from bot.handlers.escalation.fatigue import note as keep_note
from bot.handlers.identity.linking import NO_LOGINS, Errand, begin_linking
from bot.handlers.identity.visits import Closed
from bot.handlers.kit import Kit
from bot.ports.errors import WorldError

log = structlog.get_logger()
DECISIONS = {"review": "approved", "changes": "changes-requested"}
UNLINKED = Refusal("Your chat account is tied to no forge account here, so nothing you press can count.", NO_LOGINS.cure)


def open_review(kit: Kit, opened: Opened, press: ButtonPressed) -> Form | Notice:
    """The dialogue behind *Review & approve* or *Request changes*, or why not. That it was opened is noted."""
    decision = "changes-requested" if press.name == "request-changes" else "approved"
    refusal = may_decide(kit, opened, press.user, decision)
    if refusal is UNLINKED:
        return lead_to_link(kit, Errand(press.user, press.token, press.channel))
    if refusal is not None:
        return render_refusal(refusal.because, refusal.cure)
    note(kit, opened, press.user, "opened")
    facts, verdict = opened.standing.facts, opened.standing.verdict
    if decision == "changes-requested":
        return render_request_changes(facts, press.token)
    return render_review(facts, verdict, press.token, _strength(kit, opened.standing, press.user))


def submit_decision(kit: Kit, opened: Opened, form: FormSubmitted, decision: str) -> FormErrors | Notice | None:
    """Stored for the worker, who looks at everything again; errors stay in the dialogue."""
    refusal = may_decide(kit, opened, form.user, decision)
    if refusal is UNLINKED:
        return lead_to_link(kit, Errand(form.user, opened.request.token))
    if refusal is not None:
        return render_refusal(refusal.because, refusal.cure)
    facts, verdict = opened.standing.facts, opened.standing.verdict
    errors = check_form(facts, verdict, decision, form.ticked, form.reason)
    if errors is not None:
        return errors
    event = DecisionGiven(opened.request.token, form.user, decision, form.ticked, form.reason, form.interaction)
    kit.store.accept(event, facts.change.ref.key, f"chat:{form.interaction}")
    return None


def may_decide(kit: Kit, opened: Opened, user: ChatUser, decision: str) -> Refusal | None:
    """Why this member of the chat may not take that decision now; None where they may, as far as is known here."""
    person = kit.people.by_chat(user)
    if person is None:
        return UNLINKED
    facts, verdict = opened.standing.facts, opened.standing.verdict
    refusal = check_person(facts, verdict, person)
    if refusal is not None:
        return refusal
    twice = already(facts, verdict, person, decision)
    return Refusal(twice) if twice else None


def lead_to_link(kit: Kit, errand: Errand, because: str = UNLINKED.because) -> Notice:
    """The private way to link an account, where there is one."""
    notice = begin_linking(kit, errand, because)
    return render_refusal(because, notice.cure) if isinstance(notice, Closed) else notice


def note(kit: Kit, opened: Opened, user: ChatUser, kind: Noted) -> None:
    """That somebody opened the dialogue (`opened`), or looked at what there is to see (`evidence`): they are at it. Nobody
    waits, and nothing is refused where that cannot be kept."""
    person = kit.people.by_chat(user)
    if person is None:
        return
    try:
        keep_note(kit, kind, opened.request.change, opened.request.token, person.id)
    except WorldError as error:
        log.warning("not noted", kind=kind, change=opened.request.change.key, problem=str(error))


def _strength(kit: Kit, standing: Standing, user: ChatUser) -> Strength:
    """What this person will have to sign with."""
    person = kit.people.by_chat(user)
    facts, verdict = standing.facts, standing.verdict
    return demanded(kit, facts, verdict, person.id) if person else facts.policy.tier(verdict.tier).strength
