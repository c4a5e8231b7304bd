"""Approvals, the log and exports as rows: ratios of one run against aims, and what the limit of each is."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping

from bot.core.approval import STRENGTHS, Strength
from bot.core.messages.words import counted
from tests.bench.growth import LARGE, SMALL, SYNC, Growth, measure_growth, way
from tests.bench.rows import Row, said
from tests.bench.strengths import BARE, OURS, OWN, THEIRS, measure_approving, open_office
from tests.bench.turns import Timed
from tests.postgres import PostgresServer

SIGNING_LIMITS: Mapping[Strength, str] = {
    "witnessed": "the signature",
    "reauthenticated": "JSON: the proof goes into the statement",
    "passkey": "two ECDSA checks; reading the enrolment",
    "keyless": "sigstore-python",
}
VERIFYING_LIMITS: Mapping[Strength, str] = {
    "witnessed": "one ECDSA check; JSON",
    "reauthenticated": "one ECDSA check; JSON",
    "passkey": "three ECDSA checks; reading the enrolment",
    "keyless": "sigstore-python",
}
GROWS, TWO_A_LEVEL = "1.5 times", "4 and 6 at most"
"""A tree of a thousand has two levels of tiles, one of a million three; a proof reads two of each at most."""
EXPORTS: tuple[tuple[str, Strength, tuple[str, ...]], ...] = (
    ("two witnessed approvals", "witnessed", ("bob", "sue")),
    ("two passkey approvals", "passkey", ("bob", "sue")),
    ("one keyless approval", "keyless", ("bob",)),
)


def approvals() -> list[Row]:
    said("approvals signed and verified, by strength")
    got = measure_approving()
    rows = []
    for strength in STRENGTHS:
        measured = _beside(got.signed, strength, "a bare ECDSA signature")
        rows.append(Row(f"approval signed by the gate, {strength}", measured, limit=SIGNING_LIMITS[strength]))
    for strength in STRENGTHS:
        measured = _beside(got.verified, strength, "a bare ECDSA check")
        rows.append(Row(f"approval verified, {strength}", measured, limit=VERIFYING_LIMITS[strength]))
    ratio = f"{got.bundle.ratio(OURS, THEIRS):.2f} times, {got.bundle.ms(OURS):.2f} and {got.bundle.ms(THEIRS):.2f} ms"
    what = "keyless bundle verified, against sigstore-python's verify_dsse"
    rows.append(Row(what, ratio, "1.10 times", "four ECDSA checks and a chain"))
    own = Row("a person's own keyless signature", f"{got.own.ms(OWN):.0f} ms", limit="authority and log, here on loopback")
    return [*rows, own]


def log() -> list[Row]:
    said(f"logs of {SMALL:,} and {LARGE:,} records, SQLite")
    with tempfile.TemporaryDirectory(prefix="llmgate-log-") as folder:
        embedded = measure_growth(lambda size: f"sqlite:///{folder}/{size}.sqlite3")
    said(f"logs of {SMALL:,} and {LARGE:,} records, PostgreSQL")
    server = PostgresServer(durable=True)
    try:
        shared = measure_growth(lambda _: server.create())
    finally:
        server.stop()
    return [*_growth("SQLite", embedded), *_growth("PostgreSQL", shared), *_sizes(embedded)]


def _growth(name: str, got: Growth) -> Iterator[Row]:
    sync = f"statements; the disk's sync ({got.appends.ms(SYNC):.2f} ms)"
    yield Row(f"append at {LARGE:,} against {SMALL:,} records, {name}", _grown(got.appends), GROWS, sync)
    hashing = "statements; SHA-256 over tiles"
    yield Row(f"inclusion proof at {LARGE:,} against {SMALL:,}, {name}", _grown(got.proofs), GROWS, hashing)
    yield Row(f"consistency proof at {LARGE:,} against {SMALL:,}, {name}", _grown(got.growths), GROWS, hashing)
    few, many = got.counted[SMALL], got.counted[LARGE]
    yield Row(f"statements an append, {name}", f"{few.append_statements} and {many.append_statements}", "6 and 6")
    yield Row(f"tiles an inclusion proof, {name}", f"{few.proof_tiles:.1f} and {many.proof_tiles:.1f}", TWO_A_LEVEL)
    yield Row(f"tiles a consistency proof, {name}", f"{few.growth_tiles:.1f} and {many.growth_tiles:.1f}", TWO_A_LEVEL)
    statements = f"{few.proof_statements:.0f} and {many.proof_statements:.0f}"
    yield Row(f"statements an inclusion proof, {name}", statements, limit="record, head, tiles")


def _sizes(got: Growth) -> Iterator[Row]:
    """Bundles and all that they rest on, with a proof beside each. Keys and index, always the same, are left out."""
    few, many = got.counted[SMALL].proof_bytes, got.counted[LARGE].proof_bytes
    for what, strength, people in EXPORTS:
        with open_office() as office:
            bundles = [len(record.bundle) for record in office.exported(strength, *people)]
        small, large = (sum(bundles) + len(bundles) * proof for proof in (few, many))
        grown = f"{large / small:.2f} times at {LARGE:,} records"
        held = f"{counted(len(bundles), 'bundle')}: {sum(bundles):,}; proofs: {small - sum(bundles):,}"
        yield Row(f"export of {what}", f"{small:,} bytes, {grown}", limit=held)
    measured = f"{many / few:.2f} times, {few:,} and {many:,} bytes"
    yield Row(f"proof of a record at {LARGE:,} against {SMALL:,}", measured, limit="a hash each doubling, 45 bytes")


def _beside(got: Timed, strength: Strength, what: str) -> str:
    return f"{got.per_second(strength):,.0f} a second, {got.ratio(strength, BARE):.1f} × {what}"


def _grown(got: Timed) -> str:
    return f"{got.ratio(way(LARGE), way(SMALL)):.2f} times, {got.ms(way(SMALL)):.2f} and {got.ms(way(LARGE)):.2f} ms"
