"""Addresses as they may stand in a header and an envelope."""

from __future__ import annotations

import re

from bot.ports.errors import Refused

MOST = 254
"""Characters of an address (RFC 5321, section 4.5.3.1.3, less its angle brackets)."""
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9-]{1,63}"
_ADDRESS = re.compile(rf"{_ATOM}(\.{_ATOM})*@({_LABEL}\.)*{_LABEL}")
"""`dot-atom@domain` of RFC 5322, section 3.4.1, in ASCII: no quoting, no comment, nothing that could end a header."""


def is_address(text: str) -> bool:
    return len(text) <= MOST and _ADDRESS.fullmatch(text) is not None


def checked_address(text: str, whose: str) -> str:
    """The same. Raises Refused where it is none; what was seen is not quoted, because it is somebody's."""
    if not is_address(text):
        raise Refused(f"saw no e-mail address of {whose} that can be written to; wanted one as in ann@example.com")
    return text
