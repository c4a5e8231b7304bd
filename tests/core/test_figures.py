"""Figures of waiting and deciding."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.figures import Figures, FirstAction, Oldest, Spread, first_by_tier, open_by_tier, quick_ones, spread_of
from bot.core.messages.figures import render_figures
from bot.core.notice import flat
from tests.core.build import NOW, REF


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ([], None),
        ([7], Spread(1, 7, 7)),
        ([1, 2], Spread(2, 1, 2)),
        (list(range(1, 11)), Spread(10, 5, 9)),
        ([5, 5, 5, 500], Spread(4, 5, 500)),
    ],
)
def test_the_middle_and_what_nine_in_ten_stay_within(values: list[int], found: Spread | None) -> None:
    assert spread_of(values) == found


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=60))
def test_nine_in_ten_are_within_p90_and_it_is_one_of_them(values: list[int]) -> None:
    found = spread_of(values)
    assert found is not None
    assert found.p90 in values
    assert sum(value <= found.p90 for value in values) >= 0.9 * len(values)
    assert min(values) <= found.median <= found.p90 <= max(values)


def test_tiers_are_told_apart_the_riskiest_first() -> None:
    actions = [FirstAction("low", 10), FirstAction("high", 60), FirstAction("high", 120)]
    assert first_by_tier(actions) == (("high", Spread(2, 90, 120)), ("medium", None), ("low", Spread(1, 10, 10)))
    assert open_by_tier(["low", "low", "high"]) == (("high", 1), ("medium", 0), ("low", 2))


def test_a_decision_is_quick_when_it_follows_the_first_opening_at_once() -> None:
    opened = [("a", NOW), ("b", NOW), ("c", NOW), ("c", NOW + timedelta(hours=1))]
    decided = [
        ("a", NOW + timedelta(seconds=19)),
        ("c", NOW + timedelta(hours=1, seconds=5)),
        ("b", NOW + timedelta(seconds=20)),
        ("never-opened", NOW + timedelta(seconds=1)),
    ]
    assert quick_ones(opened, decided) == 1


def test_the_answer_says_what_each_figure_rests_on() -> None:
    figures = Figures(
        30,
        (("high", Spread(4, 45, 120)), ("medium", None), ("low", None)),
        (("high", 2), ("medium", 0), ("low", 1)),
        Oldest(REF, "https://github.com/acme/shop/pull/7", "Bob", 500),
        decided_today=3,
        quick=1,
        decided=9,
    )
    notice = render_figures(figures)
    assert notice.summary == "3 changes wait now; figures of the last 30 days"
    assert [flat(line) for part in notice.sections for line in part.lines] == [
        "High risk: median 45 min, nine in ten within 2 h (4 requests)",
        "Medium risk: nothing yet",
        "Low risk: nothing yet",
        "High risk: 2",
        "Medium risk: 0",
        "Low risk: 1",
        "The oldest turn: acme/shop#7 waits for Bob, 1 d 20 min so far",
        "3 decisions today, 9 in 30 days",
        "1 of them within 20 seconds of opening the dialogue: read on before the next one",
    ]
