"""The gate as a whole: everything wired, put to work and stopped."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from fastapi import FastAPI

from bot.config import Settings
from bot.core.events import LinksDue, SweepDue
from bot.handlers.delivery import backoff
from bot.handlers.dispatch import Dispatcher
from bot.handlers.escalation.ticks import Ticks
from bot.handlers.kit import Kit
from bot.main.log import ConnectedLog
from bot.ports.errors import WorldError
from bot.ports.inbound import PEOPLE_LANE, SWEEP_LANE
from bot.schedule import add_every, start_ticks
from bot.worker import Crew
from integrations.slack.transport import SlackInbound, SocketMode

log = structlog.get_logger()
HOUR_S = 3600
TICK_S = 30
KEPT = timedelta(days=30)
"""How long what is over is kept: jobs done, actions delivered. Approvals are kept for ever."""


@dataclass
class Gate:
    """Everything, wired. `run_until_idle` drives it on one thread; `start` puts it to work on its own."""

    settings: Settings
    kit: Kit
    dispatcher: Dispatcher
    crew: Crew
    app: FastAPI
    inbound: SlackInbound | None = None
    socket_mode: SocketMode | None = None
    closers: list[Callable[[], None]] = field(default_factory=list)
    log: ConnectedLog | None = None
    ticks: Ticks | None = None
    _closing: threading.Event = field(default_factory=threading.Event)

    def run_until_idle(self) -> int:
        return self.crew.run_until_idle()

    def request_sweep(self) -> None:
        """Queue a reconcile sweep; one waiting is enough."""
        now = self.kit.clock.now()
        self.kit.store.accept(SweepDue(), SWEEP_LANE, f"sweep:{now.isoformat(timespec='seconds')}")

    def request_links(self) -> None:
        """Queue the look at links that are due: once a day, however many replicas ask however often."""
        self.kit.store.accept(LinksDue(), PEOPLE_LANE, f"links:{self.kit.clock.now().date().isoformat()}")

    def carry_log_on(self) -> None:
        """Sign the log as it is, and put what was signed wherever it does not stand yet."""
        if self.log is not None:
            self.log.anchoring.tick()

    def tick_all(self) -> int:
        """Every tick that looks for what waits for people, once, as the clock would. Returns how much was done."""
        self.hear_of_people()
        return self.ticks.tick_all() if self.ticks is not None else 0

    def hear_of_people(self) -> None:
        """Know when those work for whom something waits. Each process knows it by itself: it is no work for one replica."""
        try:
            self.dispatcher.attendances.learn()
        except WorldError as error:
            log.warning("nothing was heard of when people work", problem=str(error))

    def start(self, listen: bool = True) -> None:
        """Put the threads to work, and the clock's ticks; `listen` also opens the connection to Slack."""
        self.crew.start()
        self.closers.append(self.crew.stop)
        ticks = start_ticks(self.request_sweep, self.settings.work.sweep_every_s, lambda: self.kit.store.prune(KEPT))
        add_every(ticks, HOUR_S, self.request_links, "links")
        add_every(ticks, self.settings.log.anchor_every_s, self.carry_log_on, "log")
        add_every(ticks, TICK_S, self.hear_of_people, "clocks")
        self.tick_for_people(ticks)
        self.closers.append(lambda: ticks.shutdown(wait=True))
        if listen and self.socket_mode is not None:
            threading.Thread(target=self._listen, args=(self.socket_mode,), name="slack-connect", daemon=True).start()

    def tick_for_people(self, scheduler: BackgroundScheduler) -> None:
        """Look for what waits for people now and every half minute, each of it by itself."""
        if self.ticks is not None:
            for name in self.ticks.names:
                add_every(scheduler, TICK_S, functools.partial(self.ticks.tick, name), name)

    def _listen(self, connection: SocketMode) -> None:
        """Connect to Slack, however often it takes: the gate works without it, and checks say what is missing."""
        tries = 0
        while not self._closing.is_set():
            try:
                connection.start()
            except Exception as error:
                tries += 1
                log.error("slack did not connect", kind=type(error).__name__, problem=str(error), tries=tries)
                self._closing.wait(backoff(tries))
            else:
                self.closers.append(connection.stop)
                return

    def close(self) -> None:
        self._closing.set()
        for closer in reversed(self.closers):
            closer()
        self.closers.clear()
