"""An export as files: bundles, beside each the proof that it is in the log."""

from __future__ import annotations

from pathlib import Path

from bot.handlers.ledger.judging import Exported

BUNDLE, PROOF = ".sigstore.json", ".tlog-proof"
SUMMARY = "summary.sigstore.json"
"""The verdict for others: signed too, and no record of the log."""


def read_export(folder: Path) -> tuple[Exported, ...]:
    """Every bundle of a folder, by name. Raises OSError."""
    files = sorted(path for path in folder.iterdir() if path.name.endswith(BUNDLE) and path.name != SUMMARY)
    return tuple(_exported(path) for path in files)


def read_beside(file: Path) -> tuple[Exported, ...]:
    """A bundle and those in its folder: an approval may rest on other records. The one asked for is the first."""
    others = [one for one in read_export(file.parent) if one.name != file.name]
    return (_exported(file), *others)


def proof_path(bundle: Path) -> Path:
    return bundle.with_name(bundle.name + PROOF)


def _exported(path: Path) -> Exported:
    proof = proof_path(path)
    return Exported(path.name, path.read_bytes(), proof.read_text(errors="replace") if proof.exists() else None)
