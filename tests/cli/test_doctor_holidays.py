"""`llmgate doctor` on calendars of holidays: which of them cannot be read, and why."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.cli.layout import Layout
from bot.cli.playground import Playground, build_playground
from integrations.sandbox.clock import FakeClock
from tests.cli.checked import FLOOR, Checked, make_sound, mended, today
from tests.integrations.ics.test_days import calendar

HOLIDAYS = "Holidays"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Playground]:
    """One for all these tests: each mends what it broke."""
    playground = build_playground(Layout(tmp_path_factory.mktemp("world"), floor=FLOOR), FakeClock(today()))
    make_sound(playground)
    try:
        yield playground
    finally:
        playground.close()


@pytest.fixture
def checked(world: Playground, monkeypatch: pytest.MonkeyPatch) -> Iterator[Checked]:
    with mended(world):
        yield Checked(world, monkeypatch)


def set_holidays(checked: Checked, content: bytes) -> None:
    path = checked.folder / "holidays.ics"
    path.write_bytes(content)
    checked.values["hours.holidays"] = {"default": str(path)}
    checked.write()


def test_without_calendars_there_is_nothing_to_say(checked: Checked) -> None:
    assert HOLIDAYS not in checked.ask().rows


def test_a_calendar_that_can_be_read_is_sound(checked: Checked) -> None:
    set_holidays(checked, calendar("DTSTART;VALUE=DATE:20261225"))
    row = checked.ask().rows[HOLIDAYS]
    assert (row.level, row.saw) == ("ok", "1 calendar can be read")


@pytest.mark.parametrize(
    ("content", "saw"),
    [(b"<html>", "what is no iCalendar"), (calendar("SUMMARY:x", "DTSTART;VALUE=DATE:20261225"), "left out 1 event")],
)
def test_one_that_cannot_be_read_is_a_warning_that_names_its_setting(checked: Checked, content: bytes, saw: str) -> None:
    set_holidays(checked, content)
    answer = checked.ask()
    row = answer.rows[HOLIDAYS]
    assert (row.level, answer.exit_code) == ("warning", 0)
    assert "hours.holidays.default" in row.saw
    assert saw in row.saw
    assert row.cure
