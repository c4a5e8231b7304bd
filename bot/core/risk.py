"""The tier of a change, with every reason. A rule raises and never lowers; what cannot be known is high.

Territory and size come from the policy's rules. Some reasons no policy can switch off: a change of the policy itself, what
could not be read, a missing document, an agent without a name, and signs that the change works on its own evidence.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.core.approval import TIERS, Tier
from bot.core.detection.model import Detection
from bot.core.evidence.hostile import Suspicion, suspicions
from bot.core.facts import Facts
from bot.core.generated import generated_files, treated_as_generated
from bot.core.globs import globs, name_matches
from bot.core.licenses import allowed
from bot.core.policy.model import RiskRule
from bot.core.provenance.model import ProvenanceDocument
from bot.core.verdict import TierReason

POLICY_PATHS = (".llmgate/", "CODEOWNERS", ".gitattributes")
RECORD_PATHS = (".llmgate/provenance/", ".llmgate/evidence/")
UNNAMED = "unnamed agent"
MOST_SHOWN = 3
SUSPICION_TIERS: dict[str, Tier] = {"ci-config": "high", "lint-suppressed": "low"}
"""Every other sign is medium. A silenced linter says nothing of tests or security: it is shown, and raises nothing."""
Paths = list[str]


def assess(facts: Facts, detection: Detection) -> tuple[Tier, tuple[TierReason, ...]]:
    """The tier and its reasons, highest first. No reason at all is low."""
    paths = [path for file in facts.files for path in dict.fromkeys((file.path, file.previous_path or file.path))]
    reasons = [
        *_unknown(facts),
        *_policy_itself(paths),
        *_rules(facts, paths),
        *_agent(facts, detection),
        *_provenance(facts, detection),
        *_evidence(facts),
        *_suspected(suspicions(facts.files)),
    ]
    reasons.sort(key=lambda reason: -TIERS.index(reason.tier))
    return max((reason.tier for reason in reasons), key=TIERS.index, default="low"), tuple(reasons)


def model_name(document: ProvenanceDocument) -> str:
    """A model as policies name it: `provider/name@version`."""
    return f"{document.model_provider}/{document.model_name}@{document.model_version}"


def _suspected(found: tuple[Suspicion, ...]) -> Iterator[TierReason]:
    """The first few signs of each kind: a change that works on its own evidence is looked at by more than anyone."""
    shown: dict[str, int] = {}
    for one in found:
        shown[one.name] = shown.get(one.name, 0) + 1
        if shown[one.name] <= MOST_SHOWN:
            place = f"`{one.path}` line {one.line}" if one.line else f"`{one.path}`"
            yield TierReason(SUSPICION_TIERS.get(one.name, "medium"), one.name, f"{one.saw} in {place}")


def _unknown(facts: Facts) -> Iterator[TierReason]:
    for gap in facts.gaps:
        yield TierReason("high", "unknown", f"{gap.what} could not be read whole: {gap.saw}")
    if facts.policy.problems:
        yield TierReason("high", "unknown", "the policy cannot be read, so that nothing says what is low")


def _policy_itself(paths: Paths) -> Iterator[TierReason]:
    """No policy can switch this off: who may change the rules unseen has no rules."""
    rules = globs(POLICY_PATHS, fold=True)
    found = [path for path in paths if rules.match(path) and not path.lower().startswith(RECORD_PATHS)]
    if found:
        yield TierReason("high", "policy-change", f"the change touches the gate's own rules: {_some(found)}")


def _rules(facts: Facts, paths: Paths) -> Iterator[TierReason]:
    files = [file for file in facts.files if not file.path.lower().startswith(RECORD_PATHS)]
    lines = sum(file.additions + file.deletions for file in files)
    paths = [path for path in paths if not path.lower().startswith(RECORD_PATHS)]  # a record is no territory of its own
    for rule in facts.policy.risk:
        saw = "" if rule.tier == "low" else _holds(rule, paths, lines, len(files))
        if saw:
            yield TierReason(rule.tier, rule.name, saw)


def _holds(rule: RiskRule, paths: Paths, lines: int, files: int) -> str:
    if rule.lines_over is not None and lines > rule.lines_over:
        return f"{lines} changed lines, more than {rule.lines_over}"
    if rule.files_over is not None and files > rule.files_over:
        return f"{files} changed files, more than {rule.files_over}"
    if rule.paths:
        patterns = globs(rule.paths, fold=True)
        found = [path for path in paths if patterns.match(path)]
        if found:
            return f"{_some(found)} ({rule.name}: matches `{patterns.which(found[0])}`)"
    return ""


def _some(paths: Paths) -> str:
    unique = list(dict.fromkeys(paths))
    more = f" and {len(unique) - MOST_SHOWN} more" if len(unique) > MOST_SHOWN else ""
    return ", ".join(f"`{path}`" for path in unique[:MOST_SHOWN]) + more


def _agent(facts: Facts, detection: Detection) -> Iterator[TierReason]:
    for violation in detection.violations:
        yield TierReason("high", violation.name, violation.saw)
    if detection.generated and (not detection.agents or UNNAMED in detection.agents):
        yield TierReason("medium", "agent-unknown", "generated code, and no mark names the agent")
    elif not detection.generated and facts.policy.undeclared_as_generated:
        yield TierReason("medium", "agent-unknown", "treated as generated by policy, and no mark names an agent")


def _provenance(facts: Facts, detection: Detection) -> Iterator[TierReason]:
    documents = [found.document for found in facts.documents if found.document]
    if not documents and treated_as_generated(facts, detection) and generated_files(facts, detection):
        yield TierReason("medium", "provenance-missing", "generated code without any provenance document")
    rules = facts.policy.provenance
    for found in facts.documents:
        if found.refusal or found.attested == "invalid":
            yield TierReason("medium", "provenance-refused", f"`{found.path}` is not what it should be")
    for document in documents:
        name = model_name(document)
        if rules.models and not any(name_matches(pattern, name) for pattern in rules.models):
            yield TierReason("high", "model", f"`{name}` is no model that the policy allows")
    licences = {retrieval.license for document in documents for retrieval in document.retrievals}
    for licence in sorted(one for one in licences if not allowed(one, rules.licenses)):
        yield TierReason("medium", "licence", f"retrieved under `{licence or 'no stated licence'}`")


def _evidence(facts: Facts) -> Iterator[TierReason]:
    if facts.evidence.refused:
        yield TierReason("medium", "evidence-refused", f"{len(facts.evidence.refused)} reports could not be believed")
    errors = [result for scan in facts.evidence.scans for result in scan.results if result.level == "error"]
    if errors:
        yield TierReason("medium", "scan-findings", f"{len(errors)} scan findings of level error, first `{errors[0].rule}`")
