"""Two replicas on one PostgreSQL: never on one lane at once, and one takes over when the other dies."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import psycopg
import pytest

from bot.core.actions import PostReview
from bot.core.events import HomeOpened
from bot.core.ids import ChatUser
from integrations.sandbox.clock import FakeClock
from storage.store import SqlStore
from tests.storage.material import CHANGE, NOW, comment, touched, whisper

LANES = 6
THREADS = 4


@pytest.fixture
def replicas(postgresql_url: str, clock: FakeClock) -> Iterator[tuple[SqlStore, SqlStore]]:
    stores = SqlStore(postgresql_url, clock), SqlStore(postgresql_url, clock)
    yield stores
    for store in stores:
        store.close()


class Lanes:
    """Who is in which lane now. Entering one that is taken is what must never happen."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken: set[str] = set()
        self.seen: Counter[int] = Counter()
        self.clashes: list[str] = []

    def enter(self, lane: str, number: int) -> None:
        with self._lock:
            if lane in self._taken:
                self.clashes.append(lane)
            self._taken.add(lane)
            self.seen[number] += 1

    def leave(self, lane: str) -> None:
        with self._lock:
            self._taken.discard(lane)


def hammer(replicas: tuple[SqlStore, SqlStore], work: Callable[[SqlStore, str], bool], left: Callable[[], int]) -> None:
    """Several threads of each replica work until nothing is left."""

    def run(number: int) -> None:
        while work(replicas[number % 2], f"replica-{number % 2}/{number}") or left():
            pass

    with ThreadPoolExecutor(2 * THREADS) as pool:
        list(pool.map(run, range(2 * THREADS)))


def test_no_two_jobs_of_one_lane_run_at_once(replicas: tuple[SqlStore, SqlStore]) -> None:
    first, second = replicas
    for number in range(150):
        first.accept(HomeOpened(ChatUser("T", str(number))), f"lane{number % LANES}", f"d{number}")
    lanes = Lanes()

    def work(store: SqlStore, worker: str) -> bool:
        job = store.claim_job(worker)
        if job is None:
            return False
        lanes.enter(job.lane, job.id)
        lanes.leave(job.lane)
        store.finish_job(job)
        return True

    hammer(replicas, work, lambda: second.backlog().jobs)
    assert lanes.clashes == []
    assert (len(lanes.seen), set(lanes.seen.values())) == (150, {1})


def test_a_claim_does_not_wait_for_a_rival_in_its_lane(replicas: tuple[SqlStore, SqlStore], postgresql_url: str) -> None:
    """Each would wait for the other until the server ends one of them, a second later."""
    store, _ = replicas
    for number in range(3):
        store.accept(touched(), "lane", f"d{number}")
    with psycopg.connect(postgresql_url) as rival:
        rival.execute("SELECT id FROM jobs WHERE dedupe_key = 'd1' FOR UPDATE")
        job = store.claim_job("w")
        assert job is not None
        assert job.merged == 1
    store.finish_job(job)
    left = store.claim_job("w")
    assert left is not None
    assert left.merged == 0


def test_a_chat_channel_is_served_by_one_replica_at_a_time_and_in_order(replicas: tuple[SqlStore, SqlStore]) -> None:
    first, second = replicas
    with first.begin() as unit:
        for number in range(60):
            unit.add_action(CHANGE.key, whisper(f"w{number:03}"), NOW)
            unit.add_action(CHANGE.key, PostReview(CHANGE, "a" * 40, "body", f"r{number}"), NOW)
        unit.commit()
    lanes = Lanes()
    said: list[str] = []

    def work(store: SqlStore, worker: str) -> bool:
        delivery = store.claim_delivery(worker, "")
        if delivery is None:
            return False
        lanes.enter(delivery.lane, delivery.id)
        if delivery.lane.startswith("chat:"):
            said.append(delivery.action.surface)
        lanes.leave(delivery.lane)
        store.finish_delivery(delivery, None)
        return True

    hammer(replicas, work, lambda: second.backlog().actions)
    assert lanes.clashes == []
    assert said == [f"whisper:w{number:03}" for number in range(60)]
    assert (len(lanes.seen), set(lanes.seen.values())) == (120, {1})


def test_the_work_of_a_dead_replica_is_taken_over_after_a_minute(replicas: tuple[SqlStore, SqlStore], clock: FakeClock) -> None:
    dead, alive = replicas
    dead.accept(touched(), "lane", "d1")
    with dead.begin() as unit:
        unit.add_action(CHANGE.key, comment("one"), NOW)
        unit.commit()
    assert dead.claim_job("dead/1")
    assert dead.claim_delivery("dead/1", "")
    dead.close()
    clock.advance(timedelta(seconds=59))
    assert alive.claim_job("alive/1") is None
    clock.advance(timedelta(seconds=6))
    assert alive.claim_job("alive/1")
    assert alive.claim_delivery("alive/1", "")


def test_a_replica_that_lives_keeps_what_it_holds(replicas: tuple[SqlStore, SqlStore], clock: FakeClock) -> None:
    slow, other = replicas
    slow.accept(touched(), "lane", "d1")
    job = slow.claim_job("slow/1")
    assert job is not None
    for _ in range(4):
        clock.advance(timedelta(seconds=50))
        slow.renew_leases()
        assert other.claim_job("other/1") is None
    slow.finish_job(job)
    assert other.backlog().jobs == 0


def test_on_sqlite_a_claim_has_no_end_because_nobody_else_could_take_it(sqlite_url: str, clock: FakeClock) -> None:
    store = SqlStore(sqlite_url, clock)
    store.accept(touched(), "lane", "d1")
    assert store.claim_job("w/1")
    clock.advance(timedelta(days=1))
    assert store.claim_job("w/2") is None
    store.close()


def test_two_units_that_show_on_one_surface_at_once_do_not_both_queue(replicas: tuple[SqlStore, SqlStore]) -> None:
    """The second waits for the first, and then learns that somebody was faster."""
    first, second = replicas
    barrier = threading.Barrier(2)

    def show(store: SqlStore, body: str) -> bool:
        barrier.wait()
        with store.begin() as unit:
            queued = unit.add_action(CHANGE.key, comment(body), NOW)
            unit.commit()
        return queued

    with ThreadPoolExecutor(2) as pool:
        answers = [pool.submit(show, first, "same"), pool.submit(show, second, "same")]
        failed = [answer.exception() for answer in answers if answer.exception()]
    assert first.backlog().actions == 1
    assert len(failed) <= 1
