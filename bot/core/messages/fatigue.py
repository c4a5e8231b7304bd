"""What is said where somebody decides so much or so fast that a decision says less than it should."""

from __future__ import annotations

from bot.core.notice import Notice, text


def render_warning(words: str, *, stronger: bool) -> Notice:
    """To the person themselves, in private. `words` follow a name (`has made 26 decisions today`). `stronger`: their next
    approvals need more proof of who gives them."""
    own = " and ".join(f"have {part.removeprefix('has ')}" for part in words.split(" and has "))
    after = " Your next approvals need more proof that it is you who gives them." if stronger else ""
    line = text(f"You {own}.{after} Nothing is undone by this: take a break, or hand the next one on.")
    return Notice(f"You {own}", "neutral", line)


def spell_decided(decision: str, seconds: int | None) -> str:
    """How a decision is named in the history: `approved after 34 s`; `approved` where its dialogue was not opened here."""
    said = {"approved": "approved", "changes-requested": "requested changes", "dismissed": "took it back"}.get(
        decision, decision
    )
    return said if seconds is None else f"{said} after {seconds} s"


def is_approval(words: str) -> bool:
    """Whether the history names an approval so."""
    return words.startswith("approved")
