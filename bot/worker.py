"""Threads that work: some take jobs and deliver to the forge, some deliver to the chat. A bell wakes them after a commit.

Jobs of one change never run at once and a surface is delivered to by one thread at a time: the store sees to both, for
threads here and for replicas elsewhere. `run_until_idle` is the same work on one thread, for tests.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from bot.handlers.delivery import deliver_next
from bot.handlers.dispatch import Dispatcher
from bot.handlers.kit import Kit

FORGE_LANES = "forge:"
CHAT_LANES = "chat:"
IDLE_S = 1.0
"""How long a thread sleeps unless the bell rings: retries come due, and other replicas store work, without a ring."""


class Bell:
    """Rings for everyone who waits, and remembers a ring for whoever was about to."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._rings = 0

    def ring(self) -> None:
        with self._condition:
            self._rings += 1
            self._condition.notify_all()

    @property
    def rings(self) -> int:
        return self._rings

    def wait(self, heard: int, timeout_s: float) -> int:
        """Wait for a ring after the `heard`th; return how many there were by now."""
        with self._condition:
            self._condition.wait_for(lambda: self._rings != heard, timeout_s)
            return self._rings


class Crew:
    """The threads of one process. `name` must be its own among replicas: what a dead crew held is given back by it."""

    def __init__(self, kit: Kit, dispatcher: Dispatcher, name: str, hands: int = 4) -> None:
        self._kit = kit
        self._dispatcher = dispatcher
        self._name = name
        self._hands = hands
        self._stopping = threading.Event()
        self._bell = Bell()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        self._kit.store.release(self._name)
        self._kit.store.on_work(self._bell.ring)
        work: dict[Callable[[str], bool], int] = {self._work: self._hands, self._forge: self._hands, self._chat: 2}
        steps = [step for step, count in work.items() for _ in range(count)]
        for index, step in enumerate(steps):
            name = f"{self._name}/{index}"
            thread = threading.Thread(target=self._run, args=(step, name), name=name, daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self, timeout_s: float = 10.0) -> None:
        """Let each thread finish what it holds, and wait for that."""
        self._stopping.set()
        self._bell.ring()
        for thread in self._threads:
            thread.join(timeout_s)

    def run_until_idle(self, limit: int = 10_000) -> int:
        """Do everything that is due now, on this thread. Returns how many pieces were done."""
        done = 0
        while done < limit:
            step = self._work(self._name) or self._forge(self._name) or self._chat(self._name)
            if not step:
                return done
            done += 1
        raise RuntimeError(f"saw more than {limit} pieces of work in one go; wanted it to come to rest")

    def _work(self, worker: str) -> bool:
        return self._dispatcher.work_next(worker)

    def _forge(self, worker: str) -> bool:
        return deliver_next(self._kit, worker, FORGE_LANES)

    def _chat(self, worker: str) -> bool:
        return deliver_next(self._kit, worker, CHAT_LANES)

    def _run(self, step: Callable[[str], bool], worker: str) -> None:
        heard = self._bell.rings
        while not self._stopping.is_set():
            heard = self._bell.rings
            while not self._stopping.is_set() and step(worker):
                pass
            if not self._stopping.is_set():
                heard = self._bell.wait(heard, IDLE_S)
