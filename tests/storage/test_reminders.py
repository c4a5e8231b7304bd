"""Reminders are stored once, told once, and stale when the turn they are about is another."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core.escalation.model import ReminderKind
from bot.ports.escalation import ReminderState, Spoken
from storage import reminders
from storage.store import SqlStore
from tests.storage.material import NOW
from tests.storage.test_records import counted
from tests.storage.turn_values import ADA, BOB, CLEO, HOUR, TOKEN, escalation, keep, remember, reminder

STATES: tuple[ReminderState, ...] = ("sent", "stale", "elsewhere")


def due(store: SqlStore, people: int = 10) -> list[str]:
    with store.look() as unit:
        return [each.dedupe for each in unit.due_reminders(NOW, people)]


def ids(store: SqlStore) -> dict[str, int]:
    with store.look() as unit:
        return {each.dedupe: each.id for each in unit.due_reminders(NOW + 24 * HOUR, 1000)}


def mark(store: SqlStore, state: ReminderState, *which: int) -> int:
    with store.begin() as unit:
        marked = unit.mark_reminders(which, state, NOW)
        unit.commit()
    return marked


def live(store: SqlStore, *which: int) -> list[str]:
    with store.look() as unit:
        return [each.dedupe for each in unit.live_reminders(which)]


def test_a_reminder_comes_back_as_it_was_stored_with_its_number(store: SqlStore) -> None:
    full = replace(reminder("d1"), about=BOB, words="waits for two days", at_night=True)
    assert remember(store, full, reminder("d2", BOB)) == 2
    with store.look() as unit:
        first, second = unit.due_reminders(NOW, 2)
    assert (replace(first, id=0), replace(second, id=0)) == (full, reminder("d2", BOB))
    assert 0 < first.id < second.id


def test_what_was_ever_stored_is_not_stored_again(store: SqlStore) -> None:
    assert remember(store, reminder("d1"), reminder("d1"), reminder("d2")) == 2
    mark(store, "sent", *ids(store).values())
    assert remember(store, reminder("d1"), reminder("d3")) == 1
    assert remember(store) == 0
    assert due(store) == ["d3"]


def test_a_hundred_reminders_are_one_statement(store: SqlStore) -> None:
    with store.begin() as unit, counted() as statements:
        assert unit.add_reminders([reminder(f"d{number}") for number in range(100)]) == 100
    assert len(statements) == 1


def test_with_one_that_is_due_come_all_that_wait_for_the_person(store: SqlStore) -> None:
    remember(
        store,
        reminder("b later", BOB, NOW + HOUR),
        reminder("b due", BOB),
        reminder("a due", ADA, NOW - HOUR),
        reminder("c later", CLEO, NOW + HOUR),
    )
    assert due(store) == ["a due", "b due", "b later"]
    assert due(store, 1) == ["a due"]  # due longest


def test_what_is_deferred_is_due_then_and_what_was_sent_stays_sent(store: SqlStore) -> None:
    remember(store, reminder("d1"), reminder("d2"))
    known = ids(store)
    mark(store, "sent", known["d2"])
    with store.begin() as unit:
        unit.defer_reminders(known.values(), NOW + HOUR)
        unit.defer_reminders([], NOW)
        unit.commit()
    assert due(store) == []
    with store.look() as unit:
        assert [each.at for each in unit.due_reminders(NOW + HOUR, 5)] == [NOW + HOUR]


@pytest.mark.parametrize("state", STATES)
def test_only_who_is_first_marks_what_waits(store: SqlStore, state: ReminderState) -> None:
    remember(store, reminder("d1"), reminder("d2"))
    known = tuple(ids(store).values())
    assert mark(store, state, *known) == 2
    assert (mark(store, "sent", *known), mark(store, "stale", *known)) == (0, 0)
    assert due(store) == []
    assert mark(store, state) == 0


def test_what_the_chat_did_not_take_may_still_go_elsewhere_once(store: SqlStore) -> None:
    remember(store, reminder("d1"))
    (known,) = ids(store).values()
    assert mark(store, "sent", known) == 1
    assert mark(store, "elsewhere", known) == 1
    assert mark(store, "elsewhere", known) == 0


def test_a_reminder_lives_as_long_as_the_turn_it_is_about(store: SqlStore) -> None:
    keep(store, escalation("runs"), escalation("moved"), escalation("ended"), escalation("gone elsewhere"))
    seats = ("runs", "moved", "ended", "unknown", "gone elsewhere")
    remember(store, *(reminder(seat, seat=seat) for seat in seats), reminder("not asked for", seat="runs"))
    known = ids(store)
    wanted = [known[seat] for seat in seats]
    assert live(store, *wanted) == ["runs", "moved", "ended", "gone elsewhere"]
    mark(store, "sent", known["runs"])
    mark(store, "elsewhere", known["gone elsewhere"])
    with store.begin() as unit:
        unit.put_escalation(replace(escalation("moved"), epoch=2), 1)
        unit.put_escalation(replace(escalation("ended"), ended=True), 1)
        unit.commit()
    assert live(store, *wanted) == ["runs"]
    mark(store, "stale", *wanted)
    assert live(store, *wanted) == ["runs"]
    assert live(store) == []


@pytest.mark.parametrize("kind", ["expired", "fatigue"])
def test_news_lives_without_a_turn_until_it_is_told(store: SqlStore, kind: ReminderKind) -> None:
    remember(store, replace(reminder("news"), kind=kind))
    (known,) = ids(store).values()
    assert live(store, known) == ["news"]
    mark(store, "elsewhere", known)
    assert live(store, known) == []


def test_who_was_told_last_is_known_of_everybody_who_ever_was(store: SqlStore) -> None:
    remember(store, reminder("a1", ADA), reminder("a2", ADA), reminder("b", BOB), reminder("c", CLEO))
    known = ids(store)
    with store.begin() as unit:
        unit.mark_reminders([known["a1"]], "sent", NOW)
        unit.mark_reminders([known["a2"]], "elsewhere", NOW + HOUR)
        unit.mark_reminders([known["b"]], "stale", NOW)
        unit.commit()
    with store.look() as unit:
        assert unit.last_told([ADA, BOB, CLEO]) == {ADA: NOW + HOUR}
        assert unit.last_told([BOB]) == unit.last_told([]) == {}


def test_more_reminders_than_a_statement_takes_are_all_found_and_marked(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reminders, "AT_ONCE", 10)
    keep(store, escalation())
    assert remember(store, *(reminder(f"d{number:02}") for number in range(25))) == 25
    known = ids(store)
    assert live(store, *known.values()) == list(known)
    with store.begin() as unit, counted() as statements:
        assert unit.mark_reminders(known.values(), "sent", NOW) == 25
    assert len(statements) == 3


def test_what_is_over_names_the_message_it_was_part_of_and_ends_once(store: SqlStore) -> None:
    keep(store, escalation())
    remember(store, reminder("a1", ADA), reminder("a2", ADA), reminder("later", ADA), reminder("b", BOB))
    known = ids(store)
    first, second, later, other = (known[name] for name in ("a1", "a2", "later", "b"))
    with store.begin() as unit:
        unit.mark_reminders([first, second, other], "sent", NOW)
        unit.mark_reminders([later], "sent", NOW + HOUR)
        unit.commit()
    with store.begin() as unit:
        assert {one.dedupe for one in unit.sent_reminders([TOKEN])} == {"a1", "a2", "later", "b"}
        assert unit.sent_reminders(["another"]) == unit.sent_reminders([]) == ()
        assert unit.end_reminders([first]) == (Spoken(ADA, NOW, (first, second), (first,)),)
        assert unit.end_reminders([second]) == (Spoken(ADA, NOW, (first, second), (first, second)),)
        assert {one.dedupe for one in unit.sent_reminders([TOKEN])} == {"later", "b"}
        assert [one.dedupe for one in unit.ended_reminders([first, second, later])] == ["a1", "a2"]
        unit.commit()
    assert live(store, first, second, later) == ["later"]


def test_what_the_chat_took_late_counts_from_then(store: SqlStore) -> None:
    remember(store, reminder("a1", ADA), reminder("a2", ADA))
    known = ids(store)
    with store.begin() as unit:
        unit.mark_reminders([known["a1"]], "sent", NOW)
        unit.said_late([known["a1"]], NOW + HOUR)
        unit.commit()
    with store.look() as unit:
        assert unit.last_told([ADA]) == {ADA: NOW + HOUR}
    mark(store, "sent", known["a2"])
    with store.look() as unit:
        assert unit.last_told([ADA]) == {ADA: NOW + HOUR}


def test_a_digest_counts_as_told(store: SqlStore) -> None:
    with store.begin() as unit:
        unit.plan_digest(ADA, NOW + 24 * HOUR, None)
        assert unit.last_told([ADA]) == {}
        unit.digest_told(ADA, NOW)
        unit.commit()
    with store.look() as unit:
        assert unit.last_told([ADA, BOB]) == {ADA: NOW}
        assert unit.planned_digests([ADA]) == {ADA: NOW + 24 * HOUR}
