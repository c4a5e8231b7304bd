"""The crash test: a burst of deeds, SIGKILL in its middle, a restart, and then nothing may be doubled, missing or wrong.

The stand-ins live here and survive; the gate is a process of its own. Webhooks sent while it was dead stay failed, as either
forge leaves them: only what the gate does by itself after its start may repair that. A click nobody took is a click made again.

GitLab switches a hook off for a minute once four deliveries failed in a row, and keeps nothing for it meanwhile. Here somebody
switches it on again when the gate is ready; what happened between its start and that, only the next sweep can find.
"""

from __future__ import annotations

import argparse
import logging
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from bot.cli.furnishing import raise_stage, seat
from bot.cli.layout import Layout, Neighbours, settings_of
from bot.core.ids import ForgeName
from integrations.sandbox.clock import WallClock
from integrations.sandbox.faults import LoggedCall
from integrations.sandbox.slack.face import Call
from integrations.sandbox.slack.fake import FakeSlack
from integrations.sigstore.keys import read_public_key
from storage.store import SqlStore
from tests.bench.apart import free_port, place_of
from tests.bench.audit import World, audit, stored
from tests.bench.burst import Burst, Course
from tests.bench.ledger import Ledger
from tests.bench.reviewer import Reviewer
from tests.bench.victim import Trap, Victim, Where, Wire
from tests.postgres import PostgresServer

READY_S, SETTLE_S, SNAP_S = 60.0, 90.0, 2.5
"""Longest waits: for a start, for the world to be right again (a lease of the dead runs for a minute), for a trap to snap."""
BETWEEN_LOOKS_S = 0.05
FORGES: tuple[ForgeName, ...] = ("github", "gitlab")
DATABASES = ("sqlite", "postgresql")
SWEEP_S: dict[ForgeName, int] = {"github": 300, "gitlab": 10}
MOST_CALLS: dict[Where, int] = {"forge write": 8, "slack post": 8, "slack call": 15, "forge call": 20, "moment": 1}
LATENCIES_S = (0.0, 0.0, 0.03)
"""Of each forge call, drawn anew for each round: slow answers let looks and deliveries overtake each other."""
WHERE: tuple[Where, ...] = ("forge write", "forge write", "slack post", "slack call", "forge call", "moment")


@dataclass
class Outcome:
    """What a course showed. `problems` empty: everything held."""

    where: str
    """Forge and database."""
    kills: int = 0
    causes: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    settles: list[float] = field(default_factory=list)
    figures: dict[str, int] = field(default_factory=dict)


