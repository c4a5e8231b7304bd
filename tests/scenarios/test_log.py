"""What people decide lands in the log, can be proved to anybody offline, and is anchored where the gate cannot reach back."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from bot.cli.hands import Hands
from bot.cli.layout import AUDIT_CHANNEL, Layout
from bot.cli.playground import Playground, build_playground
from bot.config import Log
from bot.core.approval import Approval
from bot.core.tlog.check import Included, check_inclusion
from bot.core.tlog.checkpoint import parse_checkpoint
from bot.core.tlog.note import parse_note
from bot.core.tlog.tiles import Tile, entries_path, parse_entry_bundle, tile_path
from bot.core.tlog.tree import hash_leaf
from bot.main.log import ConnectedLog, git_anchor
from bot.ports.anchors import AnchoredNote
from bot.ports.records import StoredCheckpoint, StoredRecord
from integrations.git.anchor import GitAnchor
from integrations.sandbox.clock import FakeClock
from integrations.tlog.keys import check_signature
from tests.integrations.timestamp.stand_in import Authority, AuthorityDoor
from tests.scenarios.conftest import at_rest


@pytest.fixture(params=["sqlite", "postgresql"])
def world(request: pytest.FixtureRequest, tmp_path: Path, clock: FakeClock) -> Iterator[Playground]:
    """One approved change, on each database."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    playground = build_playground(Layout(tmp_path / "world", url), clock)
    change = playground.open_generated()
    playground.settle()
    assert Hands(playground, "sam").approve(change.number).taken
    assert Hands(playground, "bob").approve(change.number).taken
    yield playground
    at_rest(playground)
    playground.close()


def log_of(world: Playground) -> ConnectedLog:
    assert world.gate.log
    return world.gate.log


def records(world: Playground) -> tuple[StoredRecord, ...]:
    with world.gate.kit.store.look() as unit:
        return unit.records_from(0, 100)


def decisions(world: Playground) -> list[StoredRecord]:
    return [record for record in records(world) if record.kind == "decision"]


def tick(world: Playground) -> StoredCheckpoint:
    """An hour passes, and the chat has time to take what was said."""
    world.clock.advance(timedelta(hours=1))
    world.gate.carry_log_on()
    world.settle()
    newest = log_of(world).log.newest()
    assert newest
    return newest


def metrics(world: Playground) -> str:
    return httpx.get(f"{world.served.url}/metrics", trust_env=False).text


def fetched(world: Playground, path: str) -> httpx.Response:
    return httpx.get(f"{world.served.url}/log/{path}", trust_env=False)


def test_every_approval_is_a_record_in_the_order_it_was_given(world: Playground) -> None:
    said = [log_of(world).auditor.verifier.read_approval(one.bundle, world.ref(1)) for one in decisions(world)]
    assert [one.person for one in said if isinstance(one, Approval)] == ["sam", "bob"]
    assert [record.index for record in records(world)] == list(range(len(records(world))))


def test_a_push_leaves_a_void_of_each_approval_behind(world: Playground) -> None:
    approvals = {record.id for record in decisions(world)}
    world.forge.push(world.repo, "agent/login", {"src/more.py": "x = 1\n"}, by="ann", message="More")
    world.settle()
    assert {record.regards for record in records(world) if record.kind == "void"} == approvals


def test_a_record_is_proved_offline_with_the_key_and_the_bundle_alone(world: Playground) -> None:
    connected = log_of(world)
    key = connected.log.signer.key
    for record in records(world):
        proof = connected.log.prove(record.id)
        assert proof
        checked = check_inclusion(proof, hashlib.sha256(record.bundle).digest(), (key,), check_signature, record.index)
        assert isinstance(checked, Included)
        other = check_inclusion(proof, hashlib.sha256(record.bundle + b" ").digest(), (key,), check_signature)
        assert not isinstance(other, Included)


def test_a_record_that_is_not_there_has_no_proof(world: Playground) -> None:
    assert log_of(world).log.prove("0" * 64) is None


def test_the_tick_puts_a_head_on_the_git_ref_and_into_the_audit_channel(world: Playground) -> None:
    head = tick(world)
    (message,) = world.slack.messages(AUDIT_CHANNEL)
    assert head.note in str(message.blocks[1]["text"]["text"])
    (git,) = (place for place in log_of(world).anchoring.places if place.place == "git")
    read = git.read()
    assert read is not None
    assert [one.note for one in read] == [head.note]


def test_an_anchor_in_the_chat_counts_only_once_the_message_stands_there(world: Playground) -> None:
    world.clock.advance(timedelta(hours=1))
    world.gate.carry_log_on()
    assert set(places(world)) == {"git"}
    world.settle()
    world.gate.carry_log_on()
    (message,) = world.slack.messages(AUDIT_CHANNEL)
    assert places(world)["chat"] == f"{AUDIT_CHANNEL}:{message.ts}"


