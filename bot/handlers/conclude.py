"""Judge facts and let the consequences commit together: records, request, verdict, and actions in the outbox."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from bot.core.actions import Action, SetLabels
from bot.core.attendance import Assignment
from bot.core.detection.model import Signal
from bot.core.evaluate import evaluate
from bot.core.events import ChangeTouched, Event
from bot.core.facts import Facts
from bot.core.ids import PersonId
from bot.core.messages.card import asked_people
from bot.core.messages.forge_text import check_state
from bot.core.plan import Decided, Earlier, News, Surfaces, plan
from bot.core.verdict import Verdict
from bot.handlers.asking import Asking, settle_request
from bot.handlers.escalation.fatigue import Made, follow_decision
from bot.handlers.escalation.turns import Turned, follow_turns
from bot.handlers.gather import Gathered
from bot.handlers.keeping import keepable
from bot.handlers.kit import Kit
from bot.handlers.moving import follow_head
from bot.handlers.policies import policy_records
from bot.ports.escalation import Turning
from bot.ports.records import NewRecord
from bot.ports.store import ApprovalRequest, ChangeRecord, Unit


@dataclass(frozen=True, slots=True)
class NewApproval:
    """A bundle that was just signed, to be stored with what follows from it, or not at all."""

    record: NewRecord
    person: PersonId
    decision: str
    reason: str
    request: ApprovalRequest
    on_forge: bool = False


@dataclass(frozen=True, slots=True)
class Aside:
    """What else is to commit with a look: records, what is said of them, actions, and events that come due later."""

    records: tuple[NewRecord, ...] = ()
    news: tuple[News, ...] = ()
    actions: tuple[Action, ...] = ()
    later: tuple[tuple[Event, str, datetime], ...] = ()
    """Each with the key that makes a second one the same, and when it is due."""
    assigned: tuple[Assignment, ...] = ()
    """Who is asked from now on, and who is not any more, because somebody said so."""
    turnings: tuple[Turning, ...] = ()
    """What happened to the request, for its history."""
    again: bool = False
    """People are asked once more, though the request about this head expired."""


NOTHING = Aside()
GREEN = ("allowed", "overridden")


def conclude(kit: Kit, gathered: Gathered, new: NewApproval | None = None, aside: Aside = NOTHING) -> Verdict:
    """Evaluate, plan and store, in one transaction. Raises Superseded when `new` came too late."""
    before = _last_verdict(kit, gathered)
    moved = follow_head(kit, gathered)
    gathered = replace(gathered, facts=replace(gathered.facts, approvals=moved.approvals))
    facts = gathered.facts
    verdict = _judged(kit, gathered, before)
    records = (*policy_records(kit, facts, before), *moved.records, *aside.records)
    durable = new is not None or bool(records)  # a look without a record is made again by its own job
    with kit.store.begin(durable=durable) as unit:
        news = (*moved.news, *aside.news)
        for record in records:
            unit.add_record(record, facts.now)
        settled = settle_request(unit, _asking(kit, facts, verdict, new, aside))
        request = settled.request
        follow_turns(kit, unit, Turned(facts, verdict, settled, before, aside.assigned))
        unit.add_turnings(aside.turnings)
        if new is not None:
            unit.add_record(new.record, facts.now)
            follow_decision(kit, unit, facts, Made(new.person, new.decision, new.request))
            news = (*news, Decided(new.record.id, new.person, new.decision, new.reason, new.on_forge))
        surfaces = _surfaces(kit, unit, gathered, before, request)
        gathered = _heal(unit, gathered, before, verdict)
        _wake_twins(unit, gathered)
        for event, dedupe_key, due in aside.later:
            unit.add_job(event, facts.change.ref.key, dedupe_key, facts.now, due)
        for action in (*plan(facts, verdict, surfaces, news), *aside.actions):
            if isinstance(action, SetLabels):  # planned only where the forge may differ, whatever was shown before
                unit.forget_shown(facts.change.ref.key, action.surface)
            unit.add_action(facts.change.ref.key, action, facts.now)
        unit.save_change(_remember(kit, gathered, verdict, request))
        unit.commit()
    return verdict


def judge(kit: Kit, gathered: Gathered) -> Verdict:
    """The verdict, with nothing stored."""
    return _judged(kit, gathered, _last_verdict(kit, gathered))


def _last_verdict(kit: Kit, gathered: Gathered) -> Verdict | None:
    return kit.codec.load(Verdict, gathered.record.verdict) if gathered.record.verdict else None


def _judged(kit: Kit, gathered: Gathered, before: Verdict | None) -> Verdict:
    """Before the verdict turns green for the first time the forge is asked for other changes on the same commit."""
    facts = gathered.facts
    verdict = evaluate(facts)
    same_head = gathered.record.head is not None and gathered.record.head.head_sha == facts.change.head_sha
    if verdict.state not in GREEN or (before and before.state in GREEN and same_head):
        return verdict
    twins = kit.forge(facts.change.ref.repo).fetch_twins(facts.change)
    return evaluate(replace(facts, twins=tuple(dict.fromkeys((*facts.twins, *twins)))))


def _asking(kit: Kit, facts: Facts, verdict: Verdict, new: NewApproval | None, aside: Aside) -> Asking:
    channel = kit.settled.channel_of(facts.change.ref.repo, facts.policy.channel)
    return Asking(facts, verdict, channel, new.request.token if new else "", aside.again)


def _surfaces(kit: Kit, unit: Unit, gathered: Gathered, before: Verdict | None, request: ApprovalRequest | None) -> Surfaces:
    facts, head = gathered.facts, gathered.record.head
    channel = request.channel if request else kit.settled.channel_of(facts.change.ref.repo, facts.policy.channel)
    earlier = Earlier(head.head_sha, asked_people(before)) if before and head else None
    carded = before is not None and before.state != "not-generated"
    labels = unit.resting(facts.change.ref.key, "labels")
    steady = labels is not None and labels == gathered.rest.labels
    return Surfaces(channel if kit.chat else "", request.token if request else "", earlier, carded, steady)


def _wake_twins(unit: Unit, gathered: Gathered) -> None:
    """Other changes on this commit are looked at again whenever this one moved: they share its check."""
    change = gathered.facts.change
    for twin in gathered.twins:
        touched = ChangeTouched(twin, "another change on the same commit moved", change.head_sha)
        key = f"twin:{twin.key}:{change.ref.key}:{change.head_sha}:{change.state}:{change.updated_at.isoformat()}"
        unit.add_job(touched, twin.key, key, gathered.facts.now)


def _heal(unit: Unit, gathered: Gathered, before: Verdict | None, verdict: Verdict) -> Gathered:
    """A check that somebody overwrote, or that another change on this commit replaced, is shown anew.

    One that was being written while the forge was read is left alone: what was read of it may be from before. Its place is
    forgotten then, so that the sweep has it looked at once more.
    """
    facts, check, record = gathered.facts, gathered.reading.check, gathered.record
    for surface in gathered.lost:
        unit.forget_shown(facts.change.ref.key, surface)
    if before is None or record.head is None or record.head.head_sha != facts.change.head_sha:
        return gathered
    key, surface = facts.change.ref.key, f"check:{facts.change.head_sha}"
    if gathered.rest.check is None or unit.resting(key, surface) != gathered.rest.check:
        reading = gathered.reading
        return replace(gathered, reading=replace(reading, head=replace(reading.head, place="")))
    if not check.looked:
        return gathered
    shown = unit.shown(key, surface)
    replaced = check.id != shown and check.state != check_state(verdict)
    if shown is not None and (replaced or check.state != check_state(before)):
        unit.forget_shown(key, surface)
    return gathered


def _remember(kit: Kit, gathered: Gathered, verdict: Verdict, request: ApprovalRequest | None) -> ChangeRecord:
    facts = gathered.facts
    return replace(
        gathered.record,
        head=keepable(gathered.reading.head, facts.documents),
        signals=_stick(gathered.record.signals, verdict.detection.signals),
        facts=kit.codec.dump(_slim(facts)),
        verdict=kit.codec.dump(verdict),
        request=request,
        evaluated_at=facts.now,
        open=facts.change.state == "open",
    )


def _stick(seen: tuple[Signal, ...], now: tuple[Signal, ...]) -> tuple[Signal, ...]:
    """Once seen on a change, a signal stays, whatever is edited away."""
    return tuple({signal.key: signal for signal in (*seen, *now)}.values())


def _slim(facts: Facts) -> Facts:
    """Facts as the chat needs them later: without patches, commits and raw evidence, which the head's facts keep."""
    files = tuple(replace(file, patch=None, opening=None) for file in facts.files)
    return replace(
        facts, files=files, commits=(), evidence=type(facts.evidence)(digests=facts.evidence.digests), owners_text=""
    )
