"""What the bot says in the audit channel."""

from __future__ import annotations


def checkpoint_words(size: int) -> str:
    """Above a checkpoint, for whoever wonders what it is."""
    held = "1 record" if size == 1 else f"{size:,} records"
    return f"The log holds {held}. Its signed checkpoint, so that nobody can change them unseen:"
