"""A push replaced the head: decisions about the old one are voided, and where the policy lets them, carried on.

Both are records of their own. A void is for ever: a later push back to that head does not revive what was given for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.core.approval import Approval
from bot.core.carry import Carriage, carriages
from bot.core.evaluate import evaluate
from bot.core.facts import Facts
from bot.core.ids import PersonId
from bot.core.in_toto import statement_id
from bot.core.plan import CarriedOn, News, Voided
from bot.core.records import Record
from bot.core.statement import Carried, Decision, Reviewer, Terms, render_statement
from bot.core.verdict import Verdict
from bot.handlers.approvals import read_new
from bot.handlers.gather import Gathered
from bot.handlers.kit import Kit
from bot.handlers.stating import shown_in, sign_record, target_of
from bot.ports.errors import Refused
from bot.ports.records import NewRecord


@dataclass(frozen=True, slots=True)
class Moved:
    """What follows from a moved head: decisions as they stand now, the records to add, and what is said of it."""

    approvals: tuple[Approval, ...]
    records: tuple[NewRecord, ...] = ()
    news: tuple[News, ...] = ()


def follow_head(kit: Kit, gathered: Gathered) -> Moved:
    """Void what was given for another head, after carrying on what may go on to this one."""
    facts = gathered.facts
    head = facts.change.head_sha
    stale = [approval for approval in facts.approvals if approval.head_sha != head and approval.voided is None]
    if not stale:
        return Moved(facts.approvals)
    carried = _carried(kit, gathered) if facts.change.state == "open" else []
    went_on = {one.approval.id: record.id for one, record, _ in carried}
    voids = [_void(kit, facts, approval, went_on.get(approval.id, "")) for approval in stale]
    approvals = (*facts.approvals, *(read for _, _, read in carried))
    return Moved(approvals, (*(record for _, record, _ in carried), *voids), _news(stale, [one for one, _, _ in carried], head))


def _void(kit: Kit, facts: Facts, approval: Approval, successor: str) -> NewRecord:
    old, new = approval.head_sha[:12], facts.change.head_sha[:12]
    because = f"carried on to {new}" if successor else f"a push replaced {old} by {new}"
    details = {"because": because, "person": approval.person, "decision": approval.decision}
    if successor:
        details["successor"] = successor
    return sign_record(kit, Record("void", facts.change.ref.key, facts.now, details, approval.head_sha, approval.id))


def _carried(kit: Kit, gathered: Gathered) -> list[tuple[Carriage, NewRecord, Approval]]:
    """Each approval that goes on, with its new record, read back as any later look will read it."""
    known = gathered.record.head
    if known is None or known.head_sha == gathered.facts.change.head_sha:
        return []
    verdict = evaluate(gathered.facts)
    found = []
    for one in carriages(gathered.facts, verdict, known.head_sha):
        statement = render_statement(_carried_decision(gathered, verdict, one))
        bundle, change = kit.trust.signer.sign(statement), gathered.facts.change
        record = NewRecord("decision", statement_id(statement), change.ref.key, bundle, change.head_sha, one.approval.id)
        read = read_new(kit, bundle, change.ref)
        if not isinstance(read, Approval):
            raise Refused(
                f"saw an approval carried on that does not verify ({read.saw}); wanted {read.wanted}: is the key right?"
            )
        found.append((one, record, read))
    return found


def _carried_decision(gathered: Gathered, verdict: Verdict, one: Carriage) -> Decision:
    """The old decision, word for word, about the new head."""
    old = one.approval
    return Decision(
        target=target_of(gathered),
        reviewer=Reviewer(old.person, old.account, old.chat, old.roles, old.identity),
        terms=Terms(old.tier, verdict.policy_digest, verdict.policy_source),
        decision=old.decision,
        strength=old.strength,
        decided_at=gathered.facts.now,
        answers=old.answers,
        shown=shown_in(gathered.facts),
        reason=old.reason,
        carried=Carried(old.id, old.head_sha, one.because),
    )


def _news(stale: Iterable[Approval], carried: Iterable[Carriage], head: str) -> tuple[News, ...]:
    """What is said: of each old head whose decisions ended there, and who went along."""
    going = {one.approval.id for one in carried}
    by_head: dict[str, list[PersonId]] = {}
    on: dict[str, list[PersonId]] = {}
    for approval in stale:
        (on if approval.id in going else by_head).setdefault(approval.head_sha, []).append(approval.person)
    voided = [Voided(tuple(dict.fromkeys(people)), old) for old, people in by_head.items()]
    return (*voided, *(CarriedOn(tuple(dict.fromkeys(people)), old, head) for old, people in on.items()))
