"""A log at work without the rest of the gate: signed records in a real database, heads on a real git ref; and who rules it.

The administrator has every right on the database: triggers go first. Keys they have only where a test says so.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import sqlalchemy
from cryptography.hazmat.primitives.asymmetric import ec

from bot.core import base64url
from bot.core.approval import Answer
from bot.core.ids import ChangeRef, ChatUser, CommitSha, ForgeAccount, PersonId, RepoRef
from bot.core.in_toto import statement_id
from bot.core.records import Record, render_record
from bot.core.statement import Decision, Reviewer, Target, Terms, render_statement
from bot.core.tlog.tiles import grown
from bot.core.tlog.tree import hash_leaf
from bot.handlers.ledger.anchoring import Anchoring
from bot.handlers.ledger.audit import Auditor
from bot.handlers.ledger.discrepancy import AuditReport, Discrepancy, Fault
from bot.handlers.ledger.transparency import TransparencyLog
from bot.main.log import KeyedLog
from bot.ports.anchors import AnchoredNote
from bot.ports.records import NewRecord, StoredRecord
from integrations.git.anchor import GitAnchor
from integrations.sandbox.clock import FakeClock
from integrations.sigstore.signer import KeySigner
from integrations.sigstore.verifier import KeyRing
from integrations.tlog.keys import load_key, make_key
from storage.database import open_database
from storage.log_tables import APPEND_ONLY
from storage.store import SqlStore
from tests.integrations.git.making import Made, make

ORIGIN = "gate.example/log"
REF = "refs/heads/llmgate-log"
SHOP = RepoRef("github", "github.com", "acme/shop")
LOG_KEYS: dict[str, KeyedLog] = {}
SIGNING_KEY = ec.generate_private_key(ec.SECP256R1())
"""One for all tests: what they show does not depend on which."""


class Archive:
    """The log and its git anchor."""

    def __init__(self, url: str, folder: Path, clock: FakeClock) -> None:
        self.url, self.clock = url, clock
        self.store = SqlStore(url, clock)
        self.signer = KeySigner(SIGNING_KEY)
        make_key(folder / "log.pem", ORIGIN)
        self.log_key = KeyedLog(load_key(folder / "log.pem", ORIGIN))
        self.held: Made = make(folder / "held.git", "--bare")
        self.anchor = GitAnchor(str(self.held.root), REF)
        self.log = TransparencyLog(self.store, clock, self.log_key)
        self.anchoring = Anchoring(self.log, (self.anchor,))
        self.auditor = Auditor(self.store, KeyRing([SIGNING_KEY.public_key()]), self.log_key)

    def close(self) -> None:
        self.store.close()

    # what the gate does

    def add(self, *records: NewRecord) -> None:
        with self.store.begin() as unit:
            for record in records:
                unit.add_record(record, self.clock.now())
            unit.commit()

    def fill(self, count: int) -> None:
        """So many decisions, and a void of every third of them."""
        with self.store.begin() as unit:
            first = unit.log_size()
            for number in range(first, first + count):
                last = unit.records_from(number - 1, 1) if number else ()
                new = self.void(last[0]) if number % 3 == 2 and last else self.decision(number)
                unit.add_record(new, self.clock.now())
            unit.commit()

    def tick(self) -> None:
        self.clock.advance(timedelta(hours=1))
        self.anchoring.tick()

    def decision(self, number: int, person: str = "bob") -> NewRecord:
        statement = render_statement(decision_of(number, person, self.clock))
        return self.signed("decision", statement, ChangeRef(SHOP, number).key, f"{number:040x}")

    def void(self, of: StoredRecord, because: str = "a new push") -> NewRecord:
        record = Record("void", of.about, self.clock.now(), {"because": because}, of.head_sha, of.id)
        return self.signed("void", render_record(record), of.about, of.head_sha, of.id)

    def link(self, person: str, number: int) -> NewRecord:
        details = {"person": person, "chat": "T1:U1", "account": f"github:github.com:{number}", "login": person}
        record = Record("link", f"person:{person}", self.clock.now(), details)
        return self.signed("link", render_record(record), record.about)

    def passkey(self, person: str, credential: str, key: bytes) -> NewRecord:
        details = {
            "credentialId": credential,
            "publicKey": base64url.encode(key),
            "rpId": "gate.example",
            "origin": "https://gate.example",
        }
        record = Record("passkey", f"person:{person}", self.clock.now(), details)
        return self.signed("passkey", render_record(record), record.about)

    def unlink(self, link: NewRecord) -> NewRecord:
        record = Record("unlink", link.about, self.clock.now(), {"because": "left"}, regards=link.id)
        return self.signed("unlink", render_record(record), link.about, regards=link.id)

    def signed(self, kind: str, statement: bytes, about: str, head: str = "", regards: str = "") -> NewRecord:
        bundle = self.signer.sign(statement)
        return NewRecord(kind, statement_id(statement), about, bundle, head, regards)  # type: ignore[arg-type]  # a kind

    # what an auditor does

    def audit(self, *notes: str) -> AuditReport:
        """With the git ref read whole, and notes that somebody kept."""
        outside: dict[str, Sequence[AnchoredNote]] = {"git": self.anchor.read()}
        if notes:
            outside["file"] = [AnchoredNote(f"kept-{place}", note) for place, note in enumerate(notes)]
        return self.auditor.audit(outside)

    def found(self, *notes: str) -> dict[Fault, Discrepancy]:
        """The first of each fault."""
        found: dict[Fault, Discrepancy] = {}
        for one in self.audit(*notes).found:
            found.setdefault(one.fault, one)
        return found

    def record_at(self, index: int) -> StoredRecord:
        with self.store.look() as unit:
            return unit.records_from(index, 1)[0]


@dataclass(frozen=True)
class Administrator:
    """Whoever rules the database."""

    url: str

    def run(self, *statements: str, **values: object) -> None:
        """Past every trigger, and committed."""
        database = open_database(self.url)
        try:
            with database.write() as connection:
                for table in APPEND_ONLY:
                    self._disarm(connection, table)
                for statement in statements:
                    connection.execute(sqlalchemy.text(statement), values)
                connection.commit()
        finally:
            database.close()

    def rows(self, statement: str) -> Sequence[Mapping[str, object]]:
        database = open_database(self.url)
        try:
            with database.read() as connection:
                return [dict(row) for row in connection.execute(sqlalchemy.text(statement)).mappings()]
        finally:
            database.close()

    def _disarm(self, connection: sqlalchemy.Connection, table: str) -> None:
        if connection.dialect.name == "postgresql":
            connection.execute(sqlalchemy.text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
            return
        triggers = connection.execute(
            sqlalchemy.text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table"), {"table": table}
        ).scalars()
        for name in list(triggers):
            connection.execute(sqlalchemy.text(f'DROP TRIGGER "{name}"'))

    # whole plans

    def remove(self, index: int) -> None:
        """One record goes, and those behind it close the gap."""
        self.run(
            "DELETE FROM records WHERE position = :index",
            "UPDATE records SET position = -position WHERE position > :index",
            "UPDATE records SET position = -position - 1 WHERE position < 0",
            "UPDATE log_head SET size = size - 1",
            index=index,
        )

    def swap(self, one: int, other: int) -> None:
        self.run(
            "UPDATE records SET position = -1 WHERE position = :one",
            "UPDATE records SET position = :one WHERE position = :other",
            "UPDATE records SET position = :other WHERE position = -1",
            one=one,
            other=other,
        )

    def cut(self, size: int) -> None:
        """What an older copy of the database is: nothing of it knows of anything later."""
        self.run(
            "DELETE FROM records WHERE position >= :size",
            "UPDATE log_head SET size = :size",
            *(f"DELETE FROM {table} WHERE size > :size" for table in ("checkpoints", "cosignatures", "timestamps", "anchors")),
            size=size,
        )
        self.make_tiles_anew()

    def make_tiles_anew(self) -> None:
        """The tiles follow from the records as they are now, in every level."""
        rows = self.rows("SELECT bundle FROM records ORDER BY position")
        leaves = [hash_leaf(hashlib.sha256(bytes(row["bundle"])).digest()) for row in rows]  # type: ignore[call-overload]  # bytes
        self.run("DELETE FROM log_tiles")
        for tile, hashes in grown(0, leaves, {}).items():
            insert = "INSERT INTO log_tiles (level, number, hashes) VALUES (:level, :number, :hashes)"
            self.run(insert, level=tile.level, number=tile.index, hashes=hashes)

    def forget_checkpoints(self) -> None:
        self.run(*(f"DELETE FROM {table}" for table in ("anchors", "timestamps", "cosignatures", "checkpoints")))


def decision_of(number: int, person: str, clock: FakeClock) -> Decision:
    change = ChangeRef(SHOP, number)
    account = ForgeAccount("github", "github.com", 500 + number, person)
    return Decision(
        Target(
            change, f"https://github.com/acme/shop/pull/{number}", CommitSha(f"{number:040x}"), "7" * 40, "main", "8" * 40, ""
        ),
        Reviewer(PersonId(person), account, ChatUser("T1", "U1"), ()),
        Terms("medium", "9" * 64, ".llmgate/policy.yaml"),
        "approved",
        "witnessed",
        clock.now(),
        (Answer("tests", "Tests exist and pass", True),),
    )


def otherwise(record: StoredRecord, archive: Archive) -> NewRecord:
    """The same decision by somebody else, signed with the organisation's key: what only a thief of that key can make."""
    new = archive.decision(int(record.head_sha, 16), person="mallory")
    return replace(new, about=record.about)
