"""Periodic work on what waits for people. What is due is a row in the store; one replica at a time looks for it, by a lease.

The lease only saves work. Should two look at once all the same, every change is conditional, and whoever comes second changes
nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

import structlog

from bot.handlers.escalation.digesting import send_digests
from bot.handlers.escalation.elsewhere import fall_back
from bot.handlers.escalation.notifying import remind
from bot.handlers.escalation.stepping import escalate
from bot.handlers.kit import Kit
from bot.ports.errors import WorldError

log = structlog.get_logger()
LEASE_S = 90.0
"""Three ticks: so long after a replica died another one takes over."""
OVERDUE = timedelta(minutes=10)
MOST_REPORTED = 50
Tick = Callable[[Kit], int]


def audit(kit: Kit) -> int:
    """Report steps that should have been done and were not. Returns how many, up to fifty."""
    with kit.store.look() as unit:
        late = unit.overdue(kit.clock.now() - OVERDUE, MOST_REPORTED)
    for row in late:
        log.warning("a step is overdue, and nobody does it", change=row.change.key, seat=row.seat, due=str(row.next_at))
    return len(late)


ESCALATE, DIGESTS, REMIND, FALL_BACK, AUDIT = "escalate", "digests", "remind", "fallback", "audit"
TICKS: Mapping[str, Tick] = {
    ESCALATE: escalate, DIGESTS: send_digests, REMIND: remind, FALL_BACK: fall_back, AUDIT: audit
}  # fmt: skip
"""In the order in which one follows from the other."""


class Ticks:
    """The ticks of one process. `holder` is its own name among replicas."""

    def __init__(self, kit: Kit, holder: str, more: Mapping[str, Tick] | None = None) -> None:
        self._kit = kit
        self._holder = holder
        self._ticks = {**TICKS, **(more or {})}
        self._beats = dict.fromkeys(self._ticks, kit.clock.now())

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._ticks)

    def tick(self, name: str) -> int:
        """Do what is due, unless another replica does. Returns how much was done. What fails is tried again next time."""
        try:
            done = self._ticks[name](self._kit) if self._leads(name) else 0
        except WorldError as error:
            log.warning("a tick failed", tick=name, problem=str(error))
            return 0
        self._beats[name] = self._kit.clock.now()
        return done

    def tick_all(self) -> int:
        """Every one of them, once. Returns how much was done."""
        return sum(self.tick(name) for name in self._ticks)

    def beats(self) -> Mapping[str, float]:
        """Seconds since each tick last ran to its end in this process, or since its start."""
        now = self._kit.clock.now()
        return {name: (now - at).total_seconds() for name, at in self._beats.items()}

    def _leads(self, name: str) -> bool:
        """Whether this process is the one that does this tick now."""
        with self._kit.store.begin(durable=False) as unit:
            taken = unit.take_lease(name, self._holder, self._kit.clock.now(), LEASE_S)
            unit.commit()
        return taken
