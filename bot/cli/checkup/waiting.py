"""Words on standard error while something takes long, so that nobody wonders whether the command hangs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager


class Waiting:
    """Says what is waited for, at most once in `after_s` seconds; what is quick is never mentioned."""

    def __init__(self, say: Callable[[str], None], after_s: float = 1.0) -> None:
        self._say = say
        self._after_s = after_s
        self._said_at = time.monotonic()

    @contextmanager
    def on(self, what: str) -> Generator[None, None, None]:
        """The block may take long; `what` is said if it does."""
        left = self._said_at + self._after_s - time.monotonic()
        if left <= 0:
            self._speak(what)
            left = self._after_s
        timer = threading.Timer(max(left, 0.0), self._speak, [what])
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _speak(self, what: str) -> None:
        self._said_at = time.monotonic()
        self._say(what)
