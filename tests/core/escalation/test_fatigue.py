"""When somebody decides so much or so fast that it should be said."""

from __future__ import annotations

from datetime import timedelta

from bot.core.escalation.fatigue import Fatigue, Timing, judge
from bot.core.policy.model import FatigueRules
from tests.core.build import NOW

RULES = FatigueRules(per_day=4, seconds=20, then="stronger")


def made(seconds: int | None = 300, *, approved: bool = True, evidence: bool = True) -> Timing:
    return Timing(NOW, approved, None if seconds is None else NOW - timedelta(seconds=seconds), evidence)


def test_a_quiet_day_says_nothing() -> None:
    assert judge([made()] * 4, RULES, NOW) == Fatigue(4, 0, 0)


def test_too_many_decisions_are_said_with_their_number() -> None:
    day = judge([made()] * 4 + [made(approved=False)], RULES, NOW)
    assert (day.words, day.then) == ("has made 5 decisions today, more than 4", "stronger")


def test_a_quick_approval_is_no_accident_the_third_time() -> None:
    assert judge([made(19)] * 2, RULES, NOW).then is None
    day = judge([made(19)] * 3, RULES, NOW)
    assert (day.quick, day.words) == (3, "has approved 3 changes within 20 seconds of opening them")


def test_twenty_seconds_are_enough_and_a_refusal_is_never_too_quick() -> None:
    assert judge([made(20)] * 3 + [made(1, approved=False)], RULES, NOW).quick == 0


def test_an_approval_that_was_not_opened_in_the_chat_has_no_speed() -> None:
    assert judge([made(None)] * 3, RULES, NOW).quick == 0


def test_evidence_left_unopened_is_said_where_something_is_amiss() -> None:
    assert judge([made(evidence=False)], RULES, NOW) == Fatigue(1, 0, 1)
    day = judge([made(5, evidence=False)] * 2 + [made(5)], RULES, NOW)
    assert day.words.endswith(" and has approved 2 of 3 without opening the evidence")


def test_decisions_of_the_future_do_not_count() -> None:
    assert judge([Timing(NOW + timedelta(seconds=1), approved=True)], RULES, NOW) == Fatigue(0, 0, 0)
