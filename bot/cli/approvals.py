"""`llmgate approvals export`: every record about a change, as files that verify without this server."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import typer

from bot.cli.outcome import fail
from bot.cli.reference import named_change
from bot.cli.settings import loaded
from bot.cli.verification.files import BUNDLE, SUMMARY, proof_path
from bot.core.facts import Facts
from bot.core.ids import ChangeRef
from bot.core.messages.words import counted
from bot.core.summary import summary_statement
from bot.core.tlog.note import format_vkey
from bot.core.verdict import Verdict
from bot.handlers.ledger.exporting import records_for
from bot.main import Gate
from bot.ports.records import StoredRecord
from bot.ports.store import StoredBundle

FORMAT = "llmgate-export/1"


def run_export(change: str, out: Path | None) -> None:
    gate = loaded()
    try:
        ref = named_change(gate, change)
        with gate.kit.store.look() as unit:
            decisions = unit.approvals(ref)
        records = records_for(gate.kit, ref)
        if not any(record.about == ref.key for record in records):
            fail(f"saw no decision about {ref}; wanted at least one; /llmgate status {ref} says what it waits for")
        folder = out or Path(f"approvals-{ref.repo.path.replace('/', '-')}-{ref.number}")
        names = write_export(gate, ref, records, folder)
        _write_index(gate, ref, {row.id: row for row in decisions}, (folder, records, names))
    finally:
        gate.close()
    beside = len(records) - len(decisions)
    said = f"Wrote {counted(len(decisions), 'signed decision')} about {ref} to {folder}/"
    typer.echo(said + (f", and {counted(beside, 'record')} beside" if beside else ""))
    for name in names:
        typer.echo(f"  {name}")
    typer.echo(f"Verify with: llmgate verify {folder} --key PUBLIC_KEY --log-key LOG_KEY")


def write_export(gate: Gate, ref: ChangeRef, records: Sequence[StoredRecord], folder: Path) -> list[str]:
    """Bundles, the proof beside each, the public keys, and the verdict for others where the change is green."""
    keys = folder / "keys"
    keys.mkdir(parents=True, exist_ok=True)
    names = []
    for record in records:
        name = f"{record.index:06}-{record.kind}-{record.id[:12]}{BUNDLE}"
        (folder / name).write_bytes(record.bundle)
        proof = gate.log.log.prove(record.id) if gate.log else None
        if proof is not None:
            proof_path(folder / name).write_text(proof)
        names.append(name)
    for sha256, pem in gate.kit.trust.public_keys.items():
        (keys / f"{sha256[:16]}.pem").write_bytes(pem)
    if gate.log is not None:
        signer = gate.log.log.signer
        (keys / "log.vkey").write_text("".join(f"{format_vkey(key)}\n" for key in (signer.key, *signer.earlier)))
    return [*names, *_write_summary(gate, ref, folder)]


def _write_summary(gate: Gate, ref: ChangeRef, folder: Path) -> list[str]:
    with gate.kit.store.look() as unit:
        record = unit.change(ref)
    if record is None or not record.verdict:
        return []
    codec = gate.kit.codec
    statement = summary_statement(codec.load(Facts, record.facts), codec.load(Verdict, record.verdict))
    if statement is None:
        return []
    (folder / SUMMARY).write_bytes(gate.kit.trust.signer.sign(statement))
    return [SUMMARY]


def _write_index(
    gate: Gate, ref: ChangeRef, decisions: dict[str, StoredBundle], written: tuple[Path, Sequence[StoredRecord], list[str]]
) -> None:
    """For people and programs that look for one file among many; nothing in it is believed by `llmgate verify`."""
    folder, records, names = written
    rows = [
        {
            "file": name,
            "kind": record.kind,
            "index": record.index,
            "statement": record.id,
            "about": record.about,
            "commit": record.head_sha,
            "voided": decisions[record.id].voided if record.id in decisions else None,
        }
        for record, name in zip(records, names, strict=False)
    ]
    log = gate.log.log.signer.origin if gate.log else ""
    index = {"format": FORMAT, "change": ref.key, "key_sha256": gate.kit.trust.signer.key_sha256, "log": log, "records": rows}
    (folder / "index.json").write_text(json.dumps(index, indent=2) + "\n")
