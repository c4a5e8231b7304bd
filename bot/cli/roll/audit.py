"""What `llmgate people audit` shows: every tie, held against what Slack and the forges say now. It changes nothing."""

from __future__ import annotations

import json
from dataclasses import asdict

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.cli.outcome import fail
from bot.cli.settings import loaded
from bot.core.messages.markdown import visible
from bot.core.messages.words import counted
from bot.handlers.identity.people_audit import Doubt, audit_people
from bot.ports.errors import WorldError

COLOURS = {"problem": "red", "unknown": "yellow", "note": "", "suggestion": "cyan"}


def run_people_audit(as_json: bool) -> None:
    """Print every doubt. Leaves with 1 where one is a problem, with 3 where somebody did not answer."""
    gate = loaded()
    try:
        found = audit_people(gate.kit)
    except WorldError as error:
        fail(str(error), 3)
    finally:
        gate.close()
    typer.echo(json.dumps([asdict(one) for one in found], indent=2)) if as_json else _show(found)
    if any(one.level == "problem" for one in found):
        raise typer.Exit(1)
    if any(one.level == "unknown" for one in found):
        raise typer.Exit(3)


def _show(found: list[Doubt]) -> None:
    if found:
        table = Table("", "who", "saw", "do", box=None, pad_edge=False)
        for one in found:
            cells = (Text(one.level, COLOURS[one.level]), *(Text(visible(cell)) for cell in (one.who, one.saw, one.cure)))
            table.add_row(*cells)
        Console().print(table)
    problems = sum(one.level == "problem" for one in found)
    typer.echo(f"{counted(problems, 'problem')}, {counted(len(found) - problems, 'other line')}.")
