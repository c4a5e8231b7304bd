"""No level of SLSA's is claimed beyond what was seen of the forge."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from bot.core.source_track import Protection, source_level

ALL = Protection(True, True, True, True, True, True, True, True)
KEPT = ("on_branch", "history_kept", "tags_kept", "nobody_bypasses", "continuous")


def test_where_nobody_looked_no_level_is_claimed() -> None:
    assert source_level(None) == ()


def test_a_look_that_saw_nothing_is_no_look() -> None:
    assert source_level(Protection()) == ()


def test_everything_seen_to_hold_is_level_4_and_no_lower_level_beside_it() -> None:
    assert source_level(ALL) == ("SLSA_SOURCE_LEVEL_4",)


def test_settings_that_all_say_no_leave_a_repository_that_can_be_named() -> None:
    assert source_level(Protection(False, False, False, False, False, False, False, False)) == ("SLSA_SOURCE_LEVEL_1",)


@pytest.mark.parametrize("answer", [False, None])
@pytest.mark.parametrize(
    ("lacking", "level"),
    [*((name, 1) for name in KEPT), ("check_required", 2), ("provenance", 2), ("two_parties", 3)],
)
def test_each_control_that_is_off_or_was_not_seen_costs_its_level(lacking: str, level: int, answer: bool | None) -> None:
    assert source_level(replace(ALL, **{lacking: answer})) == (f"SLSA_SOURCE_LEVEL_{level}",)


def test_two_parties_alone_lift_nothing() -> None:
    assert source_level(Protection(two_parties=True)) == ("SLSA_SOURCE_LEVEL_1",)


def test_every_control_decides_something() -> None:
    lacking = {
        field.name for field in fields(Protection) if source_level(replace(ALL, **{field.name: None})) == source_level(ALL)
    }
    assert lacking == set()
