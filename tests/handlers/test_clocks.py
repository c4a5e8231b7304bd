"""When people work: their own word over the chat's over the settings', and what was seen of them before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from bot.core.escalation.model import PersonSettings
from bot.core.hours.calendar import Absence, Calendar, Hours
from bot.core.ids import ChatUser, PersonId
from bot.handlers.clocks import Clocks
from bot.ports.chat import ChatProfile

NOW = datetime(2026, 3, 3, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
BOB = PersonId("bob")
NOTHING = PersonSettings(BOB)
HERE = ChatProfile(ChatUser("T1", "U1"), "Bob", zone="Asia/Tokyo")
SICK = replace(HERE, status_text="Out sick")


@dataclass
class Listed:
    """Implements `bot.ports.holidays.Holidays` by a table."""

    days: dict[str, frozenset[date]] = field(default_factory=dict)

    def known(self, names: Sequence[str]) -> frozenset[date]:
        return next((self.days[name] for name in names if name in self.days), frozenset())

    def refresh(self) -> int:
        return 0

    def problems(self) -> tuple[str, ...]:
        return ()


def test_who_chose_nothing_and_of_whom_nothing_is_known_works_by_the_settings() -> None:
    hours = Hours("Europe/Berlin", 480, 960, (0, 1))
    assert Clocks(hours).calendar(NOTHING, NOW) == Calendar(hours)


def test_the_zone_of_the_chat_goes_before_the_settings_and_their_own_before_both() -> None:
    clocks = Clocks(Hours("Europe/Berlin", 480, 960))
    clocks.note(BOB, HERE, NOW)
    assert clocks.calendar(NOTHING, NOW).hours == Hours("Asia/Tokyo", 480, 960)
    own = replace(NOTHING, zone="America/Lima", start=600)
    assert clocks.calendar(own, NOW).hours == Hours("America/Lima", 600, 960)


def test_holidays_are_those_of_the_person_or_else_of_the_zone_they_are_in() -> None:
    tokyo, own = frozenset({date(2026, 3, 20)}), frozenset({date(2026, 3, 21)})
    listed = Listed({"Asia/Tokyo": tokyo})
    clocks = Clocks(holidays=listed)
    assert clocks.calendar(NOTHING, NOW).holidays == frozenset()
    clocks.note(BOB, HERE, NOW)
    assert clocks.calendar(NOTHING, NOW).holidays == tokyo
    listed.days["bob"] = own
    assert clocks.calendar(NOTHING, NOW).holidays == own


def test_an_absence_begins_when_its_status_was_first_seen_and_ends_with_it() -> None:
    clocks = Clocks()
    clocks.note(BOB, SICK, NOW)
    clocks.note(BOB, SICK, NOW + HOUR)
    assert clocks.calendar(NOTHING, NOW + HOUR).absences == (Absence(NOW, None, "has the chat status “Out sick”"),)
    clocks.note(BOB, HERE, NOW + 2 * HOUR)
    assert clocks.calendar(NOTHING, NOW + 2 * HOUR).absences == ()


def test_a_status_that_was_to_end_is_over_though_nobody_looked_again() -> None:
    clocks = Clocks()
    clocks.note(BOB, replace(SICK, status_until=NOW + HOUR), NOW)
    assert len(clocks.calendar(NOTHING, NOW).absences) == 1
    assert clocks.calendar(NOTHING, NOW + HOUR).absences == ()


def test_a_status_without_an_end_is_not_believed_for_ever_while_the_chat_is_silent() -> None:
    clocks = Clocks()
    clocks.note(BOB, SICK, NOW)
    assert len(clocks.calendar(NOTHING, NOW + 23 * HOUR).absences) == 1
    assert clocks.calendar(NOTHING, NOW + 24 * HOUR).absences == ()
    assert clocks.calendar(NOTHING, NOW + 24 * HOUR).hours.zone == "Asia/Tokyo"


def test_an_own_absence_stands_beside_that_of_the_chat() -> None:
    clocks = Clocks()
    clocks.note(BOB, SICK, NOW)
    own = replace(NOTHING, absent_since=NOW - HOUR, absent_until=NOW + HOUR)
    assert [one.why for one in clocks.calendar(own, NOW).absences] == ["is away", "has the chat status “Out sick”"]
