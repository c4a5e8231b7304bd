"""`llmgate log prove`: records as files, each with the proof that it is in the log."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import typer

from bot.cli.logbook.connected import connected_log
from bot.cli.outcome import fail
from bot.cli.reference import named_change
from bot.core.messages.words import counted
from bot.main import Gate
from bot.main.log import ConnectedLog
from bot.ports.records import StoredRecord

SUFFIX = ".tlog-proof"
_ID = re.compile(r"^[0-9a-f]{64}$")


def run_log_prove(what: str, out: Path | None) -> None:
    """One record's proof goes to standard output; with `--out`, and for a change, bundles and proofs go to a folder."""
    with connected_log() as (gate, connected):
        records = _named(gate, what)
        proofs = [(record, _proof(connected, record)) for record in records]
    if out is None and _ID.match(what):
        typer.echo(proofs[0][1], nl=False)
        return
    folder = out or Path(f"proofs-{re.sub(r'[^A-Za-z0-9.-]+', '-', what).strip('-')}")
    names = _write(proofs, folder)
    typer.echo(f"Wrote {counted(len(records), 'record')}, each with its proof, to {folder}/")
    for name in names:
        typer.echo(f"  {name}")


def _named(gate: Gate, what: str) -> Sequence[StoredRecord]:
    if _ID.match(what):
        with gate.kit.store.look() as unit:
            record = unit.record(what)
        if record is None:
            fail(f"saw no record {what[:12]}…; wanted an id as `llmgate verify` prints it under statement")
        return [record]
    ref = named_change(gate, what)
    with gate.kit.store.look() as unit:
        records = unit.records(ref.key)
    if not records:
        fail(f"saw no record about {ref}; wanted at least one; /llmgate status {ref} says what it waits for")
    return records


def _proof(connected: ConnectedLog, record: StoredRecord) -> str:
    proof = connected.log.prove(record.id)
    if proof is None:
        fail(f"saw record {record.id[:12]}… vanish; wanted it in the log; run `llmgate log verify`")
    return proof


def _write(proofs: Sequence[tuple[StoredRecord, str]], folder: Path) -> list[str]:
    folder.mkdir(parents=True, exist_ok=True)
    names = []
    for record, proof in proofs:
        name = f"{record.index:06}-{record.kind}-{record.id[:12]}.sigstore.json"
        (folder / name).write_bytes(record.bundle)
        (folder / f"{name}{SUFFIX}").write_text(proof)
        names.append(name)
    return names
