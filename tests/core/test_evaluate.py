"""Facts to verdicts: a sentence a test, and what must hold for all facts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.detection.model import Signal
from bot.core.evaluate import evaluate
from bot.core.evidence.model import Evidence
from bot.core.facts import CommitIdentity, Facts, Gap
from bot.core.ids import ChangeRef, ForgeAccount
from bot.core.policy.join import join
from bot.core.policy.text import parse_policy
from bot.core.rules.catalogue import RULE_MEANINGS
from bot.core.verdict import Finding, Verdict
from tests.core.build import (
    ANN,
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
    approval,
    approved,
    change,
    changed,
    commit,
    facts,
    overridden,
)

PEOPLE = (ANN, BOB, CID, DEE, SAM, SUE)
TWIN = ChangeRef(REPO, 8)


def human(**changes: Any) -> Facts:
    return facts(commits=(commit("Fix it"),), documents=(), evidence=Evidence(), **changes)


def policy(text: str) -> Any:
    return join(None, parse_policy(POLICY_TEXT + text, "p"), "p")


def findings(verdict: Verdict) -> list[Finding]:
    return [one for top in verdict.findings for one in top.walk()]


STATES: list[tuple[str, Facts, str]] = [
    ("a change without any mark passes", human(), "not-generated"),
    ("one declared as people's passes", human(change=change(labels=("human-written",))), "not-generated"),
    (
        "every change is held where the policy treats all as generated",
        human(policy=policy("undeclared: as-generated")),
        "blocked",
    ),
    ("a human's draft is nobody's business", human(change=change(draft=True)), "not-generated"),
    ("a human's change without owners or people passes", human(owners_text=""), "not-generated"),
    ("a generated change waits for its people", facts(), "waiting"),
    ("it is allowed once they approved", approved(facts(), BOB), "allowed"),
    ("a generated draft waits, approved or not", approved(facts(change=change(draft=True)), BOB), "waiting"),
    ("a shared head commit blocks", approved(facts(twins=(TWIN,)), BOB), "blocked"),
    ("a shared head commit blocks a human's change too", human(twins=(TWIN,)), "blocked"),
    ("a change is no twin of itself", approved(facts(twins=(change().ref,)), BOB), "allowed"),
    ("a broken policy blocks", approved(facts(policy=join(None, parse_policy("x", "p"), "p")), BOB, SAM), "blocked"),
    ("a broken policy blocks a human's change too", human(policy=join(None, parse_policy("x", "p"), "p")), "blocked"),
    ("unread commits may hide anything", human(gaps=(Gap("commits", "250 of 300", "all"),)), "blocked"),
    ("an unread file list may hide anything", human(gaps=(Gap("files", "3000", "all"),)), "blocked"),
    ("unread people do not hold a human's change", human(gaps=(Gap("people", "a", "b"),)), "not-generated"),
    ("missing provenance blocks", approved(facts(documents=()), BOB, CID), "blocked"),
    ("missing tests block", approved(facts(evidence=Evidence()), BOB), "blocked"),
    (
        "an agent that signs off blocks",
        approved(facts(commits=(commit("x\n\nSigned-off-by: Claude <noreply@anthropic.com>"),)), BOB, SAM),
        "blocked",
    ),
    ("a self-approval is none", approved(facts(), ANN), "waiting"),
]


@pytest.mark.parametrize(("sentence", "about", "state"), STATES, ids=[sentence for sentence, _, _ in STATES])
def test_the_state_of_a_change(sentence: str, about: Facts, state: str) -> None:
    assert evaluate(about).state == state


def test_a_mark_that_was_edited_away_still_holds_the_change() -> None:
    seen = Signal("Codex", "codex-label", "label", "C", "label codex")
    assert evaluate(human()).state == "not-generated"
    assert evaluate(human(seen_before=(seen,))).state == "blocked"


def test_a_new_head_voids_every_approval_given_before() -> None:
    before = approved(facts(HIGH), BOB, SAM)
    assert evaluate(before).state == "allowed"
    pushed = replace(before, change=change(head_sha=OLD_HEAD), commits=(commit(sha=OLD_HEAD),))
    assert evaluate(pushed).state == "waiting"


def test_a_change_of_the_policy_asks_for_approval_again() -> None:
    before = approved(facts(), BOB)
    assert evaluate(replace(before, policy=policy("risk: {own: {tier: medium, paths: [zzz]}}"))).state == "waiting"


def test_a_change_whose_tier_rose_asks_again() -> None:
    about = facts(MEDIUM)
    low = replace(about, approvals=(approval(BOB, about, tier="low"),))
    assert evaluate(low).state == "waiting"


def test_a_human_change_asks_nobody() -> None:
    verdict = evaluate(human())
    assert verdict.merge_allowed
    assert verdict.routing.seats == ()
    assert any(one.rule == "origin" and "no mark of an agent" in one.saw for one in verdict.findings)


def test_the_verdict_carries_mode_policy_and_figures() -> None:
    about = facts(policy=policy("mode: warn"))
    verdict = evaluate(about)
    assert (verdict.mode, verdict.policy_digest, verdict.policy_source) == ("warn", about.policy.digest, "p")
    assert [measure.name for measure in verdict.measures][:2] == ["tests passed", "line coverage"]


def test_a_shared_commit_names_the_other_change_and_the_cure() -> None:
    leaf = next(one for one in evaluate(facts(twins=(TWIN,))).missing if one.rule == "twins")
    assert "acme/shop#8" in leaf.saw
    assert "close one of them" in leaf.cure


@pytest.mark.parametrize(
    ("mode", "idle", "outcome"), [("observe", (TWIN,), "skip"), ("observe", (), "block"), ("enforce", (TWIN,), "block")]
)
def test_a_shared_commit_is_nobodys_matter_only_where_no_policy_decides(
    mode: str, idle: tuple[ChangeRef, ...], outcome: str
) -> None:
    policy = join(None, parse_policy(f"version: 1\nmode: {mode}\n", "p"), "p")
    verdict = evaluate(facts(twins=(TWIN,), idle_twins=idle, policy=policy))
    assert next(one for one in findings(verdict) if one.rule == "twins").outcome == outcome


def test_every_leaf_that_holds_a_change_says_what_was_seen_wanted_and_what_to_do() -> None:
    broken = facts(
        HIGH,
        change=change(draft=True),
        documents=(),
        evidence=Evidence(),
        gaps=(Gap("patch", "no difference of a.bin", "one"), Gap("checks", "a 502", "an answer")),
        twins=(TWIN,),
        commits=(commit(author=CommitIdentity("x", "x@example.org")),),
        policy=join(None, parse_policy("version: 1\nmode: x", "p"), "p"),
        owners_text="",
    )
    missing = evaluate(broken).missing
    assert {leaf.rule.partition(".")[0] for leaf in missing} >= set(RULE_MEANINGS) - {"origin", "override"}
    assert all(leaf.saw and leaf.wanted and leaf.cure and leaf.title for leaf in missing)


def test_a_parent_is_as_bad_as_its_worst_child() -> None:
    for about in (facts(), facts(HIGH, documents=()), approved(facts(), BOB), facts(gaps=(Gap("files", "a", "b"),))):
        for one in findings(evaluate(about)):
            outcomes = {child.outcome for child in one.children}
            for outcome in ("block", "wait", "pass"):
                if outcome in outcomes:
                    assert one.outcome == outcome
                    break


def test_every_rule_is_in_the_catalogue_with_its_meaning() -> None:
    shown = {one.rule.partition(".")[0] for about in (overridden(), human()) for one in evaluate(about).findings}
    assert shown == set(RULE_MEANINGS)
    assert all(meaning.endswith(".") for meaning in RULE_MEANINGS.values())


# What must hold for all facts.

FLAWS: list[dict[str, Any]] = [
    {"voided": "a push"},
    {"head_sha": OLD_HEAD},
    {"change": TWIN},
    {"policy_digest": "0" * 64},
    {"answers": ()},
    {"account": BOB, "person": "eve"},
]
paths = st.sampled_from([(LOW,), (MEDIUM,), (HIGH,), (LOW, HIGH)])
people = st.lists(st.sampled_from(PEOPLE), max_size=4)
minutes = st.integers(1, 50)
decisions = st.lists(
    st.tuples(st.sampled_from(PEOPLE), st.sampled_from(["approved", "changes-requested", "dismissed"]), minutes), max_size=6
)
gaps = st.sampled_from(["commits", "files", "patch", "policy", "owners", "provenance", "evidence", "people", "roles", "checks"])
RANK = {"blocked": 0, "waiting": 1, "allowed": 2, "not-generated": 2}


def given_by(about: Facts, made: list[tuple[ForgeAccount, str, int]]) -> Facts:
    decided = tuple(
        approval(who, about, id=f"{at}", decision=what, decided_at=NOW - timedelta(minutes=ago))
        for at, (who, what, ago) in enumerate(made)
    )
    return replace(about, approvals=decided)


@given(paths, people, gaps)
def test_what_is_unknown_is_never_approved(files: tuple[str, ...], by: list[ForgeAccount], what: Any) -> None:
    assert evaluate(approved(facts(*files, gaps=(Gap(what, "part", "all"),)), *by)).state == "blocked"


@given(paths, people, st.sampled_from(PEOPLE))
def test_one_more_valid_approval_never_makes_it_worse(
    files: tuple[str, ...], by: list[ForgeAccount], more: ForgeAccount
) -> None:
    before = approved(facts(*files), *by)
    after = approved(before, more)
    assert RANK[evaluate(after).state] >= RANK[evaluate(before).state]


@given(paths, decisions, st.randoms())
def test_the_order_in_which_decisions_are_listed_does_not_matter(
    files: tuple[str, ...], made: list[tuple[ForgeAccount, str, int]], chance: Any
) -> None:
    about = given_by(facts(*files), made)
    shuffled = list(about.approvals)
    chance.shuffle(shuffled)
    first, second = evaluate(about), evaluate(replace(about, approvals=tuple(shuffled)))
    assert (first.state, first.routing) == (second.state, second.routing)


@given(paths, people, st.sampled_from(FLAWS))
def test_flawed_approvals_change_nothing(files: tuple[str, ...], by: list[ForgeAccount], flaw: dict[str, Any]) -> None:
    about = facts(*files)
    flawed = tuple(approval(one, about, id=str(at), **flaw) for at, one in enumerate(by))
    assert evaluate(replace(about, approvals=flawed)).state == "waiting"


@given(paths, people)
def test_allowed_means_enough_different_people_who_had_no_part_in_it(files: tuple[str, ...], by: list[ForgeAccount]) -> None:
    verdict = evaluate(approved(facts(*files), *by))
    if verdict.state == "allowed":
        taken = [one for seat in verdict.routing.seats for one in seat.taken_by]
        assert len(taken) == len(set(taken)) == sum(seat.seat.count for seat in verdict.routing.seats) >= 1
        assert not {*taken} & {out.person for out in verdict.routing.disqualified}
        assert {*taken} <= {one.login for one in by} - {"ann"}


@given(decisions)
def test_a_standing_request_for_changes_always_blocks(made: list[tuple[ForgeAccount, str, int]]) -> None:
    about = given_by(facts(), [*made, (CID, "changes-requested", 0)])
    assert evaluate(about).state == "blocked"


@given(st.text(max_size=60), st.text(max_size=30), st.lists(st.text(min_size=1, max_size=30), max_size=3))
def test_no_text_of_a_change_makes_the_gate_stumble(message: str, name: str, files: list[str]) -> None:
    about = facts(
        commits=(commit(message, author=CommitIdentity(name, message)),),
        files=tuple(changed(path, patch=message) for path in files),
        change=change(title=message, body=message, head_ref=name, labels=(name,)),
        owners_text=message,
    )
    assert evaluate(about).state in RANK


def test_judging_the_same_facts_twice_gives_the_same_verdict() -> None:
    about = approved(facts(HIGH), BOB)
    assert evaluate(about) == evaluate(about)
