"""What people chose is kept as they chose it, and their next digest moves only for who knows when it was to come."""

from __future__ import annotations

from bot.core.escalation.model import PersonSettings
from storage.store import SqlStore
from tests.storage.material import NOW
from tests.storage.turn_values import ADA, BOB, CLEO, HOUR, choices


def save(store: SqlStore, *settings: PersonSettings) -> None:
    with store.begin() as unit:
        for one in settings:
            unit.save_settings(one, NOW)
        unit.commit()


def test_choices_come_back_as_they_were_saved_and_the_last_ones_count(store: SqlStore) -> None:
    save(store, choices(BOB), PersonSettings(ADA), choices(ADA), PersonSettings(BOB))
    with store.look() as unit:
        assert unit.settings_of() == (choices(ADA), PersonSettings(BOB))
        assert unit.settings_of([BOB, CLEO]) == (PersonSettings(BOB),)
        assert unit.settings_of([]) == ()


def test_a_digest_is_planned_moved_and_given_up_by_who_knows_when_it_was_to_come(store: SqlStore) -> None:
    with store.begin() as unit:
        assert unit.plan_digest(ADA, None, None)
        assert unit.plan_digest(ADA, NOW, None)
        assert not unit.plan_digest(ADA, NOW + HOUR, None)
        assert not unit.plan_digest(ADA, None, None)
        assert not unit.plan_digest(ADA, NOW + HOUR, NOW - HOUR)
        assert unit.planned_digests([ADA, BOB]) == {ADA: NOW}
        assert unit.plan_digest(ADA, NOW + HOUR, NOW)
        assert not unit.plan_digest(ADA, None, NOW)
        assert unit.plan_digest(ADA, None, NOW + HOUR)
        assert unit.planned_digests([ADA, BOB]) == {}


def test_digests_that_have_come_are_found_the_longest_due_first(store: SqlStore) -> None:
    with store.begin() as unit:
        unit.plan_digest(ADA, NOW, None)
        unit.plan_digest(BOB, NOW - HOUR, None)
        unit.plan_digest(CLEO, NOW + HOUR, None)
        assert unit.due_digests(NOW, 5) == (BOB, ADA)
        assert unit.due_digests(NOW, 1) == (BOB,)


def test_saving_choices_leaves_the_planned_digest(store: SqlStore) -> None:
    with store.begin() as unit:
        unit.plan_digest(ADA, NOW, None)
        unit.save_settings(choices(ADA), NOW)
        assert unit.due_digests(NOW, 5) == (ADA,)
