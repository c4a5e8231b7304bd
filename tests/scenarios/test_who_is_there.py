"""Who is at work, and how much is on each desk, decides who is named; once named, nothing of that changes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.cli.hands import Hands, whole
from bot.cli.layout import Cast, Layout
from bot.cli.playground import Playground, build_playground
from bot.core.attendance import Attendance, Presence
from bot.core.hours.calendar import Absence, Calendar, Hours
from bot.core.hours.span import is_open
from bot.core.ids import ForgeName, PersonId
from bot.core.routing.load import RECENT, load_of
from bot.handlers.conclude import conclude
from bot.handlers.directory import Rolls
from bot.handlers.gather import Gatherer, recall
from integrations.sandbox.clock import FakeClock
from integrations.sandbox.stage import ChangeSeen
from tests.scenarios.deeds import summary
from tests.scenarios.test_who_is_asked import OWNERS, asked, assigned, new_cart, say_not_mine

LATE = Calendar(Hours(start=14 * 60, end=22 * 60))
"""The story begins at nine."""


@dataclass
class House:
    """Tells who is there by calendars of its own, and what is on the desks by the real store; counts who was looked up."""

    world: Playground
    calendars: dict[str, Calendar] = field(default_factory=dict)
    looked_up: list[tuple[PersonId, ...]] = field(default_factory=list)

    def of(self, people: Sequence[PersonId], now: datetime) -> tuple[Attendance, ...]:
        self.looked_up.append(tuple(people))
        with self.world.gate.kit.store.look() as unit:
            on_desks = unit.asked(people, now - RECENT)
        loads = {one: load_of((row.tier, row.open, row.recent) for row in on_desks if row.person == one) for one in people}
        return tuple(self._attendance(person, loads[person], now) for person in people)

    def _attendance(self, person: PersonId, load: float, now: datetime) -> Attendance:
        calendar = self.calendars.get(person, Calendar())
        presence: Presence = "absent" if calendar.absences else "active" if is_open(calendar, now) else "out-of-hours"
        return Attendance(person, presence, "" if presence == "active" else f"is {presence}", calendar, load)

    def look(self, number: int) -> None:
        """A look with this house's word, and everything that follows from it."""
        kit = self.world.gate.kit
        self.world.forge.flush()
        conclude(kit, Gatherer(kit, Rolls(kit), self).gather(recall(kit, self.world.ref(number))))
        self.world.settle()

    def open(self, branch: str = "agent/cart", price: int = 2) -> ChangeSeen:
        change = self.world.open_generated(branch, new_cart(self.world, price), f"Prices of {branch}")
        self.look(change.number)
        return change


def test_somebody_in_their_hours_is_asked_before_somebody_outside_them(one_world: Playground) -> None:
    for price, late, there in ((2, "bob", "cid"), (3, "cid", "bob")):
        change = House(one_world, {late: LATE}).open(f"agent/{late}", price)
        assert asked(one_world, change.number) == [there]


def test_whoever_has_less_on_the_desk_is_asked(one_world: Playground) -> None:
    house = House(one_world)
    first = house.open("agent/first")
    second = house.open("agent/second", 3)
    assert {*asked(one_world, first.number), *asked(one_world, second.number)} == set(OWNERS)


def test_the_same_person_stays_named_after_their_day_has_ended_and_nobody_is_looked_up_again(one_world: Playground) -> None:
    house = House(one_world, {"cid": LATE})
    change = house.open()
    before = whole(one_world.card(change.number))
    one_world.clock.advance(timedelta(hours=9))
    one_world.forge.edit(one_world.repo, change.number, by="ann", title="Prices of agent/cart")
    house.look(change.number)
    assert asked(one_world, change.number) == ["bob"]
    assert whole(one_world.card(change.number)) == before
    assert len(house.looked_up) == 1


def test_once_somebody_says_no_the_next_one_who_is_there_is_named(one_world: Playground) -> None:
    house = House(one_world, {"cid": LATE})
    change = house.open()
    say_not_mine(one_world, change.number, "bob")
    assert asked(one_world, change.number) == ["cid"]
    assert set(assigned(one_world, change.number)) == {"bob", "cid"}


def test_with_everybody_out_of_hours_somebody_is_asked_and_card_check_and_ask_say_when_they_are_back(
    one_world: Playground,
) -> None:
    change = House(one_world, dict.fromkeys(OWNERS, LATE)).open()
    (name,) = asked(one_world, change.number)
    said = f"everyone who could is out of hours; {name.capitalize()}’s day begins"
    assert said in whole(one_world.card(change.number))
    assert f"{said} 2026-03-03 14:00 UTC" in summary(one_world, change.number).replace("&#8203;", "")
    thread = one_world.slack.thread("C0REVIEWS", one_world.card(change.number).ts)
    assert any("Everyone who could is out of hours; your day begins" in whole(message) for message in thread)


def test_with_everybody_absent_that_is_said_and_the_merge_stays_shut(one_world: Playground) -> None:
    away = Calendar(absences=(Absence(one_world.clock.now() - timedelta(days=1), None, "is on leave"),))
    change = House(one_world, dict.fromkeys(OWNERS, away)).open()
    assert len(asked(one_world, change.number)) == 1
    assert "everyone who could is absent" in whole(one_world.card(change.number))
    assert one_world.verdict_on(one_world.seen(change.number).head_sha) == "waiting"


@pytest.mark.parametrize(("asleep", "there"), [("bob", "cid"), ("cid", "bob")])
def test_the_chats_own_zones_say_who_is_at_work(
    forge: ForgeName, sqlite_url: str, tmp_path: Path, clock: FakeClock, asleep: str, there: str
) -> None:
    cast = Cast(zones={asleep: "America/Los_Angeles", there: "Europe/Berlin"})
    world = build_playground(Layout(tmp_path / "world", sqlite_url, forge=forge, cast=cast), clock)
    try:
        change = world.open_generated(specimen=new_cart(world))
        world.settle()
        assert asked(world, change.number) == [there]
        why = Hands(world, "ann").say(f"/llmgate why {world.ref(change.number)}")
        assert f"{there.capitalize()}: was asked already" in why or f"{there.capitalize()}: is at work" in why
        asked_before = [call.method for call in world.slack.calls].count("users.getPresence")
        world.clock.advance(timedelta(hours=12))
        world.forge.edit(world.repo, change.number, by="ann", title="Prices of the evening")
        world.settle()
        assert asked(world, change.number) == [there]
        assert [call.method for call in world.slack.calls].count("users.getPresence") == asked_before > 0
    finally:
        world.close()
