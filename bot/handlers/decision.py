"""A person pressed the last button: look again, check again, sign, store, and show what follows.

The form that the person saw decides nothing. Everything is read afresh: the head, the policy, who the person is and
whether they may. A refusal is private and names what was seen, what was wanted and what to do.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.core.actions import Whisper
from bot.core.approval import TIERS, Approval, DecisionKind, Strength
from bot.core.evaluate import evaluate
from bot.core.events import DecisionGiven
from bot.core.facts import Facts
from bot.core.ids import ChatUser, Person
from bot.core.messages.answers import render_refusal
from bot.core.messages.dialogue import check_form, who_else
from bot.core.messages.signing import render_sign
from bot.core.statement import Decision, press_id, render_statement
from bot.core.verdict import Verdict
from bot.handlers.asking import Superseded
from bot.handlers.conclude import conclude
from bot.handlers.escalation.fatigue import demanded
from bot.handlers.gather import Gathered, Gatherer, recall
from bot.handlers.identity.roster import unfit_words
from bot.handlers.identity.visits import begin_visit
from bot.handlers.kit import Kit
from bot.handlers.recording import Given, build_decision, latest_decision, record, sign
from bot.ports.errors import Conflict
from bot.ports.identity import Visit
from bot.ports.store import ApprovalRequest

ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a decision is not taken, and what to do next."""

    because: str
    cure: str = ""


def decide(kit: Kit, gatherer: Gatherer, event: DecisionGiven) -> None:
    """Record a decision, or refuse it in private. Raises WorldError when the world does not answer: the job is tried again."""
    with kit.store.look() as unit:
        request = unit.request(event.token)
    if request is None:
        return  # a made-up token: nobody to answer, nothing to record
    refusal = _decide(kit, gatherer, event, request)
    if refusal is not None:
        _tell(kit, event, request, refusal)


def _decide(kit: Kit, gatherer: Gatherer, event: DecisionGiven, request: ApprovalRequest) -> Refusal | None:
    person = kit.people.by_chat(event.user)
    refusal = find_unfit(kit, event.user)
    if refusal is not None or person is None:
        return refusal or Refusal(
            "Your chat account is tied to no forge account here any more.", "Say `/llmgate link`, then press again."
        )
    for _ in range(ATTEMPTS):
        gathered = gatherer.gather(recall(kit, request.change))
        facts = gathered.facts
        verdict = evaluate(facts)
        refusal = check_decision(facts, verdict, request, person, event)
        if _recorded(facts, event) or refusal is not None:
            conclude(kit, gathered)  # the look was paid for: show what it saw
            return None if _recorded(facts, event) else refusal
        try:
            _take(kit, gathered, verdict, Pressed(person, event, request))
        except Superseded:
            with kit.store.look() as unit:
                request = unit.request(event.token) or request
            continue
        return None
    raise Conflict(f"saw {request.change} move {ATTEMPTS} times while a decision was being recorded; wanted it to rest")


@dataclass(frozen=True, slots=True)
class Pressed:
    """Who pressed what about which request."""

    person: Person
    event: DecisionGiven
    request: ApprovalRequest


def _take(kit: Kit, gathered: Gathered, verdict: Verdict, pressed: Pressed) -> None:
    """Record the decision; or where the chat's word is not enough, ask the person to sign it themselves."""
    event, person = pressed.event, pressed.person
    decision: DecisionKind = "approved" if event.decision == "approved" else "changes-requested"
    given = Given(decision, event.user, event.interaction, event.ticked, event.reason.strip())
    if decision == "approved":
        given = replace(given, strength=demanded(kit, gathered.facts, verdict, person.id))
    built = build_decision(gathered, verdict, person, given)
    if built.strength == "witnessed":
        record(kit, gathered, sign(kit, render_statement(built), built, pressed.request))
        return
    conclude(kit, gathered)  # the look was paid for: show what it saw
    _ask_to_sign(kit, gathered, built, pressed)


def _ask_to_sign(kit: Kit, gathered: Gathered, built: Decision, pressed: Pressed) -> None:
    """The statement is made, and waits for the person at a page of the gate's own, whose address only they are told."""
    event, request = pressed.event, pressed.request
    refusal = _cannot_sign(kit, pressed.person, built.strength)
    if refusal is not None:
        _tell(kit, event, request, refusal, ":sign")
        return
    minutes = gathered.facts.policy.tier(built.terms.tier).login_minutes
    visit = Visit(
        token_sha256="",
        kind="sign",
        chat=event.user,
        person=pressed.person.id,
        expires_at=gathered.facts.now,  # set by whoever begins it
        about=request.change.key,
        request=request.token,
        revision=request.revision,
        statement=render_statement(built),
        state={"strength": built.strength, "login_minutes": str(minutes), "channel": request.channel},
    )
    with kit.store.begin() as unit:
        notice = render_sign(request.change, built.strength, begin_visit(kit, unit, visit))
        whisper = Whisper(event.user, request.channel, notice, f"{event.interaction or event.token}:sign")
        unit.add_action(request.change.key, whisper, kit.clock.now())
        unit.commit()


