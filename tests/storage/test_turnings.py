"""What happened to requests is found by time, kind, person and request, and kept for more than a year."""

from __future__ import annotations

from datetime import timedelta

from bot.ports.escalation import Turning
from integrations.sandbox.clock import FakeClock
from storage.store import SqlStore
from tests.storage.material import CHANGE, NOW
from tests.storage.test_records import counted
from tests.storage.turn_values import ADA, BOB, HOUR, turning


def kinds(found: tuple[Turning, ...]) -> list[str]:
    return [each.kind for each in found]


def test_what_happened_comes_back_oldest_first(store: SqlStore) -> None:
    full = Turning(NOW, CHANGE, "t9", "section:Docs", "delegated", ADA, "to bob: on leave")
    with store.begin() as unit:
        unit.add_turning(turning("later", NOW + HOUR))
        unit.add_turnings([full, turning("decided")])
        unit.add_turnings([])
        assert unit.turnings(NOW) == (full, turning("decided"), turning("later", NOW + HOUR))


def test_it_is_found_by_time_kind_person_and_request(store: SqlStore) -> None:
    with store.begin() as unit:
        unit.add_turnings(
            [
                turning("old", NOW - HOUR),
                turning("step"),
                turning("decided", person=ADA),
                turning("decided", person=BOB, token="t2"),
            ]
        )
        assert kinds(unit.turnings(NOW)) == ["step", "decided", "decided"]
        assert kinds(unit.turnings(NOW - HOUR, ["old", "step"])) == ["old", "step"]
        assert [each.token for each in unit.turnings(NOW, ["decided"], BOB)] == ["t2"]
        assert kinds(unit.turnings(NOW, token="t2")) == ["decided"]
        assert unit.turnings(NOW, ["step"], ADA) == ()


def test_a_hundred_of_them_are_one_statement(store: SqlStore) -> None:
    with store.begin() as unit, counted() as statements:
        unit.add_turnings([turning(f"k{number}") for number in range(100)])
    assert len(statements) == 1


def test_they_are_kept_for_four_hundred_days(store: SqlStore, clock: FakeClock) -> None:
    with store.begin() as unit:
        unit.add_turning(turning("decided", clock.now()))
        unit.commit()
    clock.advance(timedelta(days=400))
    assert store.prune(timedelta(days=30)) == 0
    clock.advance(timedelta(seconds=1))
    assert store.prune(timedelta(days=30)) == 1
