"""A signed document in a scanned repository covers its files like any other, and counts as unsigned there."""

from __future__ import annotations

import json
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec

from bot.cli.specimen import document
from bot.core.provenance.envelope import enclose
from integrations.sandbox.clock import FakeClock
from integrations.sigstore.signer import KeySigner
from tests.cli.test_scan import CLAUDE, only, scan
from tests.integrations.git.making import make


def test_a_signed_document_covers_the_files_it_names(tmp_path: Path) -> None:
    made = make(tmp_path / "shop")
    content = b"x = 1\n"
    raw = document({"src/a.py": content}, FakeClock().now())
    signed = KeySigner(ec.generate_private_key(ec.SECP256R1())).sign(enclose(json.loads(raw)))
    made.write("src/a.py", content.decode())
    made.write(".llmgate/provenance/a.sigstore.json", signed.decode())
    made.commit(f"Add a\n\n{CLAUDE}")
    change = only(scan(made.root))
    findings = str(change["missing"])
    assert "Files with provenance" not in findings
    assert "Provenance document" not in findings
