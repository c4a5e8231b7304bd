"""Signed approvals: what verifies, and each way in which one does not."""

from __future__ import annotations

import base64
import json
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from securesystemslib.dsse import Envelope as OtherEnvelope
from securesystemslib.signer._key import SSlibKey

from bot.core.approval import Approval, RejectedApproval
from bot.core.ids import ChangeRef, RepoRef
from bot.core.statement import render_statement
from integrations.sigstore.bundle import MAX_BYTES
from integrations.sigstore.keys import BadKey, fingerprint, load_key, make_key, public_path, public_pem, read_public_key
from integrations.sigstore.offline import Expected, Outcome, verify_approval
from integrations.sigstore.signer import KeySigner
from integrations.sigstore.verifier import KeyRing
from tests.core.test_statement import DECISION, HEAD

KEY = ec.generate_private_key(ec.SECP256R1())
OTHER = ec.generate_private_key(ec.SECP256R1())
BUNDLE = KeySigner(KEY).sign(render_statement(DECISION))
CHANGE = DECISION.target.change


def test_a_signed_approval_verifies_offline() -> None:
    checked = verify_approval(BUNDLE, KEY.public_key(), Expected("acme/shop", 7, HEAD))
    assert (checked.outcome, checked.message) == (Outcome.GOOD, "Verified.")
    assert checked.approval
    assert checked.approval.person == "bob"


def changed(**fields: object) -> bytes:
    """The bundle with a changed statement under the old signature."""
    whole = json.loads(BUNDLE)
    statement = json.loads(base64.b64decode(whole["dsseEnvelope"]["payload"]))
    statement["predicate"].update(fields)
    whole["dsseEnvelope"]["payload"] = base64.b64encode(json.dumps(statement).encode()).decode()
    return json.dumps(whole).encode()


@pytest.mark.parametrize(
    ("content", "key", "expected", "outcome", "says"),
    [
        (BUNDLE, OTHER, Expected(), Outcome.WRONG_KEY, "Signed by another key"),
        (changed(riskTier="low"), KEY, Expected(), Outcome.ALTERED, "altered after signing"),
        (BUNDLE, KEY, Expected("acme/other"), Outcome.WRONG_REPOSITORY, "another repository"),
        (BUNDLE, KEY, Expected("acme/shop", 8), Outcome.WRONG_CHANGE, "another change"),
        (BUNDLE, KEY, Expected("acme/shop", 7, "0" * 40), Outcome.WRONG_COMMIT, "another commit"),
        (b"{}", KEY, Expected(), Outcome.NO_BUNDLE, "media type"),
        (b"\xff", KEY, Expected(), Outcome.NO_BUNDLE, "no JSON"),
        (b" " * (MAX_BYTES + 1), KEY, Expected(), Outcome.NO_BUNDLE, "at most"),
        (KeySigner(KEY).sign(b"{}"), KEY, Expected(), Outcome.NO_STATEMENT, "no '_type'"),
        (
            KeySigner(KEY).sign(render_statement(replace(DECISION, decision="changes-requested"))),
            KEY,
            Expected(),
            Outcome.NOT_APPROVED,
            "changes-requested",
        ),
    ],
)
def test_each_fault_has_its_own_outcome_and_words(
    content: bytes, key: ec.EllipticCurvePrivateKey, expected: Expected, outcome: Outcome, says: str
) -> None:
    checked = verify_approval(content, key.public_key(), expected)
    assert checked.outcome is outcome
    assert says in checked.message


def test_every_changed_byte_of_the_statement_is_noticed() -> None:
    whole = json.loads(BUNDLE)
    payload = bytearray(base64.b64decode(whole["dsseEnvelope"]["payload"]))
    for at in range(0, len(payload), 7):
        flipped = payload.copy()
        flipped[at] ^= 1
        whole["dsseEnvelope"]["payload"] = base64.b64encode(flipped).decode()
        assert verify_approval(json.dumps(whole).encode(), KEY.public_key(), Expected()).outcome is Outcome.ALTERED


def test_another_implementation_agrees_on_the_signature() -> None:
    envelope = json.loads(BUNDLE)["dsseEnvelope"]
    name = fingerprint(KEY.public_key())
    key = SSlibKey(name, "ecdsa", "ecdsa-sha2-nistp256", {"public": public_pem(KEY.public_key()).decode()})
    accepted = OtherEnvelope.from_dict(envelope).verify([key], 1)
    assert list(accepted) == [name]


def test_openssl_agrees_too(tmp_path: Path) -> None:
    envelope = json.loads(BUNDLE)["dsseEnvelope"]
    payload = base64.b64decode(envelope["payload"])
    kind = envelope["payloadType"]
    (tmp_path / "pae").write_bytes(f"DSSEv1 {len(kind)} {kind} {len(payload)} ".encode() + payload)
    (tmp_path / "sig").write_bytes(base64.b64decode(envelope["signatures"][0]["sig"]))
    (tmp_path / "pub").write_bytes(public_pem(KEY.public_key()))
    done = subprocess.run(
        ["openssl", "dgst", "-sha256", "-verify", "pub", "-signature", "sig", "pae"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == "Verified OK"


def test_the_key_ring_reads_what_it_signed() -> None:
    ring = KeyRing([KEY.public_key()])
    read = ring.read_approval(BUNDLE, CHANGE)
    assert isinstance(read, Approval)
    assert read.account.id == 1002


@pytest.mark.parametrize(
    ("ring_key", "content", "change", "says"),
    [
        (OTHER, BUNDLE, CHANGE, "signed by key"),
        (KEY, changed(decision="approved", reason="x"), CHANGE, "does not match the content"),
        (KEY, BUNDLE, ChangeRef(CHANGE.repo, 8), "an approval of acme/shop#7"),
        (KEY, BUNDLE, ChangeRef(RepoRef("github", "ghe.example", "acme/shop"), 7), "an approval of"),
        (KEY, b"{}", CHANGE, "media type"),
        (KEY, KeySigner(KEY).sign(b"[]"), CHANGE, "_type"),
    ],
)
def test_the_key_ring_rejects_and_says_why(
    ring_key: ec.EllipticCurvePrivateKey, content: bytes, change: ChangeRef, says: str
) -> None:
    read = KeyRing([ring_key.public_key()]).read_approval(content, change)
    assert isinstance(read, RejectedApproval)
    assert says in read.saw


def test_a_made_key_is_private_and_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "signing.pem"
    made = make_key(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert fingerprint(load_key(path).public_key()) == fingerprint(made.public_key())
    assert fingerprint(read_public_key(public_path(path).read_bytes(), "pub")) == fingerprint(made.public_key())
    with pytest.raises(BadKey, match="already there"):
        make_key(path)


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "signing.pem"
    make_key(path)
    path.chmod(0o644)
    with pytest.raises(BadKey, match="chmod 600"):
        load_key(path)


def test_a_missing_or_foreign_key_is_refused_with_the_cure(tmp_path: Path) -> None:
    with pytest.raises(BadKey, match="llmgate init"):
        load_key(tmp_path / "none.pem")
    foreign = tmp_path / "foreign.pem"
    foreign.write_text("not a key")
    foreign.chmod(0o600)
    with pytest.raises(BadKey, match="P-256"):
        load_key(foreign)
    with pytest.raises(BadKey, match="PEM public key"):
        read_public_key(b"nothing", "x.pub")


def test_a_signer_does_not_show_its_key() -> None:
    assert str(KEY.private_numbers().private_value) not in repr(KeySigner(KEY))
