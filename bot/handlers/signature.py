"""A person signed the statement that was made for them. The world is looked at again: what they signed must still be so.

The page checked the signature when it came; here it is checked again, as every later look will. The bytes that they saw are
kept as they are: if anything in them no longer holds, nothing is recorded, and they are told in private what moved.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.approval import Approval
from bot.core.evaluate import evaluate
from bot.core.events import DecisionGiven, StatementSigned
from bot.core.in_toto import NotAStatement
from bot.core.moved import what_moved
from bot.core.proof import KINDS, with_proof
from bot.core.statement import read_statement
from bot.handlers.approvals import read_new
from bot.handlers.asking import Superseded
from bot.handlers.conclude import NewApproval, conclude
from bot.handlers.decision import ATTEMPTS, Refusal, check_decision, find_unfit, tell
from bot.handlers.gather import Gathered, Gatherer, recall
from bot.handlers.kit import Kit
from bot.handlers.recording import Given, build_decision, record
from bot.ports.errors import Conflict
from bot.ports.identity import Visit
from bot.ports.records import NewRecord
from bot.ports.store import ApprovalRequest

AGAIN = "Press the button on the card again; nothing was recorded."


@dataclass(frozen=True, slots=True)
class Signed:
    """An errand that ended in a signature: what was shown, the same with its proof, and what it says."""

    visit: Visit
    statement: bytes
    approval: Approval
    request: ApprovalRequest


def take_signature(kit: Kit, gatherer: Gatherer, event: StatementSigned) -> None:
    """Record an approval that its person signed, or refuse it in private. Raises WorldError: the job is tried again."""
    for _ in range(ATTEMPTS):
        with kit.store.look() as unit:
            visit = unit.visit(event.visit)
            request = unit.request(visit.request) if visit else None
        if visit is None or request is None:
            return  # forgotten: it was not worked on for a day
        try:
            refusal = _take(kit, gatherer, visit, request, event.proof)
        except Superseded:
            continue
        if refusal is not None:
            tell(kit, visit.chat, request, refusal, f"visit:{visit.token_sha256}")
        return
    raise Conflict(f"saw {event.change} move {ATTEMPTS} times while an approval was being recorded; wanted it to rest")


def _take(
    kit: Kit, gatherer: Gatherer, visit: Visit, request: ApprovalRequest, proof: tuple[tuple[str, str], ...]
) -> Refusal | None:
    try:
        shown = read_statement(visit.statement)
        statement = with_proof(visit.statement, KINDS.get(shown.strength, ""), dict(proof))
        signed = Signed(visit, statement, read_statement(statement), request)
    except (NotAStatement, ValueError) as error:
        return Refusal(f"The statement could not be read: {error}.", AGAIN)
    gathered = gatherer.gather(recall(kit, request.change))
    if shown.interaction and any(one.interaction == shown.interaction for one in gathered.facts.approvals):
        conclude(kit, gathered)  # recorded before: its worker died after that
        return None
    refusal = _no_longer(kit, gathered, signed) or _recorded(kit, gathered, signed)
    if refusal is not None:
        conclude(kit, gathered)  # the look was paid for: show what it saw
    return refusal


def _no_longer(kit: Kit, gathered: Gathered, signed: Signed) -> Refusal | None:
    """Why the decision may not be taken any more, by all that a press is held to, and by what the statement says."""
    facts, approval = gathered.facts, signed.approval
    verdict = evaluate(facts)
    person = facts.directory.by_id(approval.person)
    if person is None or person.chat != signed.visit.chat:
        return Refusal("Your chat account is no longer tied to whom the statement names.", AGAIN)
    ticked = tuple(answer.item for answer in approval.answers if answer.confirmed)
    event = DecisionGiven(signed.request.token, signed.visit.chat, approval.decision, ticked, approval.reason)
    refusal = find_unfit(kit, signed.visit.chat) or check_decision(facts, verdict, signed.request, person, event)
    if refusal is not None:
        return refusal
    given = Given("approved", approval.chat, "", ticked, approval.reason, approval.strength)
    moved = what_moved(signed.visit.statement, build_decision(gathered, verdict, person, given))
    return Refusal(f"The {moved} moved while you signed.", AGAIN) if moved else None


def _recorded(kit: Kit, gathered: Gathered, signed: Signed) -> Refusal | None:
    bundle = kit.trust.signer.sign(signed.statement)
    read = read_new(kit, bundle, signed.request.change)
    if not isinstance(read, Approval):
        return Refusal(f"The signature does not hold: {read.saw}.", AGAIN)
    new = NewRecord("decision", read.id, signed.request.change.key, bundle, read.head_sha)
    record(kit, gathered, NewApproval(new, read.person, read.decision, read.reason, signed.request))
    return None
