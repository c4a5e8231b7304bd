"""How a command ends when it cannot do what was asked."""

from __future__ import annotations

from typing import NoReturn

import typer

USAGE = 2
"""Exit code: the command line, the settings or a named file cannot be used."""


def fail(message: str, code: int = 1) -> NoReturn:
    """Say why on standard error and leave."""
    typer.echo(f"llmgate: {message}", err=True)
    raise typer.Exit(code)
