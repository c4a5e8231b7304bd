"""A person pressed the last button: look again, check again, sign, store, and show what follows.

The form that the person saw decides nothing. Everything is read afresh: the head, the policy, who the person is and
whether they may. A refusal is private and names what was seen, what was wanted and what to do.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.core.actions import Whisper
from bot.core.approval import TIERS, Answer, Approval, DecisionKind
from bot.core.evaluate import evaluate
from bot.core.events import DecisionGiven
from bot.core.facts import Facts
from bot.core.ids import ChatUser, ForgeAccount, Person
from bot.core.messages.answers import render_refusal
from bot.core.messages.dialogue import check_form, who_else
from bot.core.patch import patch_id
from bot.core.statement import Decision, Reviewer, Shown, Target, Terms, press_id, render_statement, statement_id
from bot.core.verdict import Verdict
from bot.handlers.conclude import NewApproval, Superseded, conclude
from bot.handlers.gather import Gathered, Gatherer, recall
from bot.handlers.kit import Kit
from bot.ports.chat import ChatProfile
from bot.ports.errors import Conflict, Refused
from bot.ports.store import ApprovalRequest

ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Given:
    """What a person decided, and where: `chat` is None where they did so on the forge itself."""

    decision: DecisionKind
    chat: ChatUser | None
    interaction: str
    ticked: tuple[str, ...] = ()
    reason: str = ""


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
    profile = kit.chat.fetch_profile(event.user) if kit.chat else None
    refusal = _unfit(profile)
    if refusal is not None or person is None:
        return refusal or Refusal(
            "Your chat account is tied to no forge account here.", "Ask an admin to add you to the mapping."
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
            record(kit, gathered, sign(kit, build_decision(gathered, verdict, person, _pressed(event)), request))
        except Superseded:
            with kit.store.look() as unit:
                request = unit.request(event.token) or request
            continue
        return None
    raise Conflict(f"saw {request.change} move {ATTEMPTS} times while a decision was being recorded; wanted it to rest")


def _pressed(event: DecisionGiven) -> Given:
    decision: DecisionKind = "approved" if event.decision == "approved" else "changes-requested"
    return Given(decision, event.user, event.interaction, event.ticked, event.reason.strip())


def _recorded(facts: Facts, event: DecisionGiven) -> bool:
    return recorded(facts, event.interaction)


def recorded(facts: Facts, interaction: str) -> bool:
    """Whether this very press was recorded before: its worker died after that, and whatever followed is no refusal of it."""
    return bool(interaction) and any(a.interaction == press_id(interaction) for a in facts.approvals)


def _unfit(profile: ChatProfile | None) -> Refusal | None:
    if profile is None:
        return None
    kinds = (
        (profile.deactivated, "deactivated"),
        (profile.bot, "a bot"),
        (profile.guest, "a guest"),
        (profile.stranger, "of another organisation"),
    )
    found = [word for holds, word in kinds if holds]
    if found:
        return Refusal(f"Your chat account is {' and '.join(found)}: it may not decide.", "Ask a full member to review.")
    return None


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


def latest_decision(facts: Facts, person: Person) -> Approval | None:
    mine = [a for a in facts.approvals if a.person == person.id and a.head_sha == facts.change.head_sha and a.voided is None]
    return max(mine, key=lambda approval: approval.decided_at, default=None)


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


def sign(kit: Kit, decision: Decision, request: ApprovalRequest) -> NewApproval:
    statement = render_statement(decision)
    bundle, who = kit.trust.signer.sign(statement), decision.reviewer
    about = (who.person, decision.decision, decision.reason, request)
    return NewApproval(statement_id(statement), bundle, *about, on_forge=who.chat is None)


def record(kit: Kit, gathered: Gathered, new: NewApproval) -> None:
    read = kit.trust.verifier.read_approval(new.bundle, new.request.change)
    if not isinstance(read, Approval):
        raise Refused(f"saw an approval just signed that does not verify ({read.saw}); wanted {read.wanted}: is the key right?")
    approvals = (*gathered.facts.approvals, read)
    conclude(kit, replace(gathered, facts=replace(gathered.facts, approvals=approvals)), new)


def build_decision(gathered: Gathered, verdict: Verdict, person: Person, given: Given) -> Decision:
    """Everything the statement says: what was decided about, by whom, under which rule, and what lay before their eyes."""
    facts = gathered.facts
    change = facts.change
    tick = set(given.ticked)
    items = facts.policy.tier(verdict.tier).checklist if given.decision == "approved" and given.chat else ()
    return Decision(
        target=Target(
            change.ref,
            change.url,
            change.head_sha,
            change.head_tree or gathered.reading.head.head_tree,
            change.base_ref,
            change.base_sha,
            patch_id((file.path, file.patch) for file in facts.files),
        ),
        reviewer=Reviewer(person.id, _account(person, change.author), given.chat, verdict.routing.roles_of(person.id)),
        terms=Terms(verdict.tier, verdict.policy_digest, verdict.policy_source),
        decision=given.decision,
        strength="witnessed",
        decided_at=_after_the_last(facts, person),
        answers=tuple(Answer(item.id, item.text, item.id in tick) for item in items),
        shown=_shown(facts),
        reason=given.reason,
        interaction=given.interaction,
    )


def _after_the_last(facts: Facts, person: Person) -> datetime:
    """Now, and never as early as the person's last decision: clocks of two replicas may differ, and the later one counts."""
    latest = latest_decision(facts, person)
    return max(facts.now, latest.decided_at + timedelta(milliseconds=1)) if latest else facts.now


def _account(person: Person, author: ForgeAccount) -> ForgeAccount:
    """The person's account on the change's own host: routing lets nobody through who has none."""
    here = [account for account in person.accounts if (account.forge, account.host) == (author.forge, author.host)]
    return here[0]


def _shown(facts: Facts) -> tuple[Shown, ...]:
    documents = [Shown(found.path, found.digest, "provenance") for found in facts.documents]
    reports = [Shown(source, digest, "report") for source, digest in facts.evidence.digests]
    return tuple(documents + reports)


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
    notice = render_refusal(refusal.because, refusal.cure)
    with kit.store.begin() as unit:
        action = Whisper(event.user, request.channel, notice, (event.interaction or event.token) + which)
        unit.add_action(request.change.key, action, kit.clock.now())
        unit.commit()
