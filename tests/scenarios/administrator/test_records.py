"""Records removed, altered, put in or put in another order: each is found, and named where it can be."""

from __future__ import annotations

from tests.scenarios.archive import Administrator, Archive, otherwise


def test_a_log_that_nobody_touched_holds_in_every_part(archive: Archive) -> None:
    report = archive.audit()
    assert [str(one) for one in report.found] == []
    assert (report.size, report.checkpoints, report.outside) == (12, 2, 2)


def test_a_log_that_grows_while_it_is_audited_holds(archive: Archive) -> None:
    grown: list[int] = []

    def grow(done: int, of: int) -> None:
        if len(grown) < 3:
            grown.append(done)
            archive.fill(130)
            archive.log.checkpoint()

    report = archive.auditor.audit({"git": archive.anchor.read()}, grow)
    assert [str(one) for one in report.found] == []
    assert grown
    assert archive.found() == {}


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


def test_a_void_from_before_there_was_a_log_can_be_removed_unseen(archive: Archive, administrator: Administrator) -> None:
    administrator.run(
        "INSERT INTO voids_before_log (approval_id, because, voided_at) VALUES (:id, 'a new push', '2025-03-03 09:00:00+00')",
        id=archive.record_at(0).id,
    )
    administrator.run("DELETE FROM voids_before_log")
    assert archive.found() == {}, "nobody ever signed it: only what the log took over when it began can be so"


def test_removed_entries_at_the_end_are_found_by_the_tiles(archive: Archive, administrator: Administrator) -> None:
    administrator.run("DELETE FROM records WHERE position >= 11", "UPDATE log_head SET size = 11")
    assert "removed" in archive.found()


# altered


def test_where_neither_record_nor_hash_is_left_the_rest_is_said_to_be_unproved(
    archive: Archive, administrator: Administrator
) -> None:
    administrator.run("DELETE FROM records WHERE position = 3", "DELETE FROM log_tiles")
    found = archive.found()
    assert found["removed"].index == 3
    assert "unproved" in found


def test_a_log_of_several_tiles_names_what_was_done_in_each(archive: Archive, administrator: Administrator) -> None:
    archive.fill(600)
    archive.tick()
    administrator.run("DELETE FROM records WHERE position IN (300, 511)")
    administrator.swap(20, 30)
    gone = [(one.fault, one.index) for one in archive.audit().found]
    assert gone == [("removed", 300), ("removed", 511), ("reordered", 20)]


def test_a_head_counter_that_counts_to_heaven_ends_the_audit_where_the_records_end(
    archive: Archive, administrator: Administrator
) -> None:
    administrator.run("UPDATE log_head SET size = 4611686018427387904")
    assert "the head of the log counts 4,611,686,018,427,387,904" in archive.found()["removed"].saw


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
