"""Who is who, changed past the gate: the records say what the rows should."""

from __future__ import annotations

from tests.scenarios.archive import Administrator, Archive


def test_a_link_that_no_record_made_is_found(archive: Archive, administrator: Administrator) -> None:
    insert_link(administrator, "made-up", "mallory")
    found = archive.found()
    assert set(found) == {"unlogged"}
    assert "the link of U1 with @mallory without a record" in found["unlogged"].saw


def test_a_link_that_borrows_the_record_of_another_person_is_found(archive: Archive, administrator: Administrator) -> None:
    record = archive.link("bob", 502)
    archive.add(record)
    insert_link(administrator, record.id, "mallory")
    assert "unlogged" in archive.found()


def test_a_link_that_was_turned_to_another_account_is_found(archive: Archive, administrator: Administrator) -> None:
    record = archive.link("bob", 502)
    archive.add(record)
    insert_link(administrator, record.id, "bob")
    administrator.run("UPDATE links SET account_id = 666")
    assert "otherwise than its record says" in archive.found()["unlogged"].saw


def test_a_link_that_had_ended_and_counts_again_is_found(archive: Archive, administrator: Administrator) -> None:
    record = archive.link("bob", 502)
    archive.add(record, archive.unlink(record))
    insert_link(administrator, record.id, "bob")
    assert "which a later record ended" in archive.found()["unlogged"].saw


def test_a_link_that_was_ended_or_removed_past_the_gate_is_found(archive: Archive, administrator: Administrator) -> None:
    record = archive.link("bob", 502)
    archive.add(record)
    assert "no row of the link" in archive.found()["unlogged"].saw
    insert_link(administrator, record.id, "bob")
    administrator.run("UPDATE links SET ended_at = checked_at")
    assert "no record of that" in archive.found()["unlogged"].saw


def test_a_link_as_its_record_made_it_is_no_finding(archive: Archive, administrator: Administrator) -> None:
    record = archive.link("bob", 502)
    archive.add(record)
    insert_link(administrator, record.id, "bob")
    assert archive.found() == {}


def test_a_passkey_that_nobody_enrolled_is_found(archive: Archive, administrator: Administrator) -> None:
    insert_passkey(administrator, "made-up", b"another key")
    assert "a passkey of bob without a record" in archive.found()["unlogged"].saw


def test_a_passkey_whose_key_was_exchanged_is_found(archive: Archive, administrator: Administrator) -> None:
    record = archive.passkey("bob", "cred", b"a key")
    archive.add(record)
    insert_passkey(administrator, record.id, b"a key")
    assert archive.found() == {}
    administrator.run("UPDATE passkeys SET public_key = :key", key=b"another key")
    assert "otherwise than its record says" in archive.found()["unlogged"].saw


def insert_passkey(administrator: Administrator, record: str, key: bytes) -> None:
    administrator.run(
        "INSERT INTO passkeys (id, person, public_key, label, record, enrolled_at, sign_count, synced) "
        "VALUES ('cred', 'bob', :key, 'laptop', :record, '2026-03-03 09:00:00+00', 0, false)",
        record=record,
        key=key,
    )


def insert_link(administrator: Administrator, record: str, person: str) -> None:
    administrator.run(
        "INSERT INTO links "
        "(id, person, team, chat_user, forge, host, account_id, login, method, linked_at, checked_at, because) "
        "VALUES (:id, :person, 'T1', 'U1', 'github', 'github.com', 502, :person, 'login', "
        "'2026-03-03 09:00:00+00', '2026-03-03 09:00:00+00', '')",
        id=record,
        person=person,
    )