def _cannot_sign(kit: Kit, person: Person, strength: Strength) -> Refusal | None:
    """What is missing here before anybody could sign so."""
    if not kit.settled.public_url:
        cure = "Ask an admin to set `web.public_url`; nothing was recorded."
        return Refusal(f"The policy wants your approval as {strength}, and this gate has no pages to give it at.", cure)
    if strength == "passkey" and kit.trust.passkeys is None:
        cure = "Ask an admin to set `web.public_url` to an https address with a name; nothing was recorded."
        return Refusal("The policy wants your passkey, and browsers lend none to this gate's address.", cure)
    if strength == "keyless" and person.identity is None:
        cure = "Ask an admin to add `keyless: {issuer: …, identity: …}` to your entry in the people file."
        return Refusal("The policy wants your approval signed keyless, and no identity is on file for you.", cure)
    if strength == "reauthenticated" and not kit.logins:
        cure = "Ask an admin to set `client_id` and `client_secret` of the forge or of `oidc`; nothing was recorded."
        return Refusal("The policy wants you to sign in before you approve, and no sign-in is set up.", cure)
    return None


def _recorded(facts: Facts, event: DecisionGiven) -> bool:
    return recorded(facts, event.interaction)


def recorded(facts: Facts, interaction: str) -> bool:
    """Whether this very press was recorded before: its worker died after that, and whatever followed is no refusal of it."""
    return bool(interaction) and any(a.interaction == press_id(interaction) for a in facts.approvals)


def find_unfit(kit: Kit, user: ChatUser) -> Refusal | None:
    """Why the chat account itself may decide nothing. Raises WorldError when the chat does not say."""
    words = unfit_words(kit.chat.fetch_profile(user, fresh=True)) if kit.chat else ""
    return Refusal(f"Your chat account is {words}: it may not decide.", "Ask a full member to review.") if words else None


def check_decision(
    facts: Facts, verdict: Verdict, request: ApprovalRequest, person: Person, event: DecisionGiven
) -> Refusal | None:
    """Whether this person may take this decision about what the facts say now."""
    stale = _stale(facts, verdict, request)
    if stale is not None:
        return stale
    refusal = check_person(facts, verdict, person)
    if refusal is not None:
        return refusal
    twice = already(facts, verdict, person, event.decision)
    if twice:
        return Refusal(twice)
    errors = check_form(facts, verdict, event.decision, event.ticked, event.reason)
    if errors is not None:
        return Refusal("The checklist was not complete: " + " ".join(message for _, message in errors.errors))
    return None


def already(facts: Facts, verdict: Verdict, person: Person, decision: str) -> str:
    """The refusal of a second press, or nothing: under other terms than it was given the same decision may be taken again."""
    latest = latest_decision(facts, person)
    if latest is not None and latest.decision == decision and _as_now(latest, facts, verdict):
        return f"You already decided this, at {latest.decided_at:%H:%M} UTC: {latest.decision} for {latest.head_sha[:12]}."
    return ""


def _as_now(given: Approval, facts: Facts, verdict: Verdict) -> bool:
    """Whether policy and target branch are those of then, and the change is no riskier."""
    same = (given.policy_digest, given.base_ref or facts.change.base_ref) == (verdict.policy_digest, facts.change.base_ref)
    return same and TIERS.index(given.tier) >= TIERS.index(verdict.tier)


def _stale(facts: Facts, verdict: Verdict, request: ApprovalRequest) -> Refusal | None:
    change = facts.change
    if change.state != "open":
        return Refusal(f"{change.ref} is {change.state}: there is nothing left to decide.")
    if change.head_sha != request.head_sha:
        saw, now = request.head_sha[:12], change.head_sha[:12]
        return Refusal(f"The head moved while you read: you saw {saw}, it is {now} now.", "Review the new commit on the card.")
    if verdict.policy_digest != request.policy_digest:
        return Refusal("The policy changed while you read.", "Press the button on the card again.")
    if verdict.tier != request.tier:
        return Refusal(f"The risk tier moved from {request.tier} to {verdict.tier} while you read.", "Press the button again.")
    if request.state in ("void", "closed"):
        return Refusal(f"This request about {change.ref} is over.", "Use the newest card.")
    return None


def check_person(facts: Facts, verdict: Verdict, person: Person) -> Refusal | None:
    """Whether this person may decide at all about this change."""
    barred = next((entry for entry in verdict.routing.disqualified if entry.person == person.id), None)
    if barred is not None:
        return Refusal(
            f"You may not decide about {facts.change.ref}: {person.name} {barred.because}.", who_else(facts, verdict)
        )
    if not verdict.routing.roles_of(person.id) and latest_decision(facts, person) is None:
        return Refusal(f"{facts.change.ref} asks for roles that you do not fill.", who_else(facts, verdict))
    return None


def tell_to_wait(kit: Kit, event: DecisionGiven) -> None:
    """The world does not answer, and so a decision is on hold: say so once, to the person who took it."""
    with kit.store.begin() as unit:
        request = unit.request(event.token)
    if request is not None:
        waits = (
            f"Your decision about {request.change} is kept and not recorded yet: {request.change.repo.host} does not answer."
        )
        cure = "It is tried again by itself. If the card does not show it within half an hour, press the button again."
        _tell(kit, event, request, Refusal(waits, cure), ":waits")


def _tell(kit: Kit, event: DecisionGiven, request: ApprovalRequest, refusal: Refusal, which: str = "") -> None:
    tell(kit, event.user, request, refusal, (event.interaction or event.token) + which)


def tell(kit: Kit, user: ChatUser, request: ApprovalRequest, refusal: Refusal, key: str) -> None:
    """A refusal, in private, where the request is shown. Said once, by its key."""
    notice = render_refusal(refusal.because, refusal.cure)
    with kit.store.begin() as unit:
        unit.add_action(request.change.key, Whisper(user, request.channel, notice, key), kit.clock.now())
        unit.commit()
