"""`llmgate scan`: the read-only half of the gate over the past of a local repository."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from bot.cli.outcome import USAGE, fail
from bot.cli.scanning import as_json as program
from bot.cli.scanning.ground import Ground, survey
from bot.cli.scanning.judge import Judge, Judged, Passed
from bot.cli.scanning.merges import merge_words
from bot.cli.scanning.standing import standing_gaps
from bot.cli.scanning.table import show
from bot.cli.scanning.tally import Tally
from bot.cli.scanning.wanted import Wanted, read_wanted
from bot.ports.errors import Refused, WorldError
from integrations.git.blobs import Blobs, reading
from integrations.git.history import LoggedChange, read_history
from integrations.git.repository import Repository, open_repository
from integrations.git.since import boundary

PATIENCE_S = 1.0
"""A scan that is done sooner shows no progress."""


@dataclass(frozen=True, slots=True)
class Scan:
    """One scan: what is read, and from where on."""

    repository: Repository
    ground: Ground
    blobs: Blobs
    since: str
    beginning: str
    only: Wanted | None = None

    def changes(self) -> Iterator[Judged | Passed]:
        with closing(read_history(self.repository, self.beginning)) as history:
            yield from Judge(self.repository, self.ground, self.blobs).judge(self._chosen(history))

    def _chosen(self, history: Iterator[LoggedChange]) -> Iterator[LoggedChange]:
        if self.only is None:
            yield from history
            return
        found = False
        for change in history:
            if self.only.names(merge_words(change.tip.commit.message, change.merge)):
                found = True
                yield change
        if not found:
            raise Refused(
                f"saw no merge or squash of {self.only} in this history; "
                "wanted a commit whose message names it; check the number and --since"
            )


def run_scan(path: Path, since: str, as_json: bool, change: str = "") -> None:
    """Scan and print. Exit code 2, with a cure, where the repository cannot be read or lacks the `change` asked for."""
    try:
        only = read_wanted(change) if change else None
        repository = open_repository(path)
        beginning = boundary(repository, since)
        with reading(repository.git) as blobs:
            scan = Scan(repository, survey(repository, blobs), blobs, since, beginning, only)
            if as_json:
                _for_programs(scan)
            else:
                _for_people(scan)
    except WorldError as error:
        fail(str(error), USAGE)


def _for_programs(scan: Scan) -> None:
    tally = Tally(frozenset(scan.ground.present))
    out = sys.stdout
    changes = _with_progress(scan)
    first = next(changes, None)  # a refusal comes before anything is written
    out.write(program.opening(scan.repository, scan.ground, scan.since))
    separator = "\n"
    for seen in chain((first,) if first else (), changes):
        tally.add(seen)
        if isinstance(seen, Judged):
            out.write(separator + program.change(seen))
            separator = ",\n"
    out.write(program.closing(*_finished(scan, tally)) + "\n")


def _for_people(scan: Scan) -> None:
    tally = Tally(frozenset(scan.ground.present))
    for seen in _with_progress(scan):
        tally.add(seen)
    tally, gaps = _finished(scan, tally)
    show(Console(highlight=False), scan.repository, scan.ground, tally, gaps)


def _finished(scan: Scan, tally: Tally) -> tuple[Tally, tuple[str, ...]]:
    tally.add_marks(scan.ground.mark_signals())
    return tally, tuple(standing_gaps(scan.ground, tally))


def _with_progress(scan: Scan) -> Iterator[Judged | Passed]:
    """The changes; on a terminal with a bar on standard error once it takes longer than a moment."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield from scan.changes()
        return
    columns = (TextColumn("reading history"), BarColumn(), TextColumn("{task.completed:,.0f} changes"), TimeRemainingColumn())
    bar = Progress(*columns, console=console, transient=True)
    task = bar.add_task("", total=None)
    started, shown = time.monotonic(), False
    try:
        for number, seen in enumerate(scan.changes()):
            if not shown and number % 50 == 0 and time.monotonic() - started > PATIENCE_S:
                bar.update(task, total=_count(scan))
                bar.start()
                shown = True
            if number % 50 == 0:
                bar.update(task, completed=number)
            yield seen
    finally:
        bar.stop()


def _count(scan: Scan) -> int | None:
    span = [scan.repository.head or "", *([f"^{scan.beginning}"] if scan.beginning else [])]
    counted = scan.repository.git.ask("rev-list", "--count", "--first-parent", *span, "--")
    return int(counted) if counted and counted.isdigit() else None
