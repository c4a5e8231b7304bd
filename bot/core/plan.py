"""From a verdict to what is shown and said. Pure: the store drops whatever is already shown.

Everything that shows state is planned every time, from facts alone, so that a lost update is made good by the next look.
What is *said* (a line in a thread) comes from `News` and is said once, by its key.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.actions import Action, PostReview, PublishSummary, SayInThread, SetLabels, ShowAsk, ShowCard, ShowTask
from bot.core.facts import Facts
from bot.core.forges import FORGES
from bot.core.ids import PersonId
from bot.core.messages.card import asked_people, render_ask, render_ask_over, render_card, render_line
from bot.core.messages.forge_text import render_check, render_comment
from bot.core.messages.markdown import escape
from bot.core.messages.overriding import render_override_line, render_review_task
from bot.core.messages.turning import AskedOnceMore, Declined, Handed, Passed, render_expired, render_passed
from bot.core.messages.words import acting_words, obstacles, people_words, person_words, waiting_for
from bot.core.notice import Notice, text
from bot.core.override import Override
from bot.core.summary import summary_key, summary_statement
from bot.core.verdict import Verdict

LABEL_GENERATED = "llm-generated"
LABEL_APPROVED = "LLM Review: approved"
LABEL_OVERRIDDEN = "LLM Review: overridden"
_OF_STATE = {"allowed": (LABEL_APPROVED,), "overridden": (LABEL_OVERRIDDEN,)}


@dataclass(frozen=True, slots=True)
class Decided:
    """A person's decision was just recorded."""

    approval_id: str
    person: PersonId
    decision: str
    reason: str
    on_forge: bool = False
    """Given on the forge itself, where it need not be said again."""


@dataclass(frozen=True, slots=True)
class Voided:
    """Decisions that no longer count since the head moved."""

    people: tuple[PersonId, ...]
    old_head: str


@dataclass(frozen=True, slots=True)
class CarriedOn:
    """Approvals that went along with a clean rebase, each as a new record."""

    people: tuple[PersonId, ...]
    old_head: str
    new_head: str


@dataclass(frozen=True, slots=True)
class Overrode:
    """A person just let the change through against the verdict."""

    override: Override


News = Decided | Voided | CarriedOn | Overrode | Passed


@dataclass(frozen=True, slots=True)
class Earlier:
    """Who was asked, and about which head, when the change was last judged."""

    head_sha: str
    asked: tuple[PersonId, ...]


@dataclass(frozen=True, slots=True)
class Surfaces:
    """Where to show: the channel of the cards (empty: no chat), the live request's token, and who was asked before."""

    channel: str
    token: str
    earlier: Earlier | None = None
    carded: bool = False
    """A card was shown for this change before, whatever it says now."""
    labels_steady: bool = True
    """False where the gate's labels were being written while they were read: what was read of them proves nothing."""


def plan(facts: Facts, verdict: Verdict, surfaces: Surfaces, news: tuple[News, ...] = ()) -> tuple[Action, ...]:
    """All that should be shown now, and what is to be said."""
    if facts.change.state != "open":
        return _ended(facts, verdict, surfaces)
    actions: list[Action] = [render_check(facts, verdict)]
    if verdict.state != "not-generated":
        actions += _beside_the_check(facts, verdict, surfaces)
    if verdict.mode != "observe" and surfaces.channel and (verdict.state != "not-generated" or surfaces.carded):
        actions += _chat(facts, verdict, surfaces, news)
    actions += [_review(facts, item) for item in news if isinstance(item, Decided) and _needs_review(item)]
    return (*actions, *_summary(facts, verdict))


def _beside_the_check(facts: Facts, verdict: Verdict, surfaces: Surfaces) -> list[Action]:
    """A change that is held without a mark bears no label; it is commented on only where its check cannot say why."""
    if verdict.detection.generated:
        return [*_labels(facts, verdict, surfaces), render_comment(facts, verdict)]
    return [] if FORGES[facts.change.ref.repo.forge].check_has_text else [render_comment(facts, verdict)]


