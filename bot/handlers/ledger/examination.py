"""A record by itself: who signed it, and whether its row says what it says."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from bot.core.in_toto import NotAStatement
from bot.core.records import read_record
from bot.core.statement import read_statement
from bot.handlers.ledger.discrepancy import Discrepancy
from bot.handlers.ledger.ties import Ties
from bot.ports.records import StoredRecord
from bot.ports.trust import Verifier

Filed = tuple[str, str, str, str]
"""Kind, about, head and regards: what a record is found by."""


class Examination:
    """Of each record, in the order of the log. `ties` are what those say of who is who."""

    def __init__(self, verifier: Verifier) -> None:
        self.ties = Ties()
        self._verifier = verifier

    def __call__(self, record: StoredRecord) -> Iterator[Discrepancy]:
        named = f"record {record.index} ({record.id[:12]})"
        opened = self._verifier.open_record(record.bundle)
        if opened.problem_saw:
            saw = f"{opened.problem_saw} in {named}"
            yield Discrepancy("forged", saw, opened.problem_wanted, record.index, record.id)
            return
        said = hashlib.sha256(opened.payload).hexdigest()
        if said != record.id:
            yield Discrepancy("misfiled", f"{named} around statement {said[:12]}", "the statement's own id", record.index, said)
        try:
            filed = self._filed(record, opened.payload)
        except NotAStatement as error:
            yield Discrepancy("misfiled", f"{named} of kind {record.kind}: {error}", "that kind", record.index, record.id)
            return
        row = (record.kind, record.about, record.head_sha, record.regards)
        if filed != row:
            differ = next(f"{held!r} for {wanted!r}" for held, wanted in zip(row, filed, strict=True) if held != wanted)
            yield Discrepancy("misfiled", f"{differ} in the row of {named}", "what its statement says", record.index, record.id)

    def _filed(self, record: StoredRecord, payload: bytes) -> Filed:
        """What the row should say. Raises NotAStatement."""
        if record.kind == "decision":
            approval = read_statement(payload)
            regards = record.regards if record.regards in ("", approval.carried_from) else approval.carried_from
            return ("decision", approval.change.key, approval.head_sha, regards)
        read = read_record(payload)
        self.ties.see(record.id, read)
        return (read.kind, read.about, read.head_sha, read.regards)
