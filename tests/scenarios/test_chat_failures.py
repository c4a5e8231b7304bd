"""Slack limits, refuses, forgets, hangs up: no card twice, none missing, and the forge's side goes on without it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.cli.hands import Hands, whole
from bot.cli.layout import CHANNEL
from bot.cli.playground import Playground
from bot.cli.specimen import small_change
from integrations.sandbox.stage import ChangeSeen
from tests.scenarios.deeds import summary
from tests.scenarios.traces import overheard, secrets_of

BACK_OFF = timedelta(minutes=6)


def catch_up(world: Playground, times: int = 4) -> None:
    for _ in range(times):
        world.settle()
        world.clock.advance(BACK_OFF)
    world.settle()


def assert_carded_once(world: Playground, pull: ChangeSeen) -> None:
    """One card, two asks under it, nothing left over."""
    (card,) = world.slack.messages(CHANNEL)
    assert f"{world.ref(pull.number)}" in card.text
    assert len(world.slack.thread(CHANNEL, card.ts)) == 2
    backlog = world.gate.kit.store.backlog()
    assert (backlog.actions, backlog.dead_actions) == (0, 0)


def test_a_limit_of_slack_is_waited_out_as_long_as_it_says(one_world: Playground) -> None:
    one_world.settle()
    one_world.slack.fail_next("chat.postMessage", "ratelimited", retry_after=40)
    pull = one_world.open_generated()
    one_world.settle()
    one_world.clock.advance(timedelta(seconds=35))
    one_world.settle()
    assert one_world.slack.messages(CHANNEL) == []
    assert one_world.verdict_on(pull.head_sha) == "waiting"
    one_world.clock.advance(timedelta(seconds=6))
    one_world.settle()
    assert_carded_once(one_world, pull)


@pytest.mark.parametrize("trouble", [500, 503, "internal_error", "service_unavailable"])
def test_a_stumbling_slack_gets_its_card_later(one_world: Playground, trouble: str | int) -> None:
    one_world.settle()
    one_world.slack.fail_next("chat.postMessage", trouble, times=3)
    pull = one_world.open_generated()
    catch_up(one_world)
    assert_carded_once(one_world, pull)


def test_a_post_whose_answer_was_lost_is_no_second_card(one_world: Playground) -> None:
    one_world.settle()
    one_world.slack.fail_next("chat.postMessage", 503, times=3, after=True)
    pull = one_world.open_generated()
    catch_up(one_world)
    assert_carded_once(one_world, pull)


def test_a_deleted_card_is_posted_anew_once_and_works(one_world: Playground) -> None:
    pull = one_world.open_generated()
    one_world.settle()
    old = one_world.card(pull.number)
    bob = Hands(one_world, "bob")
    bob.press(old)
    for message in (old, *one_world.slack.thread(CHANNEL, old.ts)):
        one_world.slack.remove_message(CHANNEL, message.ts)
    bob.submit()
    catch_up(one_world)
    (card,) = one_world.slack.messages(CHANNEL)
    assert "security" in card.text
    assert "code owner" not in card.text
    assert Hands(one_world, "sue").approve(pull.number).taken
    assert one_world.verdict_on(pull.head_sha) == "allowed"
    assert len(one_world.slack.messages(CHANNEL)) == 1
    assert one_world.gate.kit.store.backlog().dead_actions == 0


@pytest.mark.parametrize("code", ["channel_not_found", "is_archived", "not_in_channel"])
def test_a_channel_that_refuses_is_named_with_the_cure_and_the_check_goes_on(one_world: Playground, code: str) -> None:
    one_world.settle()
    one_world.slack.fail_next("chat.postMessage", code, times=99)
    with overheard() as ears:
        pull = one_world.open_generated()
        catch_up(one_world)
    assert one_world.verdict_on(pull.head_sha) == "waiting"
    assert len(one_world.seen(pull.number).comments) == 1
    assert code in ears.all
    assert {"channel_not_found": "/invite", "is_archived": "unarchive", "not_in_channel": "/invite"}[code] in ears.all
    assert one_world.gate.kit.store.backlog().dead_actions >= 1
    assert not [secret for secret in secrets_of(one_world) if secret in ears.all]


def test_a_channel_that_lets_the_app_in_again_gets_its_card_with_the_next_look(one_world: Playground) -> None:
    one_world.settle()
    one_world.slack.archive(CHANNEL)
    pull = one_world.open_generated()
    one_world.settle()
    assert one_world.slack.messages(CHANNEL) == []
    one_world.slack.workspace.channels[CHANNEL].archived = False
    one_world.forge.edit(one_world.repo, pull.number, by="ann", title="Look again")
    catch_up(one_world)
    (card,) = one_world.slack.messages(CHANNEL)
    assert len(one_world.slack.thread(CHANNEL, card.ts)) == 2


def test_one_refused_card_does_not_hold_up_the_channel(one_world: Playground) -> None:
    one_world.settle()
    one_world.slack.fail_next("chat.postMessage", "invalid_blocks")
    one_world.open_generated()
    one_world.settle()
    second = one_world.open_generated("agent/part", small_change(one_world.clock.now(), 1), "A part")
    one_world.settle()
    assert f"{one_world.ref(second.number)}" in one_world.card(second.number).text


def test_without_slack_a_decision_waits_and_nothing_is_green(one_world: Playground) -> None:
    pull = one_world.open_generated()
    one_world.settle()
    bob = Hands(one_world, "bob")
    one_world.slack.fail_next("users.info", 503, times=2)
    bob.approve(pull.number)
    assert one_world.verdict_on(pull.head_sha) == "waiting"
    catch_up(one_world)
    assert "code owner" not in one_world.card(pull.number).text


def test_a_dialogue_that_cannot_be_opened_is_said_in_private(one_world: Playground) -> None:
    pull = one_world.open_generated()
    one_world.settle()
    one_world.slack.fail_next("views.open", "expired_trigger_id")
    shown = Hands(one_world, "bob").press(one_world.card(pull.number))
    assert shown.dialogue is None
    assert "press again" in shown.word


def test_the_status_says_when_updates_are_still_on_the_way(one_world: Playground) -> None:
    one_world.settle()
    one_world.slack.fail_next("chat.postMessage", 503, times=1)
    pull = one_world.open_generated()
    one_world.settle()
    eve = Hands(one_world, "eve")
    assert "3 updates still on the way" in eve.say(f"/llmgate status {one_world.ref(pull.number)}")
    catch_up(one_world)
    assert "still on the way" not in eve.say(f"/llmgate status {one_world.ref(pull.number)}")
    assert_carded_once(one_world, pull)


def test_a_channel_that_the_app_is_not_in_is_told_on_the_check_until_the_card_is_shown(one_world: Playground) -> None:
    one_world.settle()
    one_world.slack.archive(CHANNEL)
    pull = one_world.open_generated()
    catch_up(one_world)
    assert "the card could not be shown in the chat" in summary(one_world, pull.number)
    assert "is_archived" in summary(one_world, pull.number)
    one_world.slack.workspace.channels[CHANNEL].archived = False
    one_world.forge.edit(one_world.repo, pull.number, by="ann", title="Look again")
    catch_up(one_world)
    assert "could not be shown" not in summary(one_world, pull.number)
    assert "could not be shown" not in whole(one_world.card(pull.number))
