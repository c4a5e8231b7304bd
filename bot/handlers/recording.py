"""From a decision to its record: every word of the statement, its signature, and the way into the log.

What is written here was read a moment ago: the head, the policy, who the person is. Nothing of what the person's screen said
goes in but their answers, their reason and that they pressed.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.core.approval import Answer, Approval, DecisionKind, Strength
from bot.core.facts import Facts
from bot.core.ids import ChatUser, ForgeAccount, Person
from bot.core.in_toto import statement_id
from bot.core.statement import Decision, Reviewer, Terms
from bot.core.verdict import Verdict
from bot.handlers.approvals import read_new
from bot.handlers.conclude import NewApproval, conclude
from bot.handlers.gather import Gathered
from bot.handlers.kit import Kit
from bot.handlers.stating import shown_in, target_of
from bot.ports.errors import Refused
from bot.ports.records import NewRecord
from bot.ports.store import ApprovalRequest


@dataclass(frozen=True, slots=True)
class Given:
    """What a person decided, and where: `chat` is None where they did so on the forge itself."""

    decision: DecisionKind
    chat: ChatUser | None
    interaction: str
    ticked: tuple[str, ...] = ()
    reason: str = ""
    strength: Strength = "witnessed"


def sign(kit: Kit, statement: bytes, decision: Decision, request: ApprovalRequest) -> NewApproval:
    """The decision's statement, signed by the gate; with the person's own proof in it where they gave one."""
    who, change, head = decision.reviewer, decision.target.change, decision.target.head_sha
    bundle = kit.trust.signer.sign(statement)
    new = NewRecord("decision", statement_id(statement), change.key, bundle, head)
    return NewApproval(new, who.person, decision.decision, decision.reason, request, on_forge=who.chat is None)


def record(kit: Kit, gathered: Gathered, new: NewApproval) -> None:
    """Store a decision together with what follows from it. It is read back first, as any later look will read it."""
    read = read_new(kit, new.record.bundle, new.request.change)
    if not isinstance(read, Approval):
        raise Refused(f"saw an approval just signed that does not verify ({read.saw}); wanted {read.wanted}: is the key right?")
    approvals = (*gathered.facts.approvals, read)
    conclude(kit, replace(gathered, facts=replace(gathered.facts, approvals=approvals)), new)


def latest_decision(facts: Facts, person: Person) -> Approval | None:
    mine = [a for a in facts.approvals if a.person == person.id and a.head_sha == facts.change.head_sha and a.voided is None]
    return max(mine, key=lambda approval: approval.decided_at, default=None)


def build_decision(gathered: Gathered, verdict: Verdict, person: Person, given: Given) -> Decision:
    """Everything the statement says: what was decided about, by whom, under which rule, and what lay before their eyes."""
    facts = gathered.facts
    tick = set(given.ticked)
    items = facts.policy.tier(verdict.tier).checklist if given.decision == "approved" and given.chat else ()
    account, roles = account_on(person, facts.change.author), verdict.routing.roles_of(person.id)
    identity = person.identity if given.strength == "keyless" else None
    return Decision(
        target=target_of(gathered),
        reviewer=Reviewer(person.id, account, given.chat, roles, identity),
        terms=Terms(verdict.tier, verdict.policy_digest, verdict.policy_source),
        decision=given.decision,
        strength=given.strength,
        decided_at=_after_the_last(facts, person),
        answers=tuple(Answer(item.id, item.text, item.id in tick) for item in items),
        shown=shown_in(facts),
        reason=given.reason,
        interaction=given.interaction,
        nonce="" if given.strength == "witnessed" else secrets.token_hex(16),
    )


def account_on(person: Person, author: ForgeAccount) -> ForgeAccount:
    """The person's account on the change's own host: routing lets nobody through who has none."""
    here = [account for account in person.accounts if (account.forge, account.host) == (author.forge, author.host)]
    return here[0]


def _after_the_last(facts: Facts, person: Person) -> datetime:
    """Now, and never as early as the person's last decision: clocks of two replicas may differ, and the later one counts."""
    latest = latest_decision(facts, person)
    return max(facts.now, latest.decided_at + timedelta(milliseconds=1)) if latest else facts.now
