"""All rules in the order in which they are judged and shown, each with what it asks in a sentence."""

from __future__ import annotations

from bot.core.rules import approvals, completeness, draft, evidence, identity, origin, override, policy, provenance, twins
from bot.core.rules.context import Check

RULES: tuple[Check, ...] = (
    policy.check,
    completeness.check,
    origin.check,
    identity.check,
    twins.check,
    provenance.check,
    evidence.check,
    draft.check,
    approvals.check,
)

RULE_MEANINGS: dict[str, str] = {
    policy.RULE: "The policy can be read, contradicts nothing, and does not undercut the organisation's floor.",
    completeness.RULE: "Commits, files, owners, people and evidence were read whole; what was not blocks.",
    origin.RULE: "Which agent wrote the change and how that is known; an agent never signs off in a person's stead.",
    identity.RULE: "Everyone who wrote, committed or ran it is tied to an account of the forge.",
    twins.RULE: "No other open change has the same head commit, because a green belongs to a commit.",
    provenance.RULE: "Documents cover every generated file by digest, signed where asked, with allowed models and licences.",
    evidence.RULE: "Tests, coverage, mutation score and scans of the generated files meet the tier's thresholds.",
    draft.RULE: "The author calls the change ready.",
    approvals.RULE: "Enough different, qualified people approved this very commit, and no request for changes stands.",
    override.RULE: "Whether somebody with that right let it through against all this, until when, and why. Never an approval.",
}
