"""From facts to the verdict. Total and pure: a "no" is a value, time is `facts.now`, and nothing is fetched."""

from __future__ import annotations

from bot.core.approval import Tier
from bot.core.detection.detect import detect
from bot.core.detection.model import Detection
from bot.core.evidence.measure import measure
from bot.core.facts import Facts
from bot.core.generated import generated_files, treated_as_generated
from bot.core.provenance.coverage import cover
from bot.core.risk import assess
from bot.core.routing.route import panel_of
from bot.core.rules import origin, override, policy, twins
from bot.core.rules.catalogue import RULES
from bot.core.rules.context import Context
from bot.core.rules.findings import worst
from bot.core.verdict import Finding, Routing, State, Verdict


def evaluate(facts: Facts) -> Verdict:
    """What the gate says about the change's head commit, and why.

    A change that is not generated passes, unless the policy cannot be read or another open change shares its commit.
    """
    detection = detect(facts.change, facts.commits, facts.files, facts.documents, facts.seen_before)
    tier, reasons = assess(facts, detection)
    context = _context(facts, detection, tier)
    gated = treated_as_generated(facts, detection)
    findings = tuple(rule(facts, context) for rule in RULES) if gated else _let_through(facts, context)
    state = _state(findings, gated)
    passed = override.standing(facts, context, findings) if state in ("waiting", "blocked") and gated else None
    if facts.overrides and gated:
        findings = (*findings, override.finding(facts, context, findings))
    return Verdict(
        state="overridden" if passed else state,
        mode=facts.policy.mode,
        tier=tier,
        reasons=reasons,
        findings=findings,
        detection=detection,
        routing=context.panel.routing if gated else Routing(),
        measures=context.measures,
        policy_digest=facts.policy.digest,
        policy_source=facts.policy.source,
        override=passed,
    )


def _context(facts: Facts, detection: Detection, tier: Tier) -> Context:
    rules = facts.policy.tier(tier)
    generated = generated_files(facts, detection)
    return Context(
        detection=detection,
        tier=tier,
        rules=rules,
        generated=generated,
        coverage=cover(facts.documents, generated),
        measures=measure(facts.evidence, generated, rules.evidence.min_mutants),
        panel=panel_of(facts, rules, detection),
    )


def _let_through(facts: Facts, context: Context) -> tuple[Finding, ...]:
    """The rules that hold for every change, and why the others do not apply."""
    skipped = Finding(origin.RULE, origin.TITLE, "skip", f"{origin.seen(facts, context)}: nothing else is asked")
    return (policy.check(facts, context), skipped, twins.finding(facts))


def _state(findings: tuple[Finding, ...], gated: bool) -> State:
    outcome = worst(findings)
    if outcome == "block":
        return "blocked"
    if outcome == "wait":
        return "waiting"
    return "allowed" if gated else "not-generated"
