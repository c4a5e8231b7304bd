"""What is signed: canonical bytes that read back to the same decision."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from bot.core.approval import Answer
from bot.core.ids import ChangeRef, ChatUser, CommitSha, ForgeAccount, PersonId, RepoRef, RoleName
from bot.core.in_toto import NotAStatement, canonical
from bot.core.statement import Decision, Reviewer, Shown, Target, Terms, read_statement, render_statement

HEAD = CommitSha("a" * 40)
DECISION = Decision(
    target=Target(
        ChangeRef(RepoRef("github", "github.com", "acme/shop"), 7),
        "https://github.com/acme/shop/pull/7",
        HEAD,
        "b" * 40,
        "main",
        "c" * 40,
        "d" * 64,
    ),
    reviewer=Reviewer(
        PersonId("bob"), ForgeAccount("github", "github.com", 1002, "bob"), ChatUser("T1", "U2"), (RoleName("security"),)
    ),
    terms=Terms("high", "e" * 64, ".llmgate/policy.yaml at main"),
    decision="approved",
    strength="witnessed",
    decided_at=datetime(2026, 3, 3, 9, 5, 1, 250000, tzinfo=UTC),
    answers=(Answer("tests", "Tests exist and pass", True),),
    shown=(Shown(".llmgate/provenance/1.json", "f" * 64, "provenance"),),
    reason="reads well – grüße",
    interaction="T1:U2:123.4:review",
)


def test_the_bytes_are_the_canonical_form_of_rfc_8785() -> None:
    statement = render_statement(DECISION)
    assert statement == rfc8785.dumps(json.loads(statement))


@given(
    st.dictionaries(st.text("abcXYZ_", min_size=1), st.one_of(st.text(), st.integers(-(2**53) + 1, 2**53 - 1), st.booleans()))
)
def test_canonical_agrees_with_another_implementation(value: dict[str, str | int | bool]) -> None:
    try:
        expected = rfc8785.dumps(value)
    except rfc8785.CanonicalizationError:  # lone surrogates have no UTF-8
        return
    assert canonical(value) == expected


def test_a_statement_reads_back_to_what_was_decided() -> None:
    approval = read_statement(render_statement(DECISION))
    assert approval.change == DECISION.target.change
    assert (approval.head_sha, approval.head_tree, approval.patch_id) == (HEAD, "b" * 40, "d" * 64)
    assert (approval.person, approval.account, approval.chat) == ("bob", DECISION.reviewer.account, ChatUser("T1", "U2"))
    assert (approval.decision, approval.strength, approval.tier) == ("approved", "witnessed", "high")
    assert approval.decided_at == DECISION.decided_at
    assert approval.answers == DECISION.answers
    assert approval.roles == ("security",)


def test_the_commit_is_the_first_subject_under_both_names() -> None:
    subject = json.loads(render_statement(DECISION))["subject"]
    assert subject[0]["digest"] == {"gitCommit": HEAD, "sha1": HEAD}
    assert subject[1]["digest"] == {"gitTree": "b" * 40}


def test_where_no_tree_is_told_the_commit_alone_is_bound() -> None:
    statement = render_statement(replace(DECISION, target=replace(DECISION.target, head_tree="")))
    (only,) = json.loads(statement)["subject"]
    assert only["digest"] == {"gitCommit": HEAD, "sha1": HEAD}
    assert read_statement(statement).head_tree == ""


def test_the_press_itself_is_not_published_only_its_digest() -> None:
    assert b"123.4" not in render_statement(DECISION)


def test_two_decisions_never_share_an_id() -> None:
    again = replace(DECISION, decided_at=DECISION.decided_at.replace(second=2))
    assert read_statement(render_statement(again)).id != read_statement(render_statement(DECISION)).id


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        (("_type",), "https://in-toto.io/Statement/v0.1", "_type"),
        (("predicateType",), "https://slsa.dev/provenance/v1", "predicateType"),
        (("predicate", "decision"), "lgtm", "decision 'lgtm'"),
        (("predicate", "strength"), "promised", "strength 'promised'"),
        (("predicate", "riskTier"), "none", "tier 'none'"),
        (("predicate", "decidedOn"), "2026-03-03T09:00:00", "offset"),
        (("predicate", "decidedOn"), "yesterday", "ISO 8601"),
        (("predicate", "head", "commit"), "0" * 40, "no subject"),
        (("predicate", "change", "key"), "bitbucket:x/y#1", "not a change key"),
        (("predicate", "target", "repository"), "git+https://github.com/evil/shop", "agree"),
        (("predicate", "reviewer", "account", "id"), "1002", "account"),
        (("predicate", "checklist"), {}, "wanted a list"),
        (("predicate", "reason"), None, "wanted text"),
    ],
)
def test_a_statement_that_says_something_else_is_refused_by_name(path: tuple[str, ...], value: object, says: str) -> None:
    whole = json.loads(render_statement(DECISION))
    holder = whole
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value
    with pytest.raises(NotAStatement, match=says):
        read_statement(json.dumps(whole).encode())


@given(st.binary(max_size=200))
def test_no_bytes_crash_the_reader(content: bytes) -> None:
    with pytest.raises(NotAStatement):
        read_statement(content)