class Story:
    """One course on one forge, over one database."""

    def __init__(self, world: World, victim: Victim, url: str, course: Course) -> None:
        self._world = world
        self._victim = victim
        self._url = url
        self._course = course
        self._random = random.Random(f"{course.seed} traps")
        self._ledger = Ledger()
        place = place_of(world.forge)
        reviewers = {name: Reviewer(world.slack, place, user, victim) for name, user in world.members.items()}
        self._burst = Burst(world.forge, WallClock(), self._ledger, reviewers, course)

    def play(self, outcome: Outcome) -> None:
        """Burst, death, restart, look; until enough deaths. Ends at the first round that does not come right."""
        self._victim.start()
        self._await_ready()
        try:
            while len(self._victim.deaths) < self._course.kills and not outcome.problems:
                self._round()
                began = time.monotonic()
                outcome.problems = self._settle()
                outcome.settles.append(time.monotonic() - began)
        finally:
            self._burst.close()
            outcome.kills, outcome.causes = len(self._victim.deaths), Counter(self._victim.deaths)
            outcome.figures = self._figures()

    def _round(self) -> None:
        self._world.forge.latency_s = self._random.choice(LATENCIES_S)
        self._victim.set(self._draw())
        self._burst.act(self._course.deeds)
        if not self._victim.dead.wait(SNAP_S):
            self._victim.kill("rest")
        if self._random.random() < 0.5:
            self._burst.act(2, chat=False)
        self._victim.start()
        while len(self._victim.deaths) < self._course.kills and self._random.random() < 0.25:
            self._victim.set(self._draw())
            if self._random.random() < 0.5:
                self._burst.act(2, chat=False)
            if not self._victim.dead.wait(SNAP_S):
                self._victim.kill("rest")
            self._victim.start()
        if self._random.random() < 0.5:
            self._burst.act(2, chat=False)
        self._await_ready()

    def _draw(self) -> Trap:
        """Where the next death waits: half of them right after a write was carried out and before its answer left."""
        where = self._random.choice(WHERE)
        return Trap(where, self._random.randint(1, MOST_CALLS[where]), self._random.uniform(0.0, 1.5))

    def _settle(self) -> list[str]:
        """Wait until the world is as the books say; what is still wrong when patience ends."""
        end = time.monotonic() + SETTLE_S
        while True:
            problems = self._look()
            if not problems or time.monotonic() > end:
                return problems
            self._victim.stirred.wait(BETWEEN_LOOKS_S)
            self._victim.stirred.clear()

    def _look(self) -> list[str]:
        self._world.forge.flush()
        self._burst.pursue()
        backlog = self._world.store.backlog()
        if backlog.dead_jobs or backlog.dead_actions:
            return [f"given up: {backlog.dead_jobs} jobs, {backlog.dead_actions} actions"]
        if backlog.jobs or backlog.actions:
            return [f"still to do: {backlog.jobs} jobs, {backlog.actions} actions"]
        self._lay_aside()
        waiting = [f"#{w.number}: {w.person} could not have {w.kind}: {w.words!r}" for w in self._ledger.unsettled()]
        return waiting + [line for book in self._ledger.books.values() for line in audit(self._world, book)]

    def _lay_aside(self) -> None:
        """On a green card no button is left: whose press nobody answered learns from the record whether it counted."""
        for wish in self._ledger.unsettled():
            if self._ledger.books[wish.number].state == "allowed" or wish.fate == "unsure":
                kept = {(a.person, a.head_sha, a.decision) for a in stored(self._world, wish.number)}
                if (wish.person, wish.head, wish.kind) in kept:
                    wish.fate = "known"
                elif self._ledger.books[wish.number].state == "allowed":
                    wish.fate = "moot"

    def _await_ready(self) -> None:
        end = time.monotonic() + READY_S
        while not (_answers(self._url) and self._world.slack.connected(1, 0.0)):
            if time.monotonic() > end:
                raise TimeoutError(f"the gate was not ready within {READY_S:.0f} s: its log is gate.log")
            self._victim.stirred.wait(BETWEEN_LOOKS_S)
            self._victim.stirred.clear()
        self._world.forge.connect(self._url)

    def _figures(self) -> dict[str, int]:
        wishes = [wish for book in self._ledger.books.values() for wish in book.wishes]
        told = [(m.only_for, m.text, str(m.blocks)) for m in self._world.slack.workspace.ephemerals]
        return {
            "changes": len(self._ledger.books),
            "commits": sum(len(book.heads) for book in self._ledger.books.values()),
            "decisions sent": sum(wish.sent for wish in wishes),
            "signed records": sum(len(stored(self._world, number)) for number in self._ledger.books),
            "presses unanswered": sum(wish.sent > 1 or wish.fate in ("unsure", "known") for wish in wishes),
            "webhooks lost": sum(not d.status for d in self._world.forge.deliveries),
            "forge calls": len(self._world.forge.calls),
            "chat calls": len(self._world.slack.calls),
            "whispers doubled": len(told) - len(set(told)),
        }


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz", timeout=2.0, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


