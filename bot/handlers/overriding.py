"""Break-glass, performed: who may is looked up afresh, the record is signed, another person is told, and the end is set.

The gate's answer to a lost race or a doubt is no: an override that cannot be recorded lets nothing through.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace

from bot.core.actions import Whisper
from bot.core.evaluate import evaluate
from bot.core.events import OverrideEnded, OverrideGiven, OverrideReviewed
from bot.core.facts import Facts
from bot.core.ids import ChangeRef, ChatUser, Person, PersonId
from bot.core.messages.answers import render_refusal
from bot.core.messages.overriding import render_override_told
from bot.core.messages.words import obstacle_titles, waiting_for
from bot.core.override import Override, override_record, review_record, until_of
from bot.core.plan import Overrode
from bot.core.verdict import Verdict
from bot.handlers.asking import Superseded
from bot.handlers.conclude import Aside, conclude
from bot.handlers.decision import ATTEMPTS, Refusal, find_unfit, tell
from bot.handlers.gather import Gathered, Gatherer, overrides_of, recall
from bot.handlers.kit import Kit
from bot.handlers.recording import account_on
from bot.handlers.stating import sign_record
from bot.ports.errors import Conflict
from bot.ports.store import ApprovalRequest

AGAIN = "Nothing was recorded. Say `/llmgate override` again if it still cannot wait."


def take_override(kit: Kit, gatherer: Gatherer, event: OverrideGiven) -> None:
    """Record an override, or refuse it in private. Raises WorldError: the job is tried again."""
    for _ in range(ATTEMPTS):
        with kit.store.look() as unit:
            request = unit.request(event.token)
        if request is None:
            return  # a made-up token: nobody to answer, nothing to record
        try:
            refusal = _take(kit, gatherer, event, request)
        except Superseded:
            continue
        if refusal is not None:
            tell(kit, event.user, request, refusal, f"{event.interaction}:override")
        return
    raise Conflict(f"saw {event.token[:6]}… move {ATTEMPTS} times while an override was being recorded; wanted it to rest")


def _take(kit: Kit, gatherer: Gatherer, event: OverrideGiven, request: ApprovalRequest) -> Refusal | None:
    gathered = gatherer.gather(recall(kit, request.change))
    facts, verdict = gathered.facts, evaluate(gathered.facts)
    person = kit.people.by_chat(event.user)
    refusal = find_unfit(kit, event.user) or may_override(facts, verdict, person) or _stale(facts, request)
    second = second_person(facts, verdict, person) if person else None
    if refusal is None and second is None:
        because = "Nobody else of the roles that may override can be told, and an override without a witness is none."
        refusal = Refusal(because, "Ask an admin to name more people for `override.roles` in the policy.")
    if refusal is not None or person is None or second is None:
        conclude(kit, gathered)  # the look was paid for: show what it saw
        return refusal
    minutes = facts.policy.override.minutes
    account = account_on(person, facts.change.author).key
    until = until_of(facts.now, minutes)
    one = Override("", facts.change.head_sha, person.id, account, event.reason.strip(), facts.now, until, second.id, "", "")
    _record(kit, gathered, verdict, replace(one, tier=verdict.tier, policy_digest=verdict.policy_digest))
    return None


def _record(kit: Kit, gathered: Gathered, verdict: Verdict, one: Override) -> None:
    facts = gathered.facts
    left = waiting_for(verdict)
    missing = [*obstacle_titles(verdict), *([f"approval by {left}"] if left else [])]
    record = sign_record(kit, override_record(one, facts.change.ref.key, missing))
    one = replace(one, id=record.id)
    told = facts.directory.by_id(one.told)
    actions = [Whisper(told.chat, "", render_override_told(facts, one), f"told:{one.id}")] if told and told.chat else []
    ended = OverrideEnded(facts.change.ref, one.id)
    aside = Aside((record,), (Overrode(one),), tuple(actions), ((ended, f"override-ends:{one.id}", one.until),))
    conclude(kit, replace(gathered, facts=replace(facts, overrides=(*facts.overrides, one))), aside=aside)


def may_override(facts: Facts, verdict: Verdict, person: Person | None) -> Refusal | None:
    """Whether this person may let this change through."""
    ref = facts.change.ref
    if person is None:
        return Refusal("Your chat account is tied to no forge account here.", "Say `/llmgate link` first.")
    if facts.change.state != "open":
        return Refusal(f"{ref} is {facts.change.state}: there is nothing to override.")
    if verdict.state not in ("waiting", "blocked"):
        return Refusal(f"{ref} is {verdict.state}: there is nothing to override.")
    if not facts.policy.override.roles:
        cure = "Whoever may change the policy can name roles under `override`."
        return Refusal(f"The policy of {ref.repo} lets nobody override.", cure)
    barred = next((entry for entry in verdict.routing.disqualified if entry.person == person.id), None)
    if barred is not None:
        return Refusal(f"You may not override {ref}: {person.name} {barred.because}.", "Ask somebody who has no part in it.")
    if person.id not in verdict.routing.overriders:
        roles = ", ".join(facts.policy.override.roles)
        return Refusal(f"You may not override {ref}: the policy names {roles} for that.", "Ask one of them.")
    return None


def second_person(facts: Facts, verdict: Verdict, person: Person) -> Person | None:
    """Who is told: another of those who may override, else of those who could review; the same whoever asks."""
    ref, routing = facts.change.ref.key, verdict.routing

    def order(one: PersonId) -> bytes:
        return hashlib.sha256(f"{ref}\0{one}".encode()).digest()

    for group in (routing.overriders, tuple(who for who, _ in routing.eligible)):
        known = [facts.directory.by_id(one) for one in sorted(group, key=order) if one != person.id]
        found = next((one for one in known if one is not None and one.chat is not None), None)
        if found is not None:
            return found
    return None


def _stale(facts: Facts, request: ApprovalRequest) -> Refusal | None:
    if facts.change.head_sha != request.head_sha:
        saw, now = request.head_sha[:12], facts.change.head_sha[:12]
        return Refusal(f"The head moved while you wrote: you saw {saw}, it is {now} now.", AGAIN)
    return None


def find_override(kit: Kit, token: str) -> tuple[ChangeRef, Override] | None:
    """The override that a task's button names: `<id>@<key of the change>`."""
    override_id, _, key = token.partition("@")
    try:
        ref = ChangeRef.from_key(key)
    except ValueError:
        return None
    found = next((one for one in overrides_of(kit, ref) if one.id == override_id), None)
    return (ref, found) if found else None


