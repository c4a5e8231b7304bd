"""A world for each story: stand-ins over real HTTP, the real gate between them, driven until idle.

At the end of every story the world must be at rest: nothing unmodelled was asked, nothing is left to do, nothing was given up,
and Slack took every answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.cli.layout import Layout
from bot.cli.playground import Playground, build_playground
from integrations.sandbox.clock import FakeClock

Made = Callable[..., Playground]


@pytest.fixture(params=["sqlite-socket", "postgresql-http"])
def world(request: pytest.FixtureRequest, tmp_path: Path, clock: FakeClock) -> Iterator[Playground]:
    """Each story runs on both databases and over both of Slack's transports."""
    database, transport = request.param.split("-")
    url: str = request.getfixturevalue(f"{database}_url")
    playground = build_playground(Layout(tmp_path / "world", url, transport), clock)
    try:
        yield playground
        at_rest(playground)
    finally:
        playground.close()


@pytest.fixture
def one_world(sqlite_url: str, tmp_path: Path, clock: FakeClock) -> Iterator[Playground]:
    """For stories in which neither database nor transport has a part: SQLite and Socket Mode."""
    playground = build_playground(Layout(tmp_path / "world", sqlite_url), clock)
    try:
        yield playground
    finally:
        playground.close()


def at_rest(playground: Playground) -> None:
    """What every story must leave behind."""
    playground.settle()
    backlog = playground.gate.kit.store.backlog()
    assert (backlog.jobs, backlog.actions, backlog.dead_jobs, backlog.dead_actions) == (0, 0, 0, 0)
    assert [asked for stage in playground.stages.values() for asked in stage.unmodelled] == []
    assert playground.slack.unmodelled == []
    assert playground.slack.refused_answers == []
