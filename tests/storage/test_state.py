"""Changes and requests on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from bot.core.detection.model import Signal
from bot.core.ids import ChangeRef, RepoRef
from bot.ports.forge import HeadFacts
from bot.ports.store import ChangeRecord
from storage.store import SqlStore
from tests.storage.material import CHANGE, NOW, OTHER, SHA, SHOP, decision, record, request
from tests.storage.test_records import counted

HEAD = HeadFacts(SHA, "b" * 40, None, "t" * 40, (), (), (), ())
SIGNAL = Signal("claude", "trailer-1", "trailer", "B", "Co-Authored-By: …", commit=SHA)


def save(store: SqlStore, *records: ChangeRecord) -> None:
    with store.begin() as unit:
        for each in records:
            unit.save_change(each)
        unit.commit()


def test_a_change_comes_back_as_it_was_saved(store: SqlStore) -> None:
    known = ChangeRecord(CHANGE, HEAD, (SIGNAL,), b"\x00facts", b"verdict", None, ((SHA, "github:github.com:1"),), NOW)
    save(store, known)
    with store.begin() as unit:
        assert unit.change(CHANGE) == known
        assert unit.change(OTHER) is None


def test_saving_again_replaces(store: SqlStore) -> None:
    save(store, record())
    save(store, replace(record(), head=HEAD, verdict=b"v2", open=False))
    with store.begin() as unit:
        assert unit.change(CHANGE) == replace(record(), head=HEAD, verdict=b"v2", open=False)


def test_a_record_carries_its_newest_request(store: SqlStore) -> None:
    save(store, record())
    with store.begin() as unit:
        unit.add_request(request("old"))
        unit.add_request(request("new"))
        unit.commit()
    with store.begin() as unit:
        found = unit.change(CHANGE)
        assert found is not None
        assert found.request == request("new") == unit.request_of(CHANGE)
        assert unit.open_changes()[0].request == request("new")
        assert unit.request("old") == request("old")
        assert unit.request("none") is None


def test_many_changes_are_read_as_each_of_them_is(store: SqlStore) -> None:
    save(store, record(), replace(record(OTHER), head=HEAD, verdict=b"v2"))
    with store.begin() as unit:
        unit.add_request(request("old"))
        unit.add_request(request("new"))
        unit.commit()
    with store.look() as unit, counted() as statements:
        found = unit.changes([OTHER, CHANGE, CHANGE, ChangeRef(SHOP, 99)])
        assert len(statements) == 1
        assert found == {ref: unit.change(ref) for ref in (CHANGE, OTHER)}
        assert unit.changes([]) == {}


def test_open_changes_are_of_the_repository_asked_for(store: SqlStore) -> None:
    elsewhere = ChangeRef(RepoRef("github", "github.com", "acme/other"), 1)
    save(store, record(), record(elsewhere), replace(record(OTHER), open=False))
    with store.begin() as unit:
        assert {found.ref for found in unit.open_changes()} == {CHANGE, elsewhere}
        assert [found.ref for found in unit.open_changes(SHOP)] == [CHANGE]


def test_changes_that_share_a_head_are_found_unless_closed(store: SqlStore) -> None:
    save(store, replace(record(), head=HEAD), replace(record(OTHER), head=HEAD))
    with store.begin() as unit:
        assert unit.changes_on_head(SHOP, SHA) == (CHANGE, OTHER)
        unit.save_change(replace(record(OTHER), head=HEAD, open=False))
        assert unit.changes_on_head(SHOP, SHA) == (CHANGE,)
        assert unit.changes_on_head(SHOP, "c" * 40) == ()


def test_changes_that_share_a_head_are_found_in_other_repositories_of_the_host_if_asked_for(store: SqlStore) -> None:
    fork, stranger = (ChangeRef(RepoRef("github", host, "eve/shop"), 1) for host in ("github.com", "github.example"))
    save(store, *(replace(record(ref), head=HEAD) for ref in (CHANGE, fork, stranger)))
    with store.begin() as unit:
        assert unit.changes_on_head(SHOP, SHA) == (CHANGE,)
        assert unit.changes_on_head(SHOP, SHA, elsewhere=True) == (CHANGE, fork)


def test_the_second_of_two_who_read_one_revision_moves_nothing(store: SqlStore) -> None:
    later = NOW + timedelta(minutes=5)
    with store.begin() as unit:
        unit.add_request(request())
        assert unit.move_request("tok", 1, "approved", later)
        assert not unit.move_request("tok", 1, "changes-requested", later)
        assert unit.request("tok") == replace(request(), state="approved", revision=2, updated_at=later)
        unit.commit()


def test_times_are_utc_whatever_zone_they_came_in(store: SqlStore) -> None:
    local = datetime(2026, 3, 3, 10, 0, tzinfo=timezone(timedelta(hours=1)))
    save(store, replace(record(), evaluated_at=local))
    with store.begin() as unit:
        found = unit.change(CHANGE)
    assert found is not None
    assert found.evaluated_at == NOW
    assert found.evaluated_at.tzinfo is UTC


def test_a_unit_that_is_not_committed_leaves_nothing(store: SqlStore) -> None:
    with store.begin() as unit:
        unit.save_change(record())
        unit.add_record(decision(), NOW)
    with pytest.raises(ZeroDivisionError):
        fail_after_writing(store)
    with store.begin() as unit:
        assert unit.change(CHANGE) is None
        assert unit.approvals(CHANGE) == ()


def fail_after_writing(store: SqlStore) -> None:
    with store.begin() as unit:
        unit.save_change(record())
        raise ZeroDivisionError
