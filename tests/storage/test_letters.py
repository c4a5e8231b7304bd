"""What the store knows of letters: whose reminders are taken back, which asks nobody saw, and that a letter is no chat's."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.core.actions import Action, Remind, Write
from bot.core.ids import PersonId
from storage.store import SqlStore
from tests.storage.material import CHANGE, NOW, ask, card, notice, remind

LATER = NOW + timedelta(minutes=15)
ANN, BOB = PersonId("ann"), PersonId("bob")


def queue(store: SqlStore, *actions: Action, key: str = CHANGE.key) -> None:
    with store.begin() as unit:
        assert [unit.add_action(key, action, NOW) for action in actions] == [True] * len(actions)
        unit.commit()


def of(person: PersonId, number: int) -> Remind:
    return Remind(None, person, (number,), NOW)


def asks(store: SqlStore, limit: int = 10) -> list[str]:
    found, after = [], 0
    with store.look() as unit:
        while some := unit.unsaid_asks(LATER, limit, after):
            after = some[-1][0]
            found += [one.person for _, one in some]
        assert unit.unsaid_asks(NOW, limit) == (), "what was queued just now may be seen in a moment"
    return found


def test_only_their_reminders_are_taken_back(store: SqlStore) -> None:
    for person, number in ((ANN, 1), (BOB, 2), (ANN, 3)):
        queue(store, of(person, number), key=f"person:{person}")
    with store.begin() as unit:
        assert unit.withdraw_reminds(LATER, 10, ()) == ()
        assert [one for _, one in unit.withdraw_reminds(LATER, 10, {ANN})] == [of(ANN, 1), of(ANN, 3)]
        assert [one for _, one in unit.withdraw_reminds(LATER, 10)] == [of(BOB, 2)]


def test_an_ask_is_unsaid_until_the_chat_showed_it_once(store: SqlStore) -> None:
    queue(store, card("one"), ask("ann"), ask("bob"))
    assert asks(store) == asks(store, limit=1) == ["ann", "bob"]
    for _ in range(2):
        delivery = store.claim_delivery("w", "chat:")
        assert delivery is not None
        store.finish_delivery(delivery, "C:1")
    assert asks(store) == ["bob"]
    queue(store, replace(ask("ann"), notice=notice("over")))
    assert asks(store) == ["bob"], "it waits to be edited, and was seen"


def test_a_letter_has_a_lane_of_its_own_and_is_queued_once(store: SqlStore) -> None:
    queue(store, remind(1), Write(of(ANN, 1)), Write(of(BOB, 2)))
    with store.begin() as unit:
        assert not unit.add_action(CHANGE.key, Write(of(ANN, 1)), NOW)
    first, second = store.claim_delivery("w", "notify:"), store.claim_delivery("w", "notify:")
    assert first is not None
    assert second is not None
    assert [first.lane, second.lane] == ["notify:ann", "notify:bob"]
    assert first.action == Write(of(ANN, 1))
    assert store.claim_delivery("w", "notify:") is None
