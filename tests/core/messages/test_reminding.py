"""What somebody reads when they are reminded: what is wanted, since when, what happens next, and the buttons for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.core.attendance import Assignment
from bot.core.escalation.model import AUTHOR, Escalation, Reminder, ReminderKind
from bot.core.evaluate import evaluate
from bot.core.evidence.model import Suite, TestCase
from bot.core.facts import Facts
from bot.core.ids import ChangeRef, PersonId
from bot.core.messages.answers import Standing
from bot.core.messages.queue import Item, Queue, queue_of
from bot.core.messages.reminding import render_digest, render_mention, render_reminders
from bot.core.messages.steps_taken import render_step
from bot.core.messages.told import Told
from bot.core.notice import Link, Mention, Notice, Plain, flat
from tests.core.build import BOB as BOBS_ACCOUNT
from tests.core.build import MEDIUM, NOW, REPO, approved, change, evidence, facts, person
from tests.core.escalation.rows import ANN, BEN, BOB, LEA, at, row

LATER = at("Mon 14:00")


def about(number: int = 7, title: str = "Add a cart", failing: bool = False) -> Standing:
    tests = evidence(MEDIUM)
    if failing:
        tests = evidence(MEDIUM, suites=(Suite("junit.xml", "pytest", (TestCase("test_a", "failed"),)),))
    of: Facts = facts(MEDIUM, change=change(ref=ChangeRef(REPO, number), title=title), evidence=tests)
    return Standing(of, evaluate(of), f"tok{number}")


def told(kind: ReminderKind = "nudge", to: PersonId = BOB, number: int = 7, **changes: Any) -> Told:
    """Of Bob's turn after its first step, four working hours on."""
    seat = changes.pop("seat", "codeowner")
    turn: Escalation | None = changes.pop("turn", row(step=1, next_at=LATER, seat=seat))
    waited = changes.pop("waited", 240)
    standing = changes.pop("standing", None) or about(number, failing=kind == "author")
    ref = standing.facts.change.ref
    base = Reminder(to, kind, ref, "tok", seat, 1, "medium", NOW, f"{number}:{kind}:{to}")
    return Told(replace(base, **changes), standing, turn, waited)


def render(*several: Told) -> Notice:
    notice = render_reminders(several)
    assert notice is not None
    return notice


def lines(notice: Notice) -> list[str]:
    return [flat(line) for section in notice.sections for line in section.lines]


def buttons(notice: Notice) -> list[str]:
    return [control.name for control in (*notice.controls, *notice.more)]


def test_a_nudge_says_what_is_wanted_since_when_and_what_comes_next() -> None:
    notice = render(told())
    assert notice.summary == "acme/shop#7 waits for your review as code owner: you have had it for 4 h of working time."
    assert lines(notice) == [
        "△ Medium risk: Add a cart by ann",
        "It is your turn since 2026-03-02 10:00 UTC, which is 4 h of working time.",
        "Cid will be asked as well 2026-03-02 14:00 UTC.",
    ]
    assert buttons(notice) == ["review", "request-changes", "snooze", "delegate", "not-me", "why", "open"]
    assert {control.token for control in notice.controls} == {"tok7"}


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (0, "I will ask again 2026-03-02 14:00 UTC."),
        (2, "leads will hear of it 2026-03-02 14:00 UTC."),
        (3, "oncall will be asked to stand in 2026-03-02 14:00 UTC."),
        (4, "pager will be told 2026-03-02 14:00 UTC."),
        (5, "Without an answer it expires 2026-03-02 14:00 UTC, and stays shut until somebody asks again."),
    ],
)
def test_it_is_said_what_happens_next(step: int, said: str) -> None:
    assert lines(render(told(turn=row(step=step, next_at=LATER))))[-1] == said


def test_nothing_is_announced_where_nothing_comes() -> None:
    assert len(lines(render(told(turn=row(step=6, next_at=None))))) == 2


def test_a_backup_is_told_why_they_are_asked_and_whose_turn_it_was() -> None:
    notice = render(told("asked", BEN, about=BOB, turn=row(step=2, next_at=LATER)))
    assert notice.summary == "You are asked as well: acme/shop#7 waits for a review, and Bob has not answered yet."
    assert lines(notice)[1] == "It is Bob’s turn since 2026-03-02 10:00 UTC, which is 4 h of working time."
    assert "review" in buttons(notice)


