"""`llmgate log verify`: the whole audit, in sentences or as JSON."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from bot.cli.logbook.connected import UNREACHED, connected_log
from bot.cli.outcome import USAGE, fail
from bot.core.messages.words import counted
from bot.handlers.ledger.discrepancy import AuditReport, Discrepancy
from bot.handlers.ledger.walk import Tell
from bot.main.log import ConnectedLog
from bot.ports.anchors import AnchoredNote
from bot.ports.errors import WorldError

PATIENCE_S = 1.0
"""An audit that is done sooner shows no progress."""
FENCE = "```"


def run_log_verify(anchors: Sequence[Path], as_json: bool) -> None:
    """Print what was looked at and every discrepancy. Exit 1 with one, 3 where an anchor could not be read, else 0."""
    kept = [AnchoredNote(str(path), _note(path)) for path in anchors]
    with connected_log() as (_, connected):
        outside, unread = _outside(connected)
        if kept:
            outside["file"] = kept
        with _progress() as tell:
            report = connected.auditor.audit(outside, tell)
    report = AuditReport(report.size, report.checkpoints, report.outside, (*report.found, *unread))
    typer.echo(json.dumps(_as_json(report, outside), indent=2) if as_json else _words(report, tuple(outside)))
    if report.good:
        return
    raise typer.Exit(UNREACHED if report.found == tuple(unread) else 1)


def _outside(connected: ConnectedLog) -> tuple[dict[str, Sequence[AnchoredNote]], list[Discrepancy]]:
    """What stands in every place that can be read, and the places that could not be reached: those prove nothing."""
    notes: dict[str, Sequence[AnchoredNote]] = {}
    unread: list[Discrepancy] = []
    for place in connected.anchoring.places:
        try:
            found = place.read()
        except WorldError as error:
            unread.append(
                Discrepancy("unproved", f"no answer from the anchor {place.place} ({error})", "every note that stands there")
            )
        else:
            if found is not None:
                notes[place.place] = found
    return notes, unread


def _note(path: Path) -> str:
    """A note as a person keeps it: what a chat adds around it when it is copied is taken off again."""
    try:
        text = path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        fail(f"saw {path}: {error}; wanted a checkpoint, as copied from the audit channel", USAGE)
    lines = [line.rstrip() for line in text.strip().strip("`").strip().splitlines()]
    return "".join(f"{line}\n" for line in lines)


@contextmanager
def _progress() -> Iterator[Tell]:
    """On a terminal a bar on standard error, once it takes longer than a moment."""
    console = Console(stderr=True)
    columns = (TextColumn("reading the log"), BarColumn(), TextColumn("{task.completed:,.0f} records"), TimeRemainingColumn())
    bar = Progress(*columns, console=console, transient=True)
    task, started = bar.add_task("", total=None), time.monotonic()

    def tell(done: int, of: int) -> None:
        if console.is_terminal and time.monotonic() - started > PATIENCE_S:
            bar.start()
            bar.update(task, completed=done, total=of)

    try:
        yield tell
    finally:
        bar.stop()


def _words(report: AuditReport, places: Sequence[str]) -> str:
    notes = counted(report.outside, "note")
    where = f"{notes} from outside ({', '.join(places)})" if places else "nothing from outside: no anchor could be read"
    looked = f"{counted(report.size, 'record')}, {counted(report.checkpoints, 'signed head')}, {where}"
    if report.good:
        return f"The log holds. Looked at {looked}."
    return "\n".join([f"THE LOG DOES NOT HOLD. Looked at {looked}.", *(_told(one) for one in report.found)])


def _told(one: Discrepancy) -> str:
    return f"✗ {one.fault}: saw {one.saw}\n    wanted {one.wanted}\n    it means: {one.means}"


def _as_json(report: AuditReport, outside: dict[str, Sequence[AnchoredNote]]) -> dict[str, object]:
    rows = [
        {
            "fault": one.fault,
            "saw": one.saw,
            "wanted": one.wanted,
            "means": one.means,
            "index": one.index,
            "record": one.record_id,
        }
        for one in report.found
    ]
    places = {place: len(notes) for place, notes in outside.items()}
    return {"good": report.good, "size": report.size, "checkpoints": report.checkpoints, "outside": places, "found": rows}
