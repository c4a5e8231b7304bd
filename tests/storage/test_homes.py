"""Who has opened their home page, and the word that tells whether it may show something else now."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.core.actions import ShowHome
from bot.core.escalation.model import PersonSettings
from bot.core.ids import ChatUser, PersonId
from bot.core.notice import Home, text
from bot.ports.escalation import Turning
from storage.store import SqlStore
from tests.storage.material import CHANGE, NOW
from tests.storage.turn_values import escalation


def stamp(store: SqlStore) -> str:
    with store.look() as unit:
        return unit.home_stamp()


def test_whoever_a_home_page_was_shown_to_is_known(store: SqlStore) -> None:
    bob, eve = ChatUser("T1", "UBOB"), ChatUser("T1", "UEVE")
    with store.begin() as unit:
        assert unit.homes() == ()
        for user in (bob, eve):
            unit.add_action(f"home:{user.key}", ShowHome(user, Home(text("My queue"))), NOW)
        unit.commit()
    with store.look() as unit:
        assert unit.homes() == (bob, eve)


def test_the_word_is_another_after_each_thing_that_a_home_page_may_show(store: SqlStore) -> None:
    words = [stamp(store)]
    row = escalation()
    with store.begin() as unit:
        unit.put_escalation(row, None)
        unit.commit()
    words.append(stamp(store))
    with store.begin() as unit:
        unit.put_escalation(replace(row, epoch=row.epoch + 1, next_at=None), row.epoch)
        unit.commit()
    words.append(stamp(store))
    with store.begin() as unit:
        unit.add_turning(Turning(NOW, CHANGE, "tok", "", "snoozed", PersonId("bob")))
        unit.commit()
    words.append(stamp(store))
    with store.begin() as unit:
        unit.save_settings(PersonSettings(PersonId("bob")), NOW + timedelta(hours=1))
        unit.commit()
    words.append(stamp(store))
    assert len(set(words)) == len(words)
    assert stamp(store) == words[-1]
