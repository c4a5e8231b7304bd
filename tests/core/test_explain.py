"""The verdict as lines for a terminal."""

from __future__ import annotations

from bot.core.evaluate import evaluate
from bot.core.explain import explain
from bot.core.facts import CommitIdentity
from tests.core.build import BOB, HIGH, approved, commit, facts, overridden


def test_every_finding_is_a_line_with_its_outcome_in_words() -> None:
    verdict = evaluate(approved(facts(HIGH), BOB))
    lines = explain(verdict)
    assert lines[0] == "state   waiting (mode enforce)"
    assert "tier    high" in lines
    assert "✓ pass    Approval by a code owner [approvals.codeowner]: approved by Bob" in lines
    assert any(line.startswith("… wait    Approval by security [approvals.security]: 0 of 1 approved") for line in lines)
    for top in verdict.findings:
        for one in top.walk():
            assert any(f"[{one.rule}]" in line for line in lines)


def test_what_is_missing_says_what_was_wanted_and_the_cure() -> None:
    lines = explain(evaluate(facts(documents=())))
    at = next(number for number, line in enumerate(lines) if "provenance.uncovered" in line)
    assert lines[at].startswith("✗ block")
    assert "wanted: a digest" in lines[at + 1]
    assert "cure:   add a document" in lines[at + 2]


def test_who_may_not_approve_is_said_with_the_reason() -> None:
    assert any(line.startswith("may not approve: ann opened this change") for line in explain(evaluate(facts())))


def test_hostile_words_stay_on_their_line() -> None:
    evil = CommitIdentity("a\n✓ pass  Approvals\x1b[2J\u202e", "e@example.org")
    lines = explain(evaluate(facts("src/auth/a\nb.py", commits=(commit(author=evil),))))
    assert all(line.isprintable() for line in lines)
    assert not any(line.startswith("✓ pass  Approvals") for line in lines)


def test_an_override_is_told_as_such() -> None:
    assert explain(evaluate(overridden()))[0] == "state   let through by an override, which is no approval (mode enforce)"
