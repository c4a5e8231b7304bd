"""`llmgate passkeys`: who has which passkey, and taking away those of a person who lost theirs."""

from __future__ import annotations

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.cli.outcome import fail
from bot.cli.settings import loaded
from bot.core.ids import PersonId
from bot.core.messages.markdown import visible
from bot.core.messages.words import counted
from bot.handlers.identity.key_reset import NotReset, Wanted, reset_passkeys
from bot.ports.errors import WorldError

COLUMNS = ("person", "passkey", "added", "last used", "synced", "record")


def run_passkeys_list(person: str) -> None:
    gate = loaded()
    try:
        with gate.kit.store.look() as unit:
            keys = unit.passkeys(PersonId(person) if person else None)
    finally:
        gate.close()
    if not keys:
        typer.echo(
            f"{person or 'Nobody'} has {'no' if person else 'a'} passkey; people add theirs with `/llmgate passkey` in Slack"
        )
        return
    table = Table(*COLUMNS, box=None, pad_edge=False)
    for key in keys:
        used = f"{key.last_used_at:%Y-%m-%d %H:%M}" if key.last_used_at else "never"
        row = (str(key.person), visible(key.label), f"{key.enrolled_at:%Y-%m-%d %H:%M}", used, "yes" if key.synced else "no")
        table.add_row(*(Text(cell) for cell in (*row, key.record[:12])))
    Console().print(table)


def run_passkeys_reset(wanted: Wanted) -> None:
    gate = loaded()
    try:
        reset = reset_passkeys(gate.kit, wanted)
    except WorldError as error:
        fail(str(error), 3)
    finally:
        gate.close()
    if isinstance(reset, NotReset):
        fail(reset.problem)
    typer.echo(f"Removed {counted(len(reset.labels), 'passkey')} of {reset.person}: {', '.join(map(visible, reset.labels))}.")
    typer.echo(f"The gate tells {reset.person} and {reset.told} in Slack, in private. {reset.person} adds a new one there with")
    typer.echo("  /llmgate passkey")
