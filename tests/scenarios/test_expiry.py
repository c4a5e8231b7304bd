"""A request that nobody answered in time ends shut, and opens again only when somebody asks."""

from __future__ import annotations

from datetime import timedelta

from bot.cli.hands import Hands
from bot.cli.layout import POLICY
from bot.cli.playground import Playground
from bot.cli.specimen import login_change
from bot.core.events import AskedAgain
from tests.scenarios.waiting import opened, request_of, send, thread, turns, user_of, wait

EXPIRES = """tiers:
  high:
    escalation:
      - {after: 1h, do: nudge}
      - {after: 2h, do: expire}
"""


def test_a_request_expires_closed_and_is_asked_again_only_when_somebody_wants_it(one_world: Playground) -> None:
    opened(one_world, POLICY + EXPIRES)
    first, people = request_of(one_world), {row.person for row in turns(one_world).values()}
    wait(one_world, timedelta(hours=2))
    assert request_of(one_world).state == "expired"
    assert turns(one_world) == {}
    assert one_world.verdict_on(one_world.head()) == "blocked"
    assert sum("expired, and nobody is asked any more" in line for line in thread(one_world)) == 1
    one_world.forge.label(one_world.repo, 1, "urgent", by="ann")
    one_world.settle()
    assert request_of(one_world).token == first.token, "no look asks anew"
    send(one_world, AskedAgain(first.token, user_of(one_world, "ann"), "press"))
    again = request_of(one_world)
    assert (again.state, again.token != first.token) == ("open", True)
    assert {row.person for row in turns(one_world).values()} == people
    assert one_world.verdict_on(one_world.head()) == "waiting"
    send(one_world, AskedAgain(first.token, user_of(one_world, "ann"), "press"), key="the same press again")
    assert request_of(one_world).token == again.token
    assert Hands(one_world, "ann").told() == ""


def test_a_push_asks_anew_after_a_request_expired(one_world: Playground) -> None:
    opened(one_world, POLICY + EXPIRES)
    wait(one_world, timedelta(hours=2))
    one_world.push_generated(specimen=login_change(one_world.clock.now(), "a second thought"))
    one_world.settle()
    assert request_of(one_world).state == "open"
    assert set(turns(one_world)) == {"codeowner", "security"}


def test_asked_again_by_the_cards_button_people_approve_as_ever(one_world: Playground) -> None:
    opened(one_world, POLICY + EXPIRES)
    people = [str(row.person) for row in turns(one_world).values()]
    wait(one_world, timedelta(hours=2))
    Hands(one_world, "ann").press(one_world.card(1), "Ask again")
    one_world.settle()
    for name in people:
        assert Hands(one_world, name).approve(1).taken
    assert one_world.verdict_on(one_world.head()) == "allowed"
    assert (request_of(one_world).state, turns(one_world)) == ("approved", {})
