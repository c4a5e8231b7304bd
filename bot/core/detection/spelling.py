"""One spelling for texts that people and tools write in many ways, and a safe way to quote them.

NFKC folds full-width letters and odd spaces; characters that draw nothing are dropped, because a zero-width space inside a
trailer hides it from a plain search and from nobody's eyes. Look-alike letters of other alphabets are out of scope.
"""

from __future__ import annotations

import re
import unicodedata

INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff]"
)
DASHES = re.compile("[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\s]+")
KEY_GAPS = re.compile(r"[-_\s]+")
QUOTED = 100
"""Longest quotation in a signal: enough to recognise a mark, too short to carry a prompt."""


def plain(text: str) -> str:
    """The text with one newline, one dash, no invisible characters, NFKC."""
    if not text.isascii():
        text = DASHES.sub("-", unicodedata.normalize("NFKC", INVISIBLE.sub("", text)))
        text = INVISIBLE.sub("", text)  # NFKC may make one
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def squeezed(key: str) -> str:
    """A trailer key without case, hyphens, underscores and spaces: `Co-Authored-By` and `co authored by` are one."""
    return KEY_GAPS.sub("", key).lower()


def quote(text: str) -> str:
    """The text on one line, without control characters, cut to a length that is safe to show."""
    line = UNPRINTABLE.sub(" ", INVISIBLE.sub("", text)).strip()
    return line if len(line) <= QUOTED else line[: QUOTED - 1] + "…"
