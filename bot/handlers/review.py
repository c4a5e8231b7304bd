"""Somebody decided on the forge itself. Where the policy takes that, it is recorded as a witnessed decision, like a press.

The event is a hint. What the forge says now counts: who decided what, and about which commit. That has to be the head now, and
the head that the event names as well. A refusal is told in the chat, to the person alone.
"""

from __future__ import annotations

from bot.core.actions import Whisper
from bot.core.approval import Approval, DecisionKind
from bot.core.evaluate import evaluate
from bot.core.events import ReviewGiven
from bot.core.facts import Facts
from bot.core.ids import Person
from bot.core.messages.answers import render_refusal
from bot.core.statement import render_statement
from bot.core.verdict import Verdict
from bot.handlers.asking import Superseded
from bot.handlers.conclude import conclude
from bot.handlers.decision import (
    ATTEMPTS,
    Refusal,
    already,
    check_person,
    recorded,
)
from bot.handlers.escalation.fatigue import demanded
from bot.handlers.gather import Gathered, Gatherer, recall
from bot.handlers.kit import Kit
from bot.handlers.recording import Given, build_decision, latest_decision, record, sign
from bot.ports.errors import Conflict
from bot.ports.forge import Hint
from bot.ports.store import ApprovalRequest

KINDS: dict[str, DecisionKind] = {
    "approved": "approved",
    "changes-requested": "changes-requested",
    "dismissed": "dismissed",
}


def take_review(kit: Kit, gatherer: Gatherer, event: ReviewGiven) -> None:
    """Look at the change, and record the decision if the policy takes it. Raises WorldError: the job is tried again."""
    for _ in range(ATTEMPTS):
        gathered = gatherer.gather(recall(kit, event.change), Hint(event.head_sha))
        with kit.store.look() as unit:
            request = unit.request_of(event.change)
        try:
            _take(kit, gathered, event, request)
        except Superseded:
            continue
        return
    raise Conflict(f"saw {event.change} move {ATTEMPTS} times while a decision was being recorded; wanted it to rest")


def recall_reviews(kit: Kit, facts: Facts) -> int:
    """Queue what became of approvals on record that the forge no longer knows: it may have told so when nobody listened.

    Returns how many those are. Raises WorldError: the look is made again.
    """
    change = facts.change
    counted = [one for one in _newest(facts) if one.on_forge and one.decision == "approved"]
    if not counted or change.state != "open":
        return 0
    told = {review.account.key: review for review in kit.forge(change.ref.repo).fetch_reviews(change.ref)}
    lost = [(one, told.get(one.account.key)) for one in counted]
    lost = [(one, now) for one, now in lost if now is None or now.decision != "approved"]
    with kit.store.begin() as unit:
        for one, now in lost:
            event = ReviewGiven(
                change.ref, one.account.key, now.decision if now else "dismissed", change.head_sha, f"after:{one.id}"
            )
            unit.add_job(event, change.ref.key, event.id, kit.clock.now())
        unit.commit()
    return len(lost)


def _newest(facts: Facts) -> list[Approval]:
    """Of each person the latest decision about the head."""
    valid = [one for one in facts.approvals if one.head_sha == facts.change.head_sha and one.voided is None]
    return list({one.person: one for one in sorted(valid, key=lambda one: one.decided_at)}.values())


def _take(kit: Kit, gathered: Gathered, event: ReviewGiven, request: ApprovalRequest | None) -> None:
    facts = gathered.facts
    verdict = evaluate(facts)
    person = facts.directory.by_account(event.account)
    counts = facts.policy.tier(verdict.tier).forge_approvals and request is not None and request.state not in ("void", "closed")
    if person is None or request is None or not counts or not _holds(kit, facts, event):
        conclude(kit, gathered)  # the look was paid for: show what it saw
        return
    given = Given(KINDS[event.decision], None, event.id, (), event.reason.strip())
    refusal = _refusal(facts, verdict, person, given) or _too_weak(kit, facts, verdict, person, given)
    if refusal is not None:
        conclude(kit, gathered)
        if refusal.because and not recorded(facts, event.id):
            _tell(kit, event, person, request, refusal)
        return
    built = build_decision(gathered, verdict, person, given)
    record(kit, gathered, sign(kit, render_statement(built), built, request))


def _holds(kit: Kit, facts: Facts, event: ReviewGiven) -> bool:
    """Whether the forge says so now, of the head that is judged now."""
    if facts.change.state != "open" or event.head_sha != facts.change.head_sha:
        return False
    now = {review.account.key: review for review in kit.forge(event.change.repo).fetch_reviews(event.change)}
    found = now.get(event.account)
    if event.decision == "dismissed":
        return found is None
    return found is not None and found.decision == event.decision and found.head_sha == event.head_sha


def _refusal(facts: Facts, verdict: Verdict, person: Person, given: Given) -> Refusal | None:
    """Why it is not recorded; with no words where there is nothing to tell: it is known, or took back what nobody counted."""
    if recorded(facts, given.interaction):
        return Refusal("")
    if given.decision == "dismissed":
        latest = latest_decision(facts, person)
        return None if latest is not None and latest.on_forge and latest.decision != "dismissed" else Refusal("")
    twice = already(facts, verdict, person, given.decision)
    return check_person(facts, verdict, person) or (Refusal("") if twice else None)


def _too_weak(kit: Kit, facts: Facts, verdict: Verdict, person: Person, given: Given) -> Refusal | None:
    """Whoever has decided too much of late proves who they are, which the forge's own button does not."""
    asked = facts.policy.tier(verdict.tier).strength_for(verdict.routing.roles_of(person.id))
    wanted = demanded(kit, facts, verdict, person.id) if given.decision == "approved" else asked
    if wanted == asked:
        return None
    saw = f"You have decided much today, and the policy wants your next approvals as {wanted}: one on the forge does not count."
    return Refusal(saw, "Press *Review & approve* on the card.")


def _tell(kit: Kit, event: ReviewGiven, person: Person, request: ApprovalRequest, refusal: Refusal) -> None:
    if person.chat is None or not request.channel:
        return
    notice = render_refusal(refusal.because, refusal.cure)
    with kit.store.begin() as unit:
        unit.add_action(
            request.change.key, Whisper(person.chat, request.channel, notice, f"review:{event.id}"), kit.clock.now()
        )
        unit.commit()
