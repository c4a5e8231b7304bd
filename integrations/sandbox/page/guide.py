"""What a person at the page should know: who the people are, and what to try. The page works without it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape


@dataclass(frozen=True, slots=True)
class Guide:
    """`parts` says by chat id what each person is in this story; `steps` are plain sentences, one after the other."""

    parts: Mapping[str, str] = field(default_factory=dict)
    steps: tuple[str, ...] = ()


def steps_html(guide: Guide) -> str:
    if not guide.steps:
        return ""
    rows = "".join(f"<li>{escape(step)}</li>" for step in guide.steps)
    return f'<details class="steps" open><summary>Try this</summary><ol>{rows}</ol></details>'
