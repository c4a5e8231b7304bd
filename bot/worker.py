"""Threads that work: some take jobs and deliver to the forge, some to the chat, two elsewhere. A bell wakes them on a commit.

Jobs of one change never run at once and a surface is delivered to by one thread at a time: the store sees to both, for
threads here and for replicas elsewhere. `run_until_idle` is the same work on one thread, for tests.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog

from bot.handlers.delivery import deliver_next
from bot.handlers.dispatch import Dispatcher
from bot.handlers.kit import Kit
from bot.ports.errors import WorldError

log = structlog.get_logger()
FORGE_LANES = "forge:"
CHAT_LANES = "chat:"
HOOK_LANES = "hook:"
NOTIFY_LANES = "notify:"
CHAT_HANDS = 2
BREATH_S = 0.02
"""How long words for the chat wait: the check goes first, and both share one interpreter."""
IDLE_S = 1.0
"""How long a thread sleeps unless the bell rings: retries come due, and other replicas store work, without a ring."""


class Bell:
    """Wakes as many threads as there are pieces of work, and remembers rings for whoever was about to wait."""

    def __init__(self, threads: int) -> None:
        self._threads = threads
        self._rings = 0
        self._condition = threading.Condition()

    def ring(self, times: int) -> None:
        with self._condition:
            self._rings = min(self._threads, self._rings + times)
            self._condition.notify(times)

    def wait(self, timeout_s: float) -> None:
        """Return at a ring that nobody else has answered, or when time is up."""
        with self._condition:
            if self._condition.wait_for(lambda: self._rings > 0, timeout_s):
                self._rings -= 1


class Crew:
    """The threads of one process. `name` must be its own among replicas: what a dead crew of that name held is taken back."""

    def __init__(self, kit: Kit, dispatcher: Dispatcher, name: str, hands: int = 4) -> None:
        self._kit = kit
        self._dispatcher = dispatcher
        self._name = name
        self._stopping = threading.Event()
        self._hands = hands
        self._jobs, self._forges, self._chats, self._hooks = Bell(hands), Bell(hands), Bell(CHAT_HANDS), Bell(1)
        self._letters = Bell(1)
        self._threads: list[threading.Thread] = []
        self._shaken: set[str] = set()
        """Workers whose last step broke off, perhaps with a claim in hand."""

    def start(self) -> None:
        self._kit.store.inherit(f"{self._name}/")
        self._kit.store.on_work(self._woken)
        steps = [(self._work, self._jobs)] * self._hands
        steps += [(self._forge, self._forges)] * self._hands + [(self._chat, self._chats)] * CHAT_HANDS
        steps += [(self._hook, self._hooks), (self._letter, self._letters)]
        for index, (step, bell) in enumerate(steps):
            name = f"{self._name}/{index}:"  # ends so that no name begins another: claims are given back by prefix
            thread = threading.Thread(target=self._run, args=(step, bell, name), name=name, daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self, timeout_s: float = 10.0) -> None:
        """Let each thread finish what it holds, and wait for that."""
        self._stopping.set()
        self._woken(len(self._threads), len(self._threads))
        for thread in self._threads:
            thread.join(timeout_s)

    def _woken(self, jobs: int, actions: int) -> None:
        if jobs:
            self._jobs.ring(jobs)
        if actions:  # whose lane it is shows when it is claimed: wake a hand of each kind for it
            self._forges.ring(actions)
            self._chats.ring(CHAT_HANDS)
            self._hooks.ring(1)
            self._letters.ring(1)

    def run_until_idle(self, limit: int = 10_000) -> int:
        """Do everything that is due now, on this thread. Returns how many pieces were done."""
        done, alone = 0, f"{self._name}/alone"
        while done < limit:
            steps = (self._work, self._forge, self._chat, self._hook, self._letter)
            if not any(self._attempt(step, alone) for step in steps):
                return done
            done += 1
        raise RuntimeError(f"saw more than {limit} pieces of work in one go; wanted it to come to rest")

    def _work(self, worker: str) -> bool:
        return self._dispatcher.work_next(worker)

    def _forge(self, worker: str) -> bool:
        return deliver_next(self._kit, worker, FORGE_LANES)

    def _chat(self, worker: str) -> bool:
        return deliver_next(self._kit, worker, CHAT_LANES)

    def _hook(self, worker: str) -> bool:
        return deliver_next(self._kit, worker, HOOK_LANES)

    def _letter(self, worker: str) -> bool:
        return deliver_next(self._kit, worker, NOTIFY_LANES)

    def _run(self, step: Callable[[str], bool], bell: Bell, worker: str) -> None:
        while not self._stopping.is_set():
            if not self._work_through(step, worker):
                self._stopping.wait(IDLE_S)
            elif not self._stopping.is_set():
                bell.wait(IDLE_S)
                if bell is self._chats:
                    self._stopping.wait(BREATH_S)

    def _work_through(self, step: Callable[[str], bool], worker: str) -> bool:
        """Everything that is due. False where the store itself failed (a full disk, a lost connection): the thread lives on."""
        try:
            while not self._stopping.is_set() and self._attempt(step, worker):
                pass
        except Exception as error:
            problem = str(error) if isinstance(error, WorldError) else ""
            log.error("work paused", worker=worker, kind=type(error).__name__, problem=problem)
            return False
        return True

    def _attempt(self, step: Callable[[str], bool], worker: str) -> bool:
        """One step. Whoever broke off last time first gives back what it still holds: while the process lives, nobody else
        would."""
        if worker in self._shaken:
            self._kit.store.release(worker)
            self._shaken.discard(worker)
        try:
            return step(worker)
        except BaseException:
            self._shaken.add(worker)
            raise
