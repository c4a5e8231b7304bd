"""`llmgate provenance`: the schema, and one document read as the gate would."""

from __future__ import annotations

import json
from pathlib import Path

import typer

from bot.cli.outcome import USAGE, fail
from bot.core.provenance.envelope import disclose
from bot.core.provenance.model import Refusal
from bot.core.provenance.read import read_document
from bot.core.provenance.schema import SCHEMA


def print_schema() -> None:
    typer.echo(json.dumps(SCHEMA, indent=2))


def run_provenance_check(file: Path) -> None:
    try:
        content = file.read_bytes()
    except OSError as error:
        fail(f"saw {file}: {error.strerror}; wanted a provenance document", USAGE)
    taken, signed = _unwrapped(content, file)
    read = taken if isinstance(taken, Refusal) else read_document(taken, str(file))
    if isinstance(read, Refusal):
        fail(f"{file} would be refused: saw {read.saw}; wanted {read.wanted}. {read.cure}")
    model = f"{read.model_provider}/{read.model_name} {read.model_version}"
    typer.echo(f"{file}: good{signed}. {model}, {len(read.files_generated)} files")


def _unwrapped(content: bytes, file: Path) -> tuple[bytes | Refusal, str]:
    """The document, out of its bundle where it is in one. Whose signature counts is the policy's to say, not asked here."""
    from integrations.sigstore.bundle import BadBundle, is_bundle, read_bundle

    if not is_bundle(content):
        return content, ""
    try:
        return disclose(read_bundle(content).payload), ", in a bundle whose signature was not checked here"
    except BadBundle as error:
        fail(f"{file} would be refused: {error}")
