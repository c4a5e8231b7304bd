"""Witnesses of the log: whose signatures are taken, how often, and that none of them keeps the log from going on."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bot.core.tlog.note import MAX_SIGNATURES, Note, format_note, parse_note, parse_signature
from bot.handlers.ledger.transparency import TransparencyLog
from bot.main.log import KeyedLog
from bot.ports.errors import Refused
from integrations.sandbox.clock import FakeClock
from integrations.tlog.keys import LogKey
from storage.store import SqlStore
from tests.storage.material import fill_log, raw

LOG = LogKey("gate.example/log", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
WITNESS = LogKey("witness.example", Ed25519PrivateKey.from_private_bytes(bytes(range(32, 64))))


@pytest.fixture
def log(store: SqlStore, clock: FakeClock) -> TransparencyLog:
    """Of three records, with its first head signed."""
    fill_log(store, 3)
    made = TransparencyLog(store, clock, KeyedLog(LOG), (WITNESS.witness_vkey,))
    made.checkpoint()
    return made


def text_of(log: TransparencyLog) -> str:
    newest = log.newest()
    assert newest is not None
    return parse_note(newest.note).text


def test_a_witness_that_sees_one_head_a_hundred_and_fifty_times_leaves_the_log_signing(
    log: TransparencyLog, store: SqlStore, clock: FakeClock
) -> None:
    text, lines = text_of(log), []
    for _ in range(150):
        clock.advance(timedelta(minutes=1))
        lines.append(WITNESS.cosign(text, clock.now()))
        assert log.take_cosignature(f"{text}\n{lines[-1]}") == ""
    assert len(set(lines)) > MAX_SIGNATURES
    newest = log.newest()
    assert newest is not None
    assert parse_note(newest.note).signatures[1:] == (parse_signature(lines[0].rstrip("\n")),)
    fill_log(store, 2)
    grown = log.checkpoint()
    assert grown is not None
    assert grown.size == 5


def test_a_note_that_brings_one_key_many_times_adds_one_line(log: TransparencyLog, clock: FakeClock) -> None:
    text = text_of(log)
    lines = [WITNESS.cosign(text, clock.now() + timedelta(minutes=number)) for number in range(90)]
    signatures = tuple(parse_signature(line.rstrip("\n")) for line in lines)
    assert log.take_cosignature(format_note(Note(text, signatures))) == ""
    newest = log.newest()
    assert newest is not None
    assert newest.note.count("witness.example") == 1


def test_a_head_that_cannot_be_read_is_told_and_nothing_is_signed(
    log: TransparencyLog, store: SqlStore, database_url: str
) -> None:
    """Whoever rules the database put a line there that no note may hold."""
    raw(
        database_url,
        "INSERT INTO cosignatures (size, line, taken_at) SELECT size, 'no signature', made_at FROM checkpoints",
    )
    fill_log(store, 1)
    with pytest.raises(Refused, match=r"saw a signed head that cannot be read \(saw the signature line .*nothing was signed"):
        log.checkpoint()
