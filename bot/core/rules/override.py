"""Whether somebody let the change through against the verdict, and whether that holds."""

from __future__ import annotations

from bot.core.facts import Facts
from bot.core.override import NEVER, Override
from bot.core.rules.context import Context
from bot.core.verdict import Finding

RULE = "override"
TITLE = "Override"
NONE = "nobody overrode the verdict"


def standing(facts: Facts, context: Context, findings: tuple[Finding, ...]) -> Override | None:
    """The override that lets the change through now, if there is one and nothing holds against it."""
    found = _latest(facts)
    if found is None or _no_longer(facts, context, found) or _against(findings):
        return None
    return found


def finding(facts: Facts, context: Context, findings: tuple[Finding, ...]) -> Finding:
    """What became of the latest override, for whoever asks why."""
    found = _latest(facts)
    if found is None:
        return Finding(RULE, TITLE, "skip", NONE)
    who = context.panel.crowd.name(found.person)
    said = f"{who} let it through at {found.at:%Y-%m-%d %H:%M} UTC: {' '.join(found.reason.split())[:200]}"
    ended = _no_longer(facts, context, found) or _against(findings)
    if ended:
        return Finding(RULE, TITLE, "skip", f"{said}; that no longer holds: {ended}")
    return Finding(RULE, TITLE, "pass", f"{said}; it holds until {found.until:%H:%M} UTC and is no approval")


def _latest(facts: Facts) -> Override | None:
    return max(facts.overrides, key=lambda one: one.at, default=None)


def _no_longer(facts: Facts, context: Context, found: Override) -> str:
    if found.head_sha != facts.change.head_sha:
        return f"it was for commit {found.head_sha[:12]}"
    if not found.live(facts.change.head_sha, facts.now):
        return f"it ended at {found.until:%Y-%m-%d %H:%M} UTC"
    if found.person not in context.panel.routing.overriders:
        return "who gave it may not override this change"
    return ""


def _against(findings: tuple[Finding, ...]) -> str:
    blocked = [one.title.lower() for one in findings if one.rule in NEVER and one.outcome == "block"]
    return f"no override gets around {' and '.join(blocked)}" if blocked else ""
