"""The inbox: nothing stored is lost, nothing runs twice, and no two jobs of one lane run at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy

from bot.core.events import ChangeTouched, HomeOpened, SweepDue
from bot.core.ids import ChatUser
from bot.ports.store import Backlog, Job, NewJob
from integrations.sandbox.clock import FakeClock
from storage.database import open_database
from storage.jobs import ATTEMPTS
from storage.store import SqlStore
from tests.storage.material import NOW, OTHER, SHA, touched
from tests.storage.test_records import counted


def claimed(store: SqlStore, worker: str = "w") -> Job:
    job = store.claim_job(worker)
    assert job is not None
    return job


def test_a_stored_event_is_claimed_as_it_was(store: SqlStore) -> None:
    assert store.accept(touched("opened", SHA), "lane", "d1")
    job = claimed(store)
    assert (job.lane, job.event, job.attempts, job.received_at) == ("lane", touched("opened", SHA), 1, NOW)
    assert (job.merged, job.others) == (0, ())
    store.finish_job(job)
    assert store.claim_job("w") is None


def test_a_delivery_seen_before_is_not_stored_again_even_when_done(store: SqlStore) -> None:
    assert store.accept(SweepDue(), "lane", "d1")
    assert not store.accept(SweepDue(), "lane", "d1")
    store.finish_job(claimed(store))
    assert not store.accept(SweepDue(), "elsewhere", "d1")
    with store.begin() as unit:
        assert not unit.add_job(SweepDue(), "lane", "d1", NOW)
    assert store.claim_job("w") is None


def test_a_job_of_a_unit_exists_once_the_unit_is_committed(store: SqlStore) -> None:
    with store.begin() as unit:
        assert unit.add_job(SweepDue(), "lane", "d1", NOW)
    assert store.claim_job("w") is None
    with store.begin() as unit:
        assert unit.add_job(SweepDue(), "lane", "d1", NOW)
        unit.commit()
    assert claimed(store).event == SweepDue()


def test_the_oldest_due_job_of_a_free_lane_comes_first(store: SqlStore, clock: FakeClock) -> None:
    for lane, key in (("a", "a1"), ("a", "a2"), ("b", "b1")):
        store.accept(HomeOpened(ChatUser("T", key)), lane, key)
        clock.advance(timedelta(seconds=1))
    first, second = claimed(store), claimed(store)
    assert [first.event, second.event] == [HomeOpened(ChatUser("T", "a1")), HomeOpened(ChatUser("T", "b1"))]
    assert store.claim_job("w") is None
    store.finish_job(first)
    assert claimed(store).event == HomeOpened(ChatUser("T", "a2"))


def test_many_wishes_to_look_at_a_change_are_one_job(store: SqlStore) -> None:
    ann, bob = "github:github.com:1", "github:github.com:2"
    events = [touched("pushed", "1" * 40, ann), touched("pushed", "2" * 40, bob), touched("labelled")]
    for number, event in enumerate(events):
        store.accept(event, "lane", f"d{number}")
    job = claimed(store)
    assert job.event == touched("labelled", "2" * 40, bob)
    assert job.others == (events[0], events[1])
    assert job.merged == 2
    store.finish_job(job)
    assert store.backlog() == Backlog(0, None, 0, 0, 0)


def test_other_events_and_other_lanes_are_not_merged(store: SqlStore) -> None:
    store.accept(touched(), "lane", "d1")
    store.accept(SweepDue(), "lane", "d2")
    store.accept(touched(change=OTHER), "other", "d3")
    job = claimed(store)
    assert job.merged == 0
    store.finish_job(job)
    assert [claimed(store).event, claimed(store).event] == [SweepDue(), touched(change=OTHER)]


def test_a_wish_that_comes_during_the_work_is_a_job_of_its_own(store: SqlStore) -> None:
    store.accept(touched("opened"), "lane", "d1")
    job = claimed(store)
    store.accept(touched("pushed"), "lane", "d2")
    assert store.claim_job("w") is None
    store.finish_job(job)
    assert claimed(store).event == touched("pushed")


def test_what_was_merged_comes_back_with_the_job_and_later(store: SqlStore, clock: FakeClock) -> None:
    store.accept(touched("opened"), "lane", "d1")
    store.accept(touched("pushed"), "lane", "d2")
    store.retry_job(claimed(store), "the forge is down", 30)
    assert store.claim_job("w") is None
    clock.advance(timedelta(seconds=31))
    job = claimed(store)
    assert (job.event, job.merged, job.attempts) == (touched("pushed"), 1, 2)


def test_a_new_wish_takes_along_the_one_that_waits_to_be_retried(store: SqlStore) -> None:
    store.accept(touched("opened"), "lane", "d1")
    store.retry_job(claimed(store), "the forge is down", 600)
    store.accept(touched("pushed"), "lane", "d2")
    job = claimed(store)
    assert (job.event, job.others) == (touched("pushed"), (touched("opened"),))
    store.finish_job(job)
    assert store.backlog().jobs == 0


def test_a_job_is_dead_after_its_last_attempt_and_a_later_wish_is_not(store: SqlStore) -> None:
    store.accept(touched("opened"), "lane", "d1")
    for _ in range(ATTEMPTS - 1):
        store.retry_job(claimed(store), "no", 0)
    store.accept(touched("pushed"), "lane", "d2")
    last = claimed(store)
    assert last.merged == 1
    store.retry_job(last, "no\x00", 0)
    assert store.backlog().dead_jobs == 1
    assert claimed(store).event == touched("pushed")


def test_who_lost_a_claim_changes_nothing(store: SqlStore) -> None:
    store.accept(touched(), "lane", "d1")
    lost = claimed(store, "host-1/a")
    assert store.release("host-1/") == 1
    now_mine = claimed(store, "host-2/a")
    store.finish_job(lost)
    store.retry_job(lost, "late", 0)
    assert store.backlog().jobs == 1
    assert store.claim_job("host-3/a") is None
    store.finish_job(now_mine)
    assert store.backlog().jobs == 0


def test_release_gives_back_only_what_that_worker_held_and_what_was_merged(store: SqlStore) -> None:
    store.accept(touched("one"), "a", "d1")
    store.accept(touched("two"), "a", "d2")
    store.accept(SweepDue(), "b", "d3")
    claimed(store, "host_1/x")
    claimed(store, "hostA1/x")
    assert store.release("host_1/") == 1
    again = claimed(store)
    assert (again.lane, again.merged) == ("a", 1)


def test_a_stored_event_that_cannot_be_read_is_dead_and_holds_up_nobody(store: SqlStore, database_url: str) -> None:
    store.accept(touched("one"), "a", "d1")
    store.accept(touched("two"), "a", "d2")
    store.accept(SweepDue(), "b", "d3")
    database = open_database(database_url)
    with database.write() as connection:
        connection.execute(sqlalchemy.text("UPDATE jobs SET event = '{}' WHERE dedupe_key <> 'd3'"))
        connection.commit()
    database.close()
    assert claimed(store).event == SweepDue()
    assert store.backlog().dead_jobs == 2


def test_hostile_text_in_keys_is_stored_all_the_same(store: SqlStore) -> None:
    assert store.accept(touched("a\x00b\ud800"), "la\x00ne", "d\x00\ud800")
    assert not store.accept(touched(), "lane", "d\x00\ud800")
    job = claimed(store)
    assert isinstance(job.event, ChangeTouched)
    store.finish_job(job)
    assert store.backlog().jobs == 0


def test_callers_that_come_together_are_each_told_the_truth(store: SqlStore) -> None:
    keys = [f"d{number % 100}" for number in range(300)]
    with ThreadPoolExecutor(32) as pool:
        stored = list(pool.map(lambda key: store.accept(touched(), key, key), keys))
    assert sum(stored) == 100
    assert store.backlog().jobs == 100


def test_workers_wake_after_the_commit_that_stored_something(store: SqlStore) -> None:
    seen: list[int] = []
    store.on_work(lambda jobs, _actions: seen.append(store.backlog().jobs * jobs))
    store.accept(touched(), "lane", "d1")
    store.accept(touched(), "lane", "d1")
    with store.begin() as unit:
        unit.add_job(SweepDue(), "lane", "d2", NOW)
    with store.begin() as unit:
        unit.add_job(SweepDue(), "lane", "d2", NOW)
        unit.commit()
    assert seen == [1, 2]


def test_the_backlog_counts_what_waits_and_since_when(store: SqlStore, clock: FakeClock) -> None:
    store.accept(touched(), "a", "d1")
    clock.advance(timedelta(minutes=1))
    store.accept(SweepDue(), "b", "d2")
    claimed(store)
    assert store.backlog() == Backlog(jobs=2, oldest_job_at=NOW, actions=0, dead_jobs=0, dead_actions=0)


@pytest.mark.parametrize(("days", "kept"), [(6, True), (8, False)])
def test_a_finished_delivery_is_remembered_for_a_week(store: SqlStore, clock: FakeClock, days: int, kept: bool) -> None:
    store.accept(touched(), "lane", "d1")
    store.finish_job(claimed(store))
    clock.advance(timedelta(days=days))
    assert store.prune(timedelta(days=1)) == (0 if kept else 1)
    assert store.accept(touched(), "lane", "d1") is not kept


def test_many_jobs_are_stored_at_once_each_of_them_once(store: SqlStore) -> None:
    woken: list[tuple[int, int]] = []
    store.on_work(lambda jobs, actions: woken.append((jobs, actions)))
    store.accept(touched(), "lane", "d1")
    jobs = [NewJob(touched(change=OTHER), f"lane{number}", f"d{number}") for number in (1, 2, 3, 3)]
    with store.begin() as unit, counted() as statements:
        assert unit.add_jobs(jobs, NOW) == 2
        assert unit.add_jobs([], NOW) == 0
        unit.commit()
    assert len(statements) == 1
    assert woken == [(1, 0), (2, 0)]
    claimed = [store.claim_job("w") for _ in range(4)]
    assert [job.lane for job in claimed if job] == ["lane", "lane2", "lane3"]
