"""The gate that is killed, and the traps that kill it: at the Nth answer of a stand-in, before it leaves, or at a moment."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

T = TypeVar("T")
Where = Literal["forge call", "forge write", "slack call", "slack post", "moment"]


@dataclass(frozen=True, slots=True)
class Trap:
    """`count` says at which call of that kind it snaps; a moment is so many seconds after it was set."""

    where: Where
    count: int = 0
    seconds: float = 0.0


class Wire(list[T]):
    """A stand-in's log of calls, written once a call is carried out and before its answer leaves: the moment to strike."""

    def __init__(self, heard: Callable[[T], None]) -> None:
        super().__init__()
        self._heard = heard

    def append(self, item: T, /) -> None:
        super().append(item)
        self._heard(item)


class Victim:
    """One gate at a time. `deaths` counts those killed, by the trap that did it."""

    def __init__(self, settings: Mapping[str, Mapping[str, object]], log: Path) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("LLMGATE_")}  # noqa: TID251
        given = {f"LLMGATE_{part.upper()}": json.dumps(values) for part, values in settings.items()}
        with log.open("w") as errors:
            self._nursery = subprocess.Popen(
                [sys.executable, "-m", "tests.bench.nursery"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                cwd=Path(__file__).parents[2],
                env={**kept, **given},
            )
        self._lock = threading.Lock()
        self._pid = 0
        self._trap: Trap | None = None
        self._left = 0
        self.dead = threading.Event()
        self.stirred = threading.Event()
        self.deaths: list[str] = []

    def start(self) -> None:
        """A new gate; it is not ready yet."""
        with self._lock:
            self._write("start")
            self._pid = int(self._read("born"))
            self.dead.clear()

    def kill(self, cause: str) -> bool:
        """SIGKILL, and wait until it is gone. False if it was dead already."""
        with self._lock:
            if not self._pid:
                return False
            os.kill(self._pid, signal.SIGKILL)
            self._read("gone")
            self._pid, self._trap = 0, None
            self.deaths.append(cause)
            self.dead.set()
            self.stirred.set()
            return True

    def set(self, trap: Trap) -> None:
        """It snaps once; a newer one takes its place."""
        with self._lock:
            self._trap, self._left = trap, trap.count
        if trap.where == "moment":
            timer = threading.Timer(trap.seconds, self._strike, [trap])
            timer.daemon = True
            timer.start()

    def disarm(self) -> None:
        with self._lock:
            self._trap = None

    def heard(self, *kinds: Where) -> None:
        """A stand-in carried out a call that is of these kinds."""
        self.stirred.set()
        trap = self._trap
        if trap is None or trap.where not in kinds:
            return
        with self._lock:
            self._left -= 1
            due = self._left <= 0 and self._trap is trap
        if due:
            self._strike(trap)

    def close(self) -> None:
        """End the nursery, and with it whatever lives."""
        if self._nursery.stdin is not None:
            self._nursery.stdin.close()
        self._nursery.wait(30)
        if self._nursery.stdout is not None:
            self._nursery.stdout.close()

    def _strike(self, trap: Trap) -> None:
        if self._trap is trap:
            self.kill(trap.where)

    def _write(self, line: str) -> None:
        if self._nursery.stdin is None:
            raise RuntimeError("the nursery has no input")
        self._nursery.stdin.write(f"{line}\n".encode())
        self._nursery.stdin.flush()

    def _read(self, wanted: str) -> str:
        line = self._nursery.stdout.readline().decode().split() if self._nursery.stdout else []
        if not line or line[0] != wanted:
            raise RuntimeError(f"saw {' '.join(line)!r} from the nursery; wanted {wanted!r}: its log says why")
        return line[-1]
