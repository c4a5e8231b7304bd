"""`make bench`: what the gate costs, as a table. Counts and ratios are the point; times are notes of one run."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bot.cli.layout import Layout
from bot.cli.playground import build_playground
from tests.bench.apart import apart
from tests.bench.calls import count_calls
from tests.bench.deliveries import measure_drain, open_changes, send_burst
from tests.bench.history import measure_scan
from tests.bench.latency import measure_latency
from tests.bench.process import measure_help
from tests.postgres import PostgresServer

Row = tuple[str, str, str]
CHANGES = 60
console = Console(width=118)


def said(what: str) -> None:
    print(f"  … {what}", file=sys.stderr, flush=True)  # noqa: T201 - progress of a long run


def calls() -> list[Row]:
    said("counting calls")
    aims = {"re-evaluation after a push": "2 reads, 1 write", "re-evaluation, nothing changed": "1 read, 0 writes"}
    with tempfile.TemporaryDirectory() as folder:
        playground = build_playground(Layout(Path(folder)))
        try:
            counts = count_calls(playground)
        finally:
            playground.close()
    return [
        (f"calls: {c.what}", f"{c.reads} reads, {c.writes} writes; {c.slack} to Slack", aims.get(c.what, "")) for c in counts
    ]


def serving() -> list[Row]:
    said("webhook to check, SQLite, 0 and 100 ms a forge call")
    with apart() as running:
        rows: list[Row] = [("time to ready", f"{running.ready_s:.1f} s", "3 s")]
        for injected, pushes, aim in ((0.0, 40, "p50 < 25 ms"), (0.1, 20, "p50 < 230 ms")):
            got = measure_latency(running, injected, pushes)
            rows.append(
                (f"webhook to check, {got.injected:.0f} ms injected", f"p50 {got.p50:.0f} ms, p95 {got.p95:.0f} ms", aim)
            )
    return rows


def bursts(name: str, url: str, aim: str) -> list[Row]:
    rows: list[Row] = []
    with apart(url) as running:
        said(f"opening {CHANGES} changes, {name}")
        numbers = open_changes(running, CHANGES)
        said(f"draining, {name}")
        best = max((measure_drain(running, numbers) for _ in range(5)), key=lambda drain: drain.per_second)
        rows.append((f"evaluations drained, {name}", f"{best.per_second:.0f} a second (best of 5 × {best.changes})", aim))
        for injected in (0.0, 0.1):
            said(f"burst, {name}, {injected * 1000:.0f} ms injected")
            running.github.latency_s = injected
            got = send_burst(running, url, numbers[:30])
            running.github.latency_s = 0.0
            seen = f"{got.answered_2xx} of {got.sent} answered 2xx, {got.lost} lost; p50 {got.p50:.0f}, p99 {got.p99:.0f} ms"
            drained = f"; drained in {got.drained_s:.1f} s, {got.unchecked} without check"
            rows.append((f"burst from 32, {name}, {injected * 1000:.0f} ms", seen + drained, "0 lost, p99 < 1 s"))
        rows.append((f"resident memory after the bursts, {name}", f"{running.memory_mb:.0f} MB", "< 150 MB"))
    return rows


def on_sqlite() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        return bursts("SQLite", f"sqlite:///{folder}/bench.sqlite3", "50")


def on_postgresql() -> list[Row]:
    server = PostgresServer(durable=True)
    try:
        return bursts("PostgreSQL", server.create(), "100")
    finally:
        server.stop()


def commands() -> list[Row]:
    said("commands")
    rows: list[Row] = [("llmgate --help", f"{measure_help():.2f} s", "0.4 s")]
    scan = measure_scan()
    rows.append((f"scan of {scan.commits:,} commits against git log --numstat", f"{scan.ratio:.1f} times", "3 times"))
    return rows


def main() -> None:
    parts: dict[str, Callable[[], list[Row]]] = {
        "calls": calls, "serving": serving, "sqlite": on_sqlite, "postgresql": on_postgresql, "commands": commands,
    }  # fmt: skip
    wanted = sys.argv[1:] or list(parts)
    table = Table("what", "measured", "aim", title="llmgate bench")
    for name in wanted:
        for row in parts[name]():
            table.add_row(*row)
    console.print(table)


if __name__ == "__main__":
    main()