def test_a_stand_in_is_told_so() -> None:
    notice = render(told("fallback", BEN, about=BOB))
    assert notice.summary == "You are asked to stand in: acme/shop#7 waits for a review, and Bob has not answered."


def test_a_lead_reads_who_has_had_it_how_long_and_how_to_have_somebody_else_asked() -> None:
    notice = render(told("lead", LEA, about=BOB, waited=720))
    assert notice.summary == "Bob has had acme/shop#7 to review for 1 d 4 h of working time."
    assert flat(notice.footnote) == "To have somebody else asked: /llmgate reassign acme/shop#7 @bob @somebody"
    assert buttons(notice) == ["open"]


def test_a_lead_reads_of_an_author_what_the_author_has_to_do() -> None:
    notice = render(told("lead", LEA, about=ANN, seat=AUTHOR))
    assert notice.summary == "Ann has had acme/shop#7 to mend for 4 h of working time."
    assert notice.footnote == ()


def test_an_author_reads_what_is_in_the_way_and_how_to_mend_it() -> None:
    notice = render(told("author", ANN, seat=AUTHOR, turn=row(seat=AUTHOR, person=ANN, step=2, next_at=LATER)))
    assert notice.summary == "Your change acme/shop#7 waits for you: tests and scans."
    assert [section.heading for section in notice.sections] == ["", "In the way"]
    assert buttons(notice) == ["open", "snooze", "why"]


def test_an_expiry_offers_to_ask_again_and_approves_nothing() -> None:
    notice = render(told("expired", ANN, about=BOB, turn=None))
    assert "the request expired" in notice.summary
    assert lines(notice)[-1] == "It stays shut: no time-out ever approves. Ask again, and people are asked once more."
    assert buttons(notice) == ["ask-again", "open"]
    assert notice.tone == "bad"


def test_a_lead_hears_of_somebody_who_decides_too_much() -> None:
    notice = render(told("fatigue", LEA, about=BOB, turn=None, words="has made 26 decisions today, more than 25"))
    assert notice.summary == "Bob has made 26 decisions today, more than 25."


def test_nothing_to_say_is_no_message() -> None:
    assert render_reminders(()) is None
    assert render_mention(()) is None
    assert render_digest(Queue()) is None


def test_whoever_has_answered_or_declined_meanwhile_is_not_reminded() -> None:
    base = about()
    declined = replace(base, facts=replace(base.facts, assignments=(Assignment(BEN, "widened", NOW, gone="said no"),)))
    answered = approved(base.facts, BOBS_ACCOUNT)
    taken = Standing(answered, evaluate(answered), "tok7")
    assert render_reminders([told("asked", BEN, standing=declined), told("nudge", BOB, standing=taken)]) is None
    assert render_reminders([told("expired", BOB, standing=taken)]) is not None


def test_several_changes_are_one_list_the_higher_tier_and_the_longer_wait_first() -> None:
    notice = render(told(number=1, waited=60), told(number=2, waited=300), told(number=3, tier="high", waited=5))
    assert notice.summary == "3 changes wait for you"
    assert [line.partition(" ")[0] for line in lines(notice)] == ["acme/shop#3", "acme/shop#2", "acme/shop#1"]
    assert lines(notice)[0].endswith(
        "for 5 min of working time. Whoever else can review it will be asked as well 2026-03-02 14:00 UTC."
    )


def test_a_list_ends_before_its_reader_tires() -> None:
    notice = render(*(told(number=number) for number in range(1, 33)))
    assert len(lines(notice)) == 21
    assert lines(notice)[-1] == "… and 12 more"


def test_two_seats_of_one_change_are_one_request() -> None:
    notice = render(told(), told(seat="section:Docs"))
    assert notice.summary.startswith("acme/shop#7 waits for your review")


def test_what_waits_and_what_only_happened_are_counted_apart() -> None:
    notice = render(told(number=1), told("expired", number=2, turn=None), told("lead", number=3, about=BEN))
    assert notice.summary == "1 change waits for you, and 2 other things to know"
    assert render(told("expired", number=2, turn=None), told("lead", number=3)).summary == "What happened meanwhile"


