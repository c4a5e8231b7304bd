"""A log that changed its key: what the old one signed stays good where the settings name it, and nowhere else."""

from __future__ import annotations

from dataclasses import replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bot.handlers.ledger.audit import Auditor
from bot.main.log import KeyedLog
from integrations.sigstore.verifier import KeyRing
from integrations.tlog.keys import LogKey
from tests.scenarios.archive import ORIGIN, SIGNING_KEY, Archive


def rotated(archive: Archive, *, named: bool) -> KeyedLog:
    """Another key for the same log, with the old one named among its settings or not."""
    old = archive.log_key.key
    fresh = KeyedLog(LogKey(ORIGIN, Ed25519PrivateKey.generate()), (old,) if named else ())
    archive.log_key = fresh
    archive.log = replace(archive.log, signer=fresh)
    archive.anchoring = replace(archive.anchoring, log=archive.log)
    archive.auditor = Auditor(archive.store, KeyRing([SIGNING_KEY.public_key()]), fresh)
    return fresh


def test_heads_that_a_retired_key_signed_stay_good(archive: Archive) -> None:
    rotated(archive, named=True)
    archive.fill(3)
    archive.tick()
    assert archive.found() == {}
    newest = archive.log.newest()
    assert newest is not None
    assert newest.size == 15


def test_heads_by_a_key_that_nobody_names_are_none_of_this_logs(archive: Archive) -> None:
    rotated(archive, named=False)
    found = archive.found()
    assert "without a good signature by the log's key" in found["checkpoint"].saw
    assert "without a good signature by the log's key" in found["anchor"].saw
