"""The clock's own part: what ticks, how often, and that a tick that fails fails alone."""

from __future__ import annotations

from datetime import timedelta

from apscheduler.schedulers.background import BackgroundScheduler

from bot.cli.playground import Playground
from bot.handlers.escalation.ticks import TICKS, Ticks
from bot.ports.errors import Unavailable
from bot.schedule import add_every, start_ticks


def test_every_tick_comes_each_half_minute_and_once_at_the_start(on_github: Playground) -> None:
    gate = on_github.gate
    scheduler = BackgroundScheduler(timezone="UTC")
    gate.tick_for_people(scheduler)
    scheduler.start(paused=True)
    jobs = {job.id: job for job in scheduler.get_jobs()}
    for name in TICKS:
        assert jobs[name].trigger.interval == timedelta(seconds=30)
        assert jobs[f"{name} at start"].trigger.run_date is not None
    scheduler.shutdown(wait=False)


def test_a_late_tick_runs_once_however_late() -> None:
    """APScheduler drops what is a second late by default."""
    scheduler = start_ticks(lambda: None, 3600, lambda: None)
    add_every(scheduler, 30, lambda: None, "escalate")
    late = [job for job in scheduler.get_jobs() if job.id == "escalate"]
    assert [(job.misfire_grace_time, job.coalesce, job.max_instances) for job in late] == [(None, True, 1)]
    scheduler.shutdown(wait=False)


def test_a_tick_that_fails_is_tried_again_and_its_pulse_shows_it(on_github: Playground) -> None:
    kit, broken = on_github.gate.kit, [True]

    def fails(_: object) -> int:
        if broken[0]:
            raise Unavailable("the database went away")
        return 1

    ticks = Ticks(kit, "one", {"odd": fails})
    on_github.clock.advance(timedelta(minutes=3))
    assert ticks.tick_all() == 0
    beats = ticks.beats()
    assert (beats["odd"], beats["escalate"]) == (180.0, 0.0)
    broken[0] = False
    assert ticks.tick("odd") == 1
    assert ticks.beats()["odd"] == 0.0
