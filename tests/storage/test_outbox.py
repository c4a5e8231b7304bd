"""The outbox: surfaces show the newest and show it once, messages are said once, lanes keep their order."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy

from bot.core.actions import Action, PostReview, ShowHome
from bot.core.ids import ChatUser
from bot.core.notice import Home, text
from bot.ports.store import Delivery
from integrations.sandbox.clock import FakeClock
from storage.database import open_database
from storage.deliveries import ATTEMPTS
from storage.store import SqlStore
from tests.storage.material import CHANGE, CHANNEL, NOW, OTHER, ask, card, check, comment, line, whisper


def queue(store: SqlStore, *actions: Action, change_key: str = CHANGE.key) -> list[bool]:
    with store.begin() as unit:
        queued = [unit.add_action(change_key, action, NOW) for action in actions]
        unit.commit()
    return queued


def claimed(store: SqlStore, prefix: str = "", worker: str = "w") -> Delivery:
    delivery = store.claim_delivery(worker, prefix)
    assert delivery is not None
    return delivery


def deliver(store: SqlStore, external_id: str | None, prefix: str = "") -> Delivery:
    delivery = claimed(store, prefix)
    store.finish_delivery(delivery, external_id)
    return delivery


def test_what_is_delivered_is_shown_and_edited_next_time(store: SqlStore) -> None:
    assert queue(store, comment("one")) == [True]
    first = deliver(store, "c-1")
    assert (first.action, first.shown, first.thread, first.attempts, first.revision) == (comment("one"), None, None, 1, 1)
    with store.begin() as unit:
        assert unit.shown(CHANGE.key, "comment") == "c-1"
        assert unit.shown(CHANGE.key, "labels") is None
    queue(store, comment("two"))
    second = deliver(store, None)
    assert (second.shown, second.revision, second.change_key) == ("c-1", 2, CHANGE.key)
    assert first.key != second.key
    with store.begin() as unit:
        assert unit.shown(CHANGE.key, "comment") == "c-1"


def test_a_surface_rests_at_a_revision_only_while_nothing_is_on_its_way(store: SqlStore) -> None:
    def resting() -> int | None:
        with store.begin() as unit:
            return unit.resting(CHANGE.key, "comment")

    assert resting() == 0
    queue(store, comment("one"))
    assert resting() is None
    deliver(store, "c-1")
    assert resting() == 1
    queue(store, comment("two"))
    delivery = claimed(store)
    assert resting() is None
    store.finish_delivery(delivery, "c-1")
    assert resting() == 2


def test_what_is_queued_or_shown_is_not_queued_again(store: SqlStore) -> None:
    assert queue(store, comment("one"), comment("one")) == [True, False]
    delivery = claimed(store)
    assert queue(store, comment("one")) == [False]
    store.finish_delivery(delivery, "c-1")
    assert queue(store, comment("one")) == [False]
    assert queue(store, comment("one"), change_key=OTHER.key) == [True]


def test_a_newer_revision_replaces_the_one_that_waits(store: SqlStore) -> None:
    queue(store, comment("one"), comment("two"))
    assert store.backlog().actions == 1
    assert deliver(store, "c-1").action == comment("two")


def test_going_back_to_what_is_shown_takes_the_waiting_one_back(store: SqlStore) -> None:
    queue(store, comment("one"))
    deliver(store, "c-1")
    assert queue(store, comment("two"), comment("one")) == [True, False]
    assert store.backlog().actions == 0
    assert queue(store, comment("two")) == [True]


def test_a_newer_revision_waits_for_the_one_being_delivered(store: SqlStore) -> None:
    queue(store, comment("one"))
    flying = claimed(store)
    assert queue(store, comment("two"), comment("three")) == [True, True]
    assert store.claim_delivery("w", "") is None
    store.finish_delivery(flying, "c-1")
    assert deliver(store, "c-1").action == comment("three")
    assert store.claim_delivery("w", "") is None


def test_going_back_to_what_is_being_delivered_queues_nothing_behind_it(store: SqlStore) -> None:
    queue(store, comment("one"))
    flying = claimed(store)
    assert queue(store, comment("two"), comment("one")) == [True, False]
    store.finish_delivery(flying, "c-1")
    assert store.claim_delivery("w", "") is None
    assert queue(store, comment("one"), comment("two")) == [False, True]


def test_a_delivery_in_doubt_is_repeated_under_its_key_before_a_newer_one(store: SqlStore) -> None:
    queue(store, card("one"))
    lost = claimed(store, worker="host/1")
    assert store.release("host/") == 1
    queue(store, card("two"))
    again = deliver(store, f"{CHANNEL}:1.0")
    assert (again.key, again.action, again.attempts) == (lost.key, card("one"), 2)
    newer = deliver(store, f"{CHANNEL}:1.0")
    assert (newer.action, newer.shown) == (card("two"), f"{CHANNEL}:1.0")


def test_a_message_is_said_once_in_its_life(store: SqlStore) -> None:
    review = PostReview(CHANGE, "a" * 40, "please change", "r1")
    assert queue(store, review, review, whisper("w1"), whisper("w2")) == [True, False, True, True]
    for _ in range(3):
        deliver(store, "id")
    assert queue(store, review, whisper("w1")) == [False, False]
    assert store.claim_delivery("w", "") is None


def test_asks_and_lines_wait_for_their_card_and_hold_up_nobody(store: SqlStore) -> None:
    queue(store, ask("ann"), line("k"), whisper("w"))
    assert deliver(store, None).action == whisper("w")
    assert store.claim_delivery("w", "") is None
    queue(store, card("one"))
    deliver(store, f"{CHANNEL}:1.0", "chat:")
    first, second = deliver(store, f"{CHANNEL}:2.0"), deliver(store, None)
    assert [first.action, second.action] == [ask("ann"), line("k")]
    assert {first.thread, second.thread} == {f"{CHANNEL}:1.0"}


def test_a_card_leads_to_its_change(store: SqlStore) -> None:
    queue(store, card("one"))
    deliver(store, f"{CHANNEL}:1.0")
    with store.begin() as unit:
        assert unit.card_of(CHANNEL, "1.0") == CHANGE.key
        assert unit.card_of(CHANNEL, "2.0") is None
        assert unit.card_of("C999", "1.0") is None


def test_what_was_lost_is_shown_anew(store: SqlStore) -> None:
    queue(store, comment("one"))
    deliver(store, "c-1")
    with store.begin() as unit:
        unit.forget_shown(CHANGE.key, "comment")
        assert unit.shown(CHANGE.key, "comment") is None
        unit.commit()
    assert queue(store, comment("one")) == [True]
    assert deliver(store, "c-2").shown is None


def test_a_lost_surface_with_a_delivery_under_way_is_not_queued_twice(store: SqlStore) -> None:
    queue(store, comment("one"))
    deliver(store, "c-1")
    queue(store, comment("two"))
    flying = claimed(store)
    with store.begin() as unit:
        unit.forget_shown(CHANGE.key, "comment")
        unit.commit()
    store.retry_delivery(flying, "vanished", 0)
    assert queue(store, comment("two")) == [False]
    assert deliver(store, "c-2").shown is None


def test_chat_lanes_keep_their_order_and_wait_behind_their_head(store: SqlStore, clock: FakeClock) -> None:
    queue(store, card("one"))
    queue(store, card("other", OTHER), change_key=OTHER.key)
    queue(store, card("elsewhere", channel="C2"))
    head = claimed(store, f"chat:{CHANNEL}")
    assert store.claim_delivery("w", f"chat:{CHANNEL}") is None
    store.retry_delivery(head, "rate limited", 30)
    assert store.claim_delivery("w", f"chat:{CHANNEL}") is None
    assert claimed(store).action == card("elsewhere", channel="C2")
    clock.advance(timedelta(seconds=31))
    assert [deliver(store, "a:1").action, deliver(store, "a:2").action] == [card("one"), card("other", OTHER)]


def test_surfaces_of_a_change_on_the_forge_go_side_by_side(store: SqlStore) -> None:
    queue(store, comment("one"), check("waiting"))
    both = {claimed(store, "forge:").lane, claimed(store, "forge:").lane}
    assert len(both) == 2


def test_checks_on_one_commit_share_a_lane_whoever_asks(store: SqlStore) -> None:
    queue(store, check("one"))
    queue(store, check("two"), change_key=OTHER.key)
    claimed(store)
    assert store.claim_delivery("w", "") is None


def test_a_home_page_has_a_lane_of_its_own(store: SqlStore) -> None:
    user = ChatUser("T1", "U1")
    queue(store, ShowHome(user, Home(text("My queue"), ())), change_key="home")
    assert claimed(store, "chat:").lane == "chat:home:T1:U1"


def test_a_dropped_action_is_dead_and_a_later_plan_tries_again(store: SqlStore) -> None:
    queue(store, comment("one"))
    store.drop_delivery(claimed(store), "no permission")
    assert (store.backlog().actions, store.backlog().dead_actions) == (0, 1)
    assert queue(store, comment("one")) == [True]


def test_an_action_is_dead_after_its_last_attempt(store: SqlStore) -> None:
    queue(store, comment("one"))
    for _ in range(ATTEMPTS):
        store.retry_delivery(claimed(store), "no", 0)
    assert store.backlog().dead_actions == 1
    assert queue(store, comment("one")) == [True]


def test_who_lost_a_claim_shows_nothing(store: SqlStore) -> None:
    queue(store, comment("one"))
    lost = claimed(store, worker="host/1")
    store.release("host/")
    mine = claimed(store)
    store.finish_delivery(lost, "wrong")
    store.retry_delivery(lost, "late", 0)
    store.drop_delivery(lost, "late")
    with store.begin() as unit:
        assert unit.shown(CHANGE.key, "comment") is None
    store.finish_delivery(mine, "c-1")
    with store.begin() as unit:
        assert unit.shown(CHANGE.key, "comment") == "c-1"


def test_a_stored_action_that_cannot_be_read_is_dead_and_planned_again(store: SqlStore, database_url: str) -> None:
    queue(store, comment("one"), whisper("w"))
    database = open_database(database_url)
    with database.write() as connection:
        connection.execute(sqlalchemy.text("UPDATE outbox SET action = '{}' WHERE surface = 'comment'"))
        connection.commit()
    database.close()
    assert claimed(store).action == whisper("w")
    assert store.backlog().dead_actions == 1
    assert queue(store, comment("one")) == [True]


def test_actions_of_a_unit_that_is_not_committed_were_never_queued(store: SqlStore) -> None:
    with store.begin() as unit:
        assert unit.add_action(CHANGE.key, comment("one"), NOW)
        assert unit.add_action(CHANGE.key, line("k"), NOW)
    assert store.backlog().actions == 0
    assert queue(store, comment("one"), line("k")) == [True, True]


@pytest.mark.parametrize(("days", "kept"), [(6, True), (8, False)])
def test_private_words_and_dead_actions_are_forgotten_after_a_week(
    store: SqlStore, clock: FakeClock, days: int, kept: bool
) -> None:
    queue(store, whisper("w"), line("k"), comment("one"))
    store.drop_delivery(claimed(store, "forge:"), "no")
    deliver(store, None)
    clock.advance(timedelta(days=days))
    assert store.prune(timedelta()) == (0 if kept else 2)
    assert queue(store, whisper("w"), line("k")) == [not kept, False]


def test_what_is_behind_counts_this_change_alone_and_not_what_was_given_up(store: SqlStore) -> None:
    queue(store, comment("one"), check("a" * 40))
    queue(store, comment("other"), change_key=OTHER.key)
    with store.look() as unit:
        assert unit.behind(CHANGE.key) == 2
    store.drop_delivery(claimed(store), "gone")
    with store.look() as unit:
        assert unit.behind(CHANGE.key) == 1
