"""A green belongs to a commit: two open changes on one commit would share it, so neither gets one.

Where no policy of theirs decides a merge there is no green to share.
"""

from __future__ import annotations

from bot.core.facts import Facts
from bot.core.rules.context import Context
from bot.core.rules.findings import MOST_SHOWN
from bot.core.verdict import Finding

RULE = "twins"
TITLE = "Shared head commit"


def check(facts: Facts, _context: Context) -> Finding:
    return finding(facts)


def finding(facts: Facts) -> Finding:
    """The rule needs no context: it also holds for changes that the gate otherwise lets through."""
    others = tuple(ref for ref in facts.twins if ref != facts.change.ref)
    if not others:
        return Finding(RULE, TITLE, "pass", "no other open change has this head commit")
    names = ", ".join(str(ref) for ref in others[:MOST_SHOWN])
    more = f" and {len(others) - MOST_SHOWN} more" if len(others) > MOST_SHOWN else ""
    saw = f"commit {facts.change.head_sha[:12]} is also the head of {names}{more}"
    if facts.policy.mode != "enforce" and all(ref in facts.idle_twins for ref in others):
        return Finding(RULE, TITLE, "skip", f"{saw}; no policy of theirs decides a merge")
    cure = "close one of them, or push an own commit to each"
    return Finding(RULE, TITLE, "block", saw, "a head commit of this change's own", cure)
