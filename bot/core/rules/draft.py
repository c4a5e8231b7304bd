"""A draft waits: its author says that it is not done."""

from __future__ import annotations

from bot.core.facts import Facts
from bot.core.rules.context import Context
from bot.core.verdict import Finding

RULE = "draft"
TITLE = "Draft"


def check(facts: Facts, _context: Context) -> Finding:
    if facts.change.draft:
        cure = "the author marks it as ready for review"
        return Finding(RULE, TITLE, "wait", "its author calls it a draft", "a change its author calls ready", cure)
    return Finding(RULE, TITLE, "pass", "not a draft")
