"""The policy that decides: the organisation's floor over the defaults, and the repository's file above the floor.

Under a floor, a repository may only tighten: what the floor leaves out is the default, and binds as well. Each attempt to
loosen is a problem that names both lines, and every problem blocks. Without a floor the repository's file speaks for the
organisation and replaces defaults freely, within what `contradictions` allows anyone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, replace

from bot.core.approval import STRENGTHS, TIERS, Strength
from bot.core.ids import RoleName
from bot.core.policy import defaults
from bot.core.policy.chain_laying import laid_chain, stand_ins, unknown_roles, without_absent_leads
from bot.core.policy.contradictions import in_tiers, looser
from bot.core.policy.file import COUNTS, PERCENTAGES, Figure, Parsed, PolicyFile, ProvenanceFile, TierFile, figure_of
from bot.core.policy.model import EvidenceFloor, Policy, PolicyProblem, ProvenanceRules, RoleSource, RoutingRules, TierRules
from bot.core.policy.tightening import loosenings

DEFAULTS = "defaults"
BUILT_IN_ROLES = (defaults.ANYONE, defaults.CODEOWNER)


def join(floor: Parsed | None, repo: Parsed | None, source: str) -> Policy:
    """Join both files (None: there is none) into the policy. `source` says in words where they were read from.

    A file that could not be read, a loosening or a contradiction leaves its marks in `problems`, and the policy then
    falls back on what is safe without that file.
    """
    base = _finished(_blank(), source)
    base = _over(base, floor)
    joined = _over(base, repo)
    if base.problems:  # what a broken floor forbade is unknown: nothing that the repository says may count
        joined = replace(base, problems=joined.problems)
    if isinstance(repo, PolicyFile) and isinstance(floor, PolicyFile):
        found = loosenings(base, joined, repo, floor)
        joined = replace(base, problems=base.problems + found) if found else joined
    joined = without_absent_leads(joined)
    return replace(joined, digest=digest_of(joined))


def _over(base: Policy, parsed: Parsed | None) -> Policy:
    """The policy with one more file laid over it, or unchanged but for the problems of that file."""
    if parsed is None:
        return base
    if not isinstance(parsed, PolicyFile):
        return replace(base, problems=base.problems + parsed)
    laid = _laid(base, parsed)
    found = _contradictions(laid, parsed)
    return replace(base, problems=base.problems + found) if found else laid


def _blank() -> Policy:
    tiers = tuple(defaults.TIER_RULES[tier] for tier in TIERS)
    return Policy(defaults.MODE, tiers, defaults.RISK, defaults.PROVENANCE, (), "", DEFAULTS)


def _finished(policy: Policy, source: str) -> Policy:
    return replace(policy, source=source or DEFAULTS)


def _laid(base: Policy, said: PolicyFile) -> Policy:
    own_roles = {role.role: role for role in said.roles}
    own_risk = {rule.name: rule for rule in said.risk}
    kept_roles = tuple(role for role in base.roles if role.role not in own_roles)
    kept_risk = tuple(own_risk.pop(rule.name, rule) for rule in base.risk)
    undeclared = said.undeclared_as_generated
    return replace(
        base,
        mode=said.mode or base.mode,
        channel=said.channel or base.channel,
        roles=kept_roles + tuple(own_roles.values()),
        risk=kept_risk + tuple(own_risk.values()),
        tiers=_tiers(base.tiers, said),
        provenance=_provenance(base.provenance, said.provenance),
        override=said.override or base.override,
        routing=base.routing if said.prefer_authors is None else RoutingRules(said.prefer_authors),
        fatigue=said.fatigue or base.fatigue,
        undeclared_as_generated=base.undeclared_as_generated if undeclared is None else undeclared,
    )


def _tiers(base: tuple[TierRules, ...], said: PolicyFile) -> tuple[TierRules, ...]:
    """Each tier with what the file says of it. Where it leaves a threshold or strength of a tier unsaid, that tier asks at
    least as much as the one below it: whoever raises medium need not say it again for high."""
    laid: list[TierRules] = []
    for rules in base:
        own = said.tier(rules.tier) or TierFile(rules.tier)
        laid.append(_tier(rules, own, laid[-1] if laid else rules))
    return tuple(laid)


def _tier(base: TierRules, said: TierFile, below: TierRules) -> TierRules:
    return TierRules(
        base.tier,
        seats=said.seats or base.seats,
        strength=said.strength or STRENGTHS[max(map(STRENGTHS.index, (base.strength, below.strength)))],
        checklist=said.checklist or base.checklist,
        evidence=_evidence(base.evidence, said, below.evidence),
        auto_approve=base.auto_approve if said.auto_approve is None else said.auto_approve,
        auto_merge=base.auto_merge if said.auto_merge is None else said.auto_merge,
        forge_approvals=base.forge_approvals if said.forge_approvals is None else said.forge_approvals,
        strength_of=_strength_of(base, said, below),
        login_minutes=said.login_minutes or min(base.login_minutes, below.login_minutes),
        carry_over=base.carry_over if said.carry_over is None else said.carry_over,
        chain=laid_chain(base.chain, said.chain),
    )


def _strength_of(base: TierRules, said: TierFile, below: TierRules) -> tuple[tuple[RoleName, Strength], ...]:
    """A role whose strength the tier leaves unsaid signs at least as strongly as in the tier below."""
    asked = dict(below.strength_of)
    for role, strength in base.strength_of:
        asked[role] = max(strength, asked.get(role, strength), key=STRENGTHS.index)
    return tuple(sorted((asked | dict(said.strength_of)).items()))


def _evidence(base: EvidenceFloor, said: TierFile, below: EvidenceFloor) -> EvidenceFloor:
    own = dict(said.figures)

    def figure(name: Figure) -> float | None:
        if name in own:
            return own[name]
        value, lower = figure_of(base, name), figure_of(below, name)
        if name == "min_mutants" and below.mutation_score is None:
            return value
        return lower if looser(name, value, lower) else value

    def count(name: Figure) -> int | None:
        value = figure(name)
        return None if value is None else int(value)

    return EvidenceFloor(
        tests=base.tests or below.tests if said.tests is None else said.tests,
        line_coverage=figure("line_coverage"),
        branch_coverage=figure("branch_coverage"),
        mutation_score=figure("mutation_score"),
        min_mutants=count("min_mutants") or base.min_mutants,
        max_errors=count("max_errors"),
        max_warnings=count("max_warnings"),
    )


def _provenance(base: ProvenanceRules, said: ProvenanceFile) -> ProvenanceRules:
    return ProvenanceRules(
        required=base.required if said.required is None else said.required,
        signed=base.signed if said.signed is None else said.signed,
        signers=said.signers or base.signers,
        models=said.models or base.models,
        licenses=said.licenses or base.licenses,
    )


def _contradictions(laid: Policy, said: PolicyFile) -> tuple[PolicyProblem, ...]:
    """What the whole contradicts once this file is laid over it."""

    def where(path: str) -> tuple[str, int]:
        return said.file, said.line_of(path)

    found = list(in_tiers([stated(rules) for rules in laid.tiers], where))
    names: set[str] = {*BUILT_IN_ROLES, defaults.SECURITY, *(role.role for role in laid.roles)}
    for rules in laid.tiers:
        for seat in rules.seats:
            if seat.role not in names:
                found.append(_unknown_role(f"tiers.{rules.tier}.approvals", seat.role, where))
        found += [
            _unknown_role(f"tiers.{rules.tier}.strength_of", role, where) for role, _ in rules.strength_of if role not in names
        ]
    found += [_unknown_role("override.roles", role, where) for role in laid.override.roles if role not in names]
    found += unknown_roles(said, names - {*BUILT_IN_ROLES}, where)
    if laid.provenance.signed and not laid.provenance.signers:
        line = said.line_of("provenance.signed")
        saw = "`provenance.signed`: true, and nobody may sign"
        found.append(PolicyProblem(said.file, line, saw, "at least one signer", "list them under `provenance.signers`"))
    return tuple(found)


def _unknown_role(above: str, role: str, where: Callable[[str], tuple[str, int]]) -> PolicyProblem:
    path = f"{above}.{role}"
    file, line = where(path)
    return PolicyProblem(
        file, line, f"`{path}`: an unknown role", "a role of `roles`, anyone or codeowner", f"define `roles.{role}`"
    )


def stated(rules: TierRules) -> TierFile:
    """A tier's rules as a file that leaves nothing out would state them."""
    figures = tuple((name, figure_of(rules.evidence, name)) for name in (*PERCENTAGES, *COUNTS))
    return TierFile(
        rules.tier,
        seats=rules.seats,
        strength=rules.strength,
        checklist=rules.checklist,
        tests=rules.evidence.tests,
        figures=figures,
        auto_approve=rules.auto_approve,
        auto_merge=rules.auto_merge,
        forge_approvals=rules.forge_approvals,
        strength_of=rules.strength_of,
        login_minutes=rules.login_minutes,
        carry_over=rules.carry_over,
    )


