"""Somebody has every right on the database. What they can do, and whether it is seen, a test each.

The names say what is found, and where nothing can be.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.ports.errors import Refused
from integrations.sandbox.clock import FakeClock
from tests.scenarios.archive import REF, Administrator, Archive, otherwise


@pytest.fixture
def archive(database_url: str, tmp_path: Path, clock: FakeClock) -> Iterator[Archive]:
    """Ten records under an anchored head, two more under a newer one."""
    made = Archive(database_url, tmp_path, clock)
    made.fill(10)
    made.tick()
    made.fill(2)
    made.tick()
    yield made
    made.close()


@pytest.fixture
def administrator(archive: Archive) -> Administrator:
    return Administrator(archive.url)


def test_a_log_that_nobody_touched_holds_in_every_part(archive: Archive) -> None:
    report = archive.audit()
    assert [str(one) for one in report.found] == []
    assert (report.size, report.checkpoints, report.outside) == (12, 2, 2)


# removed


def test_a_removed_entry_is_named(archive: Archive, administrator: Administrator) -> None:
    administrator.run("DELETE FROM records WHERE position = 3")
    found = archive.found()
    assert set(found) == {"removed"}
    assert found["removed"].index == 3


def test_a_removed_entry_is_named_though_those_behind_it_closed_the_gap(archive: Archive, administrator: Administrator) -> None:
    administrator.remove(3)
    assert archive.found()["removed"].index == 3


def test_a_removed_entry_is_found_by_the_signed_heads_though_the_tiles_were_made_anew(
    archive: Archive, administrator: Administrator
) -> None:
    administrator.remove(3)
    administrator.make_tiles_anew()
    found = archive.found()
    assert {"checkpoint", "forked", "rolled-back"} <= set(found)
    assert "first 10 records" in found["forked"].saw


def test_a_removed_entry_is_found_by_the_anchor_though_every_head_in_the_database_went_with_it(
    archive: Archive, administrator: Administrator
) -> None:
    administrator.remove(3)
    administrator.make_tiles_anew()
    administrator.forget_checkpoints()
    found = archive.found()
    assert "forked" in found
    assert found["checkpoint"].saw.startswith("no checkpoint of 10 records in the database, and one at git")


def test_a_removed_void_is_named(archive: Archive, administrator: Administrator) -> None:
    (row,) = administrator.rows("SELECT position FROM records WHERE kind = 'void' ORDER BY position LIMIT 1")
    administrator.run("DELETE FROM records WHERE position = :index", index=row["position"])
    assert archive.found()["removed"].index == row["position"]


def test_removed_entries_at_the_end_are_found_by_the_tiles(archive: Archive, administrator: Administrator) -> None:
    administrator.run("DELETE FROM records WHERE position >= 11", "UPDATE log_head SET size = 11")
    assert "removed" in archive.found()


# altered


def test_an_altered_entry_is_named(archive: Archive, administrator: Administrator) -> None:
    record = archive.record_at(4)
    administrator.run(
        "UPDATE records SET bundle = :bundle WHERE position = 4", bundle=record.bundle.replace(b'"sig":"M', b'"sig":"N')
    )
    found = archive.found()
    assert (found["altered"].index, found["altered"].record_id) == (4, record.id)
    assert found["forged"].index == 4, "and the organisation's key did not sign it"


def test_an_altered_entry_is_named_by_its_signature_though_the_tiles_were_made_anew(
    archive: Archive, administrator: Administrator
) -> None:
    record = archive.record_at(4)
    administrator.run(
        "UPDATE records SET bundle = :bundle WHERE position = 4", bundle=record.bundle.replace(b'"sig":"M', b'"sig":"N')
    )
    administrator.make_tiles_anew()
    found = archive.found()
    assert found["forged"].index == 4
    assert "forked" in found


def test_an_entry_replaced_by_one_that_the_stolen_organisation_key_signed_is_named(
    archive: Archive, administrator: Administrator
) -> None:
    new = otherwise(archive.record_at(4), archive)
    administrator.run("UPDATE records SET bundle = :bundle, id = :id WHERE position = 4", bundle=new.bundle, id=new.id)
    found = archive.found()
    assert set(found) == {"altered"}
    assert found["altered"].index == 4


def test_a_void_that_was_pointed_at_another_approval_is_named(archive: Archive, administrator: Administrator) -> None:
    administrator.run("UPDATE records SET regards = :other WHERE position = 2", other="f" * 64)
    found = archive.found()
    assert set(found) == {"misfiled"}
    assert found["misfiled"].index == 2


def test_a_decision_that_was_filed_under_another_change_is_named(archive: Archive, administrator: Administrator) -> None:
    administrator.run("UPDATE records SET about = 'github:github.com/acme/shop#99' WHERE position = 1")
    assert archive.found()["misfiled"].index == 1


def test_a_decision_that_goes_by_another_id_is_named(archive: Archive, administrator: Administrator) -> None:
    administrator.run("UPDATE records SET id = :other WHERE position = 1", other="e" * 64)
    assert archive.found()["misfiled"].index == 1


# put in


def test_an_entry_put_before_the_first_is_named(archive: Archive, administrator: Administrator) -> None:
    administrator.run(
        "INSERT INTO records (position, id, kind, about, head_sha, regards, bundle, stored_at) "
        "SELECT -7, 'x', kind, about, head_sha, regards, bundle, stored_at FROM records WHERE position = 1"
    )
    assert archive.found()["inserted"].index == -7


def test_an_entry_put_behind_the_last_without_the_gate_is_named(archive: Archive, administrator: Administrator) -> None:
    administrator.run(
        "INSERT INTO records (position, id, kind, about, head_sha, regards, bundle, stored_at) "
        "SELECT 12, 'x', kind, about, head_sha, regards, bundle, stored_at FROM records WHERE position = 1"
    )
    assert archive.found()["inserted"].index == 12


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


# re-ordered


def test_a_reordered_log_is_told_by_what_stands_where(archive: Archive, administrator: Administrator) -> None:
    administrator.swap(2, 5)
    found = archive.found()
    assert set(found) == {"reordered"}
    assert "5 at 2, 2 at 5" in found["reordered"].saw


def test_a_reordered_log_is_found_by_the_anchor_though_the_tiles_were_made_anew(
    archive: Archive, administrator: Administrator
) -> None:
    administrator.swap(2, 5)
    administrator.make_tiles_anew()
    administrator.forget_checkpoints()
    assert "forked" in archive.found()


# rolled back


def test_a_rolled_back_database_is_found_by_the_anchor(archive: Archive, administrator: Administrator) -> None:
    administrator.cut(10)
    found = archive.found()
    assert set(found) == {"rolled-back", "checkpoint"}
    assert "at least 12" in found["rolled-back"].wanted


def test_a_rolled_back_database_that_grew_again_is_found_by_the_anchor(archive: Archive, administrator: Administrator) -> None:
    administrator.cut(10)
    archive.add(archive.decision(70), archive.decision(71), archive.decision(72))
    archive.log.checkpoint()
    assert "the first 10 records hold" in archive.found()["forked"].wanted


def test_a_rolled_back_database_is_found_by_a_note_that_somebody_kept(archive: Archive, administrator: Administrator) -> None:
    newest = archive.log.newest()
    assert newest
    administrator.cut(10)
    archive.held.git("update-ref", "-d", REF)
    assert "kept-0" in archive.found(newest.note)["rolled-back"].wanted


def test_what_was_never_anchored_can_be_rolled_back_unseen(archive: Archive, administrator: Administrator) -> None:
    archive.fill(3)
    archive.log.checkpoint()
    administrator.cut(12)
    assert archive.found() == {}


# forked: with the keys


def test_a_log_rewritten_whole_and_signed_anew_with_both_keys_is_found_by_the_anchor(
    archive: Archive, administrator: Administrator
) -> None:
    rewrite(archive, administrator)
    found = archive.found()
    assert set(found) == {"forked"}
    assert "first 10 records" in found["forked"].saw


def test_a_log_rewritten_with_both_keys_before_it_was_ever_anchored_cannot_be_seen(
    archive: Archive, administrator: Administrator
) -> None:
    archive.held.git("update-ref", "-d", REF)
    rewrite(archive, administrator)
    assert archive.found() == {}


def test_a_head_that_was_forged_without_the_log_key_is_found(archive: Archive, administrator: Administrator) -> None:
    administrator.run("UPDATE checkpoints SET note = replace(note, '12', '13'), size = 13 WHERE size = 12")
    assert "without a good signature" in archive.found()["checkpoint"].saw


# what else lies there


def test_tampered_tiles_are_found_and_the_records_are_not_blamed(archive: Archive, administrator: Administrator) -> None:
    (row,) = administrator.rows("SELECT hashes FROM log_tiles WHERE level = 0")
    hashes = bytearray(bytes(row["hashes"]))  # type: ignore[call-overload]  # bytes
    hashes[4 * 32] ^= 1
    administrator.run("UPDATE log_tiles SET hashes = :hashes WHERE level = 0", hashes=bytes(hashes))
    found = archive.found()
    assert set(found) == {"tiles"}
    assert found["tiles"].index == 4


def test_a_tampered_tile_of_a_higher_level_is_found(archive: Archive, administrator: Administrator) -> None:
    archive.fill(260)
    archive.tick()
    assert archive.found() == {}
    administrator.run("UPDATE log_tiles SET hashes = :hashes WHERE level = 1", hashes=b"\1" * 32)
    assert set(archive.found()) == {"tiles"}


def test_removed_tiles_are_found(archive: Archive, administrator: Administrator) -> None:
    administrator.run("DELETE FROM log_tiles")
    assert set(archive.found()) == {"tiles"}


@pytest.mark.parametrize("column", ["root = :junk", "note = 'nothing'", "size = 11"])
def test_a_tampered_checkpoint_is_found(archive: Archive, administrator: Administrator, column: str) -> None:
    administrator.run(f"UPDATE checkpoints SET {column} WHERE size = 10", junk=b"\0" * 32)
    assert "checkpoint" in archive.found()


def test_a_removed_checkpoint_is_found_by_its_anchor(archive: Archive, administrator: Administrator) -> None:
    administrator.run("DELETE FROM checkpoints WHERE size = 10")
    assert set(archive.found()) == {"checkpoint"}


def test_an_anchor_that_is_only_in_the_database_is_found(archive: Archive, administrator: Administrator) -> None:
    administrator.run("UPDATE anchors SET reference = 'abc' WHERE size = 10")
    assert "no abc in the history of git" in archive.found()["anchor"].saw


def test_an_anchored_history_that_was_rewritten_is_found(archive: Archive) -> None:
    archive.held.git("update-ref", "-d", REF)
    assert set(archive.found()) == {"anchor"}


def test_a_note_that_the_log_never_signed_is_no_anchor(archive: Archive) -> None:
    newest = archive.log.newest()
    assert newest
    found = archive.found(newest.note.replace("gate.example/log\n12", "gate.example/log\n99"))
    assert set(found) == {"anchor"}


# and the gate itself


@pytest.mark.parametrize("plan", ["cut", "alter"])
def test_the_gate_signs_no_head_over_a_log_that_lost_what_it_signed(
    archive: Archive, administrator: Administrator, plan: str
) -> None:
    if plan == "cut":
        administrator.run("DELETE FROM records WHERE position >= 9", "UPDATE log_head SET size = 9")
    else:
        new = otherwise(archive.record_at(4), archive)
        administrator.run("UPDATE records SET bundle = :bundle, id = :id WHERE position = 4", bundle=new.bundle, id=new.id)
        administrator.make_tiles_anew()
    with pytest.raises(Refused, match="nothing was signed"):
        archive.log.checkpoint()


def test_nothing_stands_at_the_anchor_that_contradicts_what_stood_there(archive: Archive, administrator: Administrator) -> None:
    before = archive.held.line("rev-parse", REF)
    rewrite(archive, administrator)
    archive.tick()
    assert archive.held.line("rev-parse", REF) == before


def insert_link(administrator: Administrator, record: str, person: str) -> None:
    administrator.run(
        "INSERT INTO links "
        "(id, person, team, chat_user, forge, host, account_id, login, method, linked_at, checked_at, because) "
        "VALUES (:id, :person, 'T1', 'U1', 'github', 'github.com', 502, :person, 'login', "
        "'2026-03-03 09:00:00+00', '2026-03-03 09:00:00+00', '')",
        id=record,
        person=person,
    )


def rewrite(archive: Archive, administrator: Administrator) -> None:
    """Another history, every record and every head of it signed as it should be."""
    administrator.forget_checkpoints()
    administrator.run("DELETE FROM records", "DELETE FROM log_tiles", "UPDATE log_head SET size = 0")
    for size in (10, 2):
        archive.add(*(archive.decision(100 + size * 10 + number, "mallory") for number in range(size)))
        archive.log.checkpoint()
