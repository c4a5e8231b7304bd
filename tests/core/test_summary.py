"""The verdict for others says what this verdict rests on, and claims nothing else."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from importlib.metadata import version
from typing import Any

import pytest
import rfc8785

from bot.core.approval import Approval, Strength
from bot.core.evaluate import evaluate
from bot.core.facts import Facts
from bot.core.ids import ForgeAccount, Person, PersonId
from bot.core.policy.join import join
from bot.core.policy.model import EvidenceFloor, Mode, Policy
from bot.core.policy.text import parse_policy
from bot.core.source_track import Protection
from bot.core.summary import VERSION, summary_key, summary_statement
from bot.core.verdict import Finding
from tests.core import build
from tests.core.build import (
    BOB,
    CID,
    HEAD,
    HIGH,
    LOW,
    MEDIUM,
    POLICY_TEXT,
    SAM,
    SUE,
    TREE,
    account,
    directory,
    document,
    evidence,
    facts,
    on_gitlab,
    person,
)
from tests.core.vsa_schema import read_summary

OWN = "ORG_SOURCE_LLMGATE_"


def approval(by: ForgeAccount, about: Facts, **changes: Any) -> Approval:
    """As in `build`, with an id that could be a digest."""
    return build.approval(by, about, **{"id": by.login.encode().hex().ljust(64, "0"), **changes})


def approved(about: Facts, *by: ForgeAccount) -> Facts:
    return replace(about, approvals=(*about.approvals, *(approval(one, about) for one in by)))


def green(*paths: str) -> Facts:
    return approved(facts(*paths or (HIGH,)), BOB, SAM)


def said(about: Facts, protection: Protection | None = None) -> dict[str, Any]:
    statement = summary_statement(about, evaluate(about), protection)
    assert statement is not None
    return read_summary(statement)


def levels(about: Facts, protection: Protection | None = None) -> list[str]:
    claimed: list[str] = said(about, protection)["predicate"]["verifiedLevels"]
    return claimed


def own(about: Facts) -> list[str]:
    return [level.removeprefix(OWN) for level in levels(about)]


def policed(about: Facts, more: str) -> Facts:
    """The same facts under a policy that says more; no approval that was given before counts under it."""
    policy = join(None, parse_policy(POLICY_TEXT + more, "policy.yaml"), "policy.yaml at main")
    assert not policy.problems
    return replace(about, policy=policy)


def without_evidence(policy: Policy) -> Policy:
    return replace(policy, tiers=tuple(replace(rules, evidence=EvidenceFloor()) for rules in policy.tiers))


def test_it_is_about_the_head_commit_by_every_name_that_consumers_look_for() -> None:
    (subject,) = said(green())["subject"]
    assert subject["digest"] == {"gitCommit": HEAD, "sha1": HEAD, "gitTree": TREE}
    assert subject["uri"] == f"https://github.com/acme/shop/commit/{HEAD}"
    assert said(green())["predicate"]["resourceUri"] == "git+https://github.com/acme/shop"


def test_on_gitlab_it_names_gitlabs_places() -> None:
    about = approved(on_gitlab(facts(HIGH)))
    policy = replace(about.policy, tiers=tuple(replace(rules, seats=()) for rules in about.policy.tiers))
    (subject,) = said(replace(about, policy=policy))["subject"]
    assert subject["uri"] == f"https://gitlab.com/acme/web/shop/-/commit/{HEAD}"
    assert subject["annotations"]["source_refs"] == ["refs/merge-requests/7/head"]


def test_a_tree_that_is_not_known_is_left_out() -> None:
    about = green()
    (subject,) = said(replace(about, change=replace(about.change, head_tree="")))["subject"]
    assert set(subject["digest"]) == {"gitCommit", "sha1"}


def test_it_never_says_that_the_branch_holds_what_is_not_merged() -> None:
    annotations = said(green())["subject"][0]["annotations"]
    assert annotations["sourceRefs"] == annotations["source_refs"] == ["refs/pull/7/head"]
    assert annotations["targetRef"] == "refs/heads/main"


def test_the_inputs_are_all_there_each_by_its_digest() -> None:
    reports = (("llmgate tests/junit.xml", "e" * 64), ("coverage.json", "f" * 64))
    about = green()
    about = replace(about, evidence=replace(about.evidence, digests=reports))
    inputs = {one["digest"]["sha256"]: one["uri"] for one in said(about)["predicate"]["inputAttestations"]}
    approvals = {one.id for one in about.approvals}
    assert set(inputs) == {*approvals, "d" * 64, "e" * 64, "f" * 64}
    assert inputs["d" * 64] == f"git+https://github.com/acme/shop@{HEAD}#.llmgate/provenance/1.json"
    assert inputs["e" * 64].endswith("#llmgate%20tests/junit.xml")


def test_it_names_the_policy_as_the_approvals_do() -> None:
    about = green()
    policy = said(about)["predicate"]["policy"]
    assert policy == {"uri": "urn:llmgate:policy:policy.yaml%20at%20main", "digest": {"sha256": about.policy.digest}}


def test_it_says_which_llmgate_verified_and_when() -> None:
    predicate = said(green())["predicate"]
    assert predicate["verifier"] == {"id": "urn:llmgate:gate:v1", "version": {"llmgate": VERSION}}
    assert predicate["timeVerified"] == "2026-03-02T10:00:00Z"
    assert version("llmgate-bot") == VERSION


def test_the_bytes_are_canonical_and_follow_from_the_facts() -> None:
    about = green()
    statement = summary_statement(about, evaluate(about))
    assert statement == summary_statement(about, evaluate(about))
    assert statement is not None
    assert statement == rfc8785.dumps(json.loads(statement))


@pytest.mark.parametrize("mode", ["observe", "warn"])
def test_a_policy_that_does_not_decide_makes_no_summary(mode: Mode) -> None:
    about = green()
    about = replace(about, policy=replace(about.policy, mode=mode))
    verdict = evaluate(about)
    assert (verdict.state, summary_statement(about, verdict)) == ("allowed", None)


def test_waiting_blocked_and_not_generated_changes_have_none() -> None:
    waiting, blocked = facts(HIGH), replace(green(), documents=())
    human = replace(facts(HIGH, documents=()), commits=())
    for about, state in ((waiting, "waiting"), (blocked, "blocked"), (human, "not-generated")):
        verdict = evaluate(about)
        assert (verdict.state, summary_statement(about, verdict)) == (state, None)


def test_a_change_that_was_let_through_in_spite_of_a_finding_has_none() -> None:
    """However such a verdict comes about: a passed verification is not what it is."""
    about = green()
    verdict = evaluate(about)
    objection = Finding("evidence", "Tests", "block", "3 failed", "none", "mend them")
    assert summary_statement(about, replace(verdict, findings=(*verdict.findings, objection))) is None


def test_provenance_is_verified_only_where_every_document_is_attested() -> None:
    unsigned = document(HIGH)
    signed = replace(unsigned, path=".llmgate/provenance/2.json", digest="9" * 64, attested="keyless", signer="ci")
    assert "PROVENANCE_DECLARED" in own(green())
    assert "PROVENANCE_VERIFIED" in own(replace(green(), documents=(signed,)))
    assert "PROVENANCE_DECLARED" in own(replace(green(), documents=(signed, unsigned)))
    assert "PROVENANCE_VERIFIED" not in own(replace(green(), documents=(signed, unsigned)))


def test_provenance_that_nobody_held_against_the_files_is_declared_at_most() -> None:
    signed = replace(document("elsewhere.py"), attested="organisation-key", signer="ci")
    lax = policed(facts(HIGH, documents=(signed,)), "provenance:\n  required: false\n")
    about = approved(lax, BOB, SAM)
    assert evaluate(about).state == "allowed"
    assert [level for level in own(about) if level.startswith("PROVENANCE")] == ["PROVENANCE_DECLARED"]


def test_without_a_document_nothing_is_said_of_provenance() -> None:
    lax = policed(facts(HIGH, documents=()), "provenance:\n  required: false\n")
    about = approved(lax, BOB, SAM, SUE)
    assert evaluate(about).state == "allowed"
    assert not any(level.startswith("PROVENANCE") for level in own(about))


def test_tests_passed_is_said_where_they_were_asked_for_and_passed() -> None:
    assert "TESTS_PASSED" in own(green())


def test_tests_that_nobody_asked_for_did_not_pass_in_anybodys_name() -> None:
    about = green()
    about = replace(about, policy=without_evidence(about.policy))
    assert evaluate(about).state == "allowed"
    assert "TESTS_PASSED" not in own(about)


def test_a_clean_scan_alone_is_no_test_that_passed() -> None:
    about = green()
    floor = EvidenceFloor(max_errors=0)
    tiers = tuple(replace(rules, evidence=floor) for rules in about.policy.tiers)
    about = replace(about, policy=replace(about.policy, tiers=tiers), evidence=replace(evidence(HIGH), suites=()))
    assert evaluate(about).state == "allowed"
    assert "TESTS_PASSED" not in own(about)


@pytest.mark.parametrize(("path", "tier"), [(LOW, "LOW"), (MEDIUM, "MEDIUM"), (HIGH, "HIGH")])
def test_people_who_approved_are_said_with_the_tier(path: str, tier: str) -> None:
    about = approved(facts(path), BOB, SAM)
    assert own(about)[-2:] == [f"HUMAN_APPROVED_TIER_{tier}", "STRENGTH_WITNESSED"]


@pytest.mark.parametrize(
    ("one", "other", "weakest"),
    [
        ("passkey", "witnessed", "WITNESSED"),
        ("passkey", "reauthenticated", "REAUTHENTICATED"),
        ("keyless", "passkey", "PASSKEY"),
        ("keyless", "keyless", "KEYLESS"),
    ],
)
def test_the_strength_is_the_weakest_of_those_that_count(one: Strength, other: Strength, weakest: str) -> None:
    about = facts(HIGH)
    given = (approval(BOB, about, strength=one), approval(SAM, about, strength=other))
    assert f"STRENGTH_{weakest}" in own(replace(about, approvals=given))


def test_an_approval_that_fills_no_seat_neither_counts_nor_is_listed() -> None:
    about = facts(LOW)
    first = approval(BOB, about, strength="passkey", decided_at=about.now - timedelta(hours=2))
    late = approval(CID, about, decided_at=about.now - timedelta(minutes=1))
    about = replace(about, approvals=(first, late))
    (taken,) = {who for seat in evaluate(about).routing.seats for who in seat.taken_by}
    assert taken == "bob"
    assert "STRENGTH_PASSKEY" in own(about)
    listed = [one["digest"]["sha256"] for one in said(about)["predicate"]["inputAttestations"]]
    assert first.id in listed
    assert late.id not in listed


def test_of_a_person_the_decision_that_stands_is_listed() -> None:
    about = facts(LOW)
    old = approval(BOB, about, id="1" * 64, voided="a push replaced it")
    new = approval(BOB, about, id="2" * 64)
    listed = [one["digest"]["sha256"] for one in said(replace(about, approvals=(old, new)))["predicate"]["inputAttestations"]]
    assert ("2" * 64 in listed, "1" * 64 in listed) == (True, False)


def test_a_person_of_two_entries_is_one_person_here_too() -> None:
    twice = Person(PersonId("bobby"), "Bobby", None, (account("bobby", 1099), BOB))
    known = directory(*(person(one) for one in (BOB, SAM, SUE)), twice)
    about = facts(LOW, directory=known)
    about = replace(about, approvals=(approval(BOB, about, person=PersonId("bobby")),))
    assert "HUMAN_APPROVED_TIER_LOW" in own(about)


def test_what_the_policy_approved_by_itself_never_names_a_human() -> None:
    about = policed(facts(LOW), "tiers:\n  low:\n    auto_approve: true\n")
    for looked in (about, approved(about, BOB)):
        assert evaluate(looked).state == "allowed"
        claimed = own(looked)
        assert "POLICY_APPROVED" in claimed
        assert not any("HUMAN" in level or "STRENGTH" in level for level in claimed)
        assert all(one["uri"].startswith("git+") for one in said(looked)["predicate"]["inputAttestations"])


def test_where_nobody_sat_down_nobody_approved() -> None:
    about = facts(LOW)
    empty = tuple(replace(rules, seats=()) for rules in about.policy.tiers)
    about = replace(about, policy=replace(about.policy, tiers=empty))
    assert evaluate(about).state == "allowed"
    assert not any("APPROVED" in level for level in own(about))


def test_no_level_of_slsas_own_is_claimed_by_default() -> None:
    assert all(level.startswith(OWN) for level in levels(green()))
    assert all(level.startswith(OWN) for level in levels(green(), Protection()))


def test_the_level_that_the_forge_supports_is_said_beside_the_others() -> None:
    claimed = levels(green(), Protection(history_kept=True))
    assert claimed[0] == "SLSA_SOURCE_LEVEL_1"
    assert claimed[1:] == levels(green())


def test_the_same_green_has_the_same_key_whenever_it_is_looked_at() -> None:
    about = green()
    later = replace(about, now=about.now + timedelta(hours=1))
    assert summary_key(about, evaluate(about)) == summary_key(later, evaluate(later))
    assert summary_statement(about, evaluate(about)) != summary_statement(later, evaluate(later))


def test_another_head_policy_or_approver_makes_another_summary() -> None:
    about = green()
    keys = [summary_key(about, evaluate(about))]
    moved = replace(facts(HIGH), change=replace(about.change, head_sha="7" * 40))
    other = policed(facts(HIGH), "provenance:\n  models: ['anthropic/*']\n")
    for changed in (approved(moved, BOB, SAM), approved(other, BOB, SAM), approved(facts(HIGH), BOB, SUE)):
        assert evaluate(changed).state == "allowed"
        keys.append(summary_key(changed, evaluate(changed)))
    assert len(set(keys)) == 4
