"""Many repositories, looked at a few at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from bot.cli.checkup.row import Row
from bot.cli.checkup.waiting import Waiting
from bot.core.ids import RepoRef

AT_ONCE = 8


def rows_of_each(repos: Sequence[RepoRef], look: Callable[[RepoRef], list[Row]], waiting: Waiting) -> Iterator[Row]:
    """The rows of each in order, as soon as they are there."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        looks = [(repo, pool.submit(look, repo)) for repo in repos]
        for number, (repo, rows) in enumerate(looks, 1):
            with waiting.on(f"looking at {repo.path} ({number} of {len(repos)})"):
                yield from rows.result()
