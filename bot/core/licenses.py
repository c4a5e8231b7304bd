"""SPDX licence expressions against a list of allowed licences: `MIT OR GPL-3.0-only` is fine where MIT is.

An expression that cannot be read, or none at all, is never allowed.
"""

from __future__ import annotations

import re
from collections.abc import Collection

_WORD = re.compile(r"\s*(\(|\)|[A-Za-z0-9.+:-]+)")
LONGEST = 300


def allowed(expression: str, licenses: Collection[str]) -> bool:
    """Whether the expression can be met with allowed licences alone. With no list, any stated licence will do."""
    words = _words(expression)
    if not words:
        return False
    reader = _Reader(words, frozenset(name.lower() for name in licenses))
    met = reader.either()
    return met is True and not reader.words


def _words(expression: str) -> list[str]:
    """The words, last first; none where something is no word."""
    text = expression.strip()
    if not text or len(text) > LONGEST or text.upper() in ("NONE", "NOASSERTION", "UNKNOWN"):
        return []
    found: list[str] = []
    at = 0
    while at < len(text):
        word = _WORD.match(text, at)
        if word is None:
            return []
        found.append(word[1])
        at = word.end()
    return found[::-1]


class _Reader:
    """Reads by descent: OR binds loosest, then AND, then WITH. None means that the expression cannot be read."""

    def __init__(self, words: list[str], licenses: frozenset[str]) -> None:
        self.words = words
        self._licenses = licenses

    def either(self) -> bool | None:
        met = self._both()
        while met is not None and self._took("OR"):
            other = self._both()
            met = None if other is None else met or other
        return met

    def _both(self) -> bool | None:
        met = self._one()
        while met is not None and self._took("AND"):
            other = self._one()
            met = None if other is None else met and other
        return met

    def _one(self) -> bool | None:
        if not self.words:
            return None
        word = self.words.pop()
        if word == "(":
            met = self.either()
            return met if self._took(")") else None
        if word == ")" or word.upper() in ("AND", "OR", "WITH"):
            return None
        if self._took("WITH"):
            if not self.words:
                return None
            word = f"{word} with {self.words.pop()}"
        return not self._licenses or word.lower() in self._licenses

    def _took(self, wanted: str) -> bool:
        if self.words and self.words[-1].upper() == wanted:
            self.words.pop()
            return True
        return False
