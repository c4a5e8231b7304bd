"""A row of the database that says who somebody is counts only where the organisation signed that very link."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.core.ids import ChatUser, ForgeAccount, PersonId
from bot.core.records import Record
from bot.handlers.identity.vouching import believed
from bot.handlers.stating import sign_record
from bot.ports.identity import Link
from bot.ports.records import NewRecord
from integrations.sandbox.clock import FakeClock
from storage.store import SqlStore
from tests.handlers.errands import House, house

BOB, MALLORY = ChatUser("T1", "U0BOB"), ChatUser("T1", "U0MALLORY")
ACCOUNT = ForgeAccount("github", "github.com", 502, "bob", "human")
OTHER = replace(ACCOUNT, id=7, login="someone")


@pytest.fixture
def home(store: SqlStore, clock: FakeClock, tmp_path: Path) -> House:
    return house(store, clock, tmp_path)


def signed(home: House, kind: str = "link", regards: str = "", chat: ChatUser = BOB) -> NewRecord:
    details = {"person": "slack:T1/U0BOB", "chat": chat.key, "account": ACCOUNT.key, "login": "bob"}
    about = "person:slack:T1/U0BOB"
    return sign_record(home.kit, Record(kind, about, home.clock.now(), details, regards=regards))  # type: ignore[arg-type]  # a kind


def stored(home: House, *records: NewRecord) -> None:
    with home.kit.store.begin() as unit:
        for record in records:
            unit.add_record(record, home.clock.now())
        unit.commit()


def link(home: House, record_id: str, chat: ChatUser = BOB, account: ForgeAccount = ACCOUNT) -> Link:
    now = home.clock.now()
    return Link(record_id, PersonId("slack:T1/U0BOB"), chat, account, "login", now, now)


def counts(home: House, one: Link) -> bool:
    with home.kit.store.look() as unit:
        return believed([one], unit, home.kit.trust.verifier) == (one,)


def test_a_link_that_was_signed_counts_also_after_the_account_was_renamed(home: House) -> None:
    record = signed(home)
    stored(home, record)
    assert counts(home, link(home, record.id))
    assert counts(home, link(home, record.id, account=replace(ACCOUNT, login="robert")))


def test_a_row_without_a_record_ties_nobody(home: House) -> None:
    assert not counts(home, link(home, "f" * 64, MALLORY))


def test_a_row_that_borrows_a_record_of_others_ties_nobody(home: House) -> None:
    record = signed(home)
    stored(home, record)
    assert not counts(home, link(home, record.id, chat=MALLORY))
    assert not counts(home, link(home, record.id, account=OTHER))


def test_a_row_whose_end_was_taken_away_ties_nobody(home: House) -> None:
    record = signed(home)
    stored(home, record, signed(home, "unlink", record.id))
    assert not counts(home, link(home, record.id))
    ended = replace(link(home, record.id), ended_at=home.clock.now())
    assert counts(home, ended)  # it only takes away


def test_a_record_by_another_key_ties_nobody(home: House, store: SqlStore, clock: FakeClock, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    record = signed(house(store, clock, tmp_path / "elsewhere"))
    stored(home, record)
    assert not counts(home, link(home, record.id))


def test_a_record_of_another_kind_ties_nobody(home: House) -> None:
    record = signed(home, "passkey")
    stored(home, record)
    assert not counts(home, link(home, record.id))
