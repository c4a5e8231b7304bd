"""Everybody who follows a change's thread reads there who was brought in because nobody answered, and nothing of nudges."""

from __future__ import annotations

from datetime import timedelta

from bot.cli.layout import POLICY
from bot.cli.playground import Playground
from tests.scenarios.waiting import asked, direct, thread, tick, turns, wait

HOUR = timedelta(hours=1)


def test_a_thread_tells_of_the_backup_and_the_lead_once_and_of_no_nudge(one_world: Playground) -> None:
    one_world.push_policy(POLICY + "  leads:\n    people: [dee]\n")
    one_world.settle()
    one_world.open_generated()
    one_world.settle()
    tick(one_world)
    first = str(turns(one_world)["codeowner"].person)
    wait(one_world, HOUR)
    assert len(direct(one_world, first)) == 1
    assert [line for line in thread(one_world) if "has had" in line] == []
    wait(one_world, 3 * HOUR)
    (second,) = [who for who, one in asked(one_world).items() if one.how == "widened" and who not in ("sam", "sue")]
    said = [line for line in thread(one_world) if line.startswith(f"○ {first.capitalize()} has had")]
    assert said == [
        f"○ {first.capitalize()} has had 2 h of working time to review it: {second.capitalize()} is asked as well",
        f"○ {first.capitalize()} has had 4 h of working time to review it: Dee is told",
    ]
