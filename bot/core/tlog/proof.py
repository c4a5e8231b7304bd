"""Proofs that an entry is in a log, for whoever has no way to the log (C2SP tlog-proof, "Format").

c2sp.org/tlog-proof@v1
[extra base64(data)]
index N
base64(hash), one a line, from the leaf's sibling up to a child of the root
<empty line>
the signed checkpoint
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.tlog.encoding import Malformed, decode_base64, decode_decimal, encode_base64, shown
from bot.core.tlog.note import MAX_BYTES
from bot.core.tlog.tree import HASH

HEADER = "c2sp.org/tlog-proof@v1"
MAX_HASHES = 63
"""Levels of the largest tree: sizes are below 2**63."""
MAX_CHARACTERS = 2 * MAX_BYTES


class BadProof(Malformed):
    """The text is no proof; the message names what was seen and what was wanted."""


@dataclass(frozen=True, slots=True)
class InclusionProof:
    """A proof taken apart. `checkpoint` is the signed note, unverified. Nobody signs `extra`: a hint, never trusted."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: str
    extra: bytes = b""


def render_proof(proof: InclusionProof) -> str:
    """The text of a `.tlog-proof` file. Raises BadProof when it would not be read back."""
    extra = [f"extra {encode_base64(proof.extra)}"] if proof.extra else []
    head = [HEADER, *extra, f"index {proof.index}", *map(encode_base64, proof.hashes)]
    text = "\n".join(head) + f"\n\n{proof.checkpoint}"
    parse_proof(text)
    return text


def parse_proof(text: str) -> InclusionProof:
    """Take a proof apart; nothing is verified. Raises BadProof."""
    if len(text) > MAX_CHARACTERS:
        raise BadProof(f"a proof of {len(text):,} characters", f"at most {MAX_CHARACTERS:,}")
    head, gap, checkpoint = text.partition("\n\n")
    header, *lines = head.split("\n")
    if header != HEADER:
        raise BadProof(f"the first line {shown(header)}", HEADER)
    if not gap or not checkpoint:
        raise BadProof("no checkpoint", "an empty line and then the signed checkpoint")
    extra = _extra(lines.pop(0)) if lines and lines[0].startswith("extra ") else b""
    index = _index(lines.pop(0) if lines else "")
    if len(lines) > MAX_HASHES:
        raise BadProof(f"{len(lines):,} hashes", f"at most {MAX_HASHES}")
    return InclusionProof(index, tuple(map(_hash, lines)), checkpoint, extra)


def _extra(line: str) -> bytes:
    data = decode_base64(line.removeprefix("extra "))
    if not data:
        raise BadProof(f"the line {shown(line)}", "`extra` and base64 of some bytes, or no such line")
    return data


def _index(line: str) -> int:
    index = decode_decimal(line.removeprefix("index ")) if line.startswith("index ") else None
    if index is None:
        raise BadProof(f"the line {shown(line)}", "`index` and a decimal without leading zeroes below 2^63")
    return index


def _hash(line: str) -> bytes:
    value = decode_base64(line)
    if value is None or len(value) != HASH:
        raise BadProof(f"the hash {shown(line)}", f"base64 of {HASH} bytes")
    return value
