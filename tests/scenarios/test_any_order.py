"""Whatever the order of deeds, pushes, ticks, deaths and restarts: a request has one state and one record of each decision, no
step is done twice, and nobody who decided is reminded."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from sqlalchemy import create_engine, text

from bot.cli.hands import REVIEW, Hands, whole
from bot.cli.layout import POLICY
from bot.cli.playground import Playground
from bot.cli.specimen import login_change
from bot.core.events import AskedAgain, Delegated, Event, NotMine, Snoozed
from bot.core.ids import PersonId
from bot.handlers.escalation.notifying import remind
from bot.handlers.escalation.stepping import escalate
from bot.worker import Crew
from integrations.sandbox.slack.people import Seen
from tests.scenarios.test_races import at_once, crews
from tests.scenarios.waiting import direct, history, opened, request_of, send, signed, tick, turns, user_of
from tests.simulation.killing import Killed, Killer

CHAIN = """tiers:
  high:
    quiet: 0m
    escalation: [{after: 30m, do: nudge}, {after: 1h, do: widen}, {after: 2h, do: nudge}, {after: 4h, do: expire}]
"""
PEOPLE = ("bob", "sue", "sam", "dee")
DEEDS = (
    "approve",
    "changes",
    "snooze",
    "not mine",
    "delegate",
    "again",
    "push",
    "tick",
    "twice",
    "together",
    "die",
    "pass",
    "pass",
)


@dataclass
class Walk:
    """One walk at random. `deaths`: how often a worker died in the middle of a statement. `taken`: dialogues that were sent."""

    world: Playground
    chance: random.Random
    steps: int = 0
    deaths: int = 0
    taken: int = 0
    done: Counter[str] = field(default_factory=Counter)

    def go(self, deed: str) -> None:
        self.steps += 1
        self.done[deed] += 1
        deeds: dict[str, Callable[[], object]] = {
            "approve": lambda: self.decide(lambda hands: hands.approve(1)),
            "changes": lambda: self.decide(lambda hands: hands.request_changes(1, "Please name it better")),
            "push": lambda: self.world.push_generated(specimen=login_change(self.world.clock.now(), f"thought {self.steps}")),
            "pass": lambda: self.world.clock.advance(timedelta(minutes=self.chance.choice((20, 45, 70)))),
            "tick": self.tick,
            "twice": lambda: self.tick(2),
            "together": lambda: at_once(*crews(self.world, 2), lambda: escalate(self.world.gate.kit)),
            "die": self.die,
        }
        deeds.get(deed, lambda: self.send(deed))()

    def decide(self, deed: Callable[[Hands], Seen]) -> None:
        """Where the card has the buttons: it has none while something else is in the way."""
        if REVIEW in whole(self.world.card(1)):
            self.taken += deed(Hands(self.world, self.somebody())).taken

    def somebody(self) -> str:
        """One of those who are waited for, mostly; or anybody."""
        waited = [str(row.person) for row in turns(self.world).values() if row.seat != "author"]
        return self.chance.choice(waited if waited and self.chance.random() < 0.8 else PEOPLE)

    def send(self, deed: str) -> None:
        token, user, key = request_of(self.world).token, user_of(self.world, self.somebody()), f"act{self.steps}"
        deeds: dict[str, Event] = {
            "snooze": Snoozed(token, user, 30, interaction=key),
            "not mine": NotMine(token, user, "", key),
            "delegate": Delegated(token, user, PersonId(self.chance.choice(PEOPLE)), "", key),
            "again": AskedAgain(token, user, key),
        }
        send(self.world, deeds[deed])

    def tick(self, times: int = 1) -> None:
        """No lease keeps two of them apart."""
        for _ in range(times):
            escalate(self.world.gate.kit)
            remind(self.world.gate.kit)

    def die(self) -> None:
        """A crew is dropped in the middle of a statement, and the next one takes back what it held."""
        kit, killer = self.world.gate.kit, Killer()
        killer.arm(1, self.chance.randint(1, 12))
        try:
            with killer.aiming_at(1):
                self.tick()
                Crew(kit, self.world.gate.dispatcher, "mortal").run_until_idle()
        except Killed:
            self.deaths += 1
            kit.store.inherit("mortal/")
        finally:
            killer.close()


def assert_nobody_who_decided_is_asked(world: Playground) -> None:
    """Of whoever is asked to press something in private, somebody still waits for it."""
    request = request_of(world)
    decided = {one.person for one in signed(world) if one.voided is None and one.head_sha == request.head_sha}
    for name in PEOPLE:
        asking = [words for message in direct(world, name) if REVIEW in (words := whole(message))]
        if asking:
            assert request.state == "open", (name, request.state, asking)
            assert PersonId(name) not in decided, (name, asking)
            assert turns(world), (name, asking)


def assert_one_live_request_and_one_record_a_decision(walk: Walk) -> None:
    engine = create_engine(walk.world.layout.database_url)
    with engine.connect() as database:
        live = database.execute(text("SELECT count(*) FROM requests WHERE state NOT IN ('void', 'closed')")).scalar_one()
    engine.dispose()
    assert live == 1
    recorded = signed(walk.world)
    assert len({one.interaction for one in recorded}) == len(recorded) <= walk.taken
    assert all(one.voided is None or one.head_sha != walk.world.head() for one in recorded)


@pytest.mark.parametrize("seed", [100, 111, 120])
def test_whatever_the_order_a_request_has_one_state_and_no_nudge_follows_a_decision(world: Playground, seed: int) -> None:
    walk = Walk(world, random.Random(seed))
    opened(world, POLICY + CHAIN)
    for _ in range(40):
        walk.go(walk.chance.choice(DEEDS))
        if walk.chance.random() < 0.7:
            world.settle()
            assert_nobody_who_decided_is_asked(world)
    world.settle()
    tick(world)
    assert_nobody_who_decided_is_asked(world)
    assert_one_live_request_and_one_record_a_decision(walk)
    steps = Counter((one.at, one.token, one.seat, one.person, one.words) for one in history(world, "step", "widened"))
    assert [key for key, count in steps.items() if count > 1] == []
    assert (bool(steps), bool(walk.deaths)) == (True, True), f"the walk shows nothing: {walk.done}"
    state = request_of(world).state
    assert (state == "approved") == (world.verdict_on(world.head()) == "allowed")
    assert bool(turns(world)) == (state == "open")