def test_whoever_wants_to_be_named_is_named_in_the_thread_without_buttons() -> None:
    notice = render_mention([told()])
    assert notice is not None
    assert isinstance(notice.headline[0], Mention)
    assert (
        flat(notice.headline)
        == "Bob: acme/shop#7 waits for your review as code owner: you have had it for 4 h of working time."
    )
    assert lines(notice) == ["Cid will be asked as well 2026-03-02 14:00 UTC."]
    assert buttons(notice) == []


def queue(number: int) -> Queue:
    items = [
        Item(about(each), (row(token=f"tok{each}", next_at=NOW + timedelta(hours=each)),)) for each in range(number, 0, -1)
    ]
    return queue_of(person(BOBS_ACCOUNT), items, NOW)


def test_a_digest_is_the_queue_by_due_time() -> None:
    notice = render_digest(queue(2))
    assert notice is not None
    assert notice.summary == "Your day begins: 2 changes wait for you"
    assert [line.partition(" ")[0] for line in lines(notice)] == ["acme/shop#1", "acme/shop#2"]
    assert lines(notice)[0].endswith("next reminder 2026-03-02 11:00 UTC")
    assert buttons(notice) == ["settings"]


def test_a_digest_shows_twenty_and_says_how_many_more() -> None:
    notice = render_digest(queue(32))
    assert notice is not None
    assert len(lines(notice)) == 21
    assert lines(notice)[-1] == "… and 12 more"


def test_a_digest_takes_along_what_else_there_is_to_know_and_repeats_no_nudge() -> None:
    whole = queue(1)
    ref = whole.mine[0].ref.number
    notice = render_digest(whole, [told("lead", LEA, about=BOB, number=9), told(number=ref)])
    assert notice is not None
    assert [section.heading for section in notice.sections] == ["What is due first stands first", "To know"]
    assert len(lines(notice)) == 2


def test_a_digest_with_nothing_in_the_queue_still_tells_what_happened() -> None:
    notice = render_digest(Queue(), [told("lead", LEA, about=BOB)])
    assert notice is not None
    assert (notice.summary, len(lines(notice))) == ("Your day begins: nothing waits for you", 1)


@pytest.mark.parametrize("kind", ["nudge", "asked", "fallback", "lead", "author", "expired"])
def test_what_people_wrote_is_never_markup(kind: ReminderKind) -> None:
    nasty = "<!channel> *x* <https://evil|click> [a](b)"
    notice = render(told(kind, about=BOB, standing=about(title=nasty, failing=kind == "author")))
    spans = [span for line in (notice.headline, *(line for part in notice.sections for line in part.lines)) for span in line]
    assert all(isinstance(span, Plain) for span in spans if nasty in getattr(span, "text", ""))
    assert any(nasty in span.text for span in spans if isinstance(span, Plain))
    assert {span.url for span in spans if isinstance(span, Link)} == {"https://github.com/acme/shop/pull/7"}


@pytest.mark.parametrize(
    ("deed", "people", "said"),
    [
        ("nudge", ("bob",), ""),
        ("widen", ("cid",), "Bob has had 4 h of working time to review it: Cid is asked as well"),
        ("lead", ("sam", "sue"), "Bob has had 4 h of working time to review it: Sam and Sue are told"),
        ("fallback", ("dee",), "Bob has had 4 h of working time to review it: Dee is asked to stand in"),
        ("widen", (), ""),
        ("webhook", (), ""),
        ("expire", ("ann",), ""),
    ],
)
def test_the_thread_says_what_was_done(deed: Any, people: tuple[str, ...], said: str) -> None:
    notice = render_step(facts(), row(), deed, [PersonId(who) for who in people], 240)
    assert (notice.summary if notice else "") == said


def test_the_thread_says_of_an_author_that_they_are_to_mend_it() -> None:
    notice = render_step(facts(), row(seat=AUTHOR, person=ANN), "lead", [BOB], 60)
    assert notice is not None
    assert notice.summary == "Ann has had 1 h of working time to mend it: Bob is told"


def test_a_turn_that_has_just_begun_is_not_called_long() -> None:
    notice = render(told(waited=0))
    assert notice.summary == "acme/shop#7 waits for your review as code owner."
    assert lines(notice)[1] == "It is your turn since 2026-03-02 10:00 UTC."
