"""GitHub refuses, stumbles, limits: the work is done again until it is right, nothing twice, and never green by failure."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.cli.hands import Hands
from bot.cli.layout import CHANNEL
from bot.cli.playground import Playground
from bot.cli.specimen import login_change
from integrations.sandbox.stage import ChangeSeen
from tests.scenarios.forges import checks_posted, differs, faults_pending, is_gitlab
from tests.scenarios.traces import overheard, secrets_of

BRANCH = "agent/login"
STATUSES = (403, 404, 409, 422, 429, 500, 503)
BACK_OFF = timedelta(minutes=6)
"""Longer than any pause between two attempts."""


def catch_up(world: Playground, times: int = 4) -> None:
    """Let what was put back become due, a few times over."""
    for _ in range(times):
        world.settle()
        world.clock.advance(BACK_OFF)
    world.settle()


def assert_whole(world: Playground, pull: ChangeSeen) -> None:
    """The change shows what it should, once, and nothing is left or was given up."""
    head = world.seen(pull.number).head_sha
    assert world.verdict_on(head) == "waiting"
    assert checks_posted(world, head) == ["waiting"]
    assert len(world.seen(pull.number).comments) == 1
    assert world.seen(pull.number).labels == ("llm-generated",)
    assert len(world.slack.messages(CHANNEL)) == 1
    assert len(world.slack.thread(CHANNEL, world.card(pull.number).ts)) == 2
    assert faults_pending(world) == 0
    backlog = world.gate.kit.store.backlog()
    assert (backlog.jobs, backlog.actions, backlog.dead_jobs, backlog.dead_actions) == (0, 0, 0, 0)


@pytest.mark.parametrize("status", STATUSES)
def test_failing_reads_are_made_again(one_world: Playground, status: int) -> None:
    one_world.settle()
    one_world.forge.fail_next("look", status, times=2)
    one_world.forge.fail_next("files", status, times=3)
    pull = one_world.open_generated()
    one_world.settle()
    assert one_world.verdict_on(pull.head_sha) != "allowed"
    catch_up(one_world)
    assert_whole(one_world, pull)


@pytest.mark.parametrize("status", STATUSES)
def test_failing_writes_are_made_again(one_world: Playground, status: int) -> None:
    one_world.settle()
    for kind in ("check", "comment", "label"):
        one_world.forge.fail_next(kind, status, times=2)
    if status in (403, 422) and not is_gitlab(one_world):  # the commit status would stand in for the check
        one_world.forge.fail_next("POST */statuses/*", status, times=2)
    pull = one_world.open_generated()
    catch_up(one_world)
    assert_whole(one_world, pull)


@pytest.mark.parametrize("status", [502, 504])
def test_a_write_whose_answer_was_lost_is_not_made_twice(one_world: Playground, status: int) -> None:
    one_world.settle()
    for kind in ("check", "comment", "label"):
        one_world.forge.fail_next(kind, status, after=True)
    pull = one_world.open_generated()
    catch_up(one_world)
    assert_whole(one_world, pull)


def test_a_review_whose_answer_was_lost_is_posted_once(one_world: Playground) -> None:
    pull = one_world.open_generated()
    one_world.settle()
    one_world.forge.fail_next("review", 502, after=True)
    assert Hands(one_world, "bob").request_changes(pull.number, "Please count failures per account").taken
    catch_up(one_world)
    assert len(one_world.seen(pull.number).reviews) == 1


@pytest.mark.parametrize("status", [403, 404, 503])
def test_the_last_check_before_green_failing_never_turns_it_green(one_world: Playground, status: int) -> None:
    pull = one_world.open_generated()
    one_world.settle()
    Hands(one_world, "bob").approve(pull.number)
    twins = differs(one_world, github="GET /repos/*/commits/*/pulls", gitlab="GET */commits/*/merge_requests")
    one_world.forge.fail_next(twins, status)
    Hands(one_world, "sue").approve(pull.number)
    assert one_world.verdict_on(pull.head_sha) == "waiting"
    catch_up(one_world)
    assert one_world.verdict_on(pull.head_sha) == "allowed"
    with one_world.gate.kit.store.begin() as unit:
        (record,) = unit.open_changes()
        assert len(unit.approvals(record.ref)) == 2


def test_a_push_while_the_forge_fails_leaves_no_old_green(one_world: Playground) -> None:
    pull = one_world.open_generated()
    one_world.settle()
    Hands(one_world, "bob").approve(pull.number)
    Hands(one_world, "sue").approve(pull.number)
    one_world.forge.fail_next("*", 503, times=20)
    one_world.push_generated(specimen=login_change(one_world.clock.now(), "second"))
    one_world.settle()
    assert one_world.blockers(pull.number) is not None
    catch_up(one_world, 12)
    assert one_world.verdict_on(one_world.head()) == "waiting"
    assert "LLM Review: approved" not in one_world.seen(pull.number).labels


def test_credentials_refused_for_a_while_lose_nothing_and_are_not_shown(one_world: Playground) -> None:
    one_world.settle()
    one_world.forge.fail_next("*", 401, times=8)
    with overheard() as ears:
        pull = one_world.open_generated()
        catch_up(one_world, 10)
    assert_whole(one_world, pull)
    assert "ghs_" not in ears.all
    assert not [secret for secret in secrets_of(one_world) if secret in ears.all]


def test_a_decision_that_waits_for_the_forge_is_said_to_wait_and_then_counts(one_world: Playground) -> None:
    pull = one_world.open_generated()
    one_world.settle()
    bob = Hands(one_world, "bob")
    one_world.forge.fail_next("*", 503, times=4)
    assert bob.approve(pull.number).taken
    catch_up(one_world, 6)
    said = [message.text for message in one_world.slack.ephemerals(bob.user)]
    assert len([text for text in said if "is kept and not recorded yet" in text]) == 1
    assert "Bob approved as code owner" in "".join(
        m.text for m in one_world.slack.thread(CHANNEL, one_world.card(pull.number).ts)
    )
