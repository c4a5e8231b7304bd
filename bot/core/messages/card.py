"""The card of a change in chat, the asking of a reviewer in its thread, and the lines said there."""

from __future__ import annotations

from bot.core.evidence.names import SCAN_ERRORS, SCAN_WARNINGS
from bot.core.facts import Facts
from bot.core.ids import PersonId
from bot.core.messages.asking import ask_lines, asked_words, idle_lines, note_text
from bot.core.messages.controls import ask_again_control, asked_controls, asked_menu
from bot.core.messages.words import (
    OUTCOME_MARKS,
    TIER_MARKS,
    TIER_WORDS,
    acting_words,
    agent_words,
    counted,
    grade_words,
    group,
    headline_of,
    listed,
    measure_words,
    mention,
    obstacles,
    only_people_missing,
    people_words,
    prose,
    seated_words,
    with_cures,
    worst_mark,
)
from bot.core.notice import Code, Control, Link, Notice, Section, Strong, Text, Tone, text
from bot.core.verdict import Finding, SeatState, Verdict

MAX_MISSING = 6
MAX_SEATS = 12
"""Lines of who decides; open seats are shown first where sections of CODEOWNERS ask for more."""
TONES: dict[str, Tone] = {
    "allowed": "good",
    "waiting": "waiting",
    "blocked": "bad",
    "not-generated": "neutral",
    "overridden": "override",
}


def render_card(facts: Facts, verdict: Verdict, token: str) -> Notice:
    """One card a change: what is asked, why it is risky, what the evidence says, who must act, three controls."""
    change = facts.change
    over = change.state != "open"
    summary = _ended(facts) if over else f"{headline_of(verdict, facts)} — {change.ref}"
    sections = [
        Section((text(Link(change.url, change.title or str(change.ref)), f" by {change.author.login}"),)),
        Section((_why(verdict), _provenance(facts, verdict), *_evidence(verdict))),
    ]
    if not over:
        sections += render_missing(verdict, MAX_MISSING)
        sections += render_people(facts, verdict)
    return Notice(
        summary=summary,
        tone="neutral" if over else TONES[verdict.state],
        headline=text(summary),
        sections=tuple(sections),
        controls=() if over else _controls(facts, verdict, token),
        more=() if over else _more(facts, verdict, token),
        footnote=text("Commit ", Code(change.head_sha[:12]), " · policy ", verdict.policy_source),
    )


def _ended(facts: Facts) -> str:
    return f"{facts.change.ref} was {'merged' if facts.change.state == 'merged' else 'closed'}; nothing is asked of anyone"


def _why(verdict: Verdict) -> Text:
    top = [reason.saw for reason in verdict.reasons if reason.tier == verdict.tier]
    more = f" and {len(top) - 2} more" if len(top) > 2 else ""
    said = "; ".join(top[:2]) or "no rule raised it"
    return text(TIER_MARKS[verdict.tier], Strong(TIER_WORDS[verdict.tier]), ": ", *prose(said), more)


def _provenance(facts: Facts, verdict: Verdict) -> Text:
    documents = [found for found in facts.documents if found.document]
    models = dict.fromkeys(f"{f.document.model_name} {f.document.model_version}" for f in documents if f.document)
    signed = sum(found.attested in ("organisation-key", "keyless") for found in documents)
    how = (
        f"{signed} of {counted(len(documents), 'document')} signed"
        if len(documents) > 1
        else "signed"
        if signed
        else "not signed"
    )
    origin = f"{agent_words(verdict)} ({grade_words(verdict)})" if verdict.detection.best else agent_words(verdict)
    said = [origin, *models, how if documents else "no provenance document"]
    return text(worst_mark(group(verdict, "provenance")), Strong("Provenance"), f": {' · '.join(said)}")


def _evidence(verdict: Verdict) -> list[Text]:
    """The figures of tests on one line and of scans on another, each behind the mark that the policy gives it."""
    findings = group(verdict, "evidence")
    scans = [finding for finding in findings if finding.rule.startswith("evidence.scan-")]
    tests = [finding for finding in findings if finding not in scans]
    return [
        _figures(verdict, "Tests", tests, scans=False),
        *([_figures(verdict, "Scans", scans, scans=True)] if scans else []),
    ]


def _figures(verdict: Verdict, title: str, findings: list[Finding], *, scans: bool) -> Text:
    measures = [one for one in verdict.measures if (one.name in (SCAN_ERRORS, SCAN_WARNINGS)) == scans]
    said = [measure_words(one).replace(" scan ", " ") for one in measures if one.value is not None]
    unknown = [one.name for one in measures if one.value is None]
    if unknown and said:
        said.append(f"not measured: {listed(unknown)}")
    return text(worst_mark(findings), Strong(title), f": {' · '.join(said) or 'no report on this commit'}")


