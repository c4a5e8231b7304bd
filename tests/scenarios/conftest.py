"""A world for each story: stand-ins over real HTTP, the real gate between them, driven until idle.

At the end of every story the world must be at rest: nothing unmodelled was asked, nothing is left to do, nothing was given up,
and Slack took every answer.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.cli.layout import Layout
from bot.cli.playground import Playground, build_playground
from bot.core.ids import ForgeName
from integrations.sandbox.clock import FakeClock
from tests.scenarios.wire import Wire

FORGES: tuple[ForgeName, ...] = ("github",)


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


@pytest.fixture(scope="module")
def github_door(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    """One gate for everything that must be refused at the door: nothing is ever worked on here."""
    yield from _door("github", sqlite_template, tmp_path_factory.mktemp("door"))


@pytest.fixture(scope="module", params=FORGES)
def door(request: pytest.FixtureRequest) -> Wire:
    """The door of each forge."""
    wire: Wire = request.getfixturevalue(f"{request.param}_door")
    return wire


def _door(forge: ForgeName, template: Path, folder: Path) -> Iterator[Wire]:
    shutil.copyfile(template, folder / "llmgate.db")
    world = build_playground(Layout(folder / "world", f"sqlite:///{folder / 'llmgate.db'}", forge=forge))
    try:
        world.forge.flush()
        yield Wire(world)
    finally:
        world.close()


@pytest.fixture
def one_world(sqlite_url: str, tmp_path: Path, clock: FakeClock) -> Iterator[Playground]:
    """For stories in which neither database nor transport has a part: SQLite and Socket Mode."""
    yield from _world(Layout(tmp_path / "world", sqlite_url), clock)


@pytest.fixture
def on_github(sqlite_url: str, tmp_path: Path, clock: FakeClock) -> Iterator[Playground]:
    """For what only GitHub has."""
    yield from _world(Layout(tmp_path / "world", sqlite_url), clock)


def _world(layout: Layout, clock: FakeClock) -> Iterator[Playground]:
    playground = build_playground(layout, clock)
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
