"""What a reminder says once it is over: what became of it, and nothing to press."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core.attendance import Assignment
from bot.core.evaluate import evaluate
from bot.core.messages.answers import Standing
from bot.core.messages.over import render_reworded
from bot.core.messages.told import Told
from bot.core.notice import Notice, flat
from tests.core.build import BOB as BOBS_ACCOUNT
from tests.core.build import MEDIUM, NOW, approved, change, facts
from tests.core.escalation.rows import BEN, BOB, at, row
from tests.core.messages.test_reminding import about, told


def reworded(over: list[Told], holding: tuple[Told, ...] = ()) -> Notice:
    notice = render_reworded(over, holding)
    assert notice is not None
    return notice


def stood(**of: object) -> Standing:
    judged = facts(MEDIUM, **of)
    return Standing(judged, evaluate(judged), "tok")


@pytest.mark.parametrize(
    ("of", "said"),
    [
        (told(standing=stood(change=change(state="merged"))), "is merged."),
        (told(standing=stood(assignments=(Assignment(BOB, "routed", NOW, gone="handed it on"),))), "You are not asked about"),
        (told(turn=row(snoozed_until=at("Mon 16:00"))), "You put"),
        (told(turn=row(person=BEN)), "waits for ben now."),
        (told(turn=None), "does not wait for you any more."),
    ],
)
def test_it_says_what_became_of_it_and_leaves_nothing_to_decide(of: Told, said: str) -> None:
    notice = reworded([of])
    assert said in flat(notice.headline)
    assert [control.name for control in notice.controls] == ["open"]
    assert (notice.more, notice.tone) == ((), "neutral")


def test_whoever_answered_is_told_so() -> None:
    judged = approved(facts(MEDIUM), BOBS_ACCOUNT)
    assert flat(reworded([told(standing=Standing(judged, evaluate(judged), "tok"))]).headline).startswith("✓ You answered")


def test_what_still_holds_stands_first_and_the_rest_is_ticked_off() -> None:
    notice = reworded([told(number=8, turn=None)], (told(number=7), told(number=9)))
    assert notice.summary == "2 of 3 still wait for you"
    lines = [flat(line) for line in notice.sections[0].lines]
    assert [line.startswith("✓") for line in lines] == [False, False, True]


def test_of_what_is_only_heard_of_nothing_is_said_to_wait() -> None:
    assert reworded([told(number=8, turn=None)], (told("lead", number=7),)).summary == "1 of 2 still holds"


def test_what_waits_under_another_seat_is_not_called_over() -> None:
    assert render_reworded([told(number=7, turn=None)], (told(number=7),)) is None


def test_a_long_list_is_cut() -> None:
    over = [replace(told(number=number, turn=None), standing=about(number)) for number in range(1, 40)]
    assert len(reworded(over).sections[0].lines) == 20
