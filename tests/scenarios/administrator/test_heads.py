"""Databases rolled back, logs rewritten, heads, tiles and anchors tampered with.

The names say what is found, and where nothing can be.
"""

from __future__ import annotations

import pytest

from bot.ports.errors import Refused
from tests.scenarios.archive import REF, Administrator, Archive, otherwise

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


def rewrite(archive: Archive, administrator: Administrator) -> None:
    """Another history, every record and every head of it signed as it should be."""
    administrator.forget_checkpoints()
    administrator.run("DELETE FROM records", "DELETE FROM log_tiles", "UPDATE log_head SET size = 0")
    for size in (10, 2):
        archive.add(*(archive.decision(100 + size * 10 + number, "mallory") for number in range(size)))
        archive.log.checkpoint()
