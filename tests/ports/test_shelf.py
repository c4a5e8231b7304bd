"""The shelf: bounded by size, and the longest unused goes first."""

from __future__ import annotations

from bot.ports.shelf import BlobShelf, Shelf


def shelf() -> Shelf[bytes]:
    return Shelf(10, len, 5)


def test_what_was_longest_unused_makes_room() -> None:
    kept = shelf()
    kept.keep("a", b"aaaa")
    kept.keep("b", b"bbbb")
    assert kept.take("a") == b"aaaa"
    kept.keep("c", b"cccc")
    assert [kept.take(key) for key in "abc"] == [b"aaaa", None, b"cccc"]


def test_what_is_too_large_is_not_kept_and_drives_nothing_out() -> None:
    kept = shelf()
    kept.keep("a", b"aaaa")
    kept.keep("b", b"b" * 6)
    assert [kept.take(key) for key in "ab"] == [b"aaaa", None]


def test_a_new_thing_under_the_same_key_takes_the_room_of_the_old_one() -> None:
    kept = shelf()
    for content in (b"aaaa", b"AAAA", b"a"):
        kept.keep("a", content)
    kept.keep("b", b"bbbb")
    kept.keep("c", b"ccccc")
    assert [kept.take(key) for key in "abc"] == [b"a", b"bbbb", b"ccccc"]


def test_an_old_thing_does_not_stand_where_its_successor_is_too_large() -> None:
    kept = shelf()
    kept.keep("a", b"a")
    kept.keep("a", b"a" * 6)
    assert kept.take("a") is None


def test_contents_are_found_by_their_ids_alone() -> None:
    kept = BlobShelf()
    kept.keep("1", b"one")
    kept.keep("2", b"")
    assert kept.found(["1", "2", "3"]).contents == {"1": b"one", "2": b""}