def _summary(facts: Facts, verdict: Verdict) -> tuple[PublishSummary, ...]:
    """The verdict for others, planned with every look at a green and published once."""
    statement = summary_statement(facts, verdict)
    if statement is None:
        return ()
    return (PublishSummary(facts.change.ref, facts.change.head_sha, statement.decode(), summary_key(facts, verdict)),)


def _labels(facts: Facts, verdict: Verdict, surfaces: Surfaces) -> tuple[SetLabels, ...]:
    """The difference between the labels the change bears and those it should; all of it where they are not known for sure."""
    wanted = {LABEL_GENERATED, *_OF_STATE.get(verdict.state, ())}
    once = {LABEL_APPROVED} | ({LABEL_OVERRIDDEN} if facts.overrides else set())
    if not surfaces.labels_steady:
        return (SetLabels(facts.change.ref, tuple(sorted(wanted)), tuple(sorted(once - wanted))),)
    borne = set(facts.change.labels)
    add, remove = sorted(wanted - borne), sorted((borne - wanted) & {LABEL_APPROVED, LABEL_OVERRIDDEN})
    return (SetLabels(facts.change.ref, tuple(add), tuple(remove)),) if add or remove else ()


def _ended(facts: Facts, verdict: Verdict, surfaces: Surfaces) -> tuple[Action, ...]:
    if not (surfaces.channel and surfaces.carded):
        return ()
    card = ShowCard(facts.change.ref, surfaces.channel, render_card(facts, verdict, ""))
    return (card, *_tasks(facts, surfaces), *_asks_over(facts, surfaces, (), f"; it was {facts.change.state}"))


def _tasks(facts: Facts, surfaces: Surfaces) -> list[Action]:
    """Each override has to be looked at afterwards, also when the change is over."""
    ref, channel = facts.change.ref, surfaces.channel
    return [ShowTask(ref, channel, render_review_task(facts, one), f"override:{one.id}") for one in facts.overrides]


def _chat(facts: Facts, verdict: Verdict, surfaces: Surfaces, news: tuple[News, ...]) -> list[Action]:
    ref, channel = facts.change.ref, surfaces.channel
    actions: list[Action] = [ShowCard(ref, channel, render_card(facts, verdict, surfaces.token))]
    actions += [_said(facts, verdict, surfaces, item) for item in news]
    actions += [*_tasks(facts, surfaces), *_expired(facts, channel)]
    now_asked = () if facts.change.draft else asked_people(verdict)
    actions += _asks_over(facts, surfaces, now_asked, _why_over(facts, verdict, surfaces))
    head = facts.change.head_sha
    actions += [ShowAsk(ref, channel, who, head, render_ask(facts, verdict, who, surfaces.token)) for who in now_asked]
    return actions


def _expired(facts: Facts, channel: str) -> list[Action]:
    """Planned with every look, and said once."""
    if facts.expired_at is None:
        return []
    return [SayInThread(facts.change.ref, channel, render_expired(facts), f"expired:{facts.expired_at.isoformat()}")]


def _why_over(facts: Facts, verdict: Verdict, surfaces: Surfaces) -> str:
    """In words that stay true: a message that is over is not looked at again."""
    if surfaces.earlier and surfaces.earlier.head_sha != facts.change.head_sha:
        return "; a push replaced that commit"
    if facts.change.draft:
        return "; it became a draft before that"
    if facts.expired_at is not None:
        return "; nobody answered in time, and the request expired"
    if verdict.state == "overridden":
        return "; an override lets it through before that"
    if verdict.state == "blocked" or obstacles(verdict):
        return "; something else came in the way before that"
    return "; the change is approved" if verdict.state == "allowed" else "; that is no longer needed"


