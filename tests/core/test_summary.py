"""The verdict for others says what this verdict rests on."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from importlib.metadata import version

import pytest
import rfc8785

from bot.core.evaluate import evaluate
from bot.core.ids import CommitSha
from bot.core.policy.model import Mode
from bot.core.summary import VERSION, summary_key, summary_statement
from bot.core.verdict import Finding
from tests.core.build import BOB, HEAD, HIGH, SAM, SUE, TREE, facts, on_gitlab
from tests.core.summed import approved, green, policed, said


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


def test_the_same_green_has_the_same_key_whenever_it_is_looked_at() -> None:
    about = green()
    later = replace(about, now=about.now + timedelta(hours=1))
    assert summary_key(about, evaluate(about)) == summary_key(later, evaluate(later))
    assert summary_statement(about, evaluate(about)) != summary_statement(later, evaluate(later))


def test_another_head_policy_or_approver_makes_another_summary() -> None:
    about = green()
    keys = [summary_key(about, evaluate(about))]
    moved = replace(facts(HIGH), change=replace(about.change, head_sha=CommitSha("7" * 40)))
    other = policed(facts(HIGH), "provenance:\n  models: ['anthropic/*']\n")
    for changed in (approved(moved, BOB, SAM), approved(other, BOB, SAM), approved(facts(HIGH), BOB, SUE)):
        assert evaluate(changed).state == "allowed"
        keys.append(summary_key(changed, evaluate(changed)))
    assert len(set(keys)) == 4
