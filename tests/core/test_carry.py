"""Which approvals go along with a clean rebase, and which never do."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.core.approval import Approval
from bot.core.carry import carriages, carried_problem
from bot.core.evaluate import evaluate
from bot.core.facts import Facts, Gap
from bot.core.ids import ForgeAccount
from bot.core.patch import patch_id
from bot.core.policy.join import join
from bot.core.policy.text import parse_policy
from tests.core.build import BOB, HIGH, LOW, NOW, OLD_HEAD, POLICY_TEXT, SUE, approval, change, changed, evidence, facts

POLICY = join(None, parse_policy(POLICY_TEXT + "tiers:\n  low:\n    carry_over: true\n", "policy.yaml"), "policy.yaml at main")


def rebased(*paths: str, **changes: Any) -> Facts:
    """A change whose head moved a moment ago, under a policy that lets approvals go along."""
    return facts(*paths, **{"policy": POLICY, **changes})


def given(by: ForgeAccount, about: Facts, **changes: Any) -> Approval:
    """An approval of the old head, for the difference that the facts show."""
    same = patch_id((file.path, file.patch) for file in about.files)
    return approval(by, about, **{"head_sha": OLD_HEAD, "patch_id": same, **changes})


def going(about: Facts, *approvals: Approval) -> list[str]:
    whole = replace(about, approvals=approvals)
    return [one.approval.person for one in carriages(whole, evaluate(whole), OLD_HEAD)]


def test_an_approval_goes_along_with_the_same_difference() -> None:
    about = rebased()
    (carriage,) = carriages(replace(about, approvals=(given(BOB, about),)), evaluate(about), OLD_HEAD)
    assert carriage.approval.person == "bob"
    assert "the difference is the same" in carriage.because


def test_nothing_goes_along_unless_the_policy_says_so() -> None:
    about = facts()
    assert going(about, given(BOB, about)) == []


@pytest.mark.parametrize(
    ("why", "other"),
    [
        ("a conflict that was resolved makes another difference", {"patch_id": "f" * 64}),
        ("an approval without a known difference", {"patch_id": ""}),
        ("one that was voided already", {"voided": "a push"}),
        ("one of another head than the last one seen", {"head_sha": "9" * 40}),
        ("one under another policy", {"policy_digest": "0" * 64}),
        ("one for another branch", {"base_ref": "release"}),
        ("one given on the forge, where no checklist was shown", {"chat": None}),
        ("a request for changes", {"decision": "changes-requested"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_never_goes_along(why: str, other: dict[str, Any]) -> None:
    about = rebased()
    assert going(about, given(BOB, about)) == ["bob"]
    assert going(about, given(BOB, about, **other)) == []


def test_an_approval_for_a_lower_tier_does_not_go_along() -> None:
    about = rebased(HIGH, policy=join(None, parse_policy(_for("high"), "policy.yaml"), "policy.yaml at main"))
    assert going(about, given(SUE, about)) == ["sue"]
    assert going(about, given(SUE, about, tier="medium")) == []


def _for(tier: str) -> str:
    return POLICY_TEXT + f"tiers:\n  {tier}:\n    carry_over: true\n"


def test_an_approval_that_an_objection_overtook_stays_behind() -> None:
    about = rebased()
    later = given(BOB, about, decision="changes-requested", decided_at=NOW - timedelta(minutes=1), id="c" * 64)
    assert going(about, given(BOB, about), later) == []


def test_without_evidence_at_the_new_head_nothing_goes_along() -> None:
    about = rebased(evidence=evidence(LOW, suites=()))
    assert going(about, given(BOB, about)) == []


def test_without_provenance_at_the_new_head_nothing_goes_along() -> None:
    about = rebased(documents=())
    assert going(about, given(BOB, about)) == []


def test_where_something_could_not_be_read_nothing_goes_along() -> None:
    about = rebased(gaps=(Gap("files", "too many", "all of them"),))
    assert going(about, given(BOB, about)) == []


def test_a_file_without_a_patch_lets_nothing_go_along() -> None:
    about = rebased(files=(changed(LOW), changed("logo.png", patch=None)))
    assert going(about, given(BOB, about, patch_id="")) == []


def carried(about: Facts, **changes: Any) -> tuple[Approval, Approval]:
    origin = given(BOB, about, id="0" * 64)
    return origin, replace(origin, head_sha=about.change.head_sha, id="1" * 64, carried_from=origin.id, **changes)


def test_an_approval_that_says_it_was_carried_is_held_to_the_one_it_names() -> None:
    origin, one = carried(rebased())
    assert carried_problem(one, {origin.id: origin}) == ""
    assert "is not on record or does not verify" in carried_problem(one, {})


@pytest.mark.parametrize(
    ("other", "named"),
    [
        ({"strength": "passkey"}, "strength"),
        ({"person": "sue"}, "person"),
        ({"account": SUE}, "account"),
        ({"patch_id": "e" * 64}, "difference"),
        ({"policy_digest": "e" * 64}, "policy"),
        ({"base_ref": "release"}, "branch"),
        ({"answers": ()}, "checklist"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_carried_approval_claims_nothing_that_the_first_did_not_say(other: dict[str, Any], named: str) -> None:
    origin, one = carried(rebased(), **other)
    assert f"another {named} than" in carried_problem(one, {origin.id: origin})


def test_a_chain_of_carried_approvals_is_followed_to_its_first() -> None:
    about = rebased()
    origin, second = carried(about)
    third = replace(second, id="2" * 64, head_sha=change().head_sha, carried_from=second.id)
    known = {origin.id: origin, second.id: second}
    assert carried_problem(third, known) == ""
    assert "is not on record" in carried_problem(third, {second.id: second})
    assert "another tier" in carried_problem(replace(third, tier="high"), {**known, second.id: replace(second, tier="low")})
