"""App Home: what waits, for each person, kept up to date for those who opened theirs; and for leads who waits on whom."""

from __future__ import annotations

import re
from datetime import timedelta

import httpx
import pytest

from bot.cli.hands import Hands, whole
from bot.cli.layout import POLICY
from bot.cli.playground import Playground
from tests.scenarios.waiting import tick, turns, wait

LEADS = POLICY + "  leads:\n    people: [sue]\n"


@pytest.fixture
def world(one_world: Playground) -> Playground:
    """A change that waits for two people, in a repository where Sue leads."""
    one_world.push_policy(LEADS)
    one_world.open_generated()
    one_world.settle()
    tick(one_world)
    return one_world


def opened(world: Playground, name: str) -> str:
    """What their home page says after they opened it."""
    hands = Hands(world, name)
    world.slack.open_home(hands.user)
    assert world.slack.until(lambda: world.slack.home(hands.user) is not None)
    world.settle()
    return page(world, name)


def page(world: Playground, name: str) -> str:
    home = world.slack.home(world.members[name])
    assert home is not None
    return str(home.blocks)


def published(world: Playground, name: str) -> int:
    return sum(
        call.method == "views.publish" and call.arguments["user_id"] == world.members[name] for call in world.slack.calls
    )


def owner_of(world: Playground) -> str:
    return str(turns(world)["codeowner"].person)


def test_each_sees_what_waits_for_them_with_the_buttons_to_decide(world: Playground) -> None:
    owner = owner_of(world)
    mine = opened(world, owner)
    assert "1 waiting for you" in mine
    assert "next reminder" in mine
    assert "Review & approve" in mine
    authors = opened(world, "ann")
    assert "Yours, waiting for others" in authors
    assert "asked: " in authors
    assert "Review & approve" not in authors
    assert "so nothing you press can count" in opened(world, "eve")


def test_a_page_changes_with_what_it_shows_and_only_then(world: Playground) -> None:
    owner = owner_of(world)
    opened(world, owner)
    before = published(world, owner)
    for _ in range(3):
        world.gate.request_sweep()
        world.settle()
        tick(world)
    assert published(world, owner) == before, "looks that change nothing are no calls"
    assert published(world, "ann") == 0, "nobody's page is made who never opened it"
    Hands(world, owner).approve(1)
    tick(world)
    tick(world)
    assert published(world, owner) == before + 1
    assert "0 waiting for you" in page(world, owner)
    assert "Decided of late" in page(world, owner)


def test_what_was_put_off_and_what_comes_next_is_shown(world: Playground) -> None:
    owner = owner_of(world)
    opened(world, owner)
    Hands(world, owner).say(f"/llmgate snooze {world.ref(1)} 30m")
    world.settle()
    tick(world)
    assert "Snoozed" in page(world, owner)
    wait(world, timedelta(minutes=45))
    assert "1 waiting for you" in page(world, owner)


def test_whoever_leads_sees_who_waits_on_whom_and_nobody_else_does(world: Playground) -> None:
    assert "Who waits on whom" in opened(world, "sue")
    assert "Who waits on whom" not in opened(world, "bob")
    world.clock.advance(timedelta(hours=3))
    told = Hands(world, "sue").say("/llmgate queue team")
    assert f"*{owner_of(world).capitalize()}*" in told
    assert "a review as code owner" in told
    assert "3 h" in told
    refused = Hands(world, "bob").say("/llmgate queue team")
    assert "Only those who lead see who waits on whom" in refused
    assert "roles.leads" in refused
    assert "none I know" in Hands(world, "bob").say("/llmgate queue everything")


def test_the_team_page_opens_once_for_whoever_asked(world: Playground) -> None:
    sue = Hands(world, "sue")
    sue.say("/llmgate queue team")
    shown = world.slack.ephemerals(sue.user)[-1]
    found = re.search(r"http://localhost:\d+/visit/[\w-]+", str(shown.blocks))
    assert found, whole(shown)
    page_of_team = httpx.get(found[0], trust_env=False)
    assert page_of_team.status_code == 200
    assert "Who waits on whom" in page_of_team.text
    assert owner_of(world).capitalize() in page_of_team.text
    again = httpx.get(found[0], trust_env=False)
    assert again.status_code == 410
    assert "used already" in again.text


def test_whoever_leads_no_more_is_shown_nothing(world: Playground) -> None:
    sue = Hands(world, "sue")
    sue.say("/llmgate queue team")
    found = re.search(r"http://localhost:\d+/visit/[\w-]+", str(world.slack.ephemerals(sue.user)[-1].blocks))
    world.push_policy(POLICY)
    world.settle()
    world.forge.label(world.repo, 1, "urgent", by="ann")
    world.settle()
    assert found
    refused = httpx.get(found[0], trust_env=False)
    assert refused.status_code == 410
    assert "Only those who lead" in refused.text
