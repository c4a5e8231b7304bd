"""A world for each story: stand-ins over real HTTP, the real gate between them, driven until idle.

At the end of every story the world must be at rest: nothing unmodelled was asked, nothing is left to do, nothing was given up,
Slack took every answer, and an audit finds nothing in the log.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

import pytest

from bot.cli.layout import Layout
from bot.cli.playground import Playground, build_playground
from bot.core.ids import ForgeName
from integrations.sandbox.clock import FakeClock
from tests.scenarios.wire import Wire

FORGES: tuple[ForgeName, ...] = ("github", "gitlab")


@pytest.fixture(params=FORGES)
def forge(request: pytest.FixtureRequest) -> ForgeName:
    """The story is told once on each."""
    name: ForgeName = request.param
    return name


@pytest.fixture(params=["sqlite-socket-github", "postgresql-http-github", "sqlite-http-gitlab", "postgresql-socket-gitlab"])
def world(request: pytest.FixtureRequest, tmp_path: Path, clock: FakeClock) -> Iterator[Playground]:
    """Each story runs on both forges, on both databases and over both of Slack's transports."""
    database, transport, forge = request.param.split("-")
    url: str = request.getfixturevalue(f"{database}_url")
    playground = build_playground(Layout(tmp_path / "world", url, transport, forge=forge), clock)
    try:
        yield playground
        at_rest(playground)
    finally:
        playground.close()


@pytest.fixture(scope="module")
def github_door(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    """One gate for everything that must be refused at the door: nothing is ever worked on here."""
    yield from open_door("github", sqlite_template, tmp_path_factory.mktemp("door"))


@pytest.fixture(scope="module")
def gitlab_door(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    """The same on GitLab, where a secret token is all there is."""
    yield from open_door("gitlab", sqlite_template, tmp_path_factory.mktemp("door"))


@pytest.fixture(scope="module", params=FORGES)
def door(request: pytest.FixtureRequest) -> Wire:
    """The door of each forge."""
    wire: Wire = request.getfixturevalue(f"{request.param}_door")
    return wire


def open_door(
    forge: ForgeName, template: Path, folder: Path, gitlab: Mapping[str, object] = MappingProxyType({})
) -> Iterator[Wire]:
    """A gate at whose door forgers knock; `gitlab`: more of its settings for that host."""
    shutil.copyfile(template, folder / "llmgate.db")
    world = build_playground(Layout(folder / "world", f"sqlite:///{folder / 'llmgate.db'}", forge=forge, gitlab=gitlab))
    try:
        world.forge.flush()
        yield Wire(world)
    finally:
        world.close()


@pytest.fixture
def one_world(forge: ForgeName, sqlite_url: str, tmp_path: Path, clock: FakeClock) -> Iterator[Playground]:
    """For stories in which neither database nor transport has a part: SQLite and Socket Mode, on both forges."""
    yield from _world(Layout(tmp_path / "world", sqlite_url, forge=forge), clock)


@pytest.fixture
def on_github(sqlite_url: str, tmp_path: Path, clock: FakeClock) -> Iterator[Playground]:
    """For what only GitHub has."""
    yield from _world(Layout(tmp_path / "world", sqlite_url), clock)


@pytest.fixture
def on_gitlab(sqlite_url: str, tmp_path: Path, clock: FakeClock) -> Iterator[Playground]:
    """For what only GitLab has."""
    yield from _world(Layout(tmp_path / "world", sqlite_url, forge="gitlab"), clock)


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
    if playground.gate.log is not None:
        assert [str(one) for one in playground.gate.log.auditor.audit({}).found] == []
    assert [asked for stage in playground.stages.values() for asked in stage.unmodelled] == []
    assert playground.slack.unmodelled == []
    assert playground.slack.refused_answers == []


@pytest.fixture
def postgres_world(forge: ForgeName, postgresql_url: str, tmp_path: Path, clock: FakeClock) -> Iterator[Playground]:
    """For stories of several replicas: PostgreSQL, on both forges."""
    yield from _world(Layout(tmp_path / "world", postgresql_url, forge=forge), clock)
