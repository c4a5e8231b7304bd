"""Small values that these tests store."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta

import sqlalchemy

from bot.core.actions import Remind, SayInThread, SetCheck, SetComment, ShowAsk, ShowCard, Whisper
from bot.core.events import ChangeTouched
from bot.core.ids import ChangeRef, ChatUser, ForgeAccount, PersonId, RepoRef
from bot.core.notice import Notice, text
from bot.core.tlog.tiles import TileReader
from bot.core.tlog.tree import root_at
from bot.ports.identity import Link, Passkey, Visit
from bot.ports.records import NewRecord, StoredCheckpoint
from bot.ports.store import ApprovalRequest, ChangeRecord, Store, Unit
from storage.database import open_database

NOW = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
SHOP = RepoRef("github", "github.com", "acme/shop")
CHANGE = ChangeRef(SHOP, 7)
OTHER = ChangeRef(SHOP, 8)
SHA = "a1" * 20
CHANNEL = "C100"


def touched(reason: str = "opened", head_sha: str = "", sender: str = "", change: ChangeRef = CHANGE) -> ChangeTouched:
    return ChangeTouched(change, reason, head_sha=head_sha, sender=sender)


def notice(words: str) -> Notice:
    return Notice(words, "waiting", text(words))


def comment(body: str, change: ChangeRef = CHANGE) -> SetComment:
    return SetComment(change, body)


def check(title: str, sha: str = SHA) -> SetCheck:
    return SetCheck(SHOP, sha, "waiting", title, "summary", "details", change=CHANGE)


def card(words: str, change: ChangeRef = CHANGE, channel: str = CHANNEL) -> ShowCard:
    return ShowCard(change, channel, notice(words))


def ask(person: str) -> ShowAsk:
    return ShowAsk(CHANGE, CHANNEL, person, SHA, notice(f"please look, {person}"))


def line(key: str) -> SayInThread:
    return SayInThread(CHANGE, CHANNEL, notice("something happened"), key)


def whisper(key: str) -> Whisper:
    return Whisper(ChatUser("T1", "U1"), CHANNEL, notice("only you see this"), key)


def remind(*reminders: int, user: str = "U1", person: str = "ada", digest: bool = False) -> Remind:
    return Remind(ChatUser("T1", user), PersonId(person), reminders, NOW, digest)


def record(change: ChangeRef = CHANGE) -> ChangeRecord:
    return ChangeRecord(change, None, (), b"", b"", None, (), None)


def request(token: str = "tok", change: ChangeRef = CHANGE) -> ApprovalRequest:
    return ApprovalRequest(token, change, SHA, "digest", "high", "open", 1, CHANNEL, NOW, NOW)


def decision(id: str = "a1", bundle: bytes = b"one", change: ChangeRef = CHANGE) -> NewRecord:
    return NewRecord("decision", id, change.key, bundle, SHA)


def void(approval: str, because: str, change: ChangeRef = CHANGE) -> NewRecord:
    """A bundle without a signature: nothing here verifies one."""
    return NewRecord("void", f"void:{approval}:{because}", change.key, bundle({"because": because}), regards=approval)


def bundle(details: object) -> bytes:
    payload = base64.b64encode(json.dumps({"predicate": {"details": details}}).encode()).decode()
    return json.dumps({"dsseEnvelope": {"payload": payload}}).encode()


def numbered(first: int, count: int) -> list[NewRecord]:
    """Records that differ in their number, about a hundred changes in turn."""
    return [
        decision(f"{number:064x}", b"bundle %d" % number, ChangeRef(SHOP, number % 100))
        for number in range(first, first + count)
    ]


def fill_log(store: Store, count: int, at_once: int = 5_000) -> None:
    """Append so many records to the log."""
    with store.look() as unit:
        size = unit.log_size()
    for first in range(size, size + count, at_once):
        with store.begin() as unit:
            unit.add_records(numbered(first, min(at_once, size + count - first)), NOW)
            unit.commit()


def leaf(record: bytes) -> bytes:
    """The leaf hash of a bundle, written out once more."""
    return hashlib.sha256(b"\x00" + hashlib.sha256(record).digest()).digest()


def naive_root(leaves: Sequence[bytes]) -> bytes:
    """RFC 6962 section 2.1, word for word."""
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.sha256(b"").digest()
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + naive_root(leaves[:split]) + naive_root(leaves[split:])).digest()


def kept_root(unit: Unit) -> bytes:
    """The root that the tiles in the store give."""
    return root_at(unit.log_size(), TileReader(unit.tiles))


def checkpoint(size: int = 1) -> StoredCheckpoint:
    return StoredCheckpoint(size, b"\x00root", f"gate.example/log\n{size}\nroot\n\n\u2014 gate sig\n", NOW)


def link(id: str = "l1", user: str = "U1", account: int = 1001, host: str = "github.com") -> Link:
    return Link(id, PersonId("ada"), ChatUser("T1", user), ForgeAccount("github", host, account, "ada"), "login", NOW, NOW)


def passkey(id: str = "cred", person: str = "ada") -> Passkey:
    return Passkey(id, PersonId(person), b"\x00cose", "laptop", "r1", NOW)


def visit(token: str = "secret", expires_at: datetime = NOW + timedelta(minutes=10)) -> Visit:
    return Visit(hashlib.sha256(token.encode()).hexdigest(), "sign", ChatUser("T1", "U1"), PersonId("ada"), expires_at)


def raw(url: str, statement: str, values: dict[str, object] | None = None) -> list[tuple[object, ...]]:
    """What somebody with a database shell does, and the rows that come back."""
    database = open_database(url)
    try:
        with database.write() as connection:
            result = connection.execute(sqlalchemy.text(statement), values)
            rows = [tuple(row) for row in result] if result.returns_rows else []
            connection.commit()
            return rows
    finally:
        database.close()


def await_waiter(url: str, waiter: Future[bool] | Future[None]) -> None:
    """Until somebody waits for a lock on this PostgreSQL; fails if the one who should is done without."""
    while not raw(url, "SELECT 1 FROM pg_locks WHERE NOT granted"):
        assert not waiter.done(), "it waited for nothing"