def test_an_idle_log_is_signed_and_anchored_once(world: Playground) -> None:
    first = tick(world)
    assert tick(world) == first
    assert len(world.slack.messages(AUDIT_CHANNEL)) == 1


def test_an_anchor_that_fails_holds_up_neither_the_others_nor_the_gate(world: Playground, tmp_path: Path) -> None:
    held = tmp_path / "world" / "log-anchor.git"
    held.rename(tmp_path / "away.git")
    tick(world)
    tick(world)
    assert set(places(world)) == {"chat"}
    assert 'llmgate_log_anchored_size{place="git"} 0' in metrics(world)
    (tmp_path / "away.git").rename(held)
    tick(world)
    assert set(places(world)) == {"chat", "git"}
    assert f'llmgate_log_anchored_size{{place="git"}} {len(records(world))}\n' in metrics(world)


def test_a_note_copied_out_of_the_channel_is_compared_with_the_log(world: Playground) -> None:
    kept = tick(world).note
    report = log_of(world).auditor.audit({"file": [AnchoredNote("slack", kept)]})
    assert [str(one) for one in report.found] == []
    assert (report.size, report.outside) == (len(records(world)), 1)


def test_the_log_is_served_as_static_files_that_name_nobody(world: Playground) -> None:
    head = tick(world)
    answer = fetched(world, "checkpoint")
    assert (answer.text, answer.headers["content-type"]) == (head.note, "text/plain; charset=utf-8")
    assert answer.headers["cache-control"] == "no-cache"
    leaves = fetched(world, tile_path(Tile(0, 0), head.size))
    entries = fetched(world, entries_path(0, head.size))
    assert leaves.headers["content-type"] == entries.headers["content-type"] == "application/octet-stream"
    assert "immutable" in leaves.headers["cache-control"]
    assert b"".join(map(hash_leaf, parse_entry_bundle(entries.content))) == leaves.content
    assert list(parse_entry_bundle(entries.content)) == [hashlib.sha256(one.bundle).digest() for one in records(world)]


def test_what_no_head_covers_and_what_is_no_path_is_not_served(world: Playground) -> None:
    wider = tick(world).size + 1
    beyond = ("tile/0/000", tile_path(Tile(0, 0), wider), "tile/0/001.p/1", "tile/1/000.p/1", entries_path(0, wider))
    for path in (*beyond, "tile/0/0", "tile/00/000.p/2", "tile/x/000", "tile/0/000.p/0", "x"):
        assert fetched(world, path).status_code == 404, path


def test_nothing_is_served_before_a_head_was_signed(world: Playground) -> None:
    assert fetched(world, "checkpoint").status_code == 404
    assert fetched(world, "tile/0/000.p/1").status_code == 404


def test_a_short_name_of_a_ref_is_a_branch(tmp_path: Path) -> None:
    assert git_anchor(Log(anchor_git=str(tmp_path), anchor_ref="log")) == GitAnchor(str(tmp_path), "refs/heads/log")
    assert git_anchor(Log(anchor_git="https://x.example/log.git", anchor_ref="refs/notes/log")).ref == "refs/notes/log"


def test_a_head_is_dated_by_an_authority(sqlite_url: str, tmp_path: Path, clock: FakeClock) -> None:
    door = AuthorityDoor(Authority(clock.now))
    (tmp_path / "roots.pem").write_bytes(door.authority.root_pem)
    dated = {"timestamp_url": door.url, "timestamp_roots": [str(tmp_path / "roots.pem")]}
    playground = build_playground(Layout(tmp_path / "world", sqlite_url, log=dated), clock)
    try:
        change = playground.open_generated()
        playground.settle()
        assert Hands(playground, "bob").approve(change.number).taken
        door.status = 503
        assert tick(playground).timestamp == b"", "an authority that is out of order keeps no head from being signed"
        door.status = 200
        head, authority = tick(playground), playground.gate.kit.trust.timestamps
        assert authority
        assert authority.check(head.timestamp, parse_note(head.note).text.encode()) == clock.now()
        assert log_of(playground).auditor.audit({}).found == ()
    finally:
        playground.close()
        door.close()


def test_the_head_says_how_many_records_there_are(world: Playground) -> None:
    head = tick(world)
    assert parse_checkpoint(parse_note(head.note).text).size == len(records(world)) == head.size


def places(world: Playground) -> dict[str, str]:
    with world.gate.kit.store.look() as unit:
        return {anchor.place: anchor.reference for anchor in unit.anchors()}
