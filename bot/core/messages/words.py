"""The bot's vocabulary: how a tier, a seat, a person or a state is said, the same on every surface."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from bot.core.approval import Tier
from bot.core.evidence.model import Measure
from bot.core.evidence.names import SCAN_ERRORS, SCAN_WARNINGS, TESTS
from bot.core.facts import Directory, Facts
from bot.core.ids import PersonId, RoleName
from bot.core.notice import Code, Mention, Plain, Text
from bot.core.policy.model import Seat
from bot.core.rules.findings import worst
from bot.core.verdict import Finding, Outcome, SeatState, Verdict

TIER_WORDS: dict[Tier, str] = {"low": "Low risk", "medium": "Medium risk", "high": "High risk"}
TIER_MARKS: dict[Tier, str] = {"low": "▽ ", "medium": "△ ", "high": "▲ "}
OUTCOME_MARKS: dict[Outcome, str] = {"pass": "✓", "wait": "○", "block": "✗", "skip": "–"}
ANYONE = "anyone"
ROLE_WORDS = {ANYONE: "any qualified person", "codeowner": "code owner"}
_SEATS = {ANYONE: ("an approval", "approvals"), "codeowner": ("a code owner", "code owners")}
_CODE = re.compile(r"`([^`]+)`")


def prose(sentence: str) -> Text:
    """A finding's sentence, with what stands between backticks as code. Nothing else in it is markup, whoever wrote it."""
    parts = _CODE.split(sentence)
    return tuple(Code(part) if place % 2 else Plain(part) for place, part in enumerate(parts) if part)


def role_words(role: RoleName) -> str:
    return ROLE_WORDS.get(role, role)


def seated_words(state: SeatState) -> str:
    """As what somebody fills a seat: `security`, `code owner`, `code owner of Docs`."""
    return role_words(state.seat.role) + (f" of {state.section}" if state.section else "")


def seat_words(seat: Seat, section: str = "") -> str:
    """`an approval`, `2 code owners`, `a code owner of Docs`, `security`, `2 of security`."""
    if seat.role in _SEATS:
        one, many = _SEATS[seat.role]
        return (one if seat.count == 1 else f"{seat.count} {many}") + (f" of {section}" if section else "")
    return seat.role if seat.count == 1 else f"{seat.count} of {seat.role}"


def taker_words(seat: Seat, section: str = "") -> str:
    """Who filled it: `1 qualified person`, `2 code owners`, `a code owner of Docs`, `security`."""
    if seat.role == ANYONE:
        return counted(seat.count, "qualified person", "qualified people")
    return seat_words(seat, section)


def acting_words(seats: Iterable[SeatState]) -> str:
    """` as security and code owner`; empty where anybody qualified may act."""
    roles = [seated_words(state) for state in seats if state.seat.role != ANYONE]
    return f" as {' and '.join(roles)}" if roles else ""


def person_words(directory: Directory, person: PersonId) -> str:
    known = directory.by_id(person)
    return known.name if known else str(person)


def people_words(directory: Directory, people: Sequence[PersonId]) -> str:
    return listed([person_words(directory, person) for person in people])


def mention(directory: Directory, person: PersonId) -> Mention:
    known = directory.by_id(person)
    return Mention(known.chat if known else None, known.name if known else str(person))


def listed(words: Sequence[str], limit: int = 4) -> str:
    """`a`, `a and b`, `a, b and c`, `a, b, c, d and 3 more`."""
    if len(words) > limit:
        return ", ".join(words[:limit]) + f" and {len(words) - limit} more"
    if len(words) < 2:
        return "".join(words)
    return ", ".join(words[:-1]) + f" and {words[-1]}"


def counted(number: int, thing: str, things: str = "") -> str:
    """`1 file`, `2 files`, `1,200 files`."""
    return f"{number:,} {thing if number == 1 else things or thing + 's'}"


def measure_words(measure: Measure) -> str:
    """`line coverage 92 % (46 of 50)`, never a bare percentage; `12 of 12 tests passed`; `0 scan errors`."""
    if measure.value is None:
        return f"{measure.name}: {measure.note or 'nothing measured'}"
    if measure.name in (SCAN_ERRORS, SCAN_WARNINGS):
        figure = counted(measure.hit, measure.name.removesuffix("s"))
    elif measure.name == TESTS:
        figure = f"{measure.hit:,} of {counted(measure.total, 'test')} passed"
    else:
        figure = f"{measure.name} {measure.value:.0f} % ({measure.hit:,} of {measure.total:,})"
    return f"{figure}, {measure.note}" if measure.note else figure


