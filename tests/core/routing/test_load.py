"""How much is on a desk: open work first, by how long it takes to read."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.core.approval import TIERS, Tier
from bot.core.routing.load import load_of

COUNTS = st.lists(st.tuples(st.sampled_from(TIERS), st.integers(0, 50), st.integers(0, 50)), max_size=6)


def test_one_of_high_risk_weighs_as_much_as_two_of_medium_and_four_of_low() -> None:
    assert load_of([("high", 1, 0)]) == load_of([("medium", 2, 0)]) == load_of([("low", 4, 0)]) == 4


def test_nine_that_are_done_weigh_less_than_one_that_is_open() -> None:
    assert 0 < load_of([("low", 0, 9)]) < load_of([("low", 1, 0)])


def test_an_empty_desk_weighs_nothing() -> None:
    assert load_of([]) == load_of([("high", 0, 0)]) == 0


@given(COUNTS)
def test_the_order_of_counting_does_not_matter(counts: list[tuple[Tier, int, int]]) -> None:
    assert load_of(counts) == load_of(sorted(counts)) == load_of(reversed(counts))


@given(COUNTS, st.sampled_from(TIERS))
def test_one_more_open_request_always_weighs_more(counts: list[tuple[Tier, int, int]], tier: Tier) -> None:
    assert load_of([*counts, (tier, 1, 1)]) > load_of(counts)
