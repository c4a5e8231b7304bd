"""Reminders wait behind state, and can be taken back while nobody says them."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from bot.core.actions import Action, CallHook
from integrations.sandbox.clock import FakeClock
from storage.store import SqlStore
from tests.storage.material import CHANGE, NOW, ask, card, comment, line, raw, remind, whisper

LATER = NOW + timedelta(minutes=10)


def queue(store: SqlStore, *actions: Action, key: str = CHANGE.key) -> list[bool]:
    with store.begin() as unit:
        queued = [unit.add_action(key, action, NOW) for action in actions]
        unit.commit()
    return queued


def said(store: SqlStore, prefix: str = "") -> list[Action]:
    """Everything that can be delivered, in the order in which it is."""
    actions = []
    while (delivery := store.claim_delivery("w", prefix)) is not None:
        actions.append(delivery.action)
        store.finish_delivery(delivery, f"C:{delivery.id}")
    return actions


def withdrawn(store: SqlStore, limit: int = 10) -> Sequence[Action]:
    with store.begin() as unit:
        taken = unit.withdraw_reminds(LATER, limit)
        unit.commit()
    return [action for _, action in taken]


def test_cards_asks_lines_and_private_words_go_before_reminders_that_came_first(store: SqlStore) -> None:
    queue(store, remind(1), remind(2, user="U2"))
    state: list[Action] = [card("one"), ask("ann"), line("k"), whisper("w")]
    queue(store, *state)
    assert said(store, "chat:") == [*state, remind(1), remind(2, user="U2")]


def test_reminders_of_one_person_keep_their_order_and_are_said_one_at_a_time(store: SqlStore) -> None:
    queue(store, remind(1), remind(2), remind(digest=True))
    first = store.claim_delivery("w", "chat:")
    assert first is not None
    assert store.claim_delivery("w", "chat:") is None
    store.finish_delivery(first, None)
    assert [first.action, *said(store)] == [remind(1), remind(2), remind(digest=True)]


def test_within_a_lane_too_what_ranks_lower_waits(store: SqlStore, database_url: str) -> None:
    """No lane holds both today; the rule does not rest on that."""
    queue(store, whisper("reminds"), whisper("shows"))
    raw(database_url, "UPDATE outbox SET rank = 1 WHERE surface = 'whisper:reminds'")
    assert said(store) == [whisper("shows"), whisper("reminds")]


def test_a_reminder_is_said_once(store: SqlStore) -> None:
    assert queue(store, remind(1), remind(1)) == [True, False]
    said(store)
    assert queue(store, remind(1)) == [False]


def test_that_something_was_said_to_one_person_is_forgotten_after_a_week(store: SqlStore, clock: FakeClock) -> None:
    queue(store, remind(1), CallHook("pager", CHANGE, "{}", "k"))
    said(store)
    clock.advance(timedelta(days=6))
    queue(store, remind(2))
    assert store.prune(timedelta()) == 0
    clock.advance(timedelta(days=2))
    assert store.prune(timedelta()) == 2
    assert said(store) == [remind(2)]


def test_reminders_that_wait_too_long_are_taken_back_for_good(store: SqlStore) -> None:
    queue(store, remind(1), comment("one"), remind(2))
    assert withdrawn(store, 1) == [remind(1)]
    assert withdrawn(store) == [remind(2)]
    assert withdrawn(store) == []
    assert said(store) == [comment("one")]
    assert queue(store, remind(1)) == [False]


def test_what_was_queued_just_now_is_left_to_the_chat(store: SqlStore) -> None:
    queue(store, remind(1))
    with store.begin() as unit:
        assert unit.withdraw_reminds(NOW, 10) == ()


def test_what_is_being_said_is_not_taken_back_and_what_failed_is(store: SqlStore, clock: FakeClock) -> None:
    queue(store, remind(1))
    delivery = store.claim_delivery("w", "chat:")
    assert delivery is not None
    assert withdrawn(store) == []
    store.retry_delivery(delivery, "no answer", 300)
    assert withdrawn(store) == [remind(1)]
    clock.advance(timedelta(minutes=6))
    assert said(store) == []


def test_what_was_taken_back_in_a_unit_that_broke_off_is_still_said_here(store: SqlStore) -> None:
    queue(store, remind(1))
    with store.begin() as unit:
        assert len(unit.withdraw_reminds(LATER, 10)) == 1
    assert said(store) == [remind(1)]


def test_a_reminder_is_said_or_taken_back_and_never_both(postgresql_url: str, clock: FakeClock) -> None:
    stores = SqlStore(postgresql_url, clock), SqlStore(postgresql_url, clock)
    actions = [remind(number, user=f"U{number}") for number in range(40)]
    queue(stores[0], *actions)
    barrier = threading.Barrier(2)

    def take() -> list[Action]:
        barrier.wait()
        return [action for _ in range(8) for action in withdrawn(stores[0], 5)]

    def say() -> list[Action]:
        barrier.wait()
        return said(stores[1])

    with ThreadPoolExecutor(2) as pool:
        taken, told = pool.submit(take), pool.submit(say)
        both = [*taken.result(), *told.result(), *said(stores[1])]
    assert sorted(action.surface for action in both) == sorted(action.surface for action in actions)
    for store in stores:
        store.close()
