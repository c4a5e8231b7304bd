"""A review passes from one person to another: handed on by whoever was asked, reassigned by the author or a lead, or declined.

Only who is asked changes by this. Whoever could approve before still can, and nobody else.
"""

from __future__ import annotations

from typing import Literal

from bot.core.attendance import Assignment
from bot.core.events import Delegated, NotMine, Reassigned
from bot.core.ids import PersonId
from bot.core.leads import leads_of
from bot.core.messages.dialogue import who_else
from bot.core.messages.turning import Declined, Handed
from bot.core.messages.words import listed, role_words
from bot.handlers.conclude import Aside
from bot.handlers.decision import Refusal
from bot.handlers.escalation.acting import Outcome, Scene, act, stale
from bot.handlers.gather import Gatherer
from bot.handlers.kit import Kit
from bot.ports.escalation import Turning

DECLINED = "said that it is not theirs"
Passing = Literal["delegated", "reassigned"]


def take_delegated(kit: Kit, gatherer: Gatherer, event: Delegated) -> None:
    """Whoever was asked names somebody else. Raises WorldError: the job is tried again."""

    def perform(scene: Scene) -> Outcome | Refusal | None:
        if _was_done(scene, event.to, "delegated"):
            return None
        return stale(scene) or may_hand_on(scene, scene.person.id, event.to) or _handed(scene, scene.person.id, event)

    act(kit, gatherer, event, perform)


def take_reassigned(kit: Kit, gatherer: Gatherer, event: Reassigned) -> None:
    """The author or a lead names somebody else in place of one who was asked. Raises WorldError: the job is tried again."""

    def perform(scene: Scene) -> Outcome | Refusal | None:
        if _was_done(scene, event.to, "reassigned"):
            return None
        refusal = stale(scene) or may_reassign(scene) or may_hand_on(scene, event.person, event.to)
        return refusal or _handed(scene, event.person, event)

    act(kit, gatherer, event, perform)


def take_not_mine(kit: Kit, gatherer: Gatherer, event: NotMine) -> None:
    """Somebody who was asked is named no more. Raises WorldError: the job is tried again."""

    def perform(scene: Scene) -> Outcome | Refusal | None:
        person = scene.person.id
        known = scene.assignment(person)
        if known is not None and known.gone == DECLINED:
            return None
        over = stale(scene)
        if over is not None:
            return over
        if person not in scene.asked:
            return Refusal(f"You are not asked to review {scene.facts.change.ref}.", "There is nothing to decline.")
        reason = event.reason.strip()
        gone = Assignment(person, known.how if known else "routed", scene.facts.now, gone=DECLINED)
        news = Declined(person, reason, f"not-mine:{event.token}:{person}")
        turning = _turning(scene, "not-mine", person, reason)
        return Outcome((gone,), Aside(news=(news,), turnings=(turning,)))

    act(kit, gatherer, event, perform)


def may_hand_on(scene: Scene, person: PersonId, to: PersonId) -> Refusal | None:
    """Whether `to` can be asked in place of `person`: somebody who may fill what they were asked for."""
    ref = scene.facts.change.ref
    if person not in scene.asked:
        saw = "You are" if person == scene.person.id else f"{scene.name(person)} is"
        return Refusal(f"{saw} not asked to review {ref}, so there is nothing to hand on.", "See who is with *Status*.")
    if person == to:
        return Refusal(f"{scene.name(to)} is asked already.", "Name somebody else.")
    others = who_else(scene.facts, scene.verdict)
    barred = next((one for one in scene.verdict.routing.disqualified if one.person == to), None)
    if barred is not None:
        return Refusal(f"{scene.name(to)} may not decide about {ref}: {scene.name(to)} {barred.because}.", others)
    gone = scene.assignment(to)
    if gone is not None and gone.gone:
        return Refusal(f"{scene.name(to)} {gone.gone}.", others)
    wanted = [seat.seat.role for seat in scene.verdict.routing.seats if seat.open and person in seat.asked]
    fills = scene.verdict.routing.roles_of(to)
    if not set(wanted or fills) & set(fills):
        roles = listed([role_words(role) for role in wanted]) or "any role"
        return Refusal(f"{scene.name(to)} does not fill {roles}, as which {scene.name(person)} was asked.", others)
    return None


def may_reassign(scene: Scene) -> Refusal | None:
    """Whether this person may choose who is asked: the author, or one of those whom the tier's chain calls a lead."""
    facts, person = scene.facts, scene.person
    author = facts.directory.by_account(facts.change.author.key)
    if author is not None and author.id == person.id:
        return None
    leads = leads_of(facts, scene.verdict.tier)
    if person.id in leads:
        return None
    who = f"its author or {listed([scene.name(one) for one in leads])}" if leads else "its author"
    return Refusal(f"Only {who} may choose who reviews {facts.change.ref}.", "Ask one of them, or hand on what you were asked.")


def _handed(scene: Scene, person: PersonId, event: Delegated | Reassigned) -> Outcome:
    how: Passing = "delegated" if isinstance(event, Delegated) else "reassigned"
    by, now, reason = scene.person.id, scene.facts.now, event.reason.strip()
    known = scene.assignment(person)
    gone = f"handed it to {scene.name(event.to)}" if by == person else f"was relieved by {scene.name(by)}"
    old = Assignment(person, known.how if known else "routed", now, by, gone=gone)
    new = Assignment(event.to, how, now, by, seat=known.seat if known else "")
    news = Handed(by, person, event.to, reason, f"{how}:{event.token}:{person}:{event.to}:{now.isoformat()}")
    words = f"{person} to {event.to}" + (f": {reason}" if reason else "")
    return Outcome((old, new), Aside(news=(news,), turnings=(_turning(scene, how, by, words),)))


def _was_done(scene: Scene, to: PersonId, how: Passing) -> bool:
    """This very handing on was recorded before."""
    known = scene.assignment(to)
    return known is not None and not known.gone and known.how == how and known.by == scene.person.id


def _turning(scene: Scene, kind: str, person: PersonId, words: str) -> Turning:
    return Turning(scene.facts.now, scene.facts.change.ref, scene.request.token, "", kind, person, words)
