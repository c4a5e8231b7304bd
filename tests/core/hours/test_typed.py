"""What people type about their time, read or refused with the reason."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.hours.calendar import Hours
from bot.core.hours.typed import Away, NotRead, read_absence, read_hours, read_length

BERLIN = Hours("Europe/Berlin")
WEDNESDAY = datetime(2026, 11, 25, 14, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("words", "minutes"),
    [("30m", 30), ("2h", 120), ("1h30m", 90), ("1 h 30 min", 90), ("1d", 480), ("2D", 960), ("45 min", 45)],
)
def test_a_length_is_read_in_working_minutes(words: str, minutes: int) -> None:
    assert read_length(words) == minutes


@pytest.mark.parametrize("words", ["", "soon", "2", "0h", "-2h", "2h later", "h2", "2w", "1h;30m", "99999h"])
def test_what_is_no_length_is_refused_with_what_was_seen(words: str) -> None:
    found = read_length(words)
    assert isinstance(found, NotRead)
    assert found.because.startswith(f"saw “{words}”" if words else "saw nothing")
    assert "30m, 2h" in found.because


@pytest.mark.parametrize(
    ("words", "hours"),
    [
        ("9-17:30 mon-fri Europe/Berlin", Hours("Europe/Berlin", 540, 1050, (0, 1, 2, 3, 4))),
        ("Asia/Tokyo", Hours("Asia/Tokyo")),
        ("08:15-16", Hours("Europe/Berlin", 495, 960)),
        ("sun-thu", Hours("Europe/Berlin", days=(0, 1, 2, 3, 6))),
        ("Mon, Wed, Fri 10-14", Hours("Europe/Berlin", 600, 840, (0, 2, 4))),
        ("monday", Hours("Europe/Berlin", days=(0,))),
        ("22-6", Hours("Europe/Berlin", 1320, 360)),
        ("0-24 UTC", Hours("UTC", 0, 1440)),
    ],
)
def test_hours_are_read_in_any_order_and_the_rest_stays(words: str, hours: Hours) -> None:
    assert read_hours(words, BERLIN) == hours


@pytest.mark.parametrize(
    "words", ["9-9", "24-25", "9:60-17", "someday", "Europe/Nowhere", "9", "mon-fry", "../etc/passwd", "mo-fr"]
)
def test_what_is_no_hours_is_refused_by_the_word_that_is_none(words: str) -> None:
    found = read_hours(f"mon-fri {words}", BERLIN)
    assert isinstance(found, NotRead)
    assert words[:4] in found.because


@pytest.mark.parametrize(
    ("words", "since", "until"),
    [
        ("until friday", "2026-11-25T14:30+00:00", "2026-11-27T00:00+01:00"),
        ("until wed", "2026-11-25T14:30+00:00", "2026-12-02T00:00+01:00"),
        ("until tomorrow", "2026-11-25T14:30+00:00", "2026-11-26T00:00+01:00"),
        ("until 2026-12-30", "2026-11-25T14:30+00:00", "2026-12-30T00:00+01:00"),
        ("3d", "2026-11-25T14:30+00:00", "2026-11-28T00:00+01:00"),
        ("2026-12-24..2027-01-02", "2026-12-24T00:00+01:00", "2027-01-03T00:00+01:00"),
        ("2026-11-20 .. 2026-11-25", "2026-11-25T14:30+00:00", "2026-11-26T00:00+01:00"),
    ],
)
def test_an_absence_ends_when_their_day_begins_on_which_they_are_back(words: str, since: str, until: str) -> None:
    found = read_absence(words, WEDNESDAY, "Europe/Berlin")
    assert found == Away(datetime.fromisoformat(since), datetime.fromisoformat(until))


def test_off_ends_every_absence() -> None:
    assert read_absence("OFF", WEDNESDAY, "UTC") == Away()


@pytest.mark.parametrize(
    "words",
    [
        "",
        "until",
        "until someday",
        "friday",
        "2026-01-01..2026-01-05",
        "until 2026-11-25",
        "2026-12-24..",
        "..2026-12-24",
        "0d",
        "until 9999-12-31",
    ],
)
def test_what_is_no_absence_to_come_is_refused(words: str) -> None:
    assert isinstance(read_absence(words, WEDNESDAY, "Europe/Berlin"), NotRead)


@given(st.text(max_size=40))
def test_no_words_break_a_reader(words: str) -> None:
    read_length(words)
    read_hours(words, BERLIN)
    found = read_absence(words, WEDNESDAY, "Europe/Berlin")
    if isinstance(found, Away) and found.until is not None:
        assert found.since is not None
        assert found.until > max(found.since, WEDNESDAY)
