"""The verdict for others: a SLSA Verification Summary Attestation about one head commit, made only when the gate is green.

The shape is the Source Track's (SLSA v1.2, Source requirements, "Source verification summary attestation", and
Verification Summary Attestation v1). What it says of the change stands under the prefix `ORG_SOURCE_`, which the track
keeps for an organisation's own controls; each such level is a fact about this verdict and about nothing else. A level of
SLSA's own is said only where the forge was seen to support it (`bot.core.source_track`).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC
from itertools import chain
from urllib.parse import quote

from bot.core.approval import STRENGTHS, Approval
from bot.core.evidence.names import TESTS
from bot.core.facts import Facts
from bot.core.ids import ForgeName
from bot.core.in_toto import Json, render
from bot.core.provenance.model import FoundDocument
from bot.core.routing.crowd import Crowd, crowd_of
from bot.core.routing.standing import Bench, standing_of
from bot.core.rules import approvals, evidence, provenance
from bot.core.source_track import Protection, source_level
from bot.core.verdict import Finding, Verdict

SUMMARY_TYPE = "https://slsa.dev/verification_summary/v1"
SLSA_VERSION = "1.2"
VERIFIER = "urn:llmgate:gate:v1"
"""Who verified. A consumer believes it only together with the key of this installation (SLSA: signer and verifier pairs)."""
VERSION = "0.1.0"
"""Of llmgate, as the distribution says."""
PREFIX = "ORG_SOURCE_LLMGATE_"
KEY_LENGTH = 32
_TESTS = f"{evidence.RULE}.{TESTS.replace(' ', '-')}"


@dataclass(frozen=True, slots=True)
class Places:
    """Where a forge keeps a change's head, and the page of a commit."""

    change_ref: str
    commit_page: str


PLACES: Mapping[ForgeName, Places] = {
    "github": Places("refs/pull/{}/head", "commit"),
    "gitlab": Places("refs/merge-requests/{}/head", "-/commit"),
}


def summary_statement(facts: Facts, verdict: Verdict, protection: Protection | None = None) -> bytes | None:
    """The bytes to sign, an in-toto Statement v1; None where the gate is not green on its own terms.

    Green is an enforced `allowed` without one finding that blocks or waits: what only observes, warns, or was let through
    in spite of a finding is no verification. `protection` is what the forge's settings were seen to be; None: not looked at.
    """
    if not is_green(verdict):
        return None
    counted = counted_approvals(facts, verdict)
    predicate = {
        "verifier": {"id": VERIFIER, "version": {"llmgate": VERSION}},
        "timeVerified": facts.now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "resourceUri": facts.change.ref.repo.uri,
        "policy": {"uri": _policy_uri(verdict), "digest": {"sha256": verdict.policy_digest}},
        "inputAttestations": [{"uri": uri, "digest": {"sha256": sha256}} for uri, sha256 in _inputs(facts, counted)],
        "verificationResult": "PASSED",
        "verifiedLevels": [*source_level(protection), *(PREFIX + own for own in _own_levels(facts, verdict, counted))],
        "slsaVersion": SLSA_VERSION,
    }
    return render([_subject(facts)], SUMMARY_TYPE, predicate)


def summary_key(facts: Facts, verdict: Verdict) -> str:
    """What makes two summaries one and the same: head commit, policy, and the approvals that counted."""
    ids = sorted(approval.id for approval in counted_approvals(facts, verdict))
    named = "\n".join((facts.change.head_sha, verdict.policy_digest, *ids))
    return hashlib.sha256(named.encode()).hexdigest()[:KEY_LENGTH]


def is_green(verdict: Verdict) -> bool:
    """Whether the gate lets the change merge because everything it asks for is there."""
    return verdict.state == "allowed" and verdict.mode == "enforce" and not verdict.missing


def counted_approvals(facts: Facts, verdict: Verdict) -> tuple[Approval, ...]:
    """The approvals that filled a seat, oldest first: of each person the one that stands."""
    ref = facts.change.ref.repo
    crowd = crowd_of(facts.directory, ref.forge, ref.host)
    seated = _seated(verdict, crowd)
    standing = standing_of(facts, Bench(crowd, {}, facts.policy.tier(verdict.tier)))
    return tuple(approval for approval in standing.approved if crowd.one(approval.person) in seated)


def _seated(verdict: Verdict, crowd: Crowd) -> frozenset[str]:
    return frozenset(crowd.one(person) for seat in verdict.routing.seats for person in seat.taken_by)


