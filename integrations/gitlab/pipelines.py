"""Which pipeline a head's merge rests on, as it was last seen: a commit status that is not in it does not count.

A hint for delivery and no more: pipelines come and go, and a stale one is refused by GitLab, not obeyed.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass

from bot.core.ids import RepoRef

KEPT = 4096


@dataclass(frozen=True, slots=True)
class HeadPipeline:
    """`id` is 0 where the head has no pipeline yet. `sha` is what the pipeline runs on: for merged results a commit of its
    own. `project` is where it lives: for a fork's head that is the fork. `train`: it is what a merge train waits for.
    `occupied`: a status of the gate's name was in it already, whoever posted it.
    """

    id: int
    sha: str
    project: str
    train: bool = False
    occupied: bool = False


class HeadPipelines:
    """The newest head pipeline of each head, as the looks saw them. Thread-safe; the longest unused are forgotten."""

    def __init__(self) -> None:
        self._seen: OrderedDict[tuple[str, str], HeadPipeline] = OrderedDict()
        self._lock = threading.Lock()

    def remember(self, repo: RepoRef, head_sha: str, pipeline: HeadPipeline) -> None:
        with self._lock:
            self._seen[repo.key, head_sha] = pipeline
            self._seen.move_to_end((repo.key, head_sha))
            if len(self._seen) > KEPT:
                self._seen.popitem(last=False)

    def of(self, repo: RepoRef, head_sha: str) -> HeadPipeline | None:
        """What was last seen of this head; None where it was never looked at."""
        with self._lock:
            return self._seen.get((repo.key, head_sha))
