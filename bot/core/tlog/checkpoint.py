"""Checkpoints: what a log says of its tree, as the text of a signed note (C2SP tlog-checkpoint, "Note text").

origin
size
base64(root hash)
[extension lines]
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.core.tlog.encoding import Malformed, decode_base64, decode_decimal, encode_base64, shown
from bot.core.tlog.tree import HASH

_UNFIT = re.compile("[\x00-\x1f\ud800-\udfff]")
"""What no line of a note may hold (c2sp.org/signed-note, "Format")."""


class BadCheckpoint(Malformed):
    """The text is no checkpoint; the message names what was seen and what was wanted."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A log's tree at one size. Extension lines are signed too, but no monitor can audit them: write none."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()


def render_checkpoint(checkpoint: Checkpoint) -> str:
    """The text to sign. Raises BadCheckpoint when it would not be read back as it is."""
    lines = (checkpoint.origin, str(checkpoint.size), encode_base64(checkpoint.root), *checkpoint.extensions)
    text = "".join(f"{line}\n" for line in lines)
    if parse_checkpoint(text) != checkpoint:
        raise BadCheckpoint(f"a newline within {shown(text)}", "an origin and extensions of one line each")
    return text


def parse_checkpoint(text: str) -> Checkpoint:
    """Read the text of a note (without signatures). Raises BadCheckpoint."""
    *lines, rest = text.split("\n")
    if rest or len(lines) < 3 or not all(lines):
        raise BadCheckpoint(f"{len(lines)} lines", "three or more, none empty, each ending in a newline")
    unfit = next((line for line in lines if _UNFIT.search(line)), None)
    if unfit is not None:
        raise BadCheckpoint(f"the line {shown(unfit)}", "no control characters")
    origin, written_size, written_root, *extensions = lines
    size, root = decode_decimal(written_size), decode_base64(written_root)
    if size is None:
        raise BadCheckpoint(f"the tree size {shown(written_size)}", "a decimal without leading zeroes below 2^63")
    if root is None or len(root) != HASH:
        raise BadCheckpoint(f"the root hash {shown(written_root)}", f"base64 of {HASH} bytes")
    return Checkpoint(origin, size, root, tuple(extensions))
