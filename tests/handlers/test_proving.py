"""What a proof out of the log asks of the database: the same, however long the log is."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bot.handlers.ledger.transparency import TransparencyLog
from bot.main.log import KeyedLog
from integrations.sandbox.clock import FakeClock
from integrations.tlog.keys import LogKey
from storage.store import SqlStore
from tests.storage.material import fill_log, numbered
from tests.storage.test_records import counted

KEY = LogKey("gate.example/log", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))


@pytest.mark.parametrize("size", [2, 300])
def test_a_proof_under_a_signed_head_costs_three_statements(store: SqlStore, clock: FakeClock, size: int) -> None:
    """The record, the head, and every tile at once."""
    fill_log(store, size)
    log = TransparencyLog(store, clock, KeyedLog(KEY))
    log.checkpoint()
    for index in {0, size // 2, size - 1}:
        with counted() as statements:
            assert log.prove(numbered(index, 1)[0].id)
        assert len(statements) == 3, statements
