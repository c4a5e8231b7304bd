"""`llmgate approvals export`: every signed decision about a change, as files that verify without this server."""

from __future__ import annotations

import json
from pathlib import Path

import typer

from bot.cli.outcome import USAGE, fail
from bot.cli.settings import loaded
from bot.core.approval import Approval
from bot.core.commands import Misunderstood, Places, read_reference
from bot.core.ids import ChangeRef
from bot.core.messages.words import counted
from bot.main import Gate
from bot.ports.store import StoredBundle


def run_export(change: str, out: Path | None) -> None:
    gate = loaded()
    try:
        ref = named_change(gate, change)
        with gate.kit.store.look() as unit:
            bundles = unit.approvals(ref)
        if not bundles:
            fail(f"saw no decision about {ref}; wanted at least one; /llmgate status {ref} says what it waits for")
        folder = out or Path(f"approvals-{ref.repo.path.replace('/', '-')}-{ref.number}")
        names = write_bundles(gate, ref, bundles, folder)
    finally:
        gate.close()
    typer.echo(f"Wrote {counted(len(names), 'signed decision')} about {ref} to {folder}/")
    for name in names:
        typer.echo(f"  {name}")


def named_change(gate: Gate, word: str) -> ChangeRef:
    """The change a person named on the command line."""
    with gate.kit.store.look() as unit:
        known = {record.ref.repo for record in unit.open_changes()}
    found = read_reference(word, Places.among(gate.kit.forges, known))
    if isinstance(found, Misunderstood):
        fail(found.because, USAGE)
    return found


def write_bundles(gate: Gate, ref: ChangeRef, bundles: tuple[StoredBundle, ...], folder: Path) -> list[str]:
    """One file a decision, and an index that says which still count and why the others do not."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for stored in bundles:
        name = f"{stored.head_sha[:12]}-{stored.id[:12]}.sigstore.json"
        (folder / name).write_bytes(stored.bundle)
        read = gate.kit.trust.verifier.read_approval(stored.bundle, ref)
        who = read.person if isinstance(read, Approval) else ""
        what = read.decision if isinstance(read, Approval) else f"rejected: saw {read.saw}"
        rows.append({"file": name, "commit": stored.head_sha, "person": who, "decision": what, "voided": stored.voided})
    index = {"change": ref.key, "key_sha256": gate.kit.trust.signer.key_sha256, "decisions": rows}
    (folder / "index.json").write_text(json.dumps(index, indent=2) + "\n")
    return [str(row["file"]) for row in rows]
