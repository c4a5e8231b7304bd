"""Checkpoints on a ref of a real repository: what stands there stays, whoever pushes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.core.tlog.checkpoint import Checkpoint, render_checkpoint
from bot.core.tlog.note import Note, NoteSignature, format_note
from bot.ports.errors import Conflict, Refused, Unavailable
from bot.ports.records import StoredCheckpoint
from integrations.git.anchor import GitAnchor
from tests.integrations.git.making import Made, make

REF = "refs/heads/llmgate-log"
AT = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)


@pytest.fixture
def held(tmp_path: Path) -> Made:
    return make(tmp_path / "held.git", "--bare")


def anchor_at(held: Made) -> GitAnchor:
    return GitAnchor(str(held.root), REF)


def head_of(size: int, fill: int = 1) -> StoredCheckpoint:
    root = bytes([fill]) * 32
    text = render_checkpoint(Checkpoint("example.com/log", size, root))
    note = format_note(Note(text, (NoteSignature("example.com/log", b"hash", b"s" * 64),)))
    return StoredCheckpoint(size, root, note, AT + timedelta(hours=size))


def test_the_first_checkpoint_makes_the_ref(held: Made) -> None:
    reference = anchor_at(held).put(head_of(3))
    assert held.line("rev-parse", REF) == reference
    assert held.git("show", f"{REF}:checkpoint").decode() == head_of(3).note


def test_the_history_of_the_ref_is_every_checkpoint_in_order(held: Made) -> None:
    references = [anchor_at(held).put(head_of(size, size)) for size in (1, 4, 9)]
    found = anchor_at(held).read()
    assert [one.reference for one in found] == references
    assert [one.note for one in found] == [head_of(size, size).note for size in (1, 4, 9)]


def test_a_checkpoint_that_stands_there_is_not_pushed_again(held: Made) -> None:
    first = anchor_at(held).put(head_of(3))
    assert anchor_at(held).put(head_of(3)) == first
    assert held.line("rev-list", "--count", REF) == "1"


def test_the_same_checkpoint_on_the_same_tip_makes_the_same_commit(tmp_path: Path) -> None:
    twins = [make(tmp_path / name, "--bare") for name in ("one.git", "two.git")]
    assert len({anchor_at(twin).put(head_of(3)) for twin in twins}) == 1


def test_a_smaller_log_than_the_one_that_stands_there_is_refused(held: Made) -> None:
    standing = anchor_at(held).put(head_of(9))
    with pytest.raises(Refused, match=r"saw a log of 9 records at .* rolled back"):
        anchor_at(held).put(head_of(4))
    assert held.line("rev-parse", REF) == standing


def test_another_log_of_the_same_size_is_refused(held: Made) -> None:
    anchor_at(held).put(head_of(4, fill=1))
    with pytest.raises(Refused, match="wanted the same records"):
        anchor_at(held).put(head_of(4, fill=2))


def test_other_files_on_the_ref_stay(held: Made, tmp_path: Path) -> None:
    work = make(tmp_path / "work")
    work.write("README.md", "The log's heads.\n")
    work.commit("Say what this is")
    work.git("push", "-q", str(held.root), f"main:{REF}")
    anchor_at(held).put(head_of(1))
    assert held.line("ls-tree", "--name-only", REF).split() == ["README.md", "checkpoint"]
    assert [one.note for one in anchor_at(held).read()] == [head_of(1).note]


def test_a_push_that_somebody_overtook_is_a_conflict_and_nothing_is_forced(held: Made) -> None:
    standing = anchor_at(held).put(head_of(1))
    overtake(held)
    with pytest.raises(Conflict, match="move while"):
        anchor_at(held).put(head_of(2))
    assert held.line("rev-parse", f"{REF}^") == standing
    assert held.line("log", "-1", "--format=%s", REF) == "somebody else"


def test_a_push_that_the_other_side_declines_is_refused_with_its_words(held: Made) -> None:
    hook(held, "pre-receive", "echo not here >&2; exit 1\n")
    with pytest.raises(Refused, match="pre-receive hook declined"):
        anchor_at(held).put(head_of(1))


def test_a_repository_that_is_not_there_is_tried_again_later(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="not appear to be a git repository"):
        GitAnchor(str(tmp_path / "nothing"), REF).put(head_of(1))
    with pytest.raises(Unavailable, match="not appear to be a git repository"):
        GitAnchor(str(tmp_path / "nothing"), REF).read()


def test_nothing_stands_on_a_ref_that_is_not_there(held: Made) -> None:
    assert anchor_at(held).read() == ()


def test_credentials_in_the_address_are_in_no_message() -> None:
    with pytest.raises(Unavailable) as raised:
        GitAnchor("http://bot:hunter2@127.0.0.1:1/log.git", REF).put(head_of(1))
    assert "hunter2" not in str(raised.value)


def test_an_address_that_would_run_a_program_runs_none(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="transport 'ext' not allowed"):
        GitAnchor(f"ext::sh -c touch% {tmp_path}/ran", REF).put(head_of(1))
    assert not (tmp_path / "ran").exists()


def hook(held: Made, name: str, body: str) -> None:
    held.write(f"hooks/{name}", f"#!/bin/sh\n{body}")
    (held.root / "hooks" / name).chmod(0o755)


def overtake(held: Made) -> None:
    """While a push is on its way, somebody else's arrives."""
    made = "commit=$(git -c user.name=o -c user.email=o@invalid commit-tree -p REF -m 'somebody else' REF^{tree})"
    unbound = "unset GIT_QUARANTINE_PATH GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES"
    hook(held, "pre-receive", f"{unbound}\n{made}\ngit update-ref REF $commit\n".replace("REF", REF))


def test_a_ref_whose_name_only_ends_so_is_another(held: Made) -> None:
    other = GitAnchor(str(held.root), f"refs/heads/{REF}")
    anchor_at(held).put(head_of(1))
    other.put(head_of(9))
    assert [one.note for one in anchor_at(held).read()] == [head_of(1).note]
    assert (anchor_at(held).tip(), other.tip()) == (held.line("rev-parse", REF), held.line("rev-parse", f"refs/heads/{REF}"))
