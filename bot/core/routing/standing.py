"""Which decisions stand: of each person the latest about this very head, given as the tier and the policy now ask."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from bot.core.approval import STRENGTHS, TIERS, Approval
from bot.core.facts import Facts
from bot.core.ids import PersonId, RoleName
from bot.core.patch import patch_id
from bot.core.policy.model import TierRules
from bot.core.proof import login_age
from bot.core.routing.crowd import Crowd

_ORDER = {"approved": 0, "dismissed": 1, "changes-requested": 2}
"""Of decisions given at the same instant, the stricter is taken for the later."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A decision that does not count, and why."""

    approval: Approval
    because: str
    cure: str = "approve again"


@dataclass(frozen=True, slots=True)
class Standing:
    """`approved`: one approval a person, oldest first. `objections`: requests for changes that stand."""

    approved: tuple[Approval, ...] = ()
    objections: tuple[Approval, ...] = ()
    refused: tuple[Refused, ...] = ()


@dataclass(frozen=True, slots=True)
class Bench:
    """What an approval is held against: who is who, and who may not approve, with the reason."""

    crowd: Crowd
    barred: dict[PersonId, str]
    rules: TierRules
    roles: dict[PersonId, tuple[RoleName, ...]] = field(default_factory=dict)
    """The roles that each fills: some sign with more than the others."""


def standing_of(facts: Facts, bench: Bench) -> Standing:
    """Sort all decisions. The order in which they are listed does not matter."""
    approved: list[Approval] = []
    objections: list[Approval] = []
    refused: list[Refused] = []
    by_person: dict[PersonId, list[Approval]] = {}
    for approval in sorted(facts.approvals, key=lambda one: (one.decided_at, _ORDER[one.decision], one.id)):
        no = _not_about_this(approval, facts, bench)
        if no:
            refused.append(no)
        else:
            by_person.setdefault(bench.crowd.one(approval.person), []).append(approval)
    for decisions in by_person.values():
        if decisions[-1].decision == "changes-requested":
            objections.append(decisions[-1])
        valid = list(_valid(decisions, facts, bench, refused))
        approved += valid[-1:]
    return Standing(_ordered(approved), _ordered(objections), tuple(refused))


def _ordered(approvals: list[Approval]) -> tuple[Approval, ...]:
    return tuple(sorted(approvals, key=lambda one: (one.decided_at, one.person, one.id)))


def _not_about_this(approval: Approval, facts: Facts, bench: Bench) -> Refused | None:
    """Why a decision is none about this head by this person, whatever it says."""
    change = facts.change
    if approval.change != change.ref:
        return Refused(approval, f"it is about {approval.change}", "none is needed")
    if approval.head_sha != change.head_sha:
        return Refused(approval, f"it is about commit {approval.head_sha[:7]}, and the head is {change.head_sha[:7]}")
    if approval.head_tree and change.head_tree and approval.head_tree != change.head_tree:
        return Refused(approval, "it is about another tree of files")
    if approval.voided is not None:
        return Refused(approval, f"it was voided: {approval.voided or 'no reason was kept'}")
    owner = bench.crowd.owner_of(approval.account)
    if owner is None or bench.crowd.one(owner) != bench.crowd.one(approval.person):
        who = f"belongs to {bench.crowd.name(owner)}" if owner else "is linked to nobody"
        cure = "link the account to the person in the people file, then approve again"
        return Refused(approval, f"it names {approval.person}, and the account {approval.account.login} {who}", cure)
    return None


def _other_difference(approval: Approval, facts: Facts) -> bool:
    """Into another branch than was named the same head may bring more than the person saw."""
    if approval.base_ref in ("", facts.change.base_ref):
        return False
    now = patch_id((file.path, file.patch) for file in facts.files)
    return not now or now != approval.patch_id


def _valid(decisions: list[Approval], facts: Facts, bench: Bench, refused: list[Refused]) -> Iterator[Approval]:
    """The approvals after the person's last objection or dismissal that meet what is asked now."""
    last_no = max((at for at, one in enumerate(decisions) if one.decision != "approved"), default=-1)
    for approval in decisions[last_no + 1 :]:
        no = _falls_short(approval, facts, bench)
        if no:
            refused.append(no)
        else:
            yield approval


def _too_weak(approval: Approval, bench: Bench) -> Refused | None:
    """Whether the person should have signed with more, in the roles that they fill."""
    rules, roles = bench.rules, bench.roles.get(bench.crowd.one(approval.person), ())
    wanted = rules.strength_for(roles)
    if STRENGTHS.index(approval.strength) < STRENGTHS.index(wanted):
        who = "this tier needs" if wanted == rules.strength else f"{' and '.join(roles)} signs with"
        return Refused(approval, f"it is {approval.strength}, and {who} {wanted}")
    age = login_age(approval) if approval.strength == "reauthenticated" else None
    if age is not None and age > timedelta(minutes=rules.login_minutes):
        minutes = int(age.total_seconds() // 60)
        because = f"the sign-in behind it was {minutes} minutes old, and this tier takes {rules.login_minutes} at most"
        return Refused(approval, because, "approve again, and sign in anew")
    return None


def _falls_short(approval: Approval, facts: Facts, bench: Bench) -> Refused | None:
    rules = bench.rules
    barred = bench.barred.get(bench.crowd.one(approval.person))
    if barred or approval.account.kind == "bot":
        return Refused(approval, f"{bench.crowd.name(approval.person)} {barred or 'is a bot'}", "another person approves")
    weak = _too_weak(approval, bench)
    if weak:
        return weak
    if TIERS.index(approval.tier) < TIERS.index(rules.tier):
        return Refused(approval, f"it was given when the change was {approval.tier}, and it is {rules.tier} now")
    if _other_difference(approval, facts):
        return Refused(approval, f"it was given for a merge into `{approval.base_ref}`, where the difference is another")
    if approval.policy_digest != facts.policy.digest:
        return Refused(approval, "it was given under another version of the policy")
    if approval.on_forge:
        where = f"it was given on {approval.account.host}, and this tier counts what is decided in the chat"
        return None if rules.forge_approvals else Refused(approval, where, "approve on the card")
    confirmed = {answer.item for answer in approval.answers if answer.confirmed}
    missing = [item.id for item in rules.checklist if item.id not in confirmed]
    if missing:
        return Refused(approval, "its checklist leaves out " + ", ".join(missing), "approve again with every item confirmed")
    return None
