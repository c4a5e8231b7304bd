"""Whether a proof shows that an entry is in a log: pure, from the proof, the entry and the keys one trusts.

The log is named by its keys: the origin of the checkpoint must be the name of a key given, and that key must have signed it
(c2sp.org/tlog-checkpoint, "Signatures"; c2sp.org/tlog-policy, "Defining a log"). Keys of other names are witnesses: whose
signatures held is in the answer, and how many are enough is the asker's policy, who counts each public key once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.core.tlog.checkpoint import Checkpoint, parse_checkpoint
from bot.core.tlog.encoding import Malformed, shown
from bot.core.tlog.note import COSIGNATURE_V1, Check, Note, VerifierKey, claims_key, parse_note, verified
from bot.core.tlog.proof import InclusionProof, parse_proof
from bot.core.tlog.tree import hash_leaf, proof_length, verify_inclusion

ANEW = "ask the log for the proof again"


class Outcome(StrEnum):
    """What a check found. Anything but GOOD is a no."""

    GOOD = "good"
    NO_PROOF = "no-proof"
    WRONG_ORIGIN = "wrong-origin"
    UNKNOWN_KEY = "unknown-key"
    ALTERED_CHECKPOINT = "altered-checkpoint"
    WRONG_INDEX = "wrong-index"
    NOT_IN_TREE = "not-in-tree"
    ALTERED = "altered"


@dataclass(frozen=True, slots=True)
class Included:
    """The entry is number `index` of the log as `checkpoint` has it, which the keys `signed_by` signed, in the order given."""

    index: int
    checkpoint: Checkpoint
    signed_by: tuple[VerifierKey, ...]
    outcome: Outcome = Outcome.GOOD


@dataclass(frozen=True, slots=True)
class NotIncluded:
    """Why nothing is shown."""

    outcome: Outcome
    saw: str
    wanted: str
    cure: str

    def __str__(self) -> str:
        return f"saw {self.saw}; wanted {self.wanted}; {self.cure}"


def check_inclusion(
    text: str, data: bytes, keys: Sequence[VerifierKey], check: Check, index: int | None = None
) -> Included | NotIncluded:
    """Check the text of a proof for an entry's bytes. `index` is the entry's number where the asker knows it; None: any."""
    try:
        proof = parse_proof(text)
        note = parse_note(proof.checkpoint)
        checkpoint = parse_checkpoint(note.text)
    except Malformed as error:
        return NotIncluded(Outcome.NO_PROOF, error.saw, error.wanted, ANEW)
    signed_by = _signers(note, checkpoint.origin, keys, check)
    if isinstance(signed_by, NotIncluded):
        return signed_by
    return _check_place(proof, checkpoint, data, index) or Included(proof.index, checkpoint, signed_by)


def _signers(note: Note, origin: str, keys: Sequence[VerifierKey], check: Check) -> tuple[VerifierKey, ...] | NotIncluded:
    """The keys whose signatures hold, the log's own among them."""
    own = [key for key in keys if key.name == origin]
    if not own:
        logs = {key.name for key in keys if key.algorithm != COSIGNATURE_V1} or {key.name for key in keys}
        wanted = " or ".join(sorted(logs)) or "a log whose key is given, and none is"
        return NotIncluded(
            Outcome.WRONG_ORIGIN,
            f"the log {shown(origin)}",
            wanted,
            "give that log's key, or ask for a proof of the log wanted",
        )
    if not any(claims_key(signature, key) for signature in note.signatures for key in own):
        saw = ", ".join(f"{shown(signed.name)} {signed.key_hash.hex()}" for signed in note.signatures[:3])
        wanted = " or ".join(f"{key.name} {key.key_hash.hex()}" for key in own)
        cure = "compare the key with the one that the log's operator publishes"
        return NotIncluded(Outcome.UNKNOWN_KEY, f"signatures by {saw}", f"one by {wanted}", cure)
    signed_by = verified(note, keys, check)
    if not signed_by:
        saw = "a checkpoint with a signature of a known key over something else"
        return NotIncluded(Outcome.ALTERED_CHECKPOINT, saw, "the checkpoint as it was signed", ANEW)
    return signed_by


def _check_place(proof: InclusionProof, checkpoint: Checkpoint, data: bytes, index: int | None) -> NotIncluded | None:
    size = checkpoint.size
    if index is not None and proof.index != index:
        cure = "ask the log for the proof of that entry"
        return NotIncluded(Outcome.WRONG_INDEX, f"a proof of entry {proof.index}", f"one of entry {index}", cure)
    if proof.index >= size:
        saw = f"entry {proof.index} of a log of {size} entries"
        cure = "ask for the proof again when the log has signed a checkpoint that holds it"
        return NotIncluded(Outcome.NOT_IN_TREE, saw, "an entry before the log's end", cure)
    if len(proof.hashes) != proof_length(proof.index, size):
        saw = f"{len(proof.hashes)} hashes for entry {proof.index} of {size}"
        return NotIncluded(
            Outcome.ALTERED, saw, f"{proof_length(proof.index, size)}, as many as lie on its way to the root", ANEW
        )
    if not verify_inclusion(hash_leaf(data), proof.index, size, proof.hashes, checkpoint.root):
        saw = f"other bytes, another number or another path than those of entry {proof.index}"
        cure = f"compare the bytes with the log's entry {proof.index}, or {ANEW}"
        return NotIncluded(Outcome.ALTERED, saw, "what leads to the root that the log signed", cure)
    return None
