"""A transparency log as Rekor v1 is one: an RFC 6962 tree with signed entry times and checkpoints.

Formats: sigstore/rekor `openapi.yaml` (log entry), `types/{dsse,hashedrekord,intoto}`, and transparency-dev/formats
`log/README.md` (checkpoint); in a bundle, sigstore/protobuf-specs `sigstore_rekor.proto`.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from tests.local_sigstore.authority import log_id, new_key

NAME = "log.local"


def encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


def compact(value: object) -> bytes:
    """Canonical JSON, for values of ASCII keys and whole numbers."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


@dataclass
class Log:
    """Leaves and the key that speaks for them."""

    key: ec.EllipticCurvePrivateKey = field(default_factory=new_key)
    leaves: list[bytes] = field(default_factory=list)

    @property
    def id(self) -> bytes:
        return log_id(self.key.public_key())

    def add(self, proposed: dict[str, Any], at: datetime) -> dict[str, Any]:
        """Take a proposed entry of a DSSE envelope or of a file's digest; the answer names it with its proof."""
        return self.enter(_entry(proposed["spec"]["proposedContent"]) if proposed["kind"] == "dsse" else proposed, at)

    def listed(self, whole: dict[str, Any], at: datetime) -> dict[str, Any]:
        """Take an entry as it stands; it comes back as a bundle lists it."""
        (entry,) = self.enter(whole, at).values()
        proof, promise = entry["verification"]["inclusionProof"], entry["verification"]["signedEntryTimestamp"]
        return {
            "logIndex": str(entry["logIndex"]),
            "logId": {"keyId": encoded(self.id)},
            "kindVersion": {"kind": whole["kind"], "version": whole["apiVersion"]},
            "integratedTime": str(entry["integratedTime"]),
            "inclusionPromise": {"signedEntryTimestamp": promise},
            "inclusionProof": {
                "logIndex": str(proof["logIndex"]),
                "rootHash": encoded(bytes.fromhex(proof["rootHash"])),
                "treeSize": str(proof["treeSize"]),
                "hashes": [encoded(bytes.fromhex(one)) for one in proof["hashes"]],
                "checkpoint": {"envelope": proof["checkpoint"]},
            },
            "canonicalizedBody": entry["body"],
        }

    def enter(self, whole: dict[str, Any], at: datetime) -> dict[str, Any]:
        """Append an entry; the answer names it with its proof."""
        body = compact(whole)
        self.leaves.append(hashlib.sha256(b"\0" + body).digest())
        index, size = len(self.leaves) - 1, len(self.leaves)
        promised = {
            "body": encoded(body), "integratedTime": int(at.timestamp()), "logID": self.id.hex(), "logIndex": index
        }  # fmt: skip
        proof = {
            "checkpoint": self._checkpoint(),
            "hashes": [one.hex() for one in path(index, self.leaves)],
            "logIndex": index,
            "rootHash": root(self.leaves).hex(),
            "treeSize": size,
        }
        verification = {"inclusionProof": proof, "signedEntryTimestamp": encoded(self._sign(compact(promised)))}
        return {self.leaves[-1].hex(): {**promised, "verification": verification}}

    def _checkpoint(self) -> str:
        note = f"{NAME}\n{len(self.leaves)}\n{encoded(root(self.leaves))}\n"
        return f"{note}\n\u2014 {NAME} {encoded(self.id[:4] + self._sign(note.encode()))}\n"

    def _sign(self, content: bytes) -> bytes:
        return self.key.sign(content, ec.ECDSA(hashes.SHA256()))


def _entry(proposed: dict[str, Any]) -> dict[str, Any]:
    envelope = json.loads(proposed["envelope"])
    (verifier,) = proposed["verifiers"]
    spec = {
        "envelopeHash": _digest(proposed["envelope"].encode()),
        "payloadHash": _digest(base64.b64decode(envelope["payload"])),
        "signatures": [{"signature": one["sig"], "verifier": verifier} for one in envelope["signatures"]],
    }
    return {"apiVersion": "0.0.1", "kind": "dsse", "spec": spec}


def _digest(content: bytes) -> dict[str, str]:
    return {"algorithm": "sha256", "value": hashlib.sha256(content).hexdigest()}


def root(leaves: Sequence[bytes]) -> bytes:
    """The tree's head over leaf hashes."""
    if len(leaves) == 1:
        return leaves[0]
    left = _left(leaves)
    return hashlib.sha256(b"\1" + root(leaves[:left]) + root(leaves[left:])).digest()


def path(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """The inclusion proof of one leaf, from the bottom up."""
    if len(leaves) == 1:
        return []
    left = _left(leaves)
    if index < left:
        return [*path(index, leaves[:left]), root(leaves[left:])]
    return [*path(index - left, leaves[left:]), root(leaves[:left])]


def _left(leaves: Sequence[bytes]) -> int:
    """The largest power of two below the number of leaves."""
    return 1 << (len(leaves) - 1).bit_length() - 1
