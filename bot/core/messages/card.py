"""The card of a change in chat, the asking of a reviewer in its thread, and the lines said there."""

from __future__ import annotations

from bot.core.facts import Facts
from bot.core.ids import PersonId
from bot.core.messages.words import (
    TIER_WORDS,
    agent_words,
    counted,
    grade_words,
    headline_of,
    measure_words,
    mention,
    only_people_missing,
    people_words,
    role_words,
)
from bot.core.notice import Code, Control, Link, Notice, Plain, Section, Strong, Text, Tone, text
from bot.core.verdict import SeatState, Verdict

TONES: dict[str, Tone] = {"allowed": "good", "waiting": "waiting", "blocked": "bad", "not-generated": "neutral"}


def render_card(facts: Facts, verdict: Verdict, token: str) -> Notice:
    """One card a change: tier and why, provenance, tests, who must act, three controls."""
    change = facts.change
    over = change.state != "open"
    summary = _ended(facts) if over else f"{headline_of(verdict, facts)} — {change.ref}"
    sections = [
        Section((text(Link(change.url, f"{change.ref}"), " ", Strong(change.title), f" by {change.author.login}"),)),
        Section((_tier(verdict), _provenance(facts, verdict), _tests(verdict))),
    ]
    if not over:
        sections += _people(facts, verdict)
        sections += _missing(verdict)
    return Notice(
        summary=summary,
        tone="neutral" if over else TONES[verdict.state],
        headline=text(summary),
        sections=tuple(sections),
        controls=() if over else _controls(facts, verdict, token),
        more=() if over else _more(facts, token),
        footnote=text("Commit ", Code(change.head_sha[:12]), " · policy ", verdict.policy_source),
    )


def _ended(facts: Facts) -> str:
    return f"{facts.change.ref} was {'merged' if facts.change.state == 'merged' else 'closed'}; nothing is asked of anyone"


def _tier(verdict: Verdict) -> Text:
    top = [reason.saw for reason in verdict.reasons if reason.tier == verdict.tier]
    more = f" and {len(top) - 2} more" if len(top) > 2 else ""
    return text(Strong(TIER_WORDS[verdict.tier]), f": {'; '.join(top[:2])}{more}" if top else "")


def _provenance(facts: Facts, verdict: Verdict) -> Text:
    documents = [found for found in facts.documents if found.document]
    models = dict.fromkeys(f"{f.document.model_name} {f.document.model_version}" for f in documents if f.document)
    signed = sum(found.attested in ("organisation-key", "keyless") for found in documents)
    how = f"{counted(len(documents), 'document')}, {signed} signed" if documents else "no provenance document"
    named = f" · {', '.join(models)}" if models else ""
    return text(Strong("Provenance"), f": {agent_words(verdict)} ({grade_words(verdict)}){named} · {how}")


def _tests(verdict: Verdict) -> Text:
    shown = " · ".join(measure_words(measure) for measure in verdict.measures[:4])
    return text(Strong("Tests"), f": {shown or 'no evidence was found at the head'}")


def _people(facts: Facts, verdict: Verdict) -> list[Section]:
    lines = tuple(_seat(facts, seat) for seat in verdict.routing.seats)
    return [Section(lines, heading="Who")] if lines else []


def _seat(facts: Facts, seat: SeatState) -> Text:
    role = role_words(seat.seat.role)
    line: list[object] = [Strong(f"{role} ({len(seat.taken_by)} of {seat.seat.count})"), Plain(": ")]
    if seat.taken_by:
        line.append(Plain(f"approved by {people_words(facts.directory, seat.taken_by)}"))
    if seat.open and seat.problem:
        line.append(Plain(("; " if seat.taken_by else "") + seat.problem))
    elif seat.open:
        who = people_words(facts.directory, seat.asked) or "nobody can be asked"
        backup = f" (backup {people_words(facts.directory, seat.backup)})" if seat.backup else ""
        line.append(Plain(f"{'; ' if seat.taken_by else ''}asked {who}{backup}"))
    return text(*[part for part in line if isinstance(part, Plain | Strong)])


def _missing(verdict: Verdict) -> list[Section]:
    leaves = [finding for finding in verdict.missing if not finding.rule.startswith("approvals")]
    if not leaves:
        return []
    lines = [text(Strong(leaf.title), f": {leaf.saw}" + (f" → {leaf.cure}" if leaf.cure else "")) for leaf in leaves[:4]]
    if len(leaves) > 4:
        lines.append(text(f"… and {len(leaves) - 4} more: see the check"))
    return [Section(tuple(lines), heading="Missing", bullets=True)]


def _controls(facts: Facts, verdict: Verdict, token: str) -> tuple[Control, ...]:
    ref = str(facts.change.ref)
    if verdict.state == "allowed" or not token:
        return (Control("open", "Open the change", url=facts.change.url, described=f"Open {ref}"),)
    return (
        Control("review", "Review & approve", token, style="primary", described=f"Review and approve {ref}"),
        Control("request-changes", "Request changes", token, described=f"Request changes on {ref}"),
    )


def _more(facts: Facts, token: str) -> tuple[Control, ...]:
    ref = str(facts.change.ref)
    if not token:
        return ()
    return (
        Control("status", "What is missing?", token, described=f"What is missing on {ref}"),
        Control("why", "Why this tier?", token, described=f"Why {ref} has its tier"),
        Control("open", "Open the change", url=facts.change.url, described=f"Open {ref}"),
    )


def asked_people(verdict: Verdict) -> tuple[PersonId, ...]:
    """Who is asked by name now: nobody, until only people are missing."""
    if verdict.state != "waiting" or not only_people_missing(verdict):
        return ()
    return tuple(dict.fromkeys(person for seat in verdict.routing.seats if seat.open for person in seat.asked))


def render_ask(facts: Facts, verdict: Verdict, person: PersonId, token: str) -> Notice:
    """A reviewer asked in the thread, with the controls there."""
    roles = [role_words(seat.seat.role) for seat in verdict.routing.seats if person in seat.asked]
    ref = facts.change.ref
    return Notice(
        summary=f"Your review is wanted on {ref}",
        tone="waiting",
        headline=text(mention(facts.directory, person), f", your review as {' and '.join(roles)} is wanted on {ref}."),
        controls=_controls(facts, verdict, token),
        footnote=text("Only your own press counts: reactions and replies decide nothing."),
    )


def render_ask_over(facts: Facts, person: PersonId, because: str) -> Notice:
    """The same message once the asking is over: no control is left on it."""
    name = mention(facts.directory, person).name
    summary = f"{name} was asked about {facts.change.ref}: {because}"
    return Notice(summary=summary, tone="neutral", headline=text(summary))


def render_line(summary: str, tone: Tone = "neutral", detail: Text = ()) -> Notice:
    """One line in the thread."""
    sections = (Section((detail,)),) if detail else ()
    return Notice(summary=summary, tone=tone, headline=text(summary), sections=sections)
