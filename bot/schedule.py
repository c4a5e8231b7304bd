"""Periodic work: ticks only. What is due is a row in the store; a tick never carries state of its own."""

from __future__ import annotations

from collections.abc import Callable

from apscheduler.schedulers.background import BackgroundScheduler


def start_ticks(sweep: Callable[[], object], sweep_every_s: int, prune: Callable[[], object]) -> BackgroundScheduler:
    """Start the ticks; the caller shuts the scheduler down. A late tick runs once, however late (APScheduler would drop it)."""
    scheduler = BackgroundScheduler(
        timezone="UTC", job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1}
    )
    scheduler.add_job(sweep, "interval", seconds=sweep_every_s, id="sweep")
    scheduler.add_job(prune, "interval", hours=6, id="prune")
    scheduler.start()
    return scheduler


def add_every(scheduler: BackgroundScheduler, seconds: int, tick: Callable[[], object], name: str) -> None:
    """One more tick, now and each time so many seconds have passed: a process may not live until the first time."""
    scheduler.add_job(tick, "interval", seconds=seconds, id=name)
    scheduler.add_job(tick, id=f"{name} at start")
