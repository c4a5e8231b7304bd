"""Why nothing was emitted."""

from __future__ import annotations


class NotEmitted(Exception):
    """The message says what was seen, what was wanted and what to do; it never holds a word of the prompt."""
