"""Rows follow the turns: a turn that stays keeps its clock, a new one starts it, and one that is over ends what it made."""

from __future__ import annotations

from dataclasses import replace

from bot.core.escalation.model import AUTHOR, Chain, Escalation, Turn
from bot.core.escalation.reconcile import Asking, Changed, reconcile
from bot.core.escalation.slots import seat_of, slot
from bot.core.hours.calendar import Calendar
from bot.core.ids import PersonId
from tests.core.escalation.rows import ANN, BEN, BOB, CID, LONDON, WHOLE, asking, at, row, step, turn

CALENDARS: dict[PersonId, Calendar] = dict.fromkeys((ANN, BEN, BOB, CID), LONDON)
LATER = at("Mon 12:00")


def after(rows: list[Escalation], *turns: Turn, of: Asking | None = None) -> tuple[Changed, ...]:
    return reconcile(rows, turns, of or asking(now=LATER), CALENDARS)


def test_a_new_turn_gets_a_row_with_the_chain_of_its_request() -> None:
    (made,) = after([], turn(), of=asking())
    assert made == Changed(row(), None)


def test_a_turn_that_stays_changes_nothing() -> None:
    assert after([row(step=2, next_at=at("Mon 14:00"))], turn()) == ()


def test_a_turn_that_is_over_ends_its_row_and_makes_stale_what_it_said() -> None:
    (ended,) = after([row()])
    assert (ended.row.ended, ended.row.next_at, ended.row.epoch, ended.expected_epoch) == (True, None, 2, 1)
    assert after([ended.row]) == ()


def test_another_person_starts_the_clock_anew() -> None:
    (made,) = after([row(step=3, snoozes=2, active_at=at("Mon 11:00"))], turn(BEN))
    assert made.expected_epoch == 1
    assert made.row == row(person=BEN, epoch=2, since=LATER, next_at=at("Mon 13:00"))


def test_a_turn_that_comes_back_starts_anew_and_counts_its_snoozes_on() -> None:
    ended = row(ended=True, epoch=4, step=3, next_at=None, snoozes=2)
    (made,) = after([ended], turn())
    assert (made.row.ended, made.row.epoch, made.row.step, made.row.since, made.row.snoozes) == (False, 5, 0, LATER, 2)


def test_the_author_waits_in_a_row_of_their_own() -> None:
    ended, made = after([row()], turn(ANN, AUTHOR))
    assert (ended.row.seat, ended.row.ended) == ("codeowner", True)
    assert (made.row.seat, made.row.person, made.expected_epoch) == (AUTHOR, ANN, None)


def test_a_new_request_has_new_rows_and_ends_the_old_ones() -> None:
    ended, made = after([row(step=2)], turn(), of=asking("t2", LATER))
    assert (ended.row.token, ended.row.ended, ended.expected_epoch) == ("t", True, 1)
    assert (made.row.token, made.row.step, made.row.since, made.expected_epoch) == ("t2", 0, LATER, None)


def test_without_a_request_everything_ends() -> None:
    (ended,) = after([row()], turn(), of=asking("", LATER))
    assert ended.row.ended


def test_the_chain_is_the_one_that_the_request_was_made_under() -> None:
    changed = Chain((step(5, "expire"),))
    _, made = after([row()], turn(ANN, AUTHOR), of=asking(now=LATER, chain=changed))
    assert made.row.chain == WHOLE
    (fresh,) = after([], turn(), of=asking("t2", LATER, chain=changed))
    assert fresh.row.chain == changed


def test_what_somebody_does_after_a_turn_began_is_kept_and_what_began_it_is_not() -> None:
    early, late = asking(now=LATER, active_at=at("Mon 10:00")), asking(now=LATER, active_at=at("Mon 11:30"))
    assert after([row()], turn(), of=early) == ()
    (made,) = after([row()], turn(), of=late)
    assert made == Changed(row(active_at=at("Mon 11:30")), 1)
    assert after([made.row], turn(), of=late) == ()


def test_several_people_of_one_seat_wait_in_places_of_their_own() -> None:
    first, second = after([], turn(), turn(BEN), of=asking())
    assert [(one.row.seat, one.row.person) for one in (first, second)] == [("codeowner", BOB), ("codeowner#2", BEN)]


def test_whoever_still_waits_keeps_their_clock_when_another_of_the_seat_has_answered() -> None:
    rows = [row(), row(seat="codeowner#2", person=BEN)]
    (ended,) = after(rows, turn(BEN))
    assert (ended.row.seat, ended.row.ended) == ("codeowner", True)
    (taken,) = after([ended.row, rows[1]], turn(CID), turn(BEN))
    assert (taken.row.seat, taken.row.person, taken.row.epoch) == ("codeowner", CID, 3)


def test_a_row_in_a_place_that_nobody_has_any_more_ends() -> None:
    rows = [row(), replace(row(seat="codeowner#2"), person=BEN)]
    (ended,) = after(rows, turn(BOB))
    assert (ended.row.seat, ended.row.ended) == ("codeowner#2", True)


def test_a_place_tells_its_seat() -> None:
    assert (slot("security", 1), slot("security", 2)) == ("security", "security#2")
    assert [seat_of(name) for name in ("security", "security#12", "section:C# code", AUTHOR)] == [
        "security",
        "security",
        "section:C# code",
        AUTHOR,
    ]


def test_somebody_without_a_calendar_works_in_the_default_hours() -> None:
    (made,) = reconcile([], [turn(PersonId("new"))], asking(), {})
    assert made.row.next_at == at("Mon 11:00")
