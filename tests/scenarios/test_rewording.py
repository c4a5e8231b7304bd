"""What was said in private is edited once it is wanted no more: nobody finds a button in it that leads nowhere."""

from __future__ import annotations

from datetime import timedelta

from bot.cli.hands import REVIEW, Hands, whole
from bot.cli.playground import Playground
from bot.cli.specimen import login_change
from bot.core.events import NotMine, Snoozed
from tests.scenarios.waiting import direct, opened, owner, request_of, send, tick, told, turns, user_of, wait

HOUR = timedelta(hours=1)


def reminded(world: Playground) -> str:
    """The code owner, who has just heard that the change waits for them."""
    opened(world)
    name = owner(world)
    wait(world, HOUR)
    assert REVIEW in told(world, name)[-1]
    return name


def test_after_an_approval_the_reminder_says_so_and_has_nothing_to_press(world: Playground) -> None:
    name = reminded(world)
    before = len(direct(world, name))
    Hands(world, name).approve(1)
    words = told(world, name)[-1]
    assert "You answered" in words
    assert REVIEW not in words
    assert "Open the change" in words
    assert len(direct(world, name)) == before, "it is edited, and nothing new is said"


def test_after_a_push_the_reminder_waits_for_nobody(one_world: Playground) -> None:
    name = reminded(one_world)
    one_world.push_generated(specimen=login_change(one_world.clock.now(), "second"))
    one_world.settle()
    assert REVIEW not in told(one_world, name)[-1]
    assert "does not wait for you any more" in told(one_world, name)[-1]


def test_once_it_has_all_it_needs_nobody_finds_anything_to_press(one_world: Playground) -> None:
    name = reminded(one_world)
    other = next(who for who in ("bob", "sue") if who != name)
    assert any(REVIEW in words for words in told(one_world, other))
    for who in ("bob", "sue"):
        Hands(one_world, who).approve(1)
    assert one_world.verdict_on(one_world.head()) == "allowed"
    assert not any(REVIEW in words for who in ("bob", "sue") for words in told(one_world, who))


def test_after_a_snooze_it_says_until_when_and_the_next_one_can_be_pressed(one_world: Playground) -> None:
    name = reminded(one_world)
    send(one_world, Snoozed(request_of(one_world).token, user_of(one_world, name), 60, interaction="s1"))
    assert "You put" in told(one_world, name)[-1]
    assert REVIEW not in told(one_world, name)[-1]
    wait(one_world, timedelta(hours=2))
    assert REVIEW in told(one_world, name)[-1]
    assert "You put" in told(one_world, name)[-2], "what was said of the first time stays as it is"


def test_whoever_says_that_it_is_not_theirs_finds_that_in_the_reminder(one_world: Playground) -> None:
    name = reminded(one_world)
    send(one_world, NotMine(request_of(one_world).token, user_of(one_world, name), "", "n1"))
    assert "You are not asked about" in told(one_world, name)[-1]
    assert REVIEW not in told(one_world, name)[-1]


def test_of_several_in_one_message_each_is_ended_by_itself(one_world: Playground) -> None:
    for number in (1, 2, 3):
        made = login_change(one_world.clock.now(), f"number {number}")
        one_world.open_generated(f"agent/{number}", made, title=f"Number {number}")
        one_world.settle()
    one_world.clock.advance(HOUR)
    tick(one_world)
    mine = {
        name: [number for number in (1, 2, 3) if waits_for(one_world, name, number)] for name in ("bob", "sue", "dee", "sam")
    }
    name, numbers = next((name, numbers) for name, numbers in mine.items() if len(numbers) == 2)
    assert "2 changes wait for you" in told(one_world, name)[-1]
    Hands(one_world, name).approve(numbers[0])
    assert "1 of 2 still waits for you" in told(one_world, name)[-1]
    assert "✓ You answered" in told(one_world, name)[-1]
    Hands(one_world, name).approve(numbers[1])
    assert "None of this waits for you any more" in told(one_world, name)[-1]


def waits_for(world: Playground, name: str, number: int) -> bool:
    return any(str(row.person) == name for row in turns(world, number).values())


def test_a_reminder_that_was_deleted_holds_up_nothing(one_world: Playground) -> None:
    name = reminded(one_world)
    message = direct(one_world, name)[-1]
    one_world.slack.workspace.messages.remove(message)
    Hands(one_world, name).approve(1)
    backlog = one_world.gate.kit.store.backlog()
    assert (backlog.actions, backlog.dead_actions) == (0, 0)


def test_what_slack_could_not_take_is_edited_when_it_is_back(one_world: Playground) -> None:
    name = reminded(one_world)
    one_world.slack.fail_next("chat.update", 503, times=3)
    Hands(one_world, name).approve(1)
    for _ in range(6):
        one_world.clock.advance(timedelta(minutes=1))
        one_world.settle()
    assert "You answered" in whole(direct(one_world, name)[-1])