def agent_words(verdict: Verdict) -> str:
    """Who wrote it, as far as the marks tell, and how that is known."""
    detection = verdict.detection
    if not detection.generated:
        return "declared as written by people" if detection.kind == "human-declared" else "no mark of generated code"
    return listed(detection.agents) or "an unnamed agent"


def grade_words(verdict: Verdict) -> str:
    known = {
        "A": "the forge says so",
        "B": "a mark in a commit",
        "C": "text of the change",
        "D": "only the branch name",
        "E": "a mention",
    }
    return known[verdict.detection.best] if verdict.detection.best else ""


def waiting_for(verdict: Verdict) -> str:
    """What is still missing of people: `1 of security and 1 code owner`; empty when no seat is open."""
    missing = [seat_words(Seat(seat.seat.role, seat.open), seat.section) for seat in verdict.routing.seats if seat.open]
    return listed(missing)


def approvers(facts: Facts, verdict: Verdict) -> str:
    taken = dict.fromkeys(person for seat in verdict.routing.seats for person in seat.taken_by)
    return people_words(facts.directory, tuple(taken))


def only_people_missing(verdict: Verdict) -> bool:
    """Whether nothing but approvals stands in the way: only then is a reviewer asked."""
    return bool(verdict.missing) and all(finding.rule.startswith("approvals") for finding in verdict.missing)


def headline_of(verdict: Verdict, facts: Facts) -> str:
    """The state in one line, at most about 120 characters."""
    if verdict.state == "not-generated":
        return f"No review needed: {agent_words(verdict)}"
    tier = TIER_WORDS[verdict.tier]
    if verdict.state == "allowed":
        who = approvers(facts, verdict)
        return f"{tier}: approved by {who}" if who else f"{tier}: allowed by policy alone, no human looked"
    if verdict.override is not None:
        who, reason = person_words(facts.directory, verdict.override.person), " ".join(verdict.override.reason.split())
        return f"{tier}: OVERRIDDEN by {who} until {verdict.override.until:%H:%M} UTC, no approval: {reason[:60]}"
    if verdict.state == "waiting" and waiting_for(verdict) and only_people_missing(verdict):
        return f"{tier}: waiting for {waiting_for(verdict)}"
    titles = [title.lower() for title in obstacle_titles(verdict)]
    more = f" and {len(titles) - 3} more" if len(titles) > 3 else ""
    return f"{tier}, {verdict.state}: {', '.join(titles[:3]) or 'not ready'}{more}"


def obstacles(verdict: Verdict) -> tuple[Finding, ...]:
    """What stands in the way besides people who have yet to decide, blocks first."""
    return tuple(leaf for leaf in verdict.missing if not (leaf.rule.startswith("approvals") and leaf.outcome == "wait"))


def obstacle_titles(verdict: Verdict) -> list[str]:
    """What is in the way in a few words: `Provenance`, `Changes requested`. Each rule once, whatever it found."""
    leaves = obstacles(verdict)
    titles = {top.rule: top.title for top in verdict.findings if top.rule != "approvals"}
    return list(dict.fromkeys(titles.get(leaf.rule.partition(".")[0], leaf.title) for leaf in leaves))


def with_cures(leaves: Sequence[Finding]) -> list[tuple[Finding, str]]:
    """Each with its cure, which is said once for neighbours that share it, behind the last of them."""
    after = [*leaves[1:], None]
    return [(one, "" if other and other.cure == one.cure else one.cure) for one, other in zip(leaves, after, strict=False)]


def group(verdict: Verdict, rule: str) -> tuple[Finding, ...]:
    """The findings under a rule, such as `evidence` or `provenance`: its leaves, or the rule itself where it has none."""
    return tuple(leaf for top in verdict.findings if top.rule == rule for leaf in top.walk() if not leaf.children)


def evidence_rule(measure: str) -> str:
    """The name of the rule that judges a figure."""
    return f"evidence.{measure.replace(' ', '-')}"


def worst_mark(findings: Sequence[Finding]) -> str:
    """The mark of the worst outcome, with a space behind it; empty for none."""
    return f"{OUTCOME_MARKS[worst(findings)]} " if findings else ""
