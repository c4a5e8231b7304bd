"""E-mail addresses as they may stand in a header and an envelope: places to write to, by which nobody is known."""

from __future__ import annotations

import re

MOST = 254
"""Characters of an address (RFC 5321, section 4.5.3.1.3, less its angle brackets)."""
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9-]{1,63}"
_ADDRESS = re.compile(rf"{_ATOM}(\.{_ATOM})*@({_LABEL}\.)*{_LABEL}")
"""`dot-atom@domain` of RFC 5322, section 3.4.1, in ASCII: no quoting, no comment, nothing that could end a header."""


def is_address(text: str) -> bool:
    return len(text) <= MOST and _ADDRESS.fullmatch(text) is not None


def masked(address: str) -> str:
    """So much of an address that its owner knows it again: `a…@example.com`."""
    name, _, domain = address.partition("@")
    return f"{name[:1]}…@{domain}" if domain else ""