def may_review(one: Override, person: Person | None) -> Refusal | None:
    """Whether this person may say what they found about an override."""
    if person is None:
        return Refusal("Your chat account is tied to no forge account here.", "Say `/llmgate link` first.")
    if one.person == person.id:
        return Refusal("You gave this override: somebody else looks at it.", "The one who was told is asked in the thread.")
    if one.reviewed_by is not None:
        return Refusal(f"This override was looked at already, by {one.reviewed_by}.")
    return None


def take_override_review(kit: Kit, gatherer: Gatherer, event: OverrideReviewed) -> None:
    """Record what somebody else found about an override. Raises WorldError: the job is tried again."""
    found = find_override(kit, event.override)
    person = kit.people.by_chat(event.user)
    if found is None or person is None:
        return
    ref, one = found
    refusal = find_unfit(kit, event.user) or may_review(one, person)
    if refusal is not None:
        _tell_reviewer(kit, event.user, ref, refusal, event.interaction)
        return
    record = sign_record(kit, review_record(one, ref.key, person.id, (kit.clock.now(), event.reason.strip())))
    with kit.store.begin() as unit:
        unit.add_record(record, kit.clock.now())
        unit.commit()
    conclude(kit, gatherer.gather(recall(kit, ref)))


def _tell_reviewer(kit: Kit, user: ChatUser, ref: ChangeRef, refusal: Refusal, key: str) -> None:
    with kit.store.begin() as unit:
        whisper = Whisper(user, "", render_refusal(refusal.because, refusal.cure), f"{key}:override-review")
        unit.add_action(ref.key, whisper, kit.clock.now())
        unit.commit()
