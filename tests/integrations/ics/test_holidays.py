"""Where holidays come from: files and addresses, read once a day, and kept where they cannot be read any more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from integrations.ics.days import MOST_BYTES
from integrations.ics.holidays import IcsHolidays
from integrations.sandbox.clock import FakeClock
from integrations.sandbox.serve import Served
from tests.integrations.ics.test_days import calendar
from tests.integrations.slack.stage import reachable

CHRISTMAS = calendar("DTSTART;VALUE=DATE:20261225")
UNITY = calendar("DTSTART;VALUE=DATE:20261003")


class Site:
    """Answers with what a test sets, and counts."""

    def __init__(self) -> None:
        self.status, self.content, self.asked = 200, CHRISTMAS, 0
        self.headers: dict[str, str] = {}
        self.served = Served(Starlette(routes=[Route("/holidays.ics", self._answer)]))
        reachable(self.served.url)
        self.url = f"{self.served.url}/holidays.ics"

    async def _answer(self, _: Request) -> Response:
        self.asked += 1
        return Response(self.content, self.status, self.headers)


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    yield site
    site.served.close()


def test_the_first_name_that_has_a_calendar_counts_and_the_default_for_all_others(tmp_path: Path) -> None:
    (tmp_path / "all.ics").write_bytes(CHRISTMAS)
    (tmp_path / "berlin.ics").write_bytes(UNITY)
    sources = {"default": str(tmp_path / "all.ics"), "Europe/Berlin": str(tmp_path / "berlin.ics")}
    holidays = IcsHolidays(sources, FakeClock())
    assert holidays.known(["bob", "Europe/Berlin"]) == frozenset()
    assert holidays.refresh() == 2
    assert holidays.known(["bob", "Europe/Berlin"]) == {date(2026, 10, 3)}
    assert holidays.known(["bob", "Asia/Tokyo"]) == {date(2026, 12, 25)}
    assert IcsHolidays({}, FakeClock()).known(["bob"]) == frozenset()


def test_a_calendar_is_read_once_a_day(site: Site) -> None:
    clock = FakeClock()
    holidays = IcsHolidays({"default": site.url}, clock)
    assert (holidays.refresh(), holidays.refresh()) == (1, 0)
    site.content = UNITY
    clock.advance(timedelta(hours=23))
    assert holidays.refresh() == 0
    clock.advance(timedelta(hours=1))
    assert holidays.refresh() == 1
    assert holidays.known([]) == {date(2026, 10, 3)}
    assert site.asked == 2


def test_what_was_read_holds_while_it_cannot_be_read_and_that_is_said(site: Site) -> None:
    clock = FakeClock()
    holidays = IcsHolidays({"default": site.url}, clock)
    holidays.refresh()
    for status, content, said in ((500, b"", "answer 500"), (200, b"<html>", "no iCalendar"), (302, b"", "answer 302")):
        site.status, site.content, site.headers = status, content, {"location": "/elsewhere"} if status == 302 else {}
        clock.advance(timedelta(days=1))
        holidays.refresh()
        (problem,) = holidays.problems()
        assert problem.startswith("hours.holidays.default: ")
        assert said in problem
        assert site.url not in problem
        assert holidays.known([]) == {date(2026, 12, 25)}
    site.status, site.content = 200, UNITY
    clock.advance(timedelta(hours=1))
    assert holidays.refresh() == 1
    assert holidays.known([]) == {date(2026, 10, 3)}
    assert holidays.problems() == ()


def test_no_more_is_read_than_a_calendar_of_holidays_may_have(site: Site) -> None:
    site.content = b"x" * (MOST_BYTES * 3)
    holidays = IcsHolidays({"default": site.url}, FakeClock())
    holidays.refresh()
    assert "more than 512 KiB" in holidays.problems()[0]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("none/here.ics", "saw none/here.ics: No such file"),
        ("https://127.0.0.1:1/a.ics?token=abc", "no answer"),
        ("https://[", "no answer"),
    ],
)
def test_a_source_that_is_not_there_is_a_problem_and_no_crash(source: str, said: str) -> None:
    holidays = IcsHolidays({"default": source}, FakeClock())
    assert holidays.refresh() == 1
    assert said in holidays.problems()[0]
    assert "token" not in holidays.problems()[0]


def test_events_that_were_left_out_are_told(tmp_path: Path) -> None:
    (tmp_path / "some.ics").write_bytes(calendar("SUMMARY:no start", "DTSTART;VALUE=DATE:20261225"))
    holidays = IcsHolidays({"default": str(tmp_path / "some.ics")}, FakeClock())
    holidays.refresh()
    assert "left out 1 event" in holidays.problems()[0]
    assert holidays.known([]) == {date(2026, 12, 25)}