def digest_of(policy: Policy) -> str:
    """SHA-256 hex of `policy_text`."""
    return hashlib.sha256(policy_text(policy).encode(errors="surrogatepass")).hexdigest()


def policy_text(policy: Policy) -> str:
    """The canonical JSON of all that decides; what only shows or delivers is left out."""

    def roles(role: RoleSource) -> str:
        return role.role

    decides = {
        "tiers": [_asked(rules) for rules in policy.tiers],
        "risk": sorted(({**asdict(rule), "line": 0} for rule in policy.risk), key=lambda rule: str(rule["name"])),
        "provenance": asdict(policy.provenance),
        "roles": [asdict(role) for role in sorted(policy.roles, key=roles)],
        "undeclared_as_generated": policy.undeclared_as_generated,
        "problems": [asdict(problem) for problem in policy.problems],
        **({"override": asdict(policy.override)} if policy.override.roles else {}),
    }
    return json.dumps(decides, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _asked(rules: TierRules) -> dict[str, object]:
    """What a tier asks, without a key that asks nothing: a policy written before there was one keeps its digest, and the
    approvals given under it count."""
    asked: dict[str, object] = asdict(rules)
    del asked["chain"]  # who is reminded, and when, voids no approval
    if fallbacks := stand_ins(rules.chain):  # but these may approve
        asked["fallback"] = fallbacks
    for key, nothing in (("forge_approvals", False), ("strength_of", ()), ("login_minutes", 10), ("carry_over", False)):
        if asked[key] == nothing:
            del asked[key]
    return asked
