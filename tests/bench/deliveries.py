"""Many deliveries at once: who is answered how fast, what is lost, and how fast the work is drained."""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import httpx
from sqlalchemy import create_engine, text

from bot.cli.specimen import small_change
from tests.bench.apart import Apart, until
from tests.bench.mail import Mail, Stamp

DELIVERIES, SENDERS = 600, 32
Answered = tuple[str, int, float]
"""Which delivery, with what status, after how many milliseconds."""


@dataclass(frozen=True, slots=True)
class Burst:
    """`lost` counts deliveries answered 2xx that are not in the database. Latencies in milliseconds, of the answers."""

    sent: int
    answered_2xx: int
    lost: int
    p50: float
    p99: float
    drained_s: float
    unchecked: int
    """Changes without a check at their head after the burst."""


@dataclass(frozen=True, slots=True)
class Drain:
    """Evaluations a second, from the first delivery sent to the last job done."""

    changes: int
    seconds: float

    @property
    def per_second(self) -> float:
        return self.changes / self.seconds


def open_changes(running: Apart, count: int) -> list[int]:
    """So many generated changes, each in its own branch, judged once."""
    forge, repo = running.forge, running.repo
    numbers = []
    for index in range(count):
        made = small_change(running.clock.now(), index)
        forge.push(repo, f"agent/part-{index}", made.files, by="ann", message=made.message)
        numbers.append(forge.open_change(repo, f"agent/part-{index}", by="ann", title=f"Part {index}").number)
    until(running.idle, "rest after opening", 120)
    return numbers


def send_burst(running: Apart, database_url: str, numbers: Sequence[int], deliveries: int = DELIVERIES) -> Burst:
    """`deliveries` signed webhooks over these changes from 32 senders at once."""
    mail = Mail(running.forge)
    payloads = {number: mail.touched(number) for number in numbers}
    work = [(str(uuid.uuid4()), payloads[numbers[index % len(numbers)]]) for index in range(deliveries)]
    started = time.perf_counter()
    answers = _send_all(running, mail, work, SENDERS)
    until(running.idle, "rest after the burst", 120)
    drained_s = time.perf_counter() - started
    good = {delivery for delivery, status, _ in answers if 200 <= status < 300}
    times = sorted(taken for _, _, taken in answers)
    return Burst(
        deliveries,
        len(good),
        len(good - _stored(database_url, mail.prefix)),
        times[len(times) // 2],
        times[int(len(times) * 0.99) - 1],
        drained_s,
        sum(not _checked(running, number) for number in numbers),
    )


def measure_drain(running: Apart, numbers: Sequence[int]) -> Drain:
    """One delivery a change, all at once: nothing can be merged, so each is an evaluation of its own."""
    mail = Mail(running.forge)
    work = [(str(uuid.uuid4()), mail.touched(number)) for number in numbers]
    started = time.perf_counter()
    _send_all(running, mail, work, 8)
    until(lambda: running.metric("llmgate_jobs_pending") == 0, "the end of the work", 120)
    return Drain(len(numbers), time.perf_counter() - started)


def _send_all(running: Apart, mail: Mail, work: Sequence[tuple[str, bytes]], senders: int) -> list[Answered]:
    limits = httpx.Limits(max_connections=senders, max_keepalive_connections=senders)
    with httpx.Client(limits=limits, timeout=30) as client, ThreadPoolExecutor(senders) as pool:
        return list(pool.map(partial(_send, running, mail, client), work))


def _send(running: Apart, mail: Mail, client: httpx.Client, item: tuple[str, bytes]) -> Answered:
    delivery, body = item
    headers = mail.headers(Stamp(delivery, running.clock.now()), body)
    started = time.perf_counter()
    answer = client.post(running.hook_url, content=body, headers=headers)
    return delivery, answer.status_code, (time.perf_counter() - started) * 1000


def _stored(database_url: str, prefix: str) -> set[str]:
    engine = create_engine(database_url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        known = connection.execute(text("SELECT dedupe_key FROM jobs WHERE dedupe_key LIKE :like"), {"like": f"{prefix}%"})
        keys = [str(row[0]) for row in known]
    engine.dispose()
    return {key.removeprefix(prefix) for key in keys}


def _checked(running: Apart, number: int) -> bool:
    head = running.forge.change(running.repo, number).head_sha
    return running.forge.check(running.repo, head).state != "absent"
