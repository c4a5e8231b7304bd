"""Links, passkeys and visits, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest

from bot.core.ids import ChatUser, PersonId
from bot.ports.errors import Conflict
from bot.ports.identity import Link
from integrations.sandbox.clock import FakeClock
from storage.store import SqlStore
from tests.storage.material import CHANGE, NOW, await_waiter, decision, link, passkey, raw, visit

LATER = NOW + timedelta(minutes=5)


def add(store: SqlStore, *links: Link) -> list[bool]:
    with store.begin() as unit:
        added = [unit.add_link(one) for one in links]
        unit.commit()
    return added


def test_a_link_comes_back_as_it_was_added(store: SqlStore) -> None:
    ended = replace(link("l0"), ended_at=LATER, because="left")
    assert add(store, ended, link("l1")) == [True, True]
    with store.look() as unit:
        assert unit.links() == (link("l1"),)
        assert unit.links(live=False) == (ended, link("l1"))


@pytest.mark.parametrize(
    ("second", "taken"),
    [
        (link("l2", user="U1", account=2), False),  # the chat account has one on this host
        (link("l2", user="U2", account=1001), False),  # the forge account has one
        (link("l2", user="U1", account=1001), False),
        (link("l1", user="U2", account=2), False),  # the record is there
        (link("l2", user="U1", account=2, host="github.example"), True),
        (link("l2", user="U2", account=1001, host="github.example"), True),
        (link("l2", user="U2", account=2), True),
        (replace(link("l2", account=2), chat=ChatUser("T2", "U1")), True),
    ],
)
def test_an_account_has_one_live_link_on_either_side(store: SqlStore, second: Link, taken: bool) -> None:
    assert add(store, link("l1"), second) == [True, taken]
    with store.look() as unit:
        assert len(unit.links()) == 1 + taken


def test_an_account_is_free_again_when_its_link_ended(store: SqlStore) -> None:
    add(store, link("l1"))
    with store.begin() as unit:
        assert unit.end_link("l1", "left", LATER)
        assert not unit.end_link("l1", "another reason", LATER)
        assert not unit.end_link("none", "left", LATER)
        assert unit.add_link(link("l2"))
        assert unit.links() == (link("l2"),)
        assert unit.links(live=False)[0] == replace(link("l1"), ended_at=LATER, because="left")


def test_of_two_who_link_one_account_at_once_one_does(database_url: str, clock: FakeClock) -> None:
    stores = [SqlStore(database_url, clock) for _ in range(2)]
    barrier = Barrier(8)

    def race(number: int) -> bool:
        barrier.wait()
        return add(stores[number % 2], link(f"l{number}", user=f"U{number}"))[0]

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(race, range(8))) == [*[False] * 7, True]
    with stores[0].look() as unit:
        assert (len(unit.links()), unit.links_revision()) == (1, 1)
    for store in stores:
        store.close()


def test_units_that_change_several_links_never_wait_for_each_other(postgresql_url: str, clock: FakeClock) -> None:
    ends, checks = SqlStore(postgresql_url, clock), SqlStore(postgresql_url, clock)
    add(ends, link("l1"), link("l2", user="U2", account=2))

    def check() -> bool:
        with checks.begin() as unit:
            return unit.check_link("l2", "ada", LATER)

    with ThreadPoolExecutor(1) as pool, ends.begin() as unit:
        assert unit.end_link("l1", "left", LATER)
        checking = pool.submit(check)
        await_waiter(postgresql_url, checking)
        assert unit.end_link("l2", "left", LATER)
        unit.commit()
        assert not checking.result()
    for store in (ends, checks):
        store.close()


def test_a_checked_link_has_the_name_of_today(store: SqlStore) -> None:
    add(store, link("l1"))
    with store.begin() as unit:
        assert unit.check_link("l1", "ada-l", LATER)
        assert unit.links() == (replace(link("l1"), account=replace(link().account, login="ada-l"), checked_at=LATER),)
        unit.end_link("l1", "left", LATER)
        assert not unit.check_link("l1", "other", LATER)
        assert not unit.check_link("none", "other", LATER)


def test_the_revision_grows_with_each_change_of_a_link_and_with_nothing_else(store: SqlStore) -> None:
    with store.begin() as unit:
        assert unit.links_revision() == 0
        unit.add_link(link("l1"))
        unit.add_link(link("l2"))  # refused
        assert unit.links_revision() == 1
        unit.check_link("l1", "ada", LATER)
        unit.check_link("l2", "ada", LATER)
        assert unit.links_revision() == 2
        unit.end_link("l1", "left", LATER)
        unit.end_link("l1", "left", LATER)
        assert unit.links_revision() == 3
    with store.look() as unit:
        assert unit.links_revision() == 0


def test_a_passkey_comes_back_as_it_was_added(store: SqlStore) -> None:
    synced = replace(passkey("other", "bo"), sign_count=7, synced=True, last_used_at=LATER)
    with store.begin() as unit:
        assert unit.add_passkey(passkey())
        assert unit.add_passkey(synced)
        unit.commit()
    with store.look() as unit:
        assert unit.passkeys() == (passkey(), synced)
        assert unit.passkeys(PersonId("bo")) == (synced,)
        assert unit.passkey("cred") == passkey()
        assert unit.passkey("none") is None


def test_a_credential_is_enrolled_once_by_whomever_and_never_again(store: SqlStore) -> None:
    with store.begin() as unit:
        assert unit.add_passkey(passkey())
        assert not unit.add_passkey(passkey(person="bo"))
        unit.remove_passkey("cred", LATER)
        assert not unit.add_passkey(passkey())
        assert unit.passkeys(live=False) == (replace(passkey(), removed_at=LATER),)


def test_a_removed_passkey_proves_nothing_any_more(store: SqlStore) -> None:
    with store.begin() as unit:
        unit.add_passkey(passkey())
        assert unit.remove_passkey("cred", LATER)
        assert not unit.remove_passkey("cred", LATER)
        unit.use_passkey("cred", 9, LATER)
        assert unit.passkey("cred") is None
        assert unit.passkeys() == unit.passkeys(PersonId("ada")) == ()
        assert unit.passkeys(PersonId("ada"), live=False) == (replace(passkey(), removed_at=LATER),)


def test_the_counter_of_a_passkey_never_goes_back(store: SqlStore) -> None:
    with store.begin() as unit:
        unit.add_passkey(passkey())
        unit.add_passkey(passkey("other"))
        for count in (5, 3):
            unit.use_passkey("cred", count, LATER)
        assert unit.passkey("cred") == replace(passkey(), sign_count=5, last_used_at=LATER)
        assert unit.passkey("other") == passkey("other")


def test_a_visit_comes_back_as_it_was_added(store: SqlStore) -> None:
    full = replace(
        visit(),
        about=CHANGE.key,
        request="tok",
        revision=3,
        statement=b"\x00statement",
        state={"oauth": "w0rd", "nonce": "\x00\ud800\u00e9"},
    )
    with store.begin() as unit:
        unit.add_visit(full, NOW)
        unit.add_visit(visit("plain"), NOW)
        unit.commit()
    with store.look() as unit:
        assert unit.visit(full.token_sha256) == full
        assert unit.visit(visit("plain").token_sha256) == visit("plain")
        assert unit.visit("secret") is None


def test_a_visit_is_found_by_the_word_of_its_login_and_by_no_empty_one(store: SqlStore) -> None:
    with store.begin() as unit:
        unit.add_visit(visit("one"), NOW)
        unit.add_visit(visit("two"), NOW)
        token = visit("one").token_sha256
        assert unit.note_visit(token, {"oauth": "w0rd"})
        assert unit.visit_by_state("w0rd") == replace(visit("one"), state={"oauth": "w0rd"})
        assert unit.note_visit(token, {"oauth": "an0ther", "who": "ada"})
        assert unit.visit_by_state("w0rd") is None
        assert unit.visit_by_state("") is None
        assert unit.note_visit(token, {"who": "ada"})
        assert unit.visit_by_state("an0ther") is None
        assert not unit.note_visit("none", {})


def test_a_visit_is_used_once(store: SqlStore) -> None:
    with store.begin() as unit:
        unit.add_visit(visit(), NOW)
        token = visit().token_sha256
        assert unit.use_visit(token, LATER)
        assert not unit.use_visit(token, LATER)
        assert not unit.note_visit(token, {"who": "eve"})
        assert unit.visit(token) == replace(visit(), used_at=LATER)
        assert not unit.use_visit("none", LATER)


def test_of_many_who_use_one_visit_at_once_one_does(database_url: str, clock: FakeClock) -> None:
    stores = [SqlStore(database_url, clock) for _ in range(2)]
    with stores[0].begin() as unit:
        unit.add_visit(visit(), NOW)
        unit.commit()
    barrier = Barrier(8)

    def race(number: int) -> bool:
        barrier.wait()
        with stores[number % 2].begin() as unit:
            used = unit.use_visit(visit().token_sha256, NOW)
            unit.commit()
        return used

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(race, range(8))) == [*[False] * 7, True]
    for store in stores:
        store.close()


def test_an_expired_visit_cannot_be_used(store: SqlStore) -> None:
    end = visit().expires_at
    with store.begin() as unit:
        unit.add_visit(visit(), NOW)
        assert not unit.use_visit(visit().token_sha256, end)
        assert not unit.use_visit(visit().token_sha256, end + timedelta(days=1))
        assert unit.visit(visit().token_sha256) == visit()
        assert unit.use_visit(visit().token_sha256, end - timedelta(microseconds=1))


def test_two_visits_never_share_a_token(store: SqlStore) -> None:
    with store.begin() as unit:
        unit.add_visit(visit(), NOW)
        with pytest.raises(Conflict):
            unit.add_visit(replace(visit(), person=PersonId("eve")), NOW)


def test_no_column_holds_the_token_of_a_visit(store: SqlStore, database_url: str) -> None:
    with store.begin() as unit:
        unit.add_visit(visit("pr1vate"), NOW)
        unit.commit()
    (row,) = raw(database_url, "SELECT * FROM visits")
    assert visit("pr1vate").token_sha256 in row
    assert "pr1vate" not in repr(row)


def test_pruning_takes_visits_a_day_after_their_end_and_nothing_that_says_who_is_who(store: SqlStore, clock: FakeClock) -> None:
    now = clock.now()
    ends = {"yesterday": timedelta(days=-1, seconds=-1), "today": timedelta(hours=-23), "soon": timedelta(minutes=1)}
    with store.begin() as unit:
        for token, end in ends.items():
            unit.add_visit(visit(token, now + end), now)
        unit.add_link(replace(link(), ended_at=NOW - timedelta(days=900)))
        unit.add_passkey(replace(passkey(), removed_at=NOW - timedelta(days=900)))
        unit.add_record(decision(), NOW - timedelta(days=900))
        unit.commit()
    assert store.prune(timedelta(0)) == 1
    with store.look() as unit:
        assert [unit.visit(visit(token).token_sha256) is None for token in ends] == [True, False, False]
        assert (len(unit.links(live=False)), len(unit.passkeys(live=False)), unit.log_size()) == (1, 1, 1)
