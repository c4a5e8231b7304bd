"""`make bench`: what the gate costs on each forge, as a table. Counts and ratios are the point; times are notes of one run."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bot.cli.layout import Layout
from bot.cli.playground import build_playground
from bot.core.forges import FORGES
from bot.core.ids import ForgeName
from bot.core.messages.words import counted
from tests.bench.apart import Apart, apart
from tests.bench.calls import count_calls
from tests.bench.deliveries import measure_drain, open_changes, send_burst
from tests.bench.evidence import approvals, log
from tests.bench.history import measure_scan
from tests.bench.latency import measure_latency
from tests.bench.process import measure_help
from tests.bench.rows import Row, said
from tests.bench.waiting import ticks
from tests.postgres import PostgresServer

CHANGES = 60
CALL_AIMS = {
    "re-evaluation after a push": "2 reads, 1 write",  # on GitLab a note, too, holds what a check says elsewhere
    "re-evaluation, nothing changed": "1 read, 0 writes",
}
console = Console(width=140)


def calls(forge: ForgeName) -> list[Row]:
    said(f"counting calls, {forge}")
    with tempfile.TemporaryDirectory() as folder:
        playground = build_playground(Layout(Path(folder), forge=forge))
        try:
            counts = count_calls(playground)
        finally:
            playground.close()
    return [
        Row(
            f"calls: {c.what}",
            f"{counted(c.reads, 'read')}, {counted(c.writes, 'write')}; {c.slack} to Slack",
            CALL_AIMS.get(c.what, ""),
        )
        for c in counts
    ]


def serving(forge: ForgeName) -> list[Row]:
    said(f"webhook to check, {forge}, SQLite, 0 and 100 ms a forge call")
    with apart(forge) as running:
        rows = [Row("time to ready", f"{running.ready_s:.1f} s", "3 s")]
        for injected, pushes, aim in ((0.0, 40, "p50 < 25 ms"), (0.1, 20, "p50 < 230 ms")):
            got = measure_latency(running, injected, pushes)
            seen = f"p50 {got.p50:.0f} ms, p95 {got.p95:.0f} ms"
            rows.append(Row(f"webhook to check, {got.injected:.0f} ms injected", seen, aim))
    return rows


def bursts(forge: ForgeName, name: str, url: str, aim: str) -> list[Row]:
    with apart(forge, url) as running:
        said(f"opening {CHANGES} changes, {forge}, {name}")
        numbers = open_changes(running, CHANGES)
        said(f"draining, {forge}, {name}")
        best = max((measure_drain(running, numbers) for _ in range(5)), key=lambda drain: drain.per_second)
        drained = f"{best.per_second:.0f} a second (best of 5 × {best.changes})"
        rows = [Row(f"evaluations drained, {name}", drained, aim)]
        for injected in (0.0, 0.1):
            said(f"burst, {forge}, {name}, {injected * 1000:.0f} ms injected")
            rows += burst(running, url, numbers[:30], injected, name)
        rows.append(Row(f"resident memory after the bursts, {name}", f"{running.memory_mb:.0f} MB", "< 150 MB"))
    return rows


def burst(running: Apart, url: str, numbers: list[int], injected_s: float, name: str) -> Iterator[Row]:
    running.forge.latency_s = injected_s
    try:
        got = send_burst(running, url, numbers)
    finally:
        running.forge.latency_s = 0.0
    label = f"burst, {name}, {injected_s * 1000:.0f} ms"
    yield Row(f"{label}: answered 2xx of {got.sent}", f"{got.answered_2xx}, {got.lost} lost", "all, 0 lost")
    yield Row(f"{label}: an answer takes", f"p50 {got.p50:.0f}, p99 {got.p99:.0f} ms", "p99 < 1 s")
    yield Row(f"{label}: drained", f"{got.drained_s:.1f} s, {got.unchecked} without check", "0 without")


def on_sqlite(forge: ForgeName) -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        return bursts(forge, "SQLite", f"sqlite:///{folder}/bench.sqlite3", "50")


def on_postgresql(forge: ForgeName) -> list[Row]:
    server = PostgresServer(durable=True)
    try:
        return bursts(forge, "PostgreSQL", server.create(), "100")
    finally:
        server.stop()


def commands() -> list[Row]:
    said("commands")
    scan = measure_scan()
    return [
        Row("llmgate --help", f"{measure_help():.2f} s", "0.4 s"),
        Row(f"scan of {scan.commits:,} commits against git log --numstat", f"{scan.ratio:.1f} times", "3 times"),
    ]


PARTS: dict[str, Callable[[ForgeName], list[Row]]] = {
    "calls": calls,
    "serving": serving,
    "sqlite": on_sqlite,
    "postgresql": on_postgresql,
}
ALONE: dict[str, Callable[[], list[Row]]] = {"approvals": approvals, "log": log, "ticks": ticks, "commands": commands}
"""The parts that are of no forge."""


def beside(part: str, forges: list[ForgeName]) -> Iterator[tuple[str, ...]]:
    """A part's rows, the forges' measures beside each other."""
    for rows in zip(*(PARTS[part](forge) for forge in forges), strict=True):
        yield (rows[0].what, *(row.measured for row in rows), rows[0].aim)


def of_forges(wanted: list[str], forges: list[ForgeName]) -> Table:
    table = Table("what", *(FORGES[forge].name for forge in forges), "aim", title="llmgate bench")
    for part in wanted:
        if part in PARTS:
            for cells in beside(part, forges):
                table.add_row(*cells)
    return table


def of_none(wanted: list[str]) -> Table:
    table = Table("of no forge", "measured", "limit", "aim")
    for part in wanted:
        if part in ALONE:
            for row in ALONE[part]():
                table.add_row(row.what, row.measured, row.limit, row.aim)
    return table


def main() -> None:
    parts = [*PARTS, *ALONE]
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=f"{', '.join(parts)}; all unless named")
    parser.add_argument("--forge", choices=(*FORGES, "both"), default="both")
    given = parser.parse_args()
    unknown = set(given.parts) - set(parts)
    if unknown:
        parser.error(f"saw {', '.join(sorted(unknown))}; wanted {', '.join(parts)}")
    wanted: list[str] = given.parts or parts
    for table in (of_forges(wanted, [forge for forge in FORGES if given.forge in (forge, "both")]), of_none(wanted)):
        if table.row_count:
            console.print(table)


if __name__ == "__main__":
    main()
