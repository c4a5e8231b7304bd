"""`llmgate provenance`: the schema, and one document read as the gate would."""

from __future__ import annotations

import json
from pathlib import Path

import typer

from bot.cli.main import fail
from bot.core.provenance.model import Refusal
from bot.core.provenance.read import read_document
from bot.core.provenance.schema import SCHEMA

USAGE = 2


def print_schema() -> None:
    typer.echo(json.dumps(SCHEMA, indent=2))


def run_provenance_check(file: Path) -> None:
    try:
        content = file.read_bytes()
    except OSError as error:
        fail(f"saw {file}: {error.strerror}; wanted a provenance document", USAGE)
    read = read_document(content, str(file))
    if isinstance(read, Refusal):
        fail(f"{file} would be refused: saw {read.saw}; wanted {read.wanted}. {read.cure}")
    typer.echo(f"{file}: good. {read.model_provider}/{read.model_name} {read.model_version}, {len(read.files_generated)} files")
