"""A full disk: who sends is told to come again, what was taken stays, and the work goes on once there is room."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from datetime import timedelta

import httpx
import structlog

from bot.cli.hands import Hands
from bot.cli.layout import CHANNEL
from bot.cli.playground import Playground
from bot.ports.errors import Unavailable
from storage.database import SqliteDatabase
from storage.store import SqlStore
from tests.scenarios.traces import overheard, secrets_of
from tests.scenarios.wire import Wire

ENOUGH = 1_000_000
BRANCH = "agent/login"


def allow_pages(world: Playground, count: int) -> None:
    """Let the database file grow to so many pages; 0 means that it is full as it is."""
    store = world.gate.kit.store
    assert isinstance(store, SqlStore)
    database = store._database
    assert isinstance(database, SqliteDatabase)
    with database.write() as connection:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {count or 1}")  # no fewer than there are: SQLite sees to it


def take_writes(world: Playground, taken: bool) -> None:
    """A file system that was mounted anew, for reading only, and back."""
    store = world.gate.kit.store
    assert isinstance(store, SqlStore)
    database = store._database
    assert isinstance(database, SqliteDatabase)
    with database._lock.held():  # beside a transaction, which could not even begin
        assert database._writer is not None
        cursor = database._writer.connection.cursor()
        cursor.execute(f"PRAGMA query_only = {'OFF' if taken else 'ON'}")
        cursor.close()
        database._writer.rollback()


def fill(wire: Wire) -> list[httpx.Response]:
    """Deliveries until one is not taken."""
    answers: list[httpx.Response] = []
    while not answers or answers[-1].status_code == 202:
        answers.append(wire.hook(wire.opened(100 + len(answers)), delivery=f"f111ed00-{len(answers):04}"))
        assert len(answers) < 500
    return answers


@contextlib.contextmanager
def heard(*events: str) -> Iterator[threading.Event]:
    """Set once the gate logs one of these."""
    logged, before = threading.Event(), structlog.get_config()["processors"]

    def listen(_logger: object, _name: str, entry: structlog.typing.EventDict) -> structlog.typing.EventDict:
        if entry["event"] in events:
            logged.set()
        raise structlog.DropEvent

    structlog.configure(processors=[listen])
    try:
        yield logged
    finally:
        structlog.configure(processors=before)


def catch_up(world: Playground) -> None:
    for _ in range(4):
        world.clock.advance(timedelta(minutes=6))
        world.settle()


def assert_judged(world: Playground) -> None:
    head = world.head()
    assert world.verdict_on(head) == "waiting"
    assert len(world.slack.messages(CHANNEL)) == 1
    assert len(world.seen(1).comments) == 1


def test_a_delivery_that_cannot_be_stored_is_answered_503_and_taken_later(one_world: Playground) -> None:
    one_world.settle()
    wire = Wire(one_world)
    allow_pages(one_world, 0)
    with overheard() as ears:
        *taken, refused = fill(wire)
    assert refused.status_code == 503
    assert refused.headers["retry-after"] == "30"
    assert "nothing was kept; send it again" in refused.text
    assert not [secret for secret in secrets_of(one_world) if secret in refused.text + ears.all]
    assert one_world.gate.kit.store.backlog().jobs == len(taken)
    assert httpx.get(f"{one_world.served.url}/healthz", trust_env=False).status_code == 200
    allow_pages(one_world, ENOUGH)
    again = wire.hook(wire.opened(100 + len(taken)), delivery=f"f111ed00-{len(taken):04}")
    assert (again.status_code, again.text) == (202, "stored\n")
    assert one_world.gate.kit.store.backlog().jobs == len(taken) + 1


def test_webhooks_lost_to_a_full_disk_are_made_good_by_the_sweep(one_world: Playground) -> None:
    one_world.settle()
    allow_pages(one_world, 0)
    fill(Wire(one_world))
    one_world.open_generated()
    one_world.forge.flush()
    lost = [delivery for delivery in one_world.forge.deliveries if delivery.status == 503]
    allow_pages(one_world, ENOUGH)
    assert lost
    one_world.gate.request_sweep()
    one_world.settle()
    assert_judged(one_world)


def test_work_that_meets_a_full_disk_is_done_when_there_is_room(one_world: Playground) -> None:
    one_world.settle()
    one_world.open_generated()
    one_world.forge.flush()
    allow_pages(one_world, 0)
    with overheard() as ears:
        for _ in range(3):
            with contextlib.suppress(Unavailable):
                one_world.gate.run_until_idle()
            one_world.clock.advance(timedelta(seconds=10))
    assert "free space where the database lies" in ears.all
    assert one_world.verdict_on(one_world.head()) == "absent"
    allow_pages(one_world, ENOUGH)
    catch_up(one_world)
    assert_judged(one_world)


def test_the_threads_outlive_a_database_that_takes_nothing(one_world: Playground) -> None:
    one_world.settle()
    before = set(threading.enumerate())
    one_world.start()
    workers = set(threading.enumerate()) - before
    with heard("work paused") as stumbled:
        take_writes(one_world, False)
        assert stumbled.wait(10)
        take_writes(one_world, True)
    one_world.open_generated()
    assert one_world.slack.until(lambda: len(one_world.slack.workspace.messages) == 3, 20)
    assert all(thread.is_alive() for thread in workers)


def test_an_approval_on_a_full_disk_is_refused_in_words_and_can_be_sent_again(one_world: Playground) -> None:
    one_world.open_generated()
    one_world.settle()
    bob = Hands(one_world, "bob")
    bob.press(one_world.card(1))
    allow_pages(one_world, 0)
    fill(Wire(one_world))
    bob.submit()
    (view,) = one_world.slack.open_views(bob.user)
    assert "nothing was recorded" in str(view.content)
    allow_pages(one_world, ENOUGH)
    assert bob.submit().taken
    one_world.settle()
    assert "Bob approved as code owner" in str([m.text for m in one_world.slack.thread(CHANNEL, one_world.card(1).ts)])
