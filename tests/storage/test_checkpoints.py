"""Checkpoints and what others said of them, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.ports.records import Anchor
from storage.store import SqlStore
from tests.storage.material import NOW, checkpoint, raw

LATER = NOW + timedelta(minutes=1)
FIRST, SECOND = "\u2014 witness.example/b AAAAAAAA", "\u2014 witness.example/a BBBBBBBB"


def test_a_checkpoint_comes_back_as_it_was_added(store: SqlStore) -> None:
    with store.begin() as unit:
        assert unit.latest_checkpoint() is None
        assert unit.checkpoints() == ()
        assert unit.add_checkpoint(checkpoint(1))
        assert unit.add_checkpoint(replace(checkpoint(300), timestamp=b"\x00token"))
        assert unit.add_checkpoint(checkpoint(20))
        unit.commit()
    with store.look() as unit:
        assert unit.checkpoints() == (checkpoint(1), checkpoint(20), replace(checkpoint(300), timestamp=b"\x00token"))
        assert unit.latest_checkpoint() == replace(checkpoint(300), timestamp=b"\x00token")


def test_the_first_checkpoint_of_a_size_stays(store: SqlStore) -> None:
    with store.begin() as unit:
        assert unit.add_checkpoint(checkpoint())
        assert not unit.add_checkpoint(replace(checkpoint(), root=b"other", timestamp=b"token"))
        assert unit.latest_checkpoint() == checkpoint()


def test_cosignatures_stand_below_the_note_in_the_order_they_came(store: SqlStore) -> None:
    with store.begin() as unit:
        unit.add_checkpoint(checkpoint(1))
        unit.add_checkpoint(checkpoint(2))
        assert unit.add_cosignature(2, SECOND, LATER)
        assert unit.add_cosignature(2, FIRST + "\n", NOW)
        assert not unit.add_cosignature(2, SECOND + "\n", LATER)
        assert unit.checkpoints() == (checkpoint(1), replace(checkpoint(2), note=f"{checkpoint(2).note}{FIRST}\n{SECOND}\n"))
        assert unit.latest_checkpoint() == unit.checkpoints()[1]


def test_a_key_cosigns_a_checkpoint_once(store: SqlStore) -> None:
    again, other_key = FIRST.replace("AAAAAAAA", "AAAAAAAB"), FIRST.replace("AAAAAAAA", "CCCCAAAA")
    with store.begin() as unit:
        unit.add_checkpoint(checkpoint(1))
        unit.add_checkpoint(checkpoint(2))
        assert [unit.add_cosignature(1, line, NOW) for line in (FIRST, again, other_key)] == [True, False, True]
        assert unit.add_cosignature(2, again, NOW)
        assert [found.note for found in unit.checkpoints()] == [
            f"{checkpoint(1).note}{FIRST}\n{other_key}\n",
            f"{checkpoint(2).note}{again}\n",
        ]


def test_of_two_lines_of_one_key_the_first_stands(store: SqlStore, database_url: str) -> None:
    """As two replicas keep them that hear a witness at once, and as earlier versions did."""
    with store.begin() as unit:
        unit.add_checkpoint(checkpoint())
        unit.add_cosignature(1, SECOND, NOW)
        unit.commit()
    again = SECOND.replace("BBBBBBBB", "BBBBBBAA")
    statement = "INSERT INTO cosignatures (size, line, taken_at) SELECT size, :line, '2027-01-01 00:00:00.0' FROM cosignatures"
    raw(database_url, statement, {"line": again})
    with store.look() as unit:
        assert unit.checkpoints() == (replace(checkpoint(), note=f"{checkpoint().note}{SECOND}\n"),)


def test_a_timestamp_is_taken_once(store: SqlStore) -> None:
    with store.begin() as unit:
        unit.add_checkpoint(checkpoint())
        unit.add_cosignature(1, FIRST, NOW)
        unit.add_cosignature(1, SECOND, NOW)
        assert unit.add_timestamp(1, b"\x00token", LATER)
        assert not unit.add_timestamp(1, b"another", LATER)
        (found,) = unit.checkpoints()
        assert found.timestamp == b"\x00token"


def test_what_is_said_of_no_checkpoint_is_not_kept(store: SqlStore) -> None:
    with store.begin() as unit:
        assert not unit.add_cosignature(1, FIRST, NOW)
        assert not unit.add_timestamp(1, b"token", NOW)
        unit.add_checkpoint(checkpoint(1))
        assert unit.latest_checkpoint() == checkpoint(1)


def test_an_anchor_is_kept_once_for_each_place(store: SqlStore) -> None:
    git, chat, old = Anchor(2, "git", "c0ffee", NOW), Anchor(2, "chat", "C1/1.2", LATER), Anchor(1, "git", "beef", LATER)
    with store.begin() as unit:
        assert unit.anchors() == ()
        assert [unit.add_anchor(anchor) for anchor in (git, chat, old, replace(git, reference="another"))] == [
            True,
            True,
            True,
            False,
        ]
        unit.commit()
    with store.look() as unit:
        assert unit.anchors() == (old, git, chat)
