"""The transparency log at work: heads are signed, entries are proved, tiles are served, witnesses are heard.

The database serves and is not believed: before a head is signed the tree must have grown out of the last one that was. What
the log's own key says about a tree is all that a proof rests on; that it says the same to everybody is what anchors are for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.core.tlog.checkpoint import Checkpoint, parse_checkpoint, render_checkpoint
from bot.core.tlog.encoding import Malformed
from bot.core.tlog.note import Note, NoteSignature, VerifierKey, claims_key, format_signature, parse_note, verified
from bot.core.tlog.proof import InclusionProof, render_proof
from bot.core.tlog.tiles import HEIGHT, TILE_WIDTH, BadTile, TilePath, TileReader, render_entry_bundle
from bot.core.tlog.tree import HASH, inclusion_proof, root_at
from bot.ports.clock import Clock
from bot.ports.errors import Refused
from bot.ports.records import Anchor, LogUnit, StoredCheckpoint, StoredRecord
from bot.ports.store import Store
from bot.ports.trust import LogSigner

WITNESS = "witness"
"""`Anchor.place` of a checkpoint that a witness cosigned."""
LOOK_CLOSER = "run `llmgate log verify`, which says what differs"


def entry_of(record: StoredRecord) -> bytes:
    """The entry that stands for a record: the SHA-256 of its bundle, so that the log can be served and names nobody."""
    return hashlib.sha256(record.bundle).digest()


@dataclass(frozen=True, slots=True)
class TransparencyLog:
    """One log. `witnesses` are the keys whose cosignatures are taken."""

    store: Store
    clock: Clock
    signer: LogSigner
    witnesses: tuple[VerifierKey, ...] = field(default=())

    def newest(self) -> StoredCheckpoint | None:
        """The largest head that was signed."""
        with self.store.look() as unit:
            return unit.latest_checkpoint()

    def checkpoint(self) -> StoredCheckpoint | None:
        """The head of the log as it is now, signed if it was not; None while the log is empty.

        Raises Refused where records that were signed for are gone or changed: such a tree is never signed.
        """
        with self.store.look() as unit:
            size, newest = unit.log_size(), unit.latest_checkpoint()
            if newest is not None:
                _refuse_unless_grown(unit, newest, size)
            if size == 0 or (newest is not None and newest.size == size):
                return newest
            root = root_at(size, TileReader(unit.tiles))
        note = self.signer.sign_note(render_checkpoint(Checkpoint(self.signer.origin, size, root)))
        made = StoredCheckpoint(size, root, note, self.clock.now())
        with self.store.begin() as unit:
            unit.add_checkpoint(made)
            unit.commit()
        return self.newest()

    def prove(self, record_id: str) -> str | None:
        """The text of a `.tlog-proof` for the record (C2SP tlog-proof), under a head that covers it. None: no such record."""
        with self.store.look() as unit:
            record, newest = unit.record(record_id), unit.latest_checkpoint()
        if record is None:
            return None
        if newest is None or newest.size <= record.index:
            newest = self.checkpoint()
        if newest is None or newest.size <= record.index:
            raise Refused(f"saw record {record.index} in a log of fewer records; wanted it within; {LOOK_CLOSER}")
        with self.store.look() as unit:
            hashes = inclusion_proof(record.index, newest.size, TileReader(unit.tiles))
        return render_proof(InclusionProof(record.index, hashes, newest.note))

    # what /log/ serves

    def page(self, asked: TilePath) -> bytes | None:
        """A tile or a bundle of entries; None for anything that the newest head does not cover."""
        with self.store.look() as unit:
            newest = unit.latest_checkpoint()
            if newest is None or not _covers(newest.size, asked):
                return None
            if asked.entries:
                records = unit.records_from(asked.tile.index * TILE_WIDTH, asked.width)
                return render_entry_bundle([entry_of(record) for record in records])
            hashes = unit.tiles([asked.tile]).get(asked.tile, b"")
        return hashes[: asked.width * HASH] or None

    def take_cosignature(self, text: str) -> str:
        """Take a note of ours with signatures of witnesses under it. What was wrong with it; nothing where it was taken.

        Of each witness the first signature under a head is kept.
        """
        try:
            note = parse_note(text)
            size = parse_checkpoint(note.text).size
        except Malformed as error:
            return str(error)
        lines = self._vouched(note)
        if not lines:
            return "saw no signature of a known witness that holds; wanted one of a key in log.witnesses"
        with self.store.begin() as unit:
            ours = next((one for one in unit.checkpoints() if one.size == size), None)
            if ours is None or parse_note(ours.note).text != note.text:
                return f"saw a checkpoint of {size:,} records that is none of this log's; wanted one served at /log/checkpoint"
            for line in lines:
                unit.add_cosignature(size, format_signature(line), self.clock.now())
                unit.add_anchor(Anchor(size, WITNESS, line.name, self.clock.now()))
            unit.commit()
        return ""

    def _vouched(self, note: Note) -> Sequence[NoteSignature]:
        known = verified(note, self.witnesses, self.signer.check)
        return [line for line in note.signatures if any(claims_key(line, key) for key in known)]


def _refuse_unless_grown(unit: LogUnit, newest: StoredCheckpoint, size: int) -> None:
    """Whoever signs vouches that nothing signed before is gone."""
    if size < newest.size:
        saw = f"saw a log of {size:,} records and a signed head of {newest.size:,}"
        raise Refused(f"{saw}; wanted a log that only grows; nothing was signed; {LOOK_CLOSER}")
    try:
        root, signed = root_at(newest.size, TileReader(unit.tiles)), parse_checkpoint(parse_note(newest.note).text).root
    except BadTile as error:
        raise Refused(f"saw tiles that do not hold the log ({error}); nothing was signed; {LOOK_CLOSER}") from None
    except Malformed as error:
        raise Refused(f"saw a signed head that cannot be read ({error}); nothing was signed; {LOOK_CLOSER}") from None
    if not root == newest.root == signed:
        saw = f"saw other hashes of the first {newest.size:,} records than those signed at {newest.at:%Y-%m-%d %H:%M} UTC"
        raise Refused(f"{saw}; wanted the same; nothing was signed; {LOOK_CLOSER}")


def _covers(size: int, asked: TilePath) -> bool:
    """Whether a tree of that size has all that the path asks for."""
    return asked.tile.index * TILE_WIDTH + asked.width <= size >> HEIGHT * asked.tile.level
