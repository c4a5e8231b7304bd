"""`make simulate`: the month with one gate on SQLite, then with two replicas on PostgreSQL, one of them killed at random."""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import structlog
from rich.console import Console
from rich.table import Table

from tests.postgres import PostgresServer
from tests.simulation.figures import Row
from tests.simulation.month import Scale
from tests.simulation.run import simulate


def main() -> int:
    parser = argparse.ArgumentParser(description="A simulated month of the gate.")
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--changes", type=int, default=1500)
    parser.add_argument("--reviewers", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    asked = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    scale = {"days": asked.days, "changes": asked.changes, "reviewers": asked.reviewers, "seed": asked.seed}
    columns: dict[str, list[Row]] = {}
    with tempfile.TemporaryDirectory() as folder:
        if asked.only != "postgresql":
            place = Path(folder) / "one"
            columns["one gate, SQLite"] = simulate(place, "", Scale(**scale), _told("SQLite"))
        if asked.only != "sqlite":
            server = PostgresServer()
            killed = Scale(**scale, replicas=2, kill_every=timedelta(hours=5))
            place = Path(folder) / "two"
            columns["two replicas, PostgreSQL, killed"] = simulate(place, server.create(), killed, _told("PostgreSQL"))
            server.stop()
    _show(columns)
    return 0 if all(row.met for rows in columns.values() for row in rows) else 1


def _told(name: str) -> Callable[[str], None]:
    def tell(words: str) -> None:
        sys.stderr.write(f"  … {name}: {words}\n")

    return tell


def _show(columns: dict[str, list[Row]]) -> None:
    table = Table(title="llmgate simulate")
    for heading in ("what", *columns, "aim"):
        table.add_column(heading)
    names = dict.fromkeys(row.what for rows in columns.values() for row in rows)
    for name in names:
        found = [next((row for row in rows if row.what == name), Row(name, "")) for rows in columns.values()]
        marks = [f"{row.seen}{'' if row.met else ' ✗'}" for row in found]
        table.add_row(name, *marks, next((row.aim for row in found if row.aim), ""))
    Console(width=150).print(table)


if __name__ == "__main__":
    sys.exit(main())