@contextmanager
def stage(layout: Layout, course: Course) -> Iterator[Story]:
    """Stand-ins, an empty database and a nursery of gates; all gone with the block."""
    layout.folder.mkdir(parents=True, exist_ok=True)
    clock = WallClock()
    with ExitStack() as stack:
        forge, slack = raise_stage(layout.forge, layout, clock), FakeSlack(clock)
        stack.callback(forge.close)
        stack.callback(slack.close)
        members, port = seat(slack), free_port()
        around = Neighbours([forge], slack, members, f"http://localhost:{port}")
        settings = settings_of(layout, around)
        settings["web"]["port"] = port
        settings["work"]["sweep_every_s"] = SWEEP_S[layout.forge]
        victim = Victim(settings, layout.folder / "gate.log")
        stack.callback(victim.close)
        forge.on_call(lambda call: victim.heard(*_forge_kinds(call)))
        slack.calls = Wire[Call](lambda call: victim.heard(*_chat_kinds(call)))
        store = SqlStore(layout.database_url, clock)
        stack.callback(store.close)
        pem = (layout.folder / "signing.pem.pub").read_bytes()
        world = World(forge, slack, store, read_public_key(pem, "signing.pem.pub"), members)
        yield Story(world, victim, f"http://127.0.0.1:{port}", course)
        victim.kill("end")


def run_course(forge: ForgeName, database_url: str, folder: Path, course: Course) -> Outcome:
    """One course from an empty database to its last death."""
    outcome = Outcome(f"{forge} over {database_url.partition(':')[0]}")
    with stage(Layout(folder, database_url, name="crash", forge=forge), course) as story:
        try:
            story.play(outcome)
        except (TimeoutError, ValueError, LookupError) as error:
            outcome.problems.append(f"{type(error).__name__}: {error}")
    return outcome


def _forge_kinds(call: LoggedCall) -> tuple[Where, ...]:
    return ("forge call", "forge write") if call.kind == "write" else ("forge call",)


def _chat_kinds(call: Call) -> tuple[Where, ...]:
    return ("slack call", "slack post") if call.method.startswith(("chat.", "views.")) else ("slack call",)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.crash", description=__doc__)
    parser.add_argument("--kills", type=int, default=50, help="on each forge and database")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--forge", choices=(*FORGES, "both"), default="both")
    parser.add_argument("--database", choices=(*DATABASES, "both"), default="both")
    parser.add_argument("--folder", type=Path, help="keep everything here")
    given = parser.parse_args()
    logging.getLogger("uvicorn.error").addFilter(lambda _: False)  # the stand-ins' surprise at callers that die in mid-sentence
    course = Course(given.kills, seed=given.seed)
    with tempfile.TemporaryDirectory(prefix="llmgate-crash-") as temporary:
        folder = given.folder or Path(temporary)
        outcomes = [
            _run(forge, database, folder / forge / database, course)
            for forge in FORGES
            for database in DATABASES
            if given.forge in (forge, "both") and given.database in (database, "both")
        ]
    return 1 if any(outcome.problems for outcome in outcomes) else 0


def _run(forge: ForgeName, database: str, folder: Path, course: Course) -> Outcome:
    folder.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    if database == "sqlite":
        outcome = run_course(forge, f"sqlite:///{folder / 'llmgate.sqlite3'}", folder, course)
    else:
        server = PostgresServer(durable=True)
        try:
            outcome = run_course(forge, server.create(), folder, course)
        finally:
            server.stop()
    _show(outcome, time.monotonic() - began)
    return outcome


def _show(outcome: Outcome, took_s: float) -> None:
    settles = sorted(outcome.settles) or [0.0]
    rows = {
        "killed (SIGKILL)": str(outcome.kills),
        **{f"  at a {where}": str(count) for where, count in sorted(outcome.causes.items())},
        **{name: f"{count:,}" for name, count in outcome.figures.items()},
        "right again after, median": f"{settles[len(settles) // 2]:.1f} s",
        "right again after, longest": f"{settles[-1]:.1f} s",
        "took": f"{took_s:.0f} s",
        "doubled, missing or wrong": str(len(outcome.problems)),
    }
    lines = [outcome.where, *(f"  {name:<30}{value:>10}" for name, value in rows.items())]
    lines += [f"  ! {problem}" for problem in outcome.problems]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
