"""Unpadded base64url (RFC 4648, section 5), as WebAuthn writes bytes. Each value has one spelling, and no other is taken."""

from __future__ import annotations

import base64


def encode(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """The bytes; ValueError where the text is no such spelling of any."""
    try:
        content = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except ValueError:  # no ASCII, or no base64
        raise ValueError("saw text that is no base64url") from None
    if encode(content) != text:
        raise ValueError("saw base64url that is not spelled as its bytes are")
    return content
