"""Numbers and base64 as the formats of a log write them: in one way only, so that a text has one reading; and
how a text that is written otherwise is refused.

RFC 4648 section 4 with padding and no stray bits (section 3.5), and ASCII decimals without leading zeroes.
"""

from __future__ import annotations

import base64
import re

MAX_NUMBER = 2**63 - 1
"""As large as C2SP's numbers may be where it names a limit (tlog-cosignature, "Format")."""
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


class Malformed(ValueError):
    """Hostile or broken bytes are not in the form asked: what was seen and what was wanted, apart and as one sentence."""

    def __init__(self, saw: str, wanted: str) -> None:
        super().__init__(f"saw {saw}; wanted {wanted}")
        self.saw, self.wanted = saw, wanted


def encode_base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def decode_base64(text: str) -> bytes | None:
    """The bytes; None when the text is not what `encode_base64` writes for them."""
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    return data if encode_base64(data) == text else None


def decode_decimal(text: str) -> int | None:
    """The number; None for anything but an ASCII decimal without leading zeroes, up to 2**63 - 1."""
    if not _DECIMAL.fullmatch(text):
        return None
    number = int(text)
    return number if number <= MAX_NUMBER else None


def shown(text: str) -> str:
    """Hostile text as a message may quote it: short, on one line, escaped."""
    return ascii(text[:40]) + ("…" if len(text) > 40 else "")
