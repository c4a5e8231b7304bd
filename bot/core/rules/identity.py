"""Everybody who had a part in the change is known, so that nobody can approve their own work under another name."""

from __future__ import annotations

from bot.core.facts import Facts
from bot.core.routing.hands import Untied
from bot.core.rules.context import Context
from bot.core.rules.findings import count, first_few, parent
from bot.core.verdict import Finding

RULE = "identity"
TITLE = "People behind the change"


def check(facts: Facts, context: Context) -> Finding:
    hands = context.panel.hands
    if not hands.untied:
        saw = f"{count(len(facts.commits), 'commit')}, tied to {count(len(hands.parts), 'account')}"
        return Finding(RULE, TITLE, "pass", saw)
    return parent(
        RULE, TITLE, first_few(hands.untied, _untied, _rest), f"{len(hands.untied)} parts that no account stands behind"
    )


def _untied(untied: Untied) -> Finding:
    wanted = "an account of the forge behind everyone who wrote, committed or ran this"
    cure = "the person adds this address to their forge account, or the commit is amended to one that is tied to it"
    if untied.part == "ran the agent":
        cure = "name the person in the provenance document's `user_id` as `forge:host:id`, or add the address to their account"
    return Finding(f"{RULE}.untied", "Unknown hand", "block", f"{untied.saw} {untied.part}", wanted, cure)


def _rest(left: int) -> Finding:
    return Finding(f"{RULE}.untied", "Unknown hand", "block", f"{left} more", "none", "mend the ones above first")
