"""Nobody answers: who hears of it, when, and how often. On a fake clock that ticks as the real one does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from bot.cli.hands import Hands
from bot.cli.layout import POLICY, Cast, Layout
from bot.cli.playground import Playground, build_playground
from bot.cli.specimen import Specimen, login_change
from bot.core.escalation.model import Delivery, PersonSettings
from bot.core.events import Snoozed
from bot.core.ids import ForgeName, PersonId
from integrations.sandbox.clock import FakeClock
from tests.scenarios.waiting import (
    QUARTER,
    asked,
    direct,
    history,
    opened,
    owner,
    request_of,
    send,
    thread,
    tick,
    told,
    turns,
    user_of,
    wait,
    wait_until,
)

HOUR = timedelta(hours=1)
FRIDAY = datetime(2026, 3, 6, 16, 45, tzinfo=UTC)
MONDAY = datetime(2026, 3, 9, 9, 0, tzinfo=UTC)
LEADS = POLICY + "  leads:\n    people: [dee]\n"


def choose(world: Playground, name: str, delivery: Delivery, digest: bool = True) -> None:
    with world.gate.kit.store.begin() as unit:
        unit.save_settings(PersonSettings(PersonId(name), delivery=delivery, digest=digest), world.clock.now())
        unit.commit()


def test_somebody_who_does_not_answer_is_asked_again_then_the_backup_then_a_lead_hears_of_it(one_world: Playground) -> None:
    opened(one_world, LEADS)
    first = owner(one_world)
    wait(one_world, HOUR)
    (nudge,) = told(one_world, first)
    assert "waits for your review as code owner: you have had it for 1 h of working time" in nudge
    wait(one_world, HOUR)
    assert len(direct(one_world, first)) == 1, "the same person is not asked a third time"
    (second,) = [who for who, one in asked(one_world).items() if one.how == "widened" and who not in ("sam", "sue")]
    assert "You are asked as well" in told(one_world, second)[0]
    called = f"<@{one_world.members[second]}>, your review as code owner is wanted"
    assert any(called in line for line in thread(one_world))
    assert turns(one_world)["codeowner"].person == first, "the clock is that of whoever was asked first"
    wait(one_world, 2 * HOUR)
    assert any(f"{first.capitalize()} has had" in line and "to review for 4 h" in line for line in told(one_world, "dee"))
    assert one_world.verdict_on(one_world.head()) == "waiting", "no time-out ever approves"
    assert [one.words for one in history(one_world, "step", "widened") if one.seat == "codeowner"] == ["nudge", "widen", "lead"]


def test_members_of_the_fallback_role_are_asked_to_stand_in_and_may_approve(one_world: Playground) -> None:
    chain = "tiers:\n  high:\n    escalation: [{after: 1h, do: fallback, role: leads}]\n"
    opened(one_world, LEADS + chain)
    assert "dee" not in asked(one_world)
    wait(one_world, HOUR)
    assert asked(one_world)[PersonId("dee")].how == "fallback"
    assert any("You are asked to stand in" in line for line in told(one_world, "dee"))
    assert Hands(one_world, "dee").approve(1).taken
    assert len(turns(one_world)) == 1, "one person fills one seat"


def test_a_weekend_does_not_count_and_nobody_is_told_at_night(one_world: Playground) -> None:
    one_world.clock.advance(FRIDAY - one_world.clock.now())
    opened(one_world)
    first = owner(one_world)
    wait_until(one_world, MONDAY - timedelta(minutes=15))
    assert direct(one_world, first) == []
    wait_until(one_world, MONDAY)
    assert ["Your day begins: 1 change waits for you" in line for line in told(one_world, first)] == [True]
    wait_until(one_world, MONDAY + timedelta(minutes=15))
    assert "you have had it for 1 h of working time" in told(one_world, first)[-1]
    assert len(direct(one_world, first)) == 2


def test_no_nudge_follows_a_decision(one_world: Playground) -> None:
    opened(one_world)
    first = owner(one_world)
    one_world.clock.advance(HOUR)
    one_world.gate.tick_all()  # what Bob is to be told waits in the outbox when he decides
    Hands(one_world, first).approve(1)
    one_world.settle()
    assert direct(one_world, first) == []
    wait(one_world, 4 * HOUR)
    assert direct(one_world, first) == []


def test_nobody_is_nudged_while_somebody_is_at_it(one_world: Playground) -> None:
    opened(one_world)
    first, quiet = owner(one_world), timedelta(minutes=turns(one_world)["codeowner"].chain.quiet)
    wait(one_world, timedelta(minutes=45))
    one_world.forge.comment(one_world.repo, 1, "Reading it now", by=first)
    one_world.settle()
    wait(one_world, quiet - timedelta(minutes=5), timedelta(minutes=5))
    assert direct(one_world, first) == []
    wait(one_world, timedelta(minutes=10), timedelta(minutes=5))
    assert len(direct(one_world, first)) == 1


def test_to_open_the_dialogue_is_to_be_at_it(one_world: Playground) -> None:
    opened(one_world)
    wait(one_world, timedelta(minutes=45))
    Hands(one_world, owner(one_world)).press(one_world.card(1))
    assert turns(one_world)["codeowner"].active_at == one_world.clock.now()
    assert [one.person for one in history(one_world, "opened")] == [owner(one_world)]


def test_it_is_the_authors_turn_while_checks_fail(one_world: Playground) -> None:
    made = login_change(one_world.clock.now())
    files = {path: content for path, content in made.files.items() if path.endswith((".py", ".json")) and "report" not in path}
    kept = {path: content for path, content in files.items() if "cover" not in path and "mutation" not in path}
    opened(one_world, specimen=Specimen(kept, made.message))
    assert {seat: str(row.person) for seat, row in turns(one_world).items()} == {"author": "ann"}
    wait(one_world, HOUR)
    (nudge,) = told(one_world, "ann")
    assert "waits for you" in nudge
    assert [name for name in ("bob", "cid", "dee", "sam", "sue") if direct(one_world, name)] == []


def test_whoever_put_it_off_is_reminded_when_that_is_over(one_world: Playground) -> None:
    opened(one_world)
    first, token = owner(one_world), request_of(one_world).token
    wait(one_world, timedelta(minutes=30))
    send(one_world, Snoozed(token, user_of(one_world, first), 90, interaction="press"))
    wait(one_world, timedelta(minutes=75))
    assert direct(one_world, first) == []
    wait(one_world, timedelta(minutes=15))
    assert len(direct(one_world, first)) == 1


def test_a_draft_waits_for_nobody(one_world: Playground) -> None:
    opened(one_world)
    first = owner(one_world)
    one_world.forge.set_draft(one_world.repo, 1, True, by="ann")
    one_world.settle()
    wait(one_world, 5 * HOUR, HOUR)
    assert direct(one_world, first) == []


def test_after_a_weekend_that_the_gate_was_down_each_hears_of_it_once(one_world: Playground) -> None:
    one_world.clock.advance(datetime(2026, 3, 5, 15, 0, tzinfo=UTC) - one_world.clock.now())
    for number in range(3):
        made = login_change(one_world.clock.now(), f"number {number}")
        one_world.open_generated(f"agent/{number}", made, title=f"Number {number}")
        one_world.settle()
    people = {str(row.person) for number in (1, 2, 3) for row in turns(one_world, number).values()}
    one_world.clock.advance(datetime(2026, 3, 9, 10, 0, tzinfo=UTC) - one_world.clock.now())  # nobody ticks meanwhile
    tick(one_world)
    for name in people:
        assert len(direct(one_world, name)) == 1, name
    wait(one_world, timedelta(minutes=10), timedelta(minutes=1))
    for name in people:
        assert len(direct(one_world, name)) == 1, name
    bundled = [line for name in people for line in told(one_world, name)]
    assert any("changes wait for you" in line for line in bundled)


def test_who_wants_a_mention_is_named_in_the_thread(one_world: Playground) -> None:
    opened(one_world)
    first = owner(one_world)
    choose(one_world, first, "mention")
    wait(one_world, HOUR)
    assert direct(one_world, first) == []
    (line,) = [one for one in one_world.slack.thread("C0REVIEWS", one_world.card(1).ts) if "you have had it" in one.text]
    assert one_world.members[first] in line.notified


def test_who_wants_a_digest_hears_of_it_when_their_day_begins(one_world: Playground) -> None:
    opened(one_world)
    first = owner(one_world)
    choose(one_world, first, "digest")
    wait(one_world, 23 * HOUR, HOUR)
    high = [line for line in told(one_world, first) if "Your day begins" not in line]
    assert len(high) == 1, "the top tier waits for no morning"
    wait(one_world, 2 * HOUR, HOUR)
    assert ["Your day begins: 1 change waits for you" in line for line in told(one_world, first)] == [False, True]


def test_who_wants_no_digest_gets_none(one_world: Playground) -> None:
    opened(one_world)
    first = owner(one_world)
    choose(one_world, first, "dm", digest=False)
    wait(one_world, 49 * HOUR, HOUR)
    assert [line for line in told(one_world, first) if "Your day begins" in line] == []


def test_a_step_that_nobody_does_is_reported(one_world: Playground) -> None:
    opened(one_world)
    gate = one_world.gate
    one_world.clock.advance(HOUR + timedelta(minutes=11))
    assert gate.ticks is not None
    assert gate.ticks.tick("audit") == 2
    metrics = httpx.get(f"{one_world.served.url}/metrics").text
    assert "llmgate_escalations_overdue 2\n" in metrics
    assert f'llmgate_tick_seconds_since{{tick="escalate"}} {(HOUR + timedelta(minutes=11)).seconds}\n' in metrics
    tick(one_world)
    assert gate.ticks.tick("audit") == 0
    metrics = httpx.get(f"{one_world.served.url}/metrics").text
    assert "llmgate_escalations_overdue 0\n" in metrics
    assert 'llmgate_tick_seconds_since{tick="escalate"} 0\n' in metrics


def test_a_nudge_keeps_a_quarter_of_an_hour_from_the_list_of_the_morning(one_world: Playground) -> None:
    """Below the top tier, that is: the policy here makes no change one of it."""
    medium = POLICY + "tiers:\n  high:\n    escalation: [{after: 35m, do: nudge}]\n"
    one_world.clock.advance(datetime(2026, 3, 6, 17, 0, tzinfo=UTC) - one_world.clock.now())
    opened(one_world, medium)
    first = owner(one_world)
    wait_until(one_world, MONDAY + timedelta(minutes=30), timedelta(minutes=5))
    assert len(direct(one_world, first)) == 2


@pytest.fixture
def far_away(forge: ForgeName, sqlite_url: str, tmp_path: Path, clock: FakeClock) -> Iterator[Playground]:
    """The one owner of the code works in New York, by what Slack says."""
    cast = Cast(zones={"bob": "America/New_York"}, owners="* @bob\n")
    world = build_playground(Layout(tmp_path / "world", sqlite_url, forge=forge, cast=cast), clock)
    try:
        yield world
    finally:
        world.close()


def test_each_is_reminded_in_the_hours_of_where_they_are(far_away: Playground) -> None:
    """It is four in the morning in New York when the change is opened: an hour of work has passed there at ten."""
    opened(far_away)
    assert turns(far_away)["codeowner"].next_at == datetime(2026, 3, 3, 15, 0, tzinfo=UTC)
    wait_until(far_away, datetime(2026, 3, 3, 14, 45, tzinfo=UTC))
    assert [line for line in told(far_away, "bob") if "you have had it" in line] == []
    wait(far_away, QUARTER)
    assert "you have had it for 1 h of working time" in told(far_away, "bob")[-1]


def test_a_change_of_clocks_moves_no_deadline_by_an_hour(far_away: Playground) -> None:
    """New York goes to summer time on the night to Sunday, 8 March 2026: nine in the morning is 13:00 UTC from then on."""
    far_away.clock.advance(datetime(2026, 3, 6, 22, 0, tzinfo=UTC) - far_away.clock.now())  # 17:00 on Friday, half an hour left
    opened(far_away)
    assert turns(far_away)["codeowner"].next_at == datetime(2026, 3, 9, 13, 30, tzinfo=UTC)
