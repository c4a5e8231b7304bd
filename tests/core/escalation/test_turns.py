"""Only the one who blocks is waited for, and nobody where nobody could do a thing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core.attendance import Assignment
from bot.core.escalation.turns import turns_of
from bot.core.evaluate import evaluate
from bot.core.evidence.model import Suite, TestCase
from bot.core.facts import Facts, Gap
from bot.core.ids import PersonId
from tests.core.build import (
    BOB,
    HIGH,
    LOW,
    MEDIUM,
    NOW,
    account,
    approval,
    approved,
    change,
    directory,
    evidence,
    facts,
    overridden,
)

ASKED = "has been asked to review"


def turns(of: Facts) -> list[tuple[str, str, str]]:
    return [(one.seat, str(one.person), one.why) for one in turns_of(of, evaluate(of))]


def failing(path: str = MEDIUM) -> Facts:
    return facts(path, evidence=evidence(path, suites=(Suite("junit.xml", "pytest", (TestCase("test_a", "failed"),)),)))


def test_each_open_seat_waits_for_whoever_is_asked() -> None:
    found = turns(facts(HIGH))
    assert [seat for seat, _, _ in found] == ["security", "codeowner"]
    assert {who for _, who, _ in found} <= {"sam", "sue", "bob", "cid"}
    assert {why for _, _, why in found} == {ASKED}


def test_a_seat_that_is_taken_waits_for_nobody() -> None:
    assert [seat for seat, _, _ in turns(approved(facts(HIGH), BOB))] == ["security"]


def test_somebody_who_is_asked_beside_the_first_is_not_the_one_who_blocks() -> None:
    asked = (Assignment(PersonId("bob"), "routed", NOW), Assignment(PersonId("cid"), "widened", NOW))
    assert turns(facts(MEDIUM, assignments=asked)) == [("codeowner", "bob", ASKED)]


def test_failing_checks_wait_for_the_author() -> None:
    assert turns(failing()) == [("author", "ann", "has failing checks to look at")]


def test_missing_provenance_waits_for_the_author() -> None:
    assert turns(facts(MEDIUM, documents=())) == [("author", "ann", "has provenance to add")]


def test_a_request_for_changes_waits_for_the_author() -> None:
    base = facts(MEDIUM)
    objected = replace(base, approvals=(approval(BOB, base, decision="changes-requested"),))
    assert turns(objected) == [("author", "ann", "has changes to make that a reviewer asked for")]


def test_an_author_whom_nobody_knows_is_not_waited_for() -> None:
    stranger = change(author=account("eve", 6666))
    assert turns(replace(failing(), change=stranger)) == []


@pytest.mark.parametrize(
    "of",
    [
        facts(MEDIUM, change=change(draft=True)),
        facts(MEDIUM, change=change(state="closed")),
        facts(MEDIUM, change=change(state="merged")),
        approved(facts(MEDIUM), BOB),
        overridden(),
        replace(facts(MEDIUM), policy=replace(facts(MEDIUM).policy, mode="observe")),
        facts(MEDIUM, expired_at=NOW),
        replace(failing(), expired_at=NOW),
        facts(LOW, gaps=(Gap("people", "the list was cut", "all of it"),)),
        facts(HIGH, directory=directory(security=())),
    ],
    ids=["draft", "closed", "merged", "green", "overridden", "observed", "expired", "expired author", "unread", "empty role"],
)
def test_nobody_is_waited_for_where_nobody_could_do_a_thing(of: Facts) -> None:
    assert turns(of) == []


def declined(*people: str) -> tuple[Assignment, ...]:
    return tuple(Assignment(PersonId(who), "routed", NOW, gone="said that it is not theirs") for who in people)


def test_where_nobody_is_left_to_ask_the_author_may_name_somebody() -> None:
    assert turns(facts(HIGH, assignments=declined("sam", "sue"))) == [
        ("author", "ann", "has nobody left to ask, and can have somebody else asked")
    ]
    assert "author" not in {seat for seat, _, _ in turns(facts(HIGH, assignments=declined("sam")))}
