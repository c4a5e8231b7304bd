"""Each level of a summary is a fact about this verdict, and none is claimed beyond that."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.approval import Strength
from bot.core.evaluate import evaluate
from bot.core.ids import Person, PersonId
from bot.core.policy.model import EvidenceFloor, Policy
from bot.core.source_track import Protection
from tests.core.build import (
    BOB,
    CID,
    HIGH,
    LOW,
    MEDIUM,
    OLD_HEAD,
    SAM,
    SUE,
    account,
    directory,
    document,
    evidence,
    facts,
    person,
)
from tests.core.summed import OWN, approval, approved, green, levels, own, policed, said


def without_evidence(policy: Policy) -> Policy:
    return replace(policy, tiers=tuple(replace(rules, evidence=EvidenceFloor()) for rules in policy.tiers))


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


def test_an_approval_that_was_carried_on_is_said_to_be_and_is_listed_with_what_it_carries_on() -> None:
    about = facts(LOW)
    first = approval(BOB, about, id="1" * 64, head_sha=OLD_HEAD, voided="a push replaced it")
    second = approval(BOB, about, id="2" * 64, head_sha=OLD_HEAD, voided="a push replaced it", carried_from=first.id)
    third = approval(BOB, about, id="3" * 64, carried_from=second.id)
    about = replace(about, approvals=(first, second, third))
    assert own(about)[-1] == "APPROVAL_CARRIED_ON"
    listed = [one["digest"]["sha256"] for one in said(about)["predicate"]["inputAttestations"]]
    assert listed[:3] == ["3" * 64, "2" * 64, "1" * 64]


def test_a_ring_of_approvals_that_carry_each_other_on_ends() -> None:
    about = facts(LOW)
    one = approval(BOB, about, id="1" * 64, carried_from="2" * 64)
    other = approval(BOB, about, id="2" * 64, head_sha=OLD_HEAD, carried_from=one.id)
    listed = [each["uri"] for each in said(replace(about, approvals=(one, other)))["predicate"]["inputAttestations"]]
    assert len([uri for uri in listed if uri.startswith("urn:")]) == 2


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
