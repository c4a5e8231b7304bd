"""Ways of doing one thing, timed in turn, so that whatever else the machine does meets each of them alike."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

WARM = 5


@dataclass(frozen=True, slots=True)
class Timed:
    """Seconds that each way took, sample by sample; samples of one place were taken one after another."""

    taken: Mapping[str, Sequence[float]]

    def ms(self, way: str) -> float:
        """The median, in milliseconds."""
        return statistics.median(self.taken[way]) * 1000

    def per_second(self, way: str) -> float:
        return 1000 / self.ms(way)

    def ratio(self, way: str, to: str) -> float:
        """How many times as long as the other: the median of the ratios of neighbours."""
        return statistics.median(one / other for one, other in zip(self.taken[way], self.taken[to], strict=True))


def in_turn(ways: Mapping[str, Callable[[], object]], rounds: int) -> Timed:
    """Each way once in every round, each round begun by another; without the garbage collector, as `timeit` does."""
    names = list(ways)
    for _ in range(WARM):
        for name in names:
            ways[name]()
    taken: dict[str, list[float]] = {name: [] for name in names}
    gc.collect()
    gc.disable()
    try:
        for number in range(rounds):
            first = number % len(names)
            for name in (*names[first:], *names[:first]):
                started = time.perf_counter()
                ways[name]()
                taken[name].append(time.perf_counter() - started)
    finally:
        gc.enable()
    return Timed(taken)