def render_people(facts: Facts, verdict: Verdict) -> list[Section]:
    """Who decides: a line a role, with who did, who is asked now or will be, and who stands behind."""
    asking = bool(asked_people(verdict))
    seats = verdict.routing.seats
    if len(seats) > MAX_SEATS:
        seats = tuple(sorted(seats, key=lambda seat: not seat.open))[:MAX_SEATS]
    lines = [_seat(facts, seat, asking) for seat in seats]
    if len(seats) < len(verdict.routing.seats):
        lines.append(text(f"… and {len(verdict.routing.seats) - len(seats)} more"))
    lines += idle_lines(verdict)
    return [Section(tuple(lines), heading="Who decides")] if lines else []


def _seat(facts: Facts, seat: SeatState, asking: bool) -> Text:
    names = facts.directory
    count = f" ({len(seat.taken_by)} of {seat.seat.count})" if seat.seat.count > 1 else ""
    said = [f"approved by {people_words(names, seat.taken_by)}"] if seat.taken_by else []
    if seat.open and seat.problem:
        said.append(seat.problem)
    elif seat.open:
        said.append(asked_words(facts, seat, asking=asking))
    mark = OUTCOME_MARKS["pass" if not seat.open else "block" if seat.problem else "wait"]
    note = note_text(facts, seat) if seat.open else ()
    said_too = text("; ", *note) if note else ()
    return text(f"{mark} ", Strong(seated_words(seat)), f"{count}: ", *prose("; ".join(said)), *said_too)


def render_missing(verdict: Verdict, most: int) -> list[Section]:
    """What stands in the way besides people who have yet to decide, each with its cure."""
    leaves = obstacles(verdict)
    if not leaves:
        return []
    lines = [_obstacle(leaf, cure) for leaf, cure in with_cures(leaves[:most])]
    if len(leaves) > most:
        lines.append(text(f"… and {len(leaves) - most} more: see the check"))
    return [Section(tuple(lines), heading="In the way")]


def _obstacle(leaf: Finding, cure: str) -> Text:
    said = f"{leaf.saw} → {cure}" if cure else leaf.saw
    return text(f"{OUTCOME_MARKS[leaf.outcome]} ", Strong(leaf.title), ": ", *prose(said))


def _controls(facts: Facts, verdict: Verdict, token: str) -> tuple[Control, ...]:
    if verdict.state == "allowed" or not token:
        return (_open(facts),)
    ref = str(facts.change.ref)
    if facts.expired_at is not None:
        return (ask_again_control(ref, token), _open(facts))
    return asked_controls(ref, token)


def _open(facts: Facts) -> Control:
    return Control("open", "Open the change", url=facts.change.url, described=f"Open {facts.change.ref}")


def _more(facts: Facts, verdict: Verdict, token: str) -> tuple[Control, ...]:
    if not token:
        return ()
    ref = str(facts.change.ref)
    why = Control("why", "Why this tier?", token, described=f"Why {ref} has its tier")
    if verdict.state == "allowed":
        return (Control("status", "Status", token, described=f"Status of {ref}"), why)
    return (Control("status", "What is missing?", token, described=f"What is missing on {ref}"), why, _open(facts))


def asked_people(verdict: Verdict) -> tuple[PersonId, ...]:
    """Who is asked by name now: nobody, until only people are missing."""
    if verdict.state != "waiting" or not only_people_missing(verdict):
        return ()
    return tuple(dict.fromkeys(person for seat in verdict.routing.seats if seat.open for person in seat.asked))


def render_ask(facts: Facts, verdict: Verdict, person: PersonId, token: str) -> Notice:
    """A reviewer asked in the thread, with the controls there."""
    role = acting_words(seat for seat in verdict.routing.seats if person in seat.asked)
    ref = facts.change.ref
    more = ask_lines(facts, verdict, person)
    return Notice(
        summary=f"Your review is wanted on {ref}",
        tone="waiting",
        headline=text(mention(facts.directory, person), f", your review{role} is wanted on {ref}."),
        sections=(Section(more),) if more else (),
        controls=_controls(facts, verdict, token),
        more=asked_menu(str(ref), facts.change.url, token),
        footnote=text("Replies and reactions do not count as approval."),
    )


def render_ask_over(facts: Facts, person: PersonId, end: str) -> Notice:
    """The same message once the asking is over, with how it ended: no control is left on it."""
    summary = f"{mention(facts.directory, person).name} was asked to review {facts.change.ref}{end}."
    return Notice(summary=summary, tone="neutral", headline=text(summary))


def render_line(summary: str, tone: Tone = "neutral", detail: Text = ()) -> Notice:
    """One line in the thread."""
    sections = (Section((detail,)),) if detail else ()
    return Notice(summary=summary, tone=tone, headline=text(summary), sections=sections)
