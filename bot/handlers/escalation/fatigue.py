"""How decisions are made, kept with each, and what the policy wants where somebody makes too many or too quickly.

None of it undoes a decision. A person is warned, a lead is told, or the next approval needs more proof of who gives it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from bot.core.actions import Whisper
from bot.core.approval import STRENGTHS, Strength
from bot.core.escalation.fatigue import Fatigue, Timing, judge
from bot.core.escalation.model import Reminder
from bot.core.facts import Facts
from bot.core.hours.span import zone_of
from bot.core.ids import ChangeRef, PersonId
from bot.core.messages.fatigue import is_approval, render_warning, spell_decided
from bot.core.policy.model import Policy
from bot.core.verdict import Verdict
from bot.handlers.escalation.activity import touch
from bot.handlers.escalation.calendars import calendars_of
from bot.handlers.kit import Kit
from bot.ports.escalation import Turning
from bot.ports.store import ApprovalRequest, Unit

Noted = Literal["opened", "evidence"]
LATELY = timedelta(days=7)
"""How far back a dialogue that was opened is looked for."""


def note(kit: Kit, kind: Noted, change: ChangeRef, token: str, person: PersonId) -> None:
    """Somebody opened the dialogue of a decision, or what tests and scans showed: they are at it. `token`: the request's."""
    now = kit.clock.now()
    with kit.store.begin(durable=False) as unit:
        unit.add_turning(Turning(now, change, token, "", kind, person))
        touch(unit, change, now)
        unit.commit()


@dataclass(frozen=True, slots=True)
class Made:
    """A decision that was just recorded."""

    person: PersonId
    decision: str
    request: ApprovalRequest


def follow_decision(kit: Kit, unit: Unit, facts: Facts, made: Made) -> None:
    """Keep how it was made, in the decision's own transaction, and do what the policy wants where that is too much."""
    request, now = made.request, facts.now
    opened = unit.turnings(now - LATELY, ("opened",), made.person, request.token)
    seconds = int((now - opened[0].at).total_seconds()) if opened else None
    words = spell_decided(made.decision, seconds)
    unit.add_turning(Turning(now, request.change, request.token, "", "decided", made.person, words))
    fatigue = fatigue_of(kit, unit, facts.policy, made.person, now)
    if fatigue.then is not None and made.decision == "approved":
        _warn(unit, facts, made, fatigue)


def fatigue_of(kit: Kit, unit: Unit, policy: Policy, person: PersonId, now: datetime) -> Fatigue:
    """How this person's day is so far; by their own clock."""
    zone = zone_of(calendars_of(kit, unit, [person])[person].hours.zone)
    today = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    turnings = unit.turnings(today - LATELY, ("opened", "decided", "evidence"), person)
    return judge(_timings(turnings, today), policy.fatigue, now)


def _timings(turnings: Iterable[Turning], since: datetime) -> Iterable[Timing]:
    known = list(turnings)
    for one in known:
        if one.kind != "decided" or one.at < since:
            continue
        before = [other for other in known if other.token == one.token and other.at <= one.at]
        opened = next((other.at for other in before if other.kind == "opened"), None)
        yield Timing(one.at, is_approval(one.words), opened, any(other.kind == "evidence" for other in before))


def demanded(kit: Kit, facts: Facts, verdict: Verdict, person: PersonId) -> Strength:
    """What this person must sign an approval with now: what the policy asks of their roles, or one more where it wants that of
    whoever decides too much."""
    asked = facts.policy.tier(verdict.tier).strength_for(verdict.routing.roles_of(person))
    if facts.policy.fatigue.then != "stronger":
        return asked
    with kit.store.look() as unit:
        tired = fatigue_of(kit, unit, facts.policy, person, kit.clock.now()).then == "stronger"
    return stronger_than(asked) if tired else asked


def stronger_than(strength: Strength) -> Strength:
    """The next one, as far as `passkey`: beyond that a signature proves no more of who gave it."""
    return STRENGTHS[min(STRENGTHS.index(strength) + 1, STRENGTHS.index("passkey"))] if strength != "keyless" else strength


def _warn(unit: Unit, facts: Facts, made: Made, fatigue: Fatigue) -> None:
    """Once a day each."""
    request, rules, day = made.request, facts.policy.fatigue, f"{facts.now:%Y-%m-%d}"
    known = facts.directory.by_id(made.person)
    if known is not None and known.chat is not None:
        notice = render_warning(fatigue.words, stronger=fatigue.then == "stronger")
        whisper = Whisper(known.chat, request.channel, notice, f"fatigue:{made.person}:{day}")
        unit.add_action(f"person:{made.person}", whisper, facts.now)
    members = facts.directory.members(rules.lead) if fatigue.then == "lead" and rules.lead else None
    told = [person for person in members.people if person != made.person] if members else []
    unit.add_reminders([_reminder(facts, made, lead, fatigue.words) for lead in told])


def _reminder(facts: Facts, made: Made, lead: PersonId, words: str) -> Reminder:
    return Reminder(
        person=lead,
        kind="fatigue",
        change=made.request.change,
        token=made.request.token,
        seat="",
        epoch=0,
        tier="low",  # never so urgent that it is not bundled
        at=facts.now,
        dedupe=f"fatigue:{made.person}:{facts.now:%Y-%m-%d}:{lead}",
        about=made.person,
        words=words,
    )
