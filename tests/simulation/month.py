"""The month itself: a queue of things to come on a fake clock, the real gate between strict stand-ins, and its ticks.

The gate may be one process on SQLite or several replicas on PostgreSQL, of which one is killed now and then in the middle of a
statement. During an outage nothing of the gate runs and nothing reaches it.
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.cli.layout import Cast, Layout
from bot.cli.playground import Playground, build_playground
from bot.main import Gate, assemble, read_settings
from integrations.sandbox.clock import FakeClock
from tests.simulation.cast import HOLIDAYS, People, calendar_text, people
from tests.simulation.changes import POLICY, owners
from tests.simulation.killing import Killed, Killer

START = datetime(2026, 3, 3, 0, 0, tzinfo=UTC)
"""A Tuesday. Clocks change in America on the 8th and in Europe on the 29th."""
TICK = timedelta(minutes=5)
SWEEP = timedelta(minutes=15)
BREATH = timedelta(seconds=1)
"""What is put back for a moment (a limit of Slack's) is waited for in steps of this."""
MOST_BREATHS = 240
HOUR = timedelta(hours=1)
UNLIMITED = 10**9
"""The stand-in of GitHub counts its budget by the hour of the wall, as its tokens expire by it, and a month takes less than
one: calls are counted by the simulated hour instead."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is simulated. `outages`: from and until, in hours since the start."""

    days: int = 30
    changes: int = 1500
    reviewers: int = 40
    seed: int = 1
    replicas: int = 1
    kill_every: timedelta | None = None
    outages: tuple[tuple[float, float], ...] = ((90.0, 150.0), (426.0, 486.0))
    """Friday 18:00 to Monday 06:00, twice."""


@dataclass
class Month:
    """One run. `come` is what is yet to happen."""

    world: Playground
    people: People
    scale: Scale
    chance: random.Random
    gates: list[Gate]
    killer: Killer
    down: bool = False
    kills: int = 0
    busiest: int = 0
    """Calls to the forge in the busiest hour."""
    come: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    _serial: itertools.count[int] = field(default_factory=itertools.count)

    @property
    def now(self) -> datetime:
        return self.world.clock.now()

    @property
    def ends(self) -> datetime:
        return START + timedelta(days=self.scale.days)

    def plan(self, at: datetime, deed: Callable[[], None]) -> None:
        heapq.heappush(self.come, (max(at, self.now), next(self._serial), deed))

    def run(self, looked: Callable[[], None], progress: Callable[[str], None]) -> None:
        """To the end of the month; `looked` is called whenever the world came to rest."""
        self._plan_clockwork()
        day = -1
        while self.come and self.come[0][0] < self.ends:
            at, _, deed = heapq.heappop(self.come)
            self.world.clock.advance(max(at - self.now, timedelta()))
            deed()
            if not self.come or self.come[0][0] > self.now:
                self.settle()
                looked()
            if (self.now - START).days > day:
                day = (self.now - START).days
                progress(f"day {day + 1} of {self.scale.days}")
        self.settle()

    def close(self) -> None:
        self.killer.close()
        for gate in self.gates[1:]:
            gate.close()
        self.world.close()

    def _plan_clockwork(self) -> None:
        for begins, ends in self.scale.outages:
            self.plan(START + timedelta(hours=begins), self._go_down)
            self.plan(START + timedelta(hours=ends), self._come_up)
        self._every(TICK, self._tick)
        self._every(SWEEP, lambda: self._guarded(0, self.gates[0].request_sweep))
        self._every(HOUR, self._count_calls)
        if self.scale.kill_every is not None:
            self._every(self.scale.kill_every, self._arm)

    def _every(self, pause: timedelta, deed: Callable[[], object]) -> None:
        def again() -> None:
            if not self.down:
                deed()
            self.plan(self.now + pause, again)

        self.plan(self.now + pause, again)

    # the gate's life

    def settle(self) -> None:
        """Until nothing is left to do now, nor in the next moments."""
        for _ in range(MOST_BREATHS):
            self._settle_now()
            if self.down or not self.world.gate.kit.store.backlog().actions:
                return
            self.world.clock.advance(BREATH)

    def _settle_now(self) -> None:
        while True:
            for stage in self.world.stages.values():
                stage.flush()
            if self.down or not sum(self._guarded(number, gate.run_until_idle) for number, gate in enumerate(self.gates)):
                return

    def _tick(self) -> None:
        for number in range(len(self.gates)):
            self._guarded(number, self.gates[number].tick_all)

    def _guarded(self, number: int, deed: Callable[[], object]) -> int:
        """Do it as that replica. One that is killed meanwhile comes back at once, under its own name."""
        try:
            with self.killer.aiming_at(number):
                done = deed()
        except Killed:
            self.kills += 1
            self._revive(number)
            return 1
        return done if isinstance(done, int) else 0

    def _revive(self, number: int) -> None:
        old, self.gates[number] = self.gates[number], self._assemble(number)
        old.close()
        self._serve()

    def _assemble(self, number: int) -> Gate:
        settings = {**self.world.settings, "work": {**self.world.settings["work"], "name": f"replica-{number}"}}
        gate = assemble(read_settings(**settings), self.world.clock)
        gate.kit.store.inherit(f"replica-{number}/")
        return gate

    def _serve(self) -> None:
        self.world.gate = self.gates[0]
        self.world.doorway.gate = self.gates[0]

    def _count_calls(self) -> None:
        forge = self.world.forge
        self.busiest = max(self.busiest, forge.reads + forge.writes)
        forge.clear_calls()

    def _arm(self) -> None:
        self.killer.arm(self.chance.randrange(len(self.gates)), self.chance.randrange(1, 60))

    def _go_down(self) -> None:
        self.down = True
        for stage in self.world.stages.values():
            stage.disconnect()

    def _come_up(self) -> None:
        self.down = False
        for stage in self.world.stages.values():
            stage.connect(self.world.served.url)
        self.gates[0].request_sweep()


def month(folder: Path, url: str, scale: Scale) -> Month:
    """Everything set up, and nothing begun."""
    chance = random.Random(scale.seed)
    who = people(scale.reviewers, START.date(), scale.days, chance)
    names = [one.name for one in who.reviewers]
    numbers = {name: 600 + at for at, name in enumerate((*who.authors, *names))}
    zones = {one.name: one.zone for one in who.reviewers}
    cast = Cast({**numbers, "sam": 599}, tuple(one.name for one in who.reviewers if one.security), zones, POLICY, owners(names))
    folder.mkdir(parents=True, exist_ok=True)
    clock = FakeClock(START)
    layout = Layout(folder, url, "http", name="replica-0", cast=cast, unlisted=("sam",), hours=_holidays(folder))
    world = build_playground(layout, clock)
    world.github.limits.per_hour = UNLIMITED
    made = Month(world, who, scale, chance, [world.gate], Killer())
    made.gates += [made._assemble(number) for number in range(1, scale.replicas)]
    return made


def _holidays(folder: Path) -> dict[str, object]:
    """The gate's settings of hours: a calendar file for each zone that rests."""
    files: dict[str, str] = {}
    for zone, days in HOLIDAYS.items():
        file = folder / f"{zone.replace('/', '-')}.ics"
        file.write_text(calendar_text(days))
        files[zone] = str(file)
    return {"holidays": files}
