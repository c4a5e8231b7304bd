"""What a process leaves behind that is killed, for real, in the middle."""

from __future__ import annotations

import subprocess
import sys

from bot.core.events import SweepDue
from bot.core.tlog.tiles import Tile
from storage.store import SqlStore
from tests.storage.material import CHANGE, NOW, comment, decision, record, touched

DIES = """
import os, signal, sys
from integrations.sandbox.clock import FakeClock
from storage.store import SqlStore
from tests.storage.material import CHANGE, NOW, comment, decision, line, record, touched
store = SqlStore(sys.argv[1], FakeClock())
"""
KILL = "os.kill(os.getpid(), signal.SIGKILL)\n"


def die(url: str, *steps: str) -> None:
    """Run these steps in a process that is then killed where it stands."""
    ended = subprocess.run([sys.executable, "-c", DIES + "\n".join(steps) + "\n" + KILL, url], check=False, capture_output=True)
    assert ended.returncode == -9, ended.stderr.decode()


def test_what_a_killed_process_had_accepted_is_there(store: SqlStore, database_url: str) -> None:
    die(database_url, "assert store.accept(touched(), 'lane', 'd1')")
    job = store.claim_job("w")
    assert job is not None
    assert job.event == touched()


def test_a_unit_that_a_killed_process_had_not_committed_left_nothing(store: SqlStore, database_url: str) -> None:
    die(
        database_url,
        "block = store.begin()",
        "unit = block.__enter__()",
        "unit.save_change(record())",
        "unit.add_record(decision(), NOW)",
        "unit.add_job(touched(), 'lane', 'd1', NOW)",
        "unit.add_action(CHANGE.key, comment('one'), NOW)",
        "unit.add_action(CHANGE.key, line('k'), NOW)",
    )
    with store.begin() as unit:
        assert unit.change(CHANGE) is None
        assert unit.approvals(CHANGE) == ()
        assert (unit.log_size(), unit.tiles([Tile(0, 0)])) == (0, {})
        assert unit.add_record(decision(), NOW) == 0
        assert unit.add_action(CHANGE.key, comment("one"), NOW)
        unit.save_change(record())
    assert (store.backlog().jobs, store.backlog().actions) == (0, 0)
    assert store.accept(touched(), "lane", "d1")


def test_claims_of_a_killed_process_are_given_back_at_the_next_start(store: SqlStore, database_url: str) -> None:
    store.accept(touched("one"), "lane", "d1")
    store.accept(touched("two"), "lane", "d2")
    store.accept(SweepDue(), "lane", "d3")
    with store.begin() as unit:
        unit.add_action(CHANGE.key, comment("one"), NOW)
        unit.commit()
    die(database_url, "assert store.claim_job('host/1').merged == 1", "assert store.claim_delivery('host/1', 'forge:')")
    assert store.claim_job("w") is None
    assert store.claim_delivery("w", "forge:") is None
    assert store.release("host/") == 2
    job, delivery = store.claim_job("w"), store.claim_delivery("w", "forge:")
    assert job is not None
    assert delivery is not None
    assert (job.event, job.merged, job.attempts) == (touched("two"), 1, 2)
    assert (delivery.action, delivery.attempts) == (comment("one"), 2)


def test_a_start_under_another_name_inherits_all_where_it_is_alone(store: SqlStore, database_url: str) -> None:
    """A container that is made anew has another host name; nobody would ever come back under the old one."""
    store.accept(touched(), "lane", "d1")
    die(database_url, "assert store.claim_job('old-host/1:') is not None")
    alone = database_url.startswith("sqlite")
    assert store.inherit("new-host/") == (1 if alone else 0)
    assert (store.claim_job("new-host/1:") is not None) == alone
