"""Decisions about a change, and what ends them, on both databases."""

from __future__ import annotations

import base64

import pytest

from bot.ports.records import NewRecord
from storage.store import SqlStore
from tests.storage.material import CHANGE, NOW, OTHER, SHA, bundle, decision, raw, void


def add(store: SqlStore, *records: NewRecord) -> list[int | None]:
    with store.begin() as unit:
        indexes = [unit.add_record(record, NOW) for record in records]
        unit.commit()
    return indexes


def voided(store: SqlStore) -> dict[str, str | None]:
    with store.look() as unit:
        return {approval.id: approval.voided for approval in unit.approvals(CHANGE)}


def test_approvals_are_kept_once_and_in_order(store: SqlStore) -> None:
    assert add(store, decision("a2", b"\x00one"), decision("a1", b"two"), decision("a2", b"else")) == [0, 1, None]
    with store.look() as unit:
        assert [(a.id, a.change_key, a.head_sha, a.bundle, a.voided, a.stored_at) for a in unit.approvals(CHANGE)] == [
            ("a2", CHANGE.key, SHA, b"\x00one", None, NOW),
            ("a1", CHANGE.key, SHA, b"two", None, NOW),
        ]
        assert unit.approvals(OTHER) == ()


def test_only_decisions_are_approvals(store: SqlStore) -> None:
    add(store, NewRecord("override", "o1", CHANGE.key, b"one", SHA), NewRecord("policy", "p1", CHANGE.key, b"two"))
    assert voided(store) == {}


def test_a_void_approval_stays_with_its_first_reason(store: SqlStore) -> None:
    add(store, decision("a1"), decision("a2", b"two"), void("a1", "a push"), void("a1", "something else"))
    assert voided(store) == {"a1": "a push", "a2": None}


def test_only_a_void_ends_what_it_regards(store: SqlStore) -> None:
    carried = NewRecord("decision", "a2", CHANGE.key, b"two", SHA, regards="a1")
    add(store, decision("a1"), carried, NewRecord("override", "o1", CHANGE.key, bundle({"because": "haste"}), regards="a1"))
    assert voided(store) == {"a1": None, "a2": None}


def test_a_void_counts_whatever_it_is_filed_under(store: SqlStore) -> None:
    add(store, void("a1", "it was foreseen", OTHER), decision("a1"))
    assert voided(store) == {"a1": "it was foreseen"}


@pytest.mark.parametrize(
    "odd",
    [
        b"",
        b"\xff",
        b"[]",
        b"null",
        b"{}",
        b'{"dsseEnvelope": 1}',
        b'{"dsseEnvelope": {"payload": 1}}',
        b'{"dsseEnvelope": {"payload": "%%%"}}',
        b'{"dsseEnvelope": {"payload": "\xc3\xa9"}}',
        b'{"dsseEnvelope": {"payload": "' + base64.b64encode(b"\xff") + b'"}}',
        b'{"dsseEnvelope": {"payload": "' + base64.b64encode(b"[" * 50_000) + b'"}}',
        b"[" * 100_000,
        bundle(None),
        bundle([]),
        bundle({}),
        bundle({"because": ["a", "list"]}),
        bundle({"because": None}),
        bundle({"because": ""}),
    ],
    ids=lambda odd: odd[:60].decode("ascii", "replace"),
)
def test_a_void_that_cannot_be_read_voids_all_the_same(sqlite_store: SqlStore, odd: bytes) -> None:
    add(sqlite_store, decision("a1"), NewRecord("void", "v1", CHANGE.key, odd, regards="a1"))
    assert voided(sqlite_store) == {"a1": ""}


@pytest.mark.parametrize("because", ["a push", ""])
def test_a_void_from_before_the_log_stands_before_later_ones(store: SqlStore, database_url: str, because: str) -> None:
    add(store, decision("a1"), void("a1", "something else"))
    raw(
        database_url,
        "INSERT INTO voids_before_log (approval_id, because, voided_at) VALUES ('a1', :because, '2026-03-03 09:00:00.000000')",
        {"because": because},
    )
    assert voided(store) == {"a1": because}
