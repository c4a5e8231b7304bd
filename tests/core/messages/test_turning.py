"""What the thread says when a turn passes on. Names and reasons are other people's words, and stay plain."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core.actions import SayInThread, ShowAsk
from bot.core.attendance import Assignment
from bot.core.evaluate import evaluate
from bot.core.facts import Facts
from bot.core.ids import PersonId
from bot.core.messages.fatigue import is_approval, render_warning, spell_decided
from bot.core.messages.turning import AskedOnceMore, Declined, Handed, Passed, render_passed
from bot.core.notice import Mention, Plain, flat
from bot.core.plan import Earlier, News, Surfaces, plan
from tests.core.build import HEAD, HIGH, NOW, facts

BOB, DEE, ANN = PersonId("bob"), PersonId("dee"), PersonId("ann")


def said(news: tuple[News, ...], known: Facts, surfaces: Surfaces) -> list[SayInThread]:
    return [one for one in plan(known, evaluate(known), surfaces, news) if isinstance(one, SayInThread)]


@pytest.mark.parametrize(
    ("news", "words"),
    [
        (Handed(BOB, BOB, DEE, "", "k"), "Bob handed the review on to Dee"),
        (Handed(ANN, BOB, DEE, "", "k"), "Ann asked Dee in place of Bob"),
        (Declined(BOB, "", "k"), "Bob said that this review is not theirs"),
        (AskedOnceMore(ANN, "k"), "Ann wants people to be asked once more: the request had expired"),
    ],
)
def test_each_passing_on_is_one_line_that_reads_well_alone(news: Passed, words: str) -> None:
    notice = render_passed(facts(HIGH), news)
    assert notice.summary == flat(notice.headline) == words
    assert notice.sections == ()


def test_whoever_gets_it_is_called_and_whoever_gave_it_is_not() -> None:
    called = [span for span in render_passed(facts(HIGH), Handed(BOB, BOB, DEE, "", "k")).headline if isinstance(span, Mention)]
    assert [span.name for span in called] == ["Dee"]


def test_a_reason_is_shown_as_it_was_written_and_as_nothing_else() -> None:
    (section,) = render_passed(facts(HIGH), Declined(BOB, "<!channel> *I* am away", "k")).sections
    assert section.lines == ((Plain("<!channel> *I* am away"),),)


def test_it_is_said_once_by_its_key() -> None:
    news = Declined(BOB, "", "not-mine:token:bob")
    (line,) = said((news,), facts(HIGH), Surfaces("C1", "token"))
    assert (line.key, line.channel) == ("not-mine:token:bob", "C1")


def test_an_ask_that_was_handed_on_says_so() -> None:
    gone = Assignment(BOB, "routed", NOW, BOB, gone="handed it to Dee")
    known = replace(facts(HIGH), assignments=(gone, Assignment(DEE, "delegated", NOW, BOB)))
    actions = plan(known, evaluate(known), Surfaces("C1", "token", Earlier(HEAD, (BOB,))))
    over = next(one for one in actions if isinstance(one, ShowAsk) and one.person == "bob")
    assert over.notice.summary.endswith("and handed it to Dee.")
    assert over.notice.controls == ()


def test_a_request_that_expired_is_said_once_and_asks_nobody() -> None:
    known = replace(facts(HIGH), expired_at=NOW)
    (line,) = said((), known, Surfaces("C1", "token"))
    assert "expired, and nobody is asked any more" in line.notice.summary
    assert line.key == f"expired:{NOW.isoformat()}"
    assert not [one for one in plan(known, evaluate(known), Surfaces("C1", "token")) if isinstance(one, ShowAsk)]


def test_a_warning_speaks_to_the_person_and_undoes_nothing() -> None:
    words = "has made 26 decisions today, more than 25 and has approved 3 changes within 20 seconds of opening them"
    notice = render_warning(words, stronger=False)
    assert notice.summary.startswith("You have made 26 decisions today, more than 25 and have approved 3 changes")
    assert "Nothing is undone" in flat(notice.headline)
    assert "more proof" not in flat(notice.headline)
    assert "more proof" in flat(render_warning(words, stronger=True).headline)


def test_a_decision_is_named_with_the_time_it_took() -> None:
    assert spell_decided("approved", 34) == "approved after 34 s"
    assert spell_decided("changes-requested", None) == "requested changes"
    assert [is_approval(spell_decided(one, 1)) for one in ("approved", "changes-requested", "dismissed")] == [
        True,
        False,
        False,
    ]
