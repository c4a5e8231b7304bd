"""A log of a thousand records and one of a million, on one database, in turn: what an append and what proofs cost."""

from __future__ import annotations

import os
import random
import statistics
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bot.core.tlog.tiles import Tile, TileReader
from bot.core.tlog.tree import consistency_proof, inclusion_proof
from bot.handlers.ledger.transparency import TransparencyLog
from bot.main.log import KeyedLog
from bot.ports.records import StoredCheckpoint
from integrations.sandbox.clock import FakeClock
from integrations.tlog.keys import LogKey
from storage.migrate import upgrade
from storage.store import SqlStore
from tests.bench.bulk import fill, record_at
from tests.bench.turns import Timed, in_turn
from tests.storage.material import NOW
from tests.storage.test_records import counted

SMALL, LARGE = 1_000, 1_000_000
SAMPLES, PLACES = 300, 100
PAGE = bytes(4096)
SEED = 20_26
BUNDLE = 2_600
"""Bytes of a witnessed approval; those that fill the log are shorter, for the bench's own sake."""


@dataclass
class Grown:
    """One log, and what is done to it again and again. `size` is how long it was at first."""

    url: str
    size: int
    clock: FakeClock = field(default_factory=FakeClock)
    places: random.Random = field(default_factory=lambda: random.Random(SEED))
    """The same in each run."""

    def __post_init__(self) -> None:
        upgrade(self.url)
        fill(self.url, self.size)
        self.store = SqlStore(self.url, self.clock)
        self.log = TransparencyLog(self.store, self.clock, KeyedLog(LogKey("gate.example/log", Ed25519PrivateKey.generate())))
        self.next = self.size

    def append(self) -> None:
        """One record, one transaction, on the disk when it returns."""
        short = record_at(self.next)
        with self.store.begin() as unit:
            unit.add_record(replace(short, bundle=short.bundle.ljust(BUNDLE)), NOW)
            unit.commit()
        self.next += 1

    def prove(self) -> str:
        """That some record is in the log, under its newest head."""
        proof = self.log.prove(record_at(self.places.randrange(self.size)).id)
        assert proof is not None
        return proof

    def prove_growth(self) -> Sequence[bytes]:
        """That the newest head grew out of some earlier one."""
        with self.store.look() as unit:
            return consistency_proof(self.places.randrange(1, self.size), self.newest.size, TileReader(unit.tiles))

    def sign_head(self) -> None:
        made = self.log.checkpoint()
        assert made is not None
        self.newest: StoredCheckpoint = made


@dataclass(frozen=True, slots=True)
class Counted:
    """What one log costs, whatever else the machine does."""

    append_statements: int
    proof_statements: float
    proof_tiles: float
    growth_tiles: float
    proof_bytes: int
    """Of the proofs: the mean over many places, of the bytes the median."""


@dataclass(frozen=True, slots=True)
class Growth:
    """By the size of the log. The append's samples have a bare disk sync beside them, under `SYNC`."""

    appends: Timed
    proofs: Timed
    growths: Timed
    counted: Mapping[int, Counted]


SYNC = "sync"


def way(size: int) -> str:
    return f"{size:,}"


def measure_growth(url_of: Callable[[int], str]) -> Growth:
    """`url_of` makes a fresh database for a log of that size."""
    logs = [Grown(url_of(size), size) for size in (SMALL, LARGE)]
    try:
        with _synced_page() as sync:
            appends = in_turn({**{way(one.size): one.append for one in logs}, SYNC: sync}, SAMPLES)
        for one in logs:
            one.sign_head()
        proofs = in_turn({way(one.size): one.prove for one in logs}, SAMPLES)
        growths = in_turn({way(one.size): one.prove_growth for one in logs}, SAMPLES)
        return Growth(appends, proofs, growths, {one.size: _count(one) for one in logs})
    finally:
        for one in logs:
            one.store.close()


@contextmanager
def _synced_page() -> Iterator[Callable[[], None]]:
    """What a commit cannot do without: a page written and synced, beside the databases."""
    with tempfile.TemporaryDirectory() as folder, Path(folder, "page").open("wb", buffering=0) as file:

        def sync() -> None:
            file.write(PAGE)
            os.fsync(file.fileno())

        yield sync


def _count(log: Grown) -> Counted:
    with counted() as appended:
        log.append()
    log.sign_head()
    with counted() as proved:
        proofs = [len(log.prove()) for _ in range(PLACES)]
    return Counted(
        append_statements=len(appended),
        proof_statements=len(proved) / PLACES,
        proof_tiles=_tiles_read(log, lambda read: inclusion_proof(log.places.randrange(log.size), log.newest.size, read)),
        growth_tiles=_tiles_read(log, lambda read: consistency_proof(log.places.randrange(1, log.size), log.newest.size, read)),
        proof_bytes=round(statistics.median(proofs)),
    )


def _tiles_read(log: Grown, prove: Callable[[TileReader], object]) -> float:
    """How many tiles a proof asks for, the mean of many."""
    asked: list[Tile] = []
    with log.store.look() as unit:

        def read(wanted: Sequence[Tile]) -> Mapping[Tile, bytes]:
            asked.extend(wanted)
            return unit.tiles(wanted)

        for _ in range(PLACES):
            prove(TileReader(read))
    return len(asked) / PLACES
