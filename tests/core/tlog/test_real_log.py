"""Proofs of a log that others wrote and millions relied on: 961,984,013 entries."""

from __future__ import annotations

import base64
import json
from pathlib import Path

from bot.core.tlog.tree import proof_length, verify_consistency, verify_inclusion

SAMPLE = json.loads((Path(__file__).parent / "samples" / "argon2020.json").read_text())
SIZE, INDEX, OLD = SAMPLE["size"], SAMPLE["index"], SAMPLE["old_size"]
ROOT, OLD_ROOT, LEAF = (base64.b64decode(SAMPLE[name]) for name in ("root", "old_root", "leaf_hash"))
INCLUSION, CONSISTENCY = ([base64.b64decode(value) for value in SAMPLE[name]] for name in ("inclusion", "consistency"))


def test_a_real_inclusion_proof_is_verified() -> None:
    assert proof_length(INDEX, SIZE) == len(INCLUSION) == 30
    assert verify_inclusion(LEAF, INDEX, SIZE, INCLUSION, ROOT)
    assert not verify_inclusion(LEAF, INDEX + 1, SIZE, INCLUSION, ROOT)
    assert not verify_inclusion(LEAF, INDEX, SIZE, INCLUSION, OLD_ROOT)


def test_a_real_consistency_proof_is_verified() -> None:
    assert verify_consistency(OLD, SIZE, CONSISTENCY, OLD_ROOT, ROOT)
    assert not verify_consistency(OLD + 1, SIZE, CONSISTENCY, OLD_ROOT, ROOT)
    assert not verify_consistency(OLD, SIZE, CONSISTENCY, ROOT, OLD_ROOT)
