"""Which approvals count, and when they are enough."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.core.approval import Answer, Approval, RejectedApproval
from bot.core.evaluate import evaluate
from bot.core.facts import CommitIdentity, Facts
from bot.core.ids import ChangeRef, ForgeAccount, PersonId, RoleName
from bot.core.policy.join import join
from bot.core.policy.text import parse_policy
from bot.core.verdict import Finding
from tests.core.build import (
    ACCOUNTS,
    BOB,
    CID,
    DEE,
    HIGH,
    LOW,
    MEDIUM,
    NOW,
    OLD_HEAD,
    POLICY_TEXT,
    REPO,
    SAM,
    SUE,
    account,
    approval,
    approved,
    change,
    commit,
    directory,
    document,
    facts,
    identity,
    person,
)


def finding(about: Facts, rule: str) -> Finding:
    found = [one for top in evaluate(about).findings for one in top.walk() if one.rule == rule]
    assert found, f"no finding of {rule}"
    return found[0]


def with_policy(about: Facts, text: str) -> Facts:
    return replace(about, policy=join(None, parse_policy(POLICY_TEXT + text, "p"), "p"))


ENOUGH = [
    (LOW, [], "waiting"),
    (LOW, [DEE], "allowed"),
    (MEDIUM, [DEE], "waiting"),
    (MEDIUM, [BOB], "allowed"),
    (HIGH, [BOB], "waiting"),
    (HIGH, [SAM], "waiting"),
    (HIGH, [SAM, SUE], "waiting"),
    (HIGH, [BOB, CID], "waiting"),
    (HIGH, [SAM, DEE], "waiting"),
    (HIGH, [SAM, CID], "allowed"),
    (HIGH, [CID, BOB, DEE, SAM], "allowed"),
]


@pytest.mark.parametrize(("path", "people", "state"), ENOUGH)
def test_a_tier_is_satisfied_by_its_own_people_and_no_others(path: str, people: list[ForgeAccount], state: str) -> None:
    assert evaluate(approved(facts(path), *people)).state == state


VOID: list[tuple[str, dict[str, Any], str]] = [
    ("another head", {"head_sha": OLD_HEAD}, "commit 0000000"),
    ("another change", {"change": ChangeRef(REPO, 8)}, "acme/shop#8"),
    ("another tree", {"head_tree": "9" * 40}, "another tree"),
    ("voided", {"voided": "a push"}, "it was voided: a push"),
    ("voided without words", {"voided": ""}, "it was voided"),
    ("a lower tier", {"tier": "low"}, "given when the change was low"),
    ("another target", {"base_ref": "staging", "patch_id": "9" * 64}, "for a merge into `staging`"),
    ("another target, unseen", {"base_ref": "staging"}, "for a merge into `staging`"),
    ("another policy", {"policy_digest": "f" * 64}, "another version of the policy"),
    ("an unticked list", {"answers": ()}, "its checklist leaves out provenance"),
    ("a ticked no", {"answers": (Answer("tests", "", False),)}, "tests"),
    ("a bot's account", {"account": replace(BOB, kind="bot")}, "is a bot"),
    ("a stranger's account", {"account": account("eve", 6666)}, "linked to nobody"),
    ("another's account", {"account": CID}, "belongs to Cid"),
    ("an unknown person", {"person": PersonId("eve")}, "belongs to Bob"),
]


@pytest.mark.parametrize(("name", "changes", "because"), VOID, ids=[name for name, _, _ in VOID])
def test_an_approval_with_a_flaw_never_counts_and_says_why(name: str, changes: dict[str, Any], because: str) -> None:
    about = facts(MEDIUM)
    flawed = replace(about, approvals=(approval(BOB, about, **changes),))
    verdict = evaluate(flawed)
    assert verdict.state == "waiting"
    refused = finding(flawed, "approvals.refused")
    assert because in refused.saw
    assert refused.outcome == "skip"


def test_a_weaker_signature_than_the_tier_asks_for_does_not_count() -> None:
    about = with_policy(facts(LOW), "tiers: {low: {strength: reauthenticated}}")
    assert evaluate(approved(about, BOB)).state == "waiting"
    for strength in ("reauthenticated", "passkey", "keyless"):
        assert evaluate(replace(about, approvals=(approval(BOB, about, strength=strength),))).state == "allowed"


def test_an_approval_of_a_higher_tier_serves_a_lower_one() -> None:
    about = facts(LOW)
    assert evaluate(replace(about, approvals=(approval(BOB, about, tier="medium"),))).state == "allowed"


def test_a_record_that_does_not_verify_is_shown_and_never_counts() -> None:
    about = facts(rejected_approvals=(RejectedApproval("e" * 64, "another key", "the organisation's key"),))
    assert evaluate(about).state == "waiting"
    assert "another key" in finding(about, "approvals.rejected").saw


def later(about: Facts, minutes: int, by: ForgeAccount, decision: str) -> Approval:
    """Ids sort the other way round than strictness does: they must not be what breaks a tie."""
    order = ("changes-requested", "dismissed", "approved").index(decision)
    return approval(by, about, id=f"{order}{minutes}", decision=decision, decided_at=NOW - timedelta(minutes=minutes))


SEQUENCES = [
    ([(9, BOB, "approved"), (5, BOB, "changes-requested")], "blocked"),
    ([(9, BOB, "changes-requested"), (5, BOB, "approved")], "allowed"),
    ([(9, BOB, "approved"), (5, BOB, "dismissed")], "waiting"),
    ([(9, BOB, "changes-requested"), (5, BOB, "dismissed")], "waiting"),
    ([(9, BOB, "dismissed"), (5, BOB, "approved")], "allowed"),
    ([(9, BOB, "changes-requested"), (5, CID, "approved")], "blocked"),
    ([(5, BOB, "approved"), (5, BOB, "changes-requested")], "blocked"),
    ([(5, BOB, "approved"), (5, BOB, "dismissed")], "waiting"),
    ([(9, BOB, "approved"), (5, BOB, "approved")], "allowed"),
]


@pytest.mark.parametrize(("decisions", "state"), SEQUENCES)
def test_the_latest_decision_of_a_person_is_the_one_that_stands(
    decisions: list[tuple[int, ForgeAccount, str]], state: str
) -> None:
    about = facts(MEDIUM)
    given = tuple(later(about, *decision) for decision in decisions)
    assert evaluate(replace(about, approvals=given)).state == state
    assert evaluate(replace(about, approvals=given[::-1])).state == state


def test_a_request_for_changes_is_shown_with_its_reason_and_its_cure() -> None:
    about = facts(MEDIUM)
    no = approval(BOB, about, decision="changes-requested", reason="the  total\nis wrong")
    shown = finding(replace(about, approvals=(no,)), "approvals.objection")
    assert shown.saw == "Bob asked for changes: the total is wrong"
    assert "Bob decides again" in shown.cure


def test_a_request_for_changes_about_an_older_head_no_longer_blocks() -> None:
    about = facts(LOW)
    old = approval(BOB, about, decision="changes-requested", head_sha=OLD_HEAD)
    assert evaluate(replace(approved(about, DEE), approvals=(old, approval(DEE, about)))).state == "allowed"


SELF: list[tuple[str, Callable[[Facts], Facts]]] = [
    ("the author of the change", lambda f: replace(f, change=change(author=BOB))),
    ("the author of a commit", lambda f: replace(f, commits=(commit(by=BOB),))),
    ("the committer of a commit", lambda f: replace(f, commits=(commit(committer=identity(BOB)),))),
    ("a co-author the forge knows", lambda f: replace(f, commits=(commit(co_author_accounts=(BOB,)),))),
    (
        "a co-author by the forge's no-reply address",
        lambda f: replace(f, commits=(commit("x\n\nCo-authored-by: B <1002+bob@users.noreply.github.com>"),)),
    ),
    (
        "a co-author by an address tied elsewhere in the change",
        lambda f: replace(
            f, commits=(commit("x\n\nCo-authored-by: B <bob@acme.example>"), commit(committer=identity(BOB), sha=OLD_HEAD))
        ),
    ),
    ("the last pusher", lambda f: replace(f, change=change(last_pusher=BOB))),
    ("whoever ran the agent", lambda f: replace(f, documents=(document(MEDIUM, user_id=BOB.key),))),
    (
        "an author without an account whose no-reply address has the number",
        lambda f: replace(f, commits=(commit(author=CommitIdentity("B", "1002+bob@users.noreply.github.com")),)),
    ),
    (
        "the author through a second account",
        lambda f: replace(
            f,
            change=change(author=account("bob-alt", 2002)),
            directory=directory(*(person(a, *((account("bob-alt", 2002),) if a is BOB else ())) for a in ACCOUNTS.values())),
        ),
    ),
    (
        "the author listed as two people with one chat user",
        lambda f: replace(
            f,
            change=change(author=account("bob2", 2002)),
            directory=directory(
                *directory().people,
                replace(person(account("bob2", 2002)), id=PersonId("robert"), chat=person(BOB).chat),
            ),
        ),
    ),
]


@pytest.mark.parametrize(("name", "shape"), SELF, ids=[name for name, _ in SELF])
def test_nobody_approves_what_they_had_a_part_in(name: str, shape: Callable[[Facts], Facts]) -> None:
    about = shape(facts(MEDIUM))
    assert evaluate(approved(about, CID)).state == "allowed", "the change itself must be sound, or the test shows nothing"
    verdict = evaluate(approved(about, BOB))
    assert verdict.state == "waiting"
    assert finding(approved(about, BOB), "approvals.refused").saw.startswith("Bob's approval does not count: Bob ")
    assert any(out.person == "bob" and out.because for out in verdict.routing.disqualified)
    assert all("bob" not in (*seat.asked, *seat.backup, *seat.taken_by) for seat in verdict.routing.seats)


def test_one_person_with_two_accounts_counts_once() -> None:
    second = account("sam-alt", 3005)
    known = directory(*(person(a, *((second,) if a is SAM else ())) for a in ACCOUNTS.values()))
    about = facts(HIGH, directory=known, owners_text="* @sam @bob\n")
    both = (approval(SAM, about), approval(SAM, about, account=second, id="2"))
    assert evaluate(replace(about, approvals=both)).state == "waiting"
    assert evaluate(approved(replace(about, approvals=both), BOB)).state == "allowed"


def test_two_entries_that_share_an_account_are_one_person() -> None:
    twin = replace(person(SAM), id=PersonId("samuel"), chat=None)
    about = facts(HIGH, directory=directory(*directory().people, twin), owners_text="* @sam @bob\n")
    both = (approval(SAM, about), approval(SAM, about, person=PersonId("samuel"), id="2"))
    assert evaluate(replace(about, approvals=both)).state == "waiting"


def test_two_roles_take_two_people() -> None:
    about = facts(HIGH, owners_text="* @sam @sue\n")
    assert evaluate(approved(about, SAM)).state == "waiting"
    assert evaluate(approved(about, SAM, SUE)).state == "allowed"


def test_people_are_moved_between_seats_until_all_can_sit() -> None:
    """Sam sat down first and could take either seat; Bob can only be the owner."""
    about = facts(HIGH, owners_text="* @sam @bob\n")
    first_sam = approval(SAM, about, decided_at=NOW - timedelta(hours=1))
    assert evaluate(replace(about, approvals=(first_sam, approval(BOB, about)))).state == "allowed"


@pytest.mark.parametrize(
    ("changes", "because"),
    [
        ({"able": (CID.key, SAM.key)}, "may not write to acme/shop"),
        ({"unavailable": (PersonId("bob"),)}, "deactivated"),
    ],
)
def test_a_person_who_may_not_act_does_not_count(changes: dict[str, Any], because: str) -> None:
    about = facts(MEDIUM, directory=directory(**changes))
    verdict = evaluate(approved(about, BOB))
    assert verdict.state == "waiting"
    assert any(out.person == "bob" and because in out.because for out in verdict.routing.disqualified)


def test_a_role_that_was_lost_since_no_longer_counts() -> None:
    about = facts(HIGH, directory=directory(security=("sue",)))
    given = approval(SAM, about, roles=(RoleName("security"),))
    assert evaluate(replace(about, approvals=(given, approval(BOB, about)))).state == "waiting"


def test_without_a_security_role_high_cannot_pass_and_says_how_to_mend_it() -> None:
    about = facts(HIGH, directory=replace(directory(), roles=()))
    assert evaluate(approved(about, SAM, BOB)).state == "blocked"
    missing = finding(about, "approvals.security")
    assert missing.outcome == "block"
    assert "roles.security" in missing.cure


def test_without_codeowners_an_owners_seat_cannot_be_taken_and_says_so() -> None:
    missing = finding(facts(MEDIUM, owners_text=""), "approvals.codeowner")
    assert missing.outcome == "block"
    assert "no CODEOWNERS" in missing.saw
    assert "CODEOWNERS" in missing.cure


def test_low_may_pass_by_policy_alone_where_the_policy_says_so_and_the_verdict_says_that_nobody_looked() -> None:
    about = with_policy(facts(LOW), "tiers: {low: {auto_approve: true}}")
    verdict = evaluate(about)
    assert verdict.state == "allowed"
    assert verdict.routing.seats == ()
    assert "no human looked" in finding(about, "approvals.policy").saw
    assert evaluate(replace(about, files=facts(MEDIUM).files, documents=(document(MEDIUM),))).state != "allowed"


def test_a_request_for_changes_blocks_what_policy_alone_would_let_pass() -> None:
    about = with_policy(facts(LOW), "tiers: {low: {auto_approve: true}}")
    no = approval(DEE, about, decision="changes-requested")
    assert evaluate(replace(about, approvals=(no,))).state == "blocked"
