"""What a tick does commits as one: nothing of it stays where it broke off, and no two do it at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest

from bot.ports.escalation import Step
from bot.ports.store import RequestState, Unit
from integrations.sandbox.clock import FakeClock
from storage.store import SqlStore
from tests.storage.material import CHANGE, NOW, raw, request
from tests.storage.turn_values import ADA, BOB, HOUR, TOKEN, assignment, choices, escalation, keep, reminder, stepped, turning

TABLES = ("assignments", "escalations", "reminders", "person_settings", "digests", "turnings", "leases")


@pytest.fixture
def replicas(postgresql_url: str, clock: FakeClock) -> Iterator[tuple[SqlStore, SqlStore]]:
    stores = SqlStore(postgresql_url, clock), SqlStore(postgresql_url, clock)
    yield stores
    for store in stores:
        store.close()


def at_once(replicas: tuple[SqlStore, SqlStore], work: Callable[[SqlStore, str], bool]) -> list[bool]:
    """What each of the two says, started together."""
    barrier = Barrier(2)

    def start(number: int) -> bool:
        barrier.wait()
        return work(replicas[number], f"h{number}")

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(start, range(2)))


def everything(unit: Unit) -> None:
    unit.put_escalation(escalation(), None)
    unit.step([Step(replace(escalation(), step=1), 0)])
    unit.assign(TOKEN, CHANGE, "high", assignment())
    unit.add_reminders([reminder("d1")])
    unit.save_settings(choices(), NOW)
    unit.plan_digest(ADA, NOW, None)
    unit.add_turning(turning("step"))
    unit.take_lease("escalate", "h1", NOW, 60)


def rows(url: str) -> dict[str, object]:
    return {table: raw(url, f"SELECT count(*) FROM {table}")[0][0] for table in TABLES}


def test_a_unit_that_breaks_off_leaves_no_trace(store: SqlStore, database_url: str) -> None:
    with store.begin() as unit:
        everything(unit)
    assert rows(database_url) == dict.fromkeys(TABLES, 0)
    with store.begin() as unit:
        everything(unit)
        unit.commit()
    assert rows(database_url) == dict.fromkeys(TABLES, 1)


def test_a_lease_is_its_holders_until_it_runs_out(store: SqlStore) -> None:
    with store.begin() as unit:
        assert unit.take_lease("escalate", "h1", NOW, 60)
        assert not unit.take_lease("escalate", "h2", NOW + timedelta(seconds=59), 60)
        assert unit.take_lease("remind", "h2", NOW, 60)
        assert unit.take_lease("escalate", "h1", NOW + timedelta(seconds=30), 60)
        assert not unit.take_lease("escalate", "h2", NOW + timedelta(seconds=89), 60)
        assert unit.take_lease("escalate", "h2", NOW + timedelta(seconds=90), 60)
        assert not unit.take_lease("escalate", "h1", NOW + timedelta(seconds=91), 60)


@pytest.mark.parametrize("held_before", [False, True])
def test_two_that_reach_for_a_lease_never_both_hold_it(replicas: tuple[SqlStore, SqlStore], held_before: bool) -> None:
    for number in range(20):
        name = f"tick {number}"
        if held_before:
            with replicas[0].begin() as unit:
                unit.take_lease(name, "dead", NOW - HOUR, 60)
                unit.commit()

        def take(store: SqlStore, holder: str, name: str = name) -> bool:
            with store.begin() as unit:
                taken = unit.take_lease(name, holder, NOW, 60)
                unit.commit()
            return taken

        assert sorted(at_once(replicas, take)) == [False, True]


def test_what_one_replica_works_on_the_other_is_not_given(replicas: tuple[SqlStore, SqlStore]) -> None:
    first, second = replicas
    keep(first, *(escalation(f"seat {number}") for number in range(4)))
    with first.begin() as one, second.begin() as other:
        mine = one.due_escalations(NOW, 2)
        assert len(mine) == 2
        theirs = other.due_escalations(NOW, 10)
        assert len(theirs) == 2
        assert {row.key for row in mine}.isdisjoint(row.key for row in theirs)


def test_two_that_read_the_same_rows_never_both_step_one(replicas: tuple[SqlStore, SqlStore]) -> None:
    """Each has read them before the other stepped, as it is where nothing was locked."""
    seats = [escalation(f"seat {number:02}") for number in range(40)]
    keep(replicas[0], *seats)
    steps = [Step(replace(row, step=1), 0) for row in seats]
    with ThreadPoolExecutor(2) as pool:
        barrier = Barrier(2)

        def step(store: SqlStore) -> frozenset[tuple[str, str]]:
            barrier.wait()
            return stepped(store, *steps)

        one, other = pool.map(step, replicas)
    assert one | other == {row.key for row in seats}
    assert one & other == set()


def test_a_decision_in_another_replica_undoes_the_step_that_was_about_to_be(replicas: tuple[SqlStore, SqlStore]) -> None:
    ticking, deciding = replicas
    keep(ticking, escalation())
    with ticking.look() as unit:
        (read,) = unit.due_escalations(NOW, 5)
    with deciding.begin() as unit:
        assert unit.put_escalation(replace(read, epoch=2, ended=True), 1)
        unit.commit()
    assert stepped(ticking, Step(replace(read, step=1), 0)) == frozenset()


def test_a_snooze_read_before_another_replica_did_the_step_never_sets_it_back(
    replicas: tuple[SqlStore, SqlStore],
) -> None:
    """Each has its own connection and has read the row before the other wrote; the snooze's write waits for the tick's."""
    ticking, snoozing = replicas
    keep(ticking, escalation())
    read, stepping, written = Barrier(2), Barrier(2), list[bool]()

    def snooze() -> None:
        with snoozing.begin() as unit:
            (before,) = unit.escalations(TOKEN)
            read.wait(20)
            stepping.wait(20)
            put_off = replace(before, epoch=2, snoozes=1, snoozed_until=NOW + HOUR, next_at=NOW + HOUR)
            written.append(unit.put_escalation(put_off, before.epoch, before.step))
            unit.commit()

    with ThreadPoolExecutor(1) as pool:
        late = pool.submit(snooze)
        read.wait(20)
        with ticking.begin() as unit:
            (due,) = unit.due_escalations(NOW, 5)
            assert unit.step([Step(replace(due, step=1, next_at=NOW + HOUR), 0)]) == {due.key}
            stepping.wait(20)
            unit.commit()
        late.result(20)
    assert written == [False]
    with ticking.look() as unit:
        (kept,) = unit.escalations(TOKEN)
    assert (kept.step, kept.epoch, kept.snoozes) == (1, 1, 0)


def test_two_that_assign_one_person_at_once_keep_one_row(replicas: tuple[SqlStore, SqlStore]) -> None:
    def assign(store: SqlStore, _: str) -> bool:
        with store.begin() as unit:
            new = unit.assign(TOKEN, CHANGE, "high", assignment(BOB))
            unit.commit()
        return new

    assert sorted(at_once(replicas, assign)) == [False, True]


@pytest.mark.parametrize(
    ("state", "days", "kept"), [("closed", 32, False), ("void", 32, False), ("expired", 32, False), ("closed", 30, True)]
)
def test_turns_of_a_closed_request_are_forgotten_after_a_month(
    store: SqlStore, clock: FakeClock, state: RequestState, days: int, kept: bool
) -> None:
    fill(store, clock, state)
    clock.advance(timedelta(days=days))
    assert store.prune(timedelta(days=31)) == (0 if kept else 3)


def test_what_is_about_no_request_is_forgotten_by_its_own_age(store: SqlStore, clock: FakeClock) -> None:
    with store.begin() as unit:
        unit.add_reminders([reminder("d1", at=clock.now())])
        unit.commit()
    clock.advance(timedelta(days=31))
    assert store.prune(timedelta(days=31)) == 0
    clock.advance(timedelta(seconds=1))
    assert store.prune(timedelta(days=31)) == 1


@pytest.mark.parametrize("state", ["open", "approved", "changes-requested"])
def test_turns_of_a_request_that_is_not_over_are_kept_however_old(
    store: SqlStore, clock: FakeClock, state: RequestState
) -> None:
    fill(store, clock, state)
    clock.advance(timedelta(days=300))
    assert store.prune(timedelta(days=31)) == 0


def fill(store: SqlStore, clock: FakeClock, state: RequestState) -> None:
    """A seat that ended, somebody asked, a reminder told; the request came to this state then."""
    now = clock.now()
    with store.begin() as unit:
        unit.add_request(replace(request(TOKEN), created_at=now, updated_at=now))
        unit.move_request(TOKEN, 1, state, now)
        unit.put_escalation(replace(escalation(), since=now, next_at=None, ended=True), None)
        unit.assign(TOKEN, CHANGE, "high", assignment(at=now))
        unit.close_assignments(TOKEN)
        unit.add_reminders([reminder("d1", at=now)])
        unit.commit()