def _subject(facts: Facts) -> Json:
    """The head commit. Its refs are those that lead to it now: the change's own, and never the branch it is yet to reach."""
    change = facts.change
    places = PLACES[change.ref.repo.forge]
    refs = [places.change_ref.format(change.ref.number)]
    return {
        "name": f"{change.ref.repo.uri}@{change.head_sha}",
        "uri": f"{change.ref.repo.uri.removeprefix('git+')}/{places.commit_page}/{change.head_sha}",
        "digest": {
            "gitCommit": change.head_sha,
            "sha1": change.head_sha,
            **({"gitTree": change.head_tree} if change.head_tree else {}),
        },
        "annotations": {"sourceRefs": refs, "source_refs": refs, "targetRef": f"refs/heads/{change.base_ref}"},
    }


def _policy_uri(verdict: Verdict) -> str:
    """Where the policy was read, in words that make a URI; its digest is what names it."""
    return f"urn:llmgate:policy:{quote(verdict.policy_source, safe='/@.')}"


def _inputs(facts: Facts, counted: tuple[Approval, ...]) -> Iterator[tuple[str, str]]:
    """Every approval, document and report that was used, each with its SHA-256: SLSA wants all of them or none."""
    at_head = f"{facts.change.ref.repo.uri}@{facts.change.head_sha}#"
    for statement in dict.fromkeys(chain.from_iterable(_line(facts, approval) for approval in counted)):
        yield f"urn:llmgate:statement:{statement}", statement
    for found in facts.documents:
        yield at_head + quote(found.path), found.digest
    for source, sha256 in facts.evidence.digests:
        yield at_head + quote(source), sha256


def _line(facts: Facts, approval: Approval) -> Iterator[str]:
    """The statement, and those of earlier heads that it carries on, newest first."""
    known = {one.id: one.carried_from for one in facts.approvals}
    found = approval.id
    while found:
        yield found
        found = known.pop(found, "")


def _own_levels(facts: Facts, verdict: Verdict, counted: tuple[Approval, ...]) -> Iterator[str]:
    yield from _provenance_level(facts.documents, verdict)
    if _tests_passed(verdict):
        yield "TESTS_PASSED"
    yield from _approval_levels(facts, verdict, counted)


def _provenance_level(documents: tuple[FoundDocument, ...], verdict: Verdict) -> Iterator[str]:
    """`VERIFIED`: every generated file is covered by digest, and every document is attested. `DECLARED`: there are some."""
    if documents and _group(verdict, provenance.RULE).outcome == "pass":
        covered = _passed(verdict, provenance.RULE, f"{provenance.RULE}.covered")
        attested = all(found.document and found.attested in ("organisation-key", "keyless") for found in documents)
        yield "PROVENANCE_VERIFIED" if covered and attested else "PROVENANCE_DECLARED"


def _tests_passed(verdict: Verdict) -> bool:
    """Tests were asked for and passed, and so did everything else that was asked of the evidence."""
    return _group(verdict, evidence.RULE).outcome == "pass" and _passed(verdict, evidence.RULE, _TESTS)


def _approval_levels(facts: Facts, verdict: Verdict, counted: tuple[Approval, ...]) -> Iterator[str]:
    """People are named only where each seat's taker is backed by a signed statement that stands."""
    if _group(verdict, approvals.RULE).outcome != "pass":
        return
    if _passed(verdict, approvals.RULE, f"{approvals.RULE}.policy"):
        yield "POLICY_APPROVED"
        return
    ref = facts.change.ref.repo
    seated = _seated(verdict, crowd_of(facts.directory, ref.forge, ref.host))
    if seated and len(counted) == len(seated):
        weakest = min((approval.strength for approval in counted), key=STRENGTHS.index)
        yield f"HUMAN_APPROVED_TIER_{verdict.tier.upper()}"
        yield f"STRENGTH_{weakest.upper()}"
        if any(approval.carried_from for approval in counted):
            yield "APPROVAL_CARRIED_ON"


def _group(verdict: Verdict, rule: str) -> Finding:
    """The finding of that rule; one that does not apply where the rule was not judged."""
    return next((top for top in verdict.findings if top.rule == rule), Finding(rule, "", "skip", ""))


def _passed(verdict: Verdict, rule: str, part: str) -> bool:
    return any(child.rule == part and child.outcome == "pass" for child in _group(verdict, rule).children)


def is_bundle_of(bundle: object, statement: str) -> bool:
    """Whether a Sigstore bundle, as read from JSON, is around this very statement; whose signature it bears is not asked."""
    envelope = bundle.get("dsseEnvelope") if isinstance(bundle, dict) else None
    return isinstance(envelope, dict) and envelope.get("payload") == base64.b64encode(statement.encode()).decode()
