"""The bot's vocabulary: how a tier, a seat, a person or a state is said, the same on every surface."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.approval import Tier
from bot.core.evidence.measure import SCAN_ERRORS, SCAN_WARNINGS
from bot.core.evidence.model import Measure
from bot.core.facts import Directory, Facts
from bot.core.ids import PersonId, RoleName
from bot.core.notice import Mention
from bot.core.policy.model import Seat
from bot.core.verdict import Finding, Outcome, Verdict

TIER_WORDS: dict[Tier, str] = {"low": "Low risk", "medium": "Medium risk", "high": "High risk"}
OUTCOME_MARKS: dict[Outcome, str] = {"pass": "✓", "wait": "…", "block": "✗", "skip": "–"}
OUTCOME_WORDS: dict[Outcome, str] = {"pass": "fine", "wait": "waiting", "block": "blocked", "skip": "not needed"}
ROLE_WORDS = {"anyone": "any qualified person", "codeowner": "code owner"}


def role_words(role: RoleName) -> str:
    return ROLE_WORDS.get(role, role)


def seat_words(seat: Seat) -> str:
    """`1 approval`, `2 code owners`, `1 of security`."""
    if seat.role == "anyone":
        return counted(seat.count, "approval")
    return counted(seat.count, "code owner") if seat.role == "codeowner" else f"{seat.count} of {seat.role}"


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
    """`line coverage 92 % (46 of 50)`, never a bare percentage."""
    if measure.value is None:
        return f"{measure.name}: {measure.note or 'nothing measured'}"
    if measure.name in (SCAN_ERRORS, SCAN_WARNINGS):
        return f"{measure.name}: {measure.hit:,}" + (f", {measure.note}" if measure.note else "")
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
    missing = [seat_words(Seat(seat.seat.role, seat.open)) for seat in verdict.routing.seats if seat.open]
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
    if verdict.state == "waiting" and waiting_for(verdict) and only_people_missing(verdict):
        return f"{tier}: waiting for {waiting_for(verdict)}"
    leaves = verdict.missing
    more = f" and {len(leaves) - 1} more" if len(leaves) > 1 else ""
    return f"{tier}: {leaves[0].title.lower() if leaves else 'waiting'}{more}"


def finding_words(finding: Finding) -> str:
    """One finding on one line: `✗ Provenance: saw … ; wanted …`."""
    wanted = f"; wanted {finding.wanted}" if finding.wanted and finding.outcome in ("wait", "block") else ""
    return f"{OUTCOME_MARKS[finding.outcome]} {finding.title}: {finding.saw}{wanted}"
