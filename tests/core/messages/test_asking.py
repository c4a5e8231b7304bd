"""How it is said who is asked, who stands by, and why nobody may answer for a while."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.core.attendance import Assignment, Attendance, How, Presence
from bot.core.evaluate import evaluate
from bot.core.explain import explain
from bot.core.facts import Facts
from bot.core.hours.calendar import Calendar, Hours
from bot.core.ids import PersonId
from bot.core.messages.answers import Standing, render_status, render_why
from bot.core.messages.asking import asked_words, note_text
from bot.core.messages.card import render_ask, render_card
from bot.core.messages.forge_text import render_check
from bot.core.notice import Notice, Text, flat
from bot.core.policy.defaults import CODEOWNER
from bot.core.policy.model import Seat
from bot.core.verdict import SeatState
from tests.core.build import MEDIUM, NOW, OWNERS, directory, facts

BOB, CID, DEE = PersonId("bob"), PersonId("cid"), PersonId("dee")
NINE = NOW + timedelta(hours=23)


def about(*there: tuple[str, Presence, str], **changes: Any) -> Facts:
    evening = Calendar(Hours(start=18 * 60, end=22 * 60))
    seen = tuple(
        Attendance(PersonId(name), presence, why, evening if presence == "out-of-hours" else Calendar())
        for name, presence, why in there
    )
    return replace(facts(MEDIUM, owners_text=OWNERS), attendance=seen, **changes)


def words(notice: Notice) -> str:
    return "\n".join(flat(line) for line in (notice.headline, *(line for part in notice.sections for line in part.lines)))


def seat(**changes: Any) -> SeatState:
    return replace(SeatState(Seat(CODEOWNER, 1), asked=(BOB,), backup=(CID,)), **changes)


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (seat(), "asked Bob (backup Cid)"),
        (seat(backup=()), "asked Bob"),
        (seat(asked=(BOB, DEE)), "asked Bob, and Dee as well (backup Cid)"),
        (seat(seat=Seat(CODEOWNER, 2), asked=(BOB, DEE)), "asked Bob and Dee (backup Cid)"),
        (seat(asked=(), backup=()), "nobody can be asked"),
    ],
)
def test_the_one_who_is_named_comes_first_and_the_backup_is_told(state: SeatState, said: str) -> None:
    assert asked_words(facts(), state, asking=True) == said


def test_before_anybody_is_asked_it_is_said_who_will_be() -> None:
    assert asked_words(facts(), seat(), asking=False) == "Bob will be asked (backup Cid)"


@pytest.mark.parametrize(
    ("state", "reader", "said"),
    [
        (seat(), None, ""),
        (seat(note="everyone who could is absent"), None, "everyone who could is absent"),
        (
            seat(note="everyone who could is out of hours", opens=NINE),
            None,
            "everyone who could is out of hours; Bob’s day begins 2026-03-03 09:00 UTC",
        ),
        (
            seat(note="everyone who could is out of hours", opens=NINE),
            BOB,
            "Everyone who could is out of hours; your day begins 2026-03-03 09:00 UTC.",
        ),
    ],
)
def test_a_note_tells_when_the_first_of_those_asked_is_back(state: SeatState, reader: PersonId | None, said: str) -> None:
    line: Text = note_text(facts(), state, reader)
    assert flat(line) == said


def test_card_status_and_check_name_the_one_who_is_asked_and_the_backup() -> None:
    of = about(("bob", "active", ""), ("cid", "away", "is away in the chat"))
    verdict = evaluate(of)
    for said in (
        words(render_card(of, verdict, "t")),
        words(render_status(Standing(of, verdict, "t"))),
        render_check(of, verdict).summary,
    ):
        assert "asked Bob (backup Cid)" in said.replace("\\", "")


def test_card_and_ask_say_that_everybody_is_out() -> None:
    of = about(("bob", "out-of-hours", "is out of hours"), ("cid", "absent", "is on leave"))
    verdict = evaluate(of)
    said = "everyone who could is out of hours or absent; Bob’s day begins 2026-03-02 18:00 UTC"
    assert said in words(render_card(of, verdict, "t"))
    said = "Everyone who could is out of hours or absent; your day begins 2026-03-02 18:00 UTC."
    assert said in words(render_ask(of, verdict, BOB, "t"))
    (finding,) = (leaf for leaf in verdict.missing if leaf.rule == "approvals.codeowner")
    assert finding.saw == "0 of 1 approved; everyone who could is out of hours or absent, so they are asked all the same"


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("routed", "Cid stands by."),
        ("delegated", "Dee delegated it to you.\nCid stands by."),
        ("reassigned", "Dee gave it to you.\nCid stands by."),
    ],
)
def test_somebody_who_is_asked_reads_how_it_came_to_them_and_who_stands_by(how: How, said: str) -> None:
    of = about(assignments=(Assignment(BOB, how, NOW, DEE),))
    asked = render_ask(of, evaluate(of), BOB, "t")
    assert words(asked).partition("\n")[2] == said


def test_somebody_who_is_asked_as_well_reads_that_nobody_has_answered() -> None:
    of = about(assignments=(Assignment(BOB, "routed", NOW), Assignment(CID, "widened", NOW)))
    assert words(render_ask(of, evaluate(of), CID, "t")).endswith("You are asked as well, because nobody has answered yet.")


def test_why_tells_every_candidates_place_and_who_may_not() -> None:
    of = about(("bob", "away", "is away in the chat"), ("cid", "active", ""))
    said = words(render_why(Standing(of, evaluate(of))))
    assert "Cid: is at work, has nothing on the desk\nBob: is away in the chat, has nothing on the desk" in said
    assert "Ann opened this change" in said


def test_explain_tells_the_same() -> None:
    of = about(("bob", "away", "is away in the chat"), ("cid", "active", ""))
    lines = explain(evaluate(of))
    assert [line for line in lines if line.startswith("may approve")] == [
        "may approve: cid is at work, has nothing on the desk",
        "may approve: bob is away in the chat, has nothing on the desk",
    ]


def test_a_name_that_can_never_approve_stands_on_the_card_and_is_no_obstacle() -> None:
    gone = replace(directory(), unavailable=(CID,))
    of = about(directory=gone)
    verdict = evaluate(of)
    said = "Cid of codeowner has a chat account that is deactivated, a guest's or a stranger's"
    assert said in words(render_card(of, verdict, "t"))
    assert [finding.rule for finding in verdict.missing] == ["approvals.codeowner"]
    (idle,) = (leaf for top in verdict.findings for leaf in top.walk() if leaf.rule == "approvals.idle")
    assert (idle.outcome, idle.saw.replace("`", "")) == ("skip", said)