def _asks_over(facts: Facts, surfaces: Surfaces, still: tuple[PersonId, ...], because: str) -> list[Action]:
    earlier = surfaces.earlier
    if earlier is None:
        return []
    same_head = earlier.head_sha == facts.change.head_sha
    over = [person for person in earlier.asked if not (same_head and person in still)]
    ref, channel = facts.change.ref, surfaces.channel
    return [
        ShowAsk(ref, channel, who, earlier.head_sha, render_ask_over(facts, who, _own_word(facts, earlier, who) or because))
        for who in over
    ]


def _own_word(facts: Facts, earlier: Earlier, person: PersonId) -> str:
    """What the person decided when asked, or why they are not asked any more: that is why the asking is over."""
    said = [a for a in facts.approvals if a.person == person and a.head_sha == earlier.head_sha]
    latest = max(said, key=lambda approval: approval.decided_at, default=None)
    if latest is not None:
        return {"approved": " and approved", "changes-requested": " and requested changes"}.get(latest.decision, "")
    gone = next((one.gone for one in facts.assignments if one.person == person and one.gone), "")
    return f" and {gone}" if gone and earlier.head_sha == facts.change.head_sha else ""


def _said(facts: Facts, verdict: Verdict, surfaces: Surfaces, item: News) -> Action:
    ref, channel = facts.change.ref, surfaces.channel
    if isinstance(item, Handed | Declined | AskedOnceMore):
        return SayInThread(ref, channel, render_passed(facts, item), item.key)
    if isinstance(item, Voided):
        who = people_words(facts.directory, item.people)
        what = "decisions" if len(item.people) > 1 else "decision"
        summary = f"A push voided the {what} of {who}, given for commit {item.old_head[:12]}"
        return SayInThread(ref, channel, render_line(summary, "bad"), f"void:{item.old_head}")
    if isinstance(item, Overrode):
        return SayInThread(ref, channel, render_override_line(facts, item.override), f"override:{item.override.id}")
    if isinstance(item, CarriedOn):
        return SayInThread(ref, channel, _carried_words(facts, item), f"carried:{item.old_head}:{item.new_head}")
    return _said_of(facts, verdict, channel, item)


def _said_of(facts: Facts, verdict: Verdict, channel: str, item: Decided) -> SayInThread:
    """What a person decided."""
    ref = facts.change.ref
    who = person_words(facts.directory, item.person)
    if item.decision == "dismissed":
        summary = f"{who} took back on {facts.change.ref.repo.host} what they had decided there"
        return SayInThread(ref, channel, render_line(summary, "bad"), item.approval_id)
    if item.decision == "approved":
        return SayInThread(ref, channel, render_line(_approved(facts, verdict, item.person), "good"), item.approval_id)
    return SayInThread(ref, channel, render_line(f"{who} requested changes", "bad", text(item.reason)), item.approval_id)


def _carried_words(facts: Facts, item: CarriedOn) -> Notice:
    who, more = people_words(facts.directory, item.people), "s" if len(item.people) > 1 else ""
    moved = f"from {item.old_head[:12]} to {item.new_head[:12]}"
    return render_line(
        f"The approval{more} of {who} went along with a clean rebase, {moved}: the difference is the same", "good"
    )


def _approved(facts: Facts, verdict: Verdict, person: PersonId) -> str:
    as_role = acting_words(seat for seat in verdict.routing.seats if person in seat.taken_by)
    who = person_words(facts.directory, person)
    if verdict.state == "allowed":
        return f"{who} approved{as_role}: {facts.change.ref} may merge"
    left = waiting_for(verdict)
    return f"{who} approved{as_role}" + (f"; still wanted: {left}" if left else "; other findings are still open")


def _needs_review(item: Decided) -> bool:
    """A request for changes is said on the change, unless it was made there."""
    return item.decision == "changes-requested" and not item.on_forge


def _review(facts: Facts, item: Decided) -> PostReview:
    who = escape(person_words(facts.directory, item.person))
    body = f"**{who} requested changes** in Slack, at {facts.change.head_sha[:12]}:\n\n> {escape(item.reason)}"
    return PostReview(facts.change.ref, facts.change.head_sha, body, item.approval_id)
