"""What waits, sorted for one person: theirs by due time, what they put off, what is theirs as author, and what is left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.core.attendance import Assignment
from bot.core.escalation.model import AUTHOR, Chain, ChainStep, Deed, Escalation
from bot.core.evaluate import evaluate
from bot.core.ids import ChangeRef, Person, PersonId
from bot.core.messages.answers import Standing
from bot.core.messages.card import render_ask, render_card
from bot.core.messages.home import PAGE, Profile, render_home
from bot.core.messages.queue import Done, Item, queue_of, render_queue
from bot.core.notice import Home, Notice, Text, flat, text
from tests.core.build import ANN, BOB, CID, MEDIUM, NOW, OWNERS, REPO, change, facts, person

CHAIN = Chain((ChainStep(240, "nudge"), ChainStep(480, "widen"), ChainStep(720, "lead")))


def turn(item: Item, who: str, due_in: float | None = 2, **changes: Any) -> Item:
    """The item with a seat that waits for this person, whose next step comes in so many hours."""
    request = item.standing.token
    due = None if due_in is None else NOW + timedelta(hours=due_in)
    row = Escalation(request, "codeowner", item.ref, PersonId(who), "medium", CHAIN, 0, 1, NOW, due)
    return replace(item, turns=(*item.turns, replace(row, **changes)))


def item(number: int, author: Any = ANN, age_h: int = 3, title: str = "") -> Item:
    ref = ChangeRef(REPO, number)
    about = replace(
        facts(MEDIUM, owners_text=OWNERS),
        change=change(ref=ref, author=author, created_at=NOW - timedelta(hours=age_h), title=title or f"Change {number}"),
    )
    return Item(Standing(about, evaluate(about), f"tok{number}"))


def numbers(items: Sequence[Item]) -> list[int]:
    return [one.ref.number for one in items]


def me(items: Sequence[Item], who: Person | None = None, **more: Any) -> Any:
    return queue_of(who or person(BOB), items, NOW, **more)


def words(lines: Sequence[Text]) -> list[str]:
    return [flat(line) for line in lines]


def test_what_is_due_first_stands_first_and_what_has_no_time_any_more_last() -> None:
    items = [turn(item(1), "bob", None), turn(item(2), "bob", 5), turn(item(3), "bob", 1)]
    assert numbers(me(items).mine) == [3, 2, 1]


def test_somebody_asked_beside_the_one_whose_turn_it_is_has_it_in_their_queue() -> None:
    first, second = (BOB, CID) if item(1).standing.verdict.routing.seats[0].asked == ("bob",) else (CID, BOB)
    base = item(1).standing.facts
    asked = (Assignment(PersonId(first.login), "routed", NOW), Assignment(PersonId(second.login), "widened", NOW))
    widened = replace(base, assignments=asked)
    waiting = turn(Item(Standing(widened, evaluate(widened), "tok1")), first.login)
    assert numbers(queue_of(person(second), [waiting], NOW).mine) == [1]


def test_where_nobody_keeps_turns_yet_the_verdict_says_whose_it_is() -> None:
    named = item(1).standing.verdict.routing.seats[0].asked
    mine = queue_of(person(BOB) if named == ("bob",) else person(CID), [item(1)], NOW)
    assert numbers(mine.mine) == [1]


def test_an_authors_own_turn_waits_for_the_author() -> None:
    failing = turn(item(1), "ann", seat=AUTHOR)
    queue = me([failing], person(ANN))
    assert (numbers(queue.mine), numbers(queue.authored)) == ([1], [])


def test_what_was_put_off_is_not_in_the_way_until_its_time_comes() -> None:
    later = turn(item(1), "bob", 6, snoozed_until=NOW + timedelta(hours=6))
    over = turn(item(2), "bob", 6, snoozed_until=NOW - timedelta(minutes=1))
    queue = me([later, over])
    assert (numbers(queue.mine), numbers(queue.snoozed)) == ([2], [1])
    assert "1 waiting for you, 0 for others, 1 snoozed" in render_queue(queue).summary


def test_a_change_of_ones_own_that_waits_for_others_is_apart_from_everybody_elses() -> None:
    queue = me([turn(item(1, author=BOB), "cid"), turn(item(2), "cid")])
    assert (numbers(queue.authored), numbers(queue.rest)) == ([1], [2])
    shown = render_queue(queue)
    assert [one.heading for one in shown.sections] == ["Yours, waiting for others"]
    assert flat(shown.footnote) == "1 more for others: /llmgate queue all"
    assert [one.heading for one in render_queue(queue, everything=True).sections][-1] == "Waiting for others"


def test_somebody_unknown_sees_that_others_wait_and_nothing_of_their_own() -> None:
    queue = queue_of(None, [item(1)], NOW)
    assert render_queue(queue).summary == "0 waiting for you, 1 for others"


def test_what_comes_next_is_said_in_words_with_its_time() -> None:
    steps: list[tuple[Deed, str]] = [("nudge", "next reminder"), ("widen", "the backup is asked"), ("expire", "it expires")]
    for deed, said in steps:
        chain = Chain((ChainStep(60, deed),))
        line = flat(render_queue(me([turn(item(1), "bob", 2, chain=chain)])).sections[0].lines[0])
        assert said in line
        assert "2026-03-02 12:00 UTC" in line


# the home page


def shown(home: Home) -> dict[str, list[str]]:
    return {part.heading: words([entry.headline for entry in part.entries]) for part in home.parts}


def home(items: Sequence[Item], page: int = 0, profile: Profile | None = None, **more: Any) -> Home:
    return render_home(me(items, **more), profile or Profile("You are Bob"), page)


def test_the_home_page_has_a_part_for_each_kind_of_waiting() -> None:
    done = Done(ChangeRef(REPO, 9), NOW, "approved")
    items = [
        turn(item(1), "bob"),
        turn(item(2), "bob", 6, snoozed_until=NOW + timedelta(hours=6)),
        turn(item(3, author=BOB), "cid"),
    ]
    page = home(items, decided=(done,))
    assert list(shown(page)) == ["Waiting for you", "Snoozed", "Yours, waiting for others", "Decided of late"]
    assert flat(page.headline) == "My queue: 1 waiting for you, 1 for others, 1 snoozed"
    waiting_for_others = page.parts[2].entries[0]
    assert [flat(line) for part in waiting_for_others.sections for line in part.lines] == ["asked: Cid"]


def test_whoever_is_asked_can_decide_on_the_home_page_and_nobody_else() -> None:
    asked = item(1).standing.verdict.routing.seats[0].asked[0]
    who = {"bob": BOB, "cid": CID}[asked]
    mine = render_home(queue_of(person(who), [turn(item(1), asked)], NOW), Profile("x")).parts[0].entries[0]
    assert [one.name for one in mine.controls] == ["review", "request-changes"]
    assert [one.name for one in mine.more] == ["snooze", "delegate", "not-me", "why", "open"]
    authors = render_home(queue_of(person(ANN), [turn(item(1), "ann", seat=AUTHOR)], NOW), Profile("x")).parts[0].entries[0]
    assert (authors.controls, authors.more) == ((), ())


def test_twenty_items_a_page_and_a_way_to_the_others() -> None:
    items = [turn(item(number), "bob", number) for number in range(1, PAGE + 6)]
    first, second = home(items), home(items, 1)
    assert len(shown(first)["Waiting for you"]) == PAGE
    assert [one.label for one in first.controls] == ["Page 2 of 2 →"]
    assert len(shown(second)["Waiting for you"]) == 5
    assert [(one.label, one.token) for one in second.controls] == [("← Page 1", "0")]
    assert home(items, 7) == second


def test_a_page_that_says_the_same_is_the_same_whenever_it_is_made() -> None:
    items = [turn(item(1), "bob")]
    later = render_home(queue_of(person(BOB), items, NOW + timedelta(hours=1)), Profile("You are Bob"))
    assert later == home(items)


def test_settings_and_the_team_are_shown_to_whom_they_belong() -> None:
    plain = home([], profile=Profile("You are Bob", settings=(text("Mon to Fri"), text("Messages at once"))))
    assert plain.parts[-1].heading == "Your settings"
    assert [one.name for one in plain.parts[-1].controls] == ["settings"]
    lead = home([], profile=Profile("You are Bob", team=tuple(text(f"Cid, {n} h") for n in range(12))))
    assert len(lead.parts[-1].entries) == 10
    assert flat(lead.parts[-1].note) == "2 more: /llmgate queue team shows all of it."


# the ask and the card


def names(notice: Notice) -> tuple[list[str], list[str]]:
    return [one.name for one in notice.controls], [one.name for one in notice.more]


def test_an_ask_has_three_visible_controls_and_everything_else_in_the_menu() -> None:
    about = item(1).standing
    asked = render_ask(about.facts, about.verdict, PersonId("bob"), "tok")
    assert names(asked) == (["review", "request-changes"], ["snooze", "delegate", "not-me", "why", "open"])
    assert all(one.described for one in (*asked.controls, *asked.more))


def test_a_card_of_a_request_that_expired_offers_to_ask_again() -> None:
    about = replace(item(1).standing.facts, expired_at=NOW)
    card = render_card(about, evaluate(about), "tok")
    assert names(card)[0] == ["ask-again", "open"]
