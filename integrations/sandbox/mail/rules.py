"""What a strict mail server asks of a session and of a letter, and how it says no (RFC 5321, section 4.2.3)."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

MOST_LINE = 1000
"""Octets of a line of text, its CRLF included (RFC 5321, section 4.5.3.1.6)."""
MOST_COMMAND = 512
_PATH = r"<([^<>\s]*)>"
_FROM = re.compile(rf"FROM:{_PATH}((?: [A-Z0-9=-]+)*)", re.IGNORECASE)
_TO = re.compile(rf"TO:{_PATH}", re.IGNORECASE)
ONCE = ("From", "To", "Date", "Message-ID", "Subject")
"""Fields that stand in a letter once (RFC 5322, section 3.6; those of it that the gate always writes)."""


class Reply(Exception):
    """What the server says instead of going on."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(f"{code} {words}")
        self.code = code
        self.words = words


def read_sender(rest: str, most: int) -> str:
    """The path of MAIL FROM. A declared size (RFC 1870) that is too large is refused here."""
    found = _FROM.fullmatch(rest)
    if found is None:
        raise Reply(501, "5.5.4 wanted MAIL FROM:<address>")
    for word in found[2].split():
        name, _, value = word.upper().partition("=")
        if name != "SIZE" or not value.isdigit():
            raise Reply(555, "5.5.4 no such parameter")
        if int(value) > most:
            raise Reply(552, "5.3.4 the letter is too large")
    return found[1]


def read_recipient(rest: str) -> str:
    found = _TO.fullmatch(rest)
    if found is None or "@" not in found[1]:
        raise Reply(501, "5.5.4 wanted RCPT TO:<address>")
    return found[1]


def read_login(word: str, accounts: Mapping[str, str]) -> str:
    """The user of AUTH PLAIN (RFC 4616)."""
    try:
        _, user, password = base64.b64decode(word, validate=True).decode().split("\0")
    except (binascii.Error, ValueError):
        raise Reply(501, "5.5.2 wanted the base64 of NUL user NUL password") from None
    if not user or accounts.get(user) != password:
        raise Reply(535, "5.7.8 no such login")
    return user


def read_letter(body: bytes, most: int) -> EmailMessage:
    """The letter. Raises Reply where a careful server would not take it."""
    if len(body) > most:
        raise Reply(552, "5.3.4 the letter is too large")
    if any(byte > 127 for byte in body):
        raise Reply(554, "5.6.1 8-bit text without BODY=8BITMIME")
    letter = message_from_bytes(body, policy=default)
    wrong = [name for name in ONCE if len(letter.get_all(name, [])) != 1]
    if wrong or letter.defects:
        raise Reply(550, f"5.6.0 wanted each of these once: {', '.join(wrong)} {letter.defects}")
    return letter
