"""The verdict as plain lines: the same tree that the check and the chat render, for terminals and private answers.

Words of other people may stand in it; whoever shows a line escapes it for their surface.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.core.detection.spelling import INVISIBLE, UNPRINTABLE
from bot.core.verdict import Finding, Outcome, State, Verdict

MARKS: dict[Outcome, str] = {"pass": "✓ pass ", "wait": "… wait ", "block": "✗ block", "skip": "– skip "}
LONGEST = 900
STATES: dict[State, str] = {
    "allowed": "allowed to merge",
    "waiting": "waiting",
    "blocked": "blocked",
    "not-generated": "not generated: the gate does not apply",
    "overridden": "let through by an override, which is no approval",
}


def explain(verdict: Verdict) -> tuple[str, ...]:
    """State, tier with its reasons, every finding with what it saw and wanted, in which order people are asked, and who may not
    approve."""
    return tuple(line.rstrip() for line in _lines(verdict))


def _lines(verdict: Verdict) -> Iterator[str]:
    yield f"state   {STATES[verdict.state]} (mode {verdict.mode})"
    yield f"policy  {verdict.policy_source} ({verdict.policy_digest[:12]})"
    yield f"tier    {verdict.tier}"
    for reason in verdict.reasons:
        yield f"  {reason.tier:<6}  {reason.rule}: {_safe(reason.saw)}"
    for finding in verdict.findings:
        yield from _finding(finding, 0)
    if verdict.state != "not-generated":
        for candidate in verdict.routing.order:
            yield f"may approve: {_safe(str(candidate.person))} {_safe(candidate.why)}"
        for out in verdict.routing.disqualified:
            yield f"may not approve: {_safe(str(out.person))} {_safe(out.because)}"


def _finding(finding: Finding, depth: int) -> Iterator[str]:
    indent = "  " * depth
    yield f"{MARKS[finding.outcome]} {indent}{finding.title} [{finding.rule}]: {_safe(finding.saw)}"
    pending = finding.outcome in ("wait", "block") and not finding.children
    if pending and finding.wanted:
        yield f"        {indent}wanted: {_safe(finding.wanted)}"
    if pending and finding.cure:
        yield f"        {indent}cure:   {_safe(finding.cure)}"
    for child in finding.children:
        yield from _finding(child, depth + 1)


def _safe(words: str) -> str:
    """One line without control or invisible characters, and no longer than a screen's worth."""
    line = UNPRINTABLE.sub(" ", INVISIBLE.sub("", words)).strip()
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"
