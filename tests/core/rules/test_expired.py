"""A request that nobody answered ends closed, and no clock ever opens a merge."""

from __future__ import annotations

from bot.core.evaluate import evaluate
from tests.core.build import BOB, HIGH, MEDIUM, NOW, SAM, approved, facts


def test_a_request_that_nobody_answered_blocks_until_people_are_asked_again() -> None:
    verdict = evaluate(facts(MEDIUM, expired_at=NOW))
    (finding,) = (leaf for leaf in verdict.missing if leaf.rule == "approvals.expired")
    assert verdict.state == "blocked"
    assert finding.saw == "nobody answered for `codeowner` until 2026-03-02 10:00 UTC"
    assert finding.cure == "ask again on the card"


def test_a_request_that_expired_after_enough_people_approved_blocks_nothing() -> None:
    assert evaluate(approved(facts(MEDIUM, expired_at=NOW), BOB)).state == "allowed"


def test_somebody_who_answers_a_request_that_expired_opens_the_merge() -> None:
    expired = facts(HIGH, expired_at=NOW)
    assert evaluate(approved(expired, BOB)).state == "blocked"
    assert evaluate(approved(expired, BOB, SAM)).state == "allowed"
