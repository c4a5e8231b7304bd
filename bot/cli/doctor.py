"""`llmgate doctor`: looks at everything the gate stands on, and says of each thing what it saw, what it wanted, what to do.

It only looks: nothing is posted, migrated or repaired. Exit 0 without a problem, 1 with one.
"""

from __future__ import annotations

from collections.abc import Iterator

import typer

from bot.cli.checkup.database import look_at_database
from bot.cli.checkup.forges import forge_parts
from bot.cli.checkup.holidays import look_at_holidays
from bot.cli.checkup.log import look_at_log
from bot.cli.checkup.notifier import look_at_notifier
from bot.cli.checkup.outside import look_at_reach, look_at_slack
from bot.cli.checkup.premises import look_at_floor, look_at_keys, look_at_people, look_at_settings
from bot.cli.checkup.report import as_json as shown_as_json
from bot.cli.checkup.report import part_lines, summary
from bot.cli.checkup.row import Look, Row
from bot.cli.checkup.waiting import Waiting
from bot.main import Settings


def run_doctor(as_json: bool) -> None:
    """Print every part as soon as it was looked at (or all as JSON), and leave with 1 if there is a problem."""
    waiting = Waiting(lambda words: typer.echo(f"… {words}", err=True))
    parts: dict[str, list[Row]] = {}
    for title, rows in examined(waiting):
        parts[title] = rows
        if not as_json:
            typer.echo("\n".join(part_lines(title, rows)))
    every = [row for rows in parts.values() for row in rows]
    typer.echo(shown_as_json(parts) if as_json else f"\n{summary(every)}")
    if any(row.level == "problem" for row in every):
        raise typer.Exit(1)


def examined(waiting: Waiting) -> Iterator[tuple[str, list[Row]]]:
    """Part by part, with its rows. Without usable settings there is nothing else to look at."""
    settings, rows = look_at_settings()
    yield "Settings", rows
    if settings is None:
        return
    for title, look in _parts(settings, waiting):
        with waiting.on(f"looking at {title}"):
            found = list(look())
        yield title, found


def _parts(settings: Settings, waiting: Waiting) -> Iterator[tuple[str, Look]]:
    yield "Database", lambda: look_at_database(settings.database.url)
    yield "Keys", lambda: look_at_keys(settings)
    yield "Log", lambda: look_at_log(settings, waiting)
    yield "People", lambda: (*look_at_people(settings), *look_at_holidays(settings, waiting))
    yield "Policy", lambda: look_at_floor(settings)
    yield from forge_parts(settings, waiting)
    yield "Slack", lambda: look_at_slack(settings, waiting)
    yield "Letters", lambda: look_at_notifier(settings, waiting)
    yield "Address", lambda: look_at_reach(settings, waiting)
