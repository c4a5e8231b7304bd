"""Provenance signed by an organisation's key: which statement counts, by whom, and each way in which one does not."""

from __future__ import annotations

import base64
import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from bot.core.policy.model import SignerRule
from bot.core.provenance.envelope import PREDICATE_TYPE, enclose
from bot.core.statement import render_statement
from bot.ports.trust import AttestedBytes
from integrations.sigstore.bundle import sign_bundle
from integrations.sigstore.keys import fingerprint
from integrations.sigstore.signer import KeySigner
from integrations.sigstore.verifier import KeyRing
from tests.core.provenance.documents import whole as document
from tests.core.test_statement import DECISION

KEY = ec.generate_private_key(ec.SECP256R1())
OTHER = ec.generate_private_key(ec.SECP256R1())
RULE = SignerRule(key_sha256=fingerprint(OTHER.public_key()))
RING = KeyRing([KEY.public_key()], [OTHER.public_key()])
STATEMENT = enclose(document())
PLAIN = {"_type": "https://in-toto.io/Statement/v1", "subject": [], "predicateType": PREDICATE_TYPE, "predicate": document()}


def read(content: bytes, *rules: SignerRule) -> AttestedBytes:
    return RING.read_document(content, ".llmgate/provenance/a.json", rules or (RULE,))


def signed(payload: bytes, key: ec.EllipticCurvePrivateKey = OTHER) -> bytes:
    return KeySigner(key).sign(payload)


@pytest.mark.parametrize("statement", [STATEMENT, json.dumps(PLAIN).encode()], ids=["slsa", "plain"])
def test_a_statement_by_a_key_that_the_policy_names_attests_the_document_in_it(statement: bytes) -> None:
    good = read(signed(statement))
    assert (good.attested, good.problem, json.loads(good.payload)) == ("organisation-key", "", document())
    assert good.signer == f"key {RULE.key_sha256[:16]}"


def test_a_hint_is_only_a_hint() -> None:
    assert read(sign_bundle(OTHER, "release key of 2026", STATEMENT)).attested == "organisation-key"


@pytest.mark.parametrize(
    ("content", "rules", "says"),
    [
        (signed(STATEMENT, KEY), (RULE,), f"wanted one of: {RULE.key_sha256[:16]}"),
        (signed(STATEMENT), (SignerRule(key_sha256="0" * 64),), "wanted one of: 0000"),
        (signed(STATEMENT), (SignerRule(identity="ann@acme.example", issuer="https://i.example"),), "the policy names no key"),
        (sign_bundle(KEY, RULE.key_sha256, STATEMENT), (RULE,), "over other bytes"),
        (
            sign_bundle(OTHER, RULE.key_sha256, STATEMENT, "text/plain"),
            (RULE,),
            "the payload type application/vnd.in-toto+json",
        ),
        (signed(render_statement(DECISION)), (RULE,), "the predicate type `urn:llmgate:human-approval:v1`"),
        (signed(json.dumps(document()).encode()), (RULE,), "no in-toto statement"),
        (b'{"mediaType": "x"}', (RULE,), "saw media type 'x'"),
        (b'{"mediaType": ', (RULE,), "no JSON"),
    ],
    ids=["stranger", "another", "identity", "forged", "kind", "approval", "bare", "media", "broken"],
)
def test_each_fault_is_refused_in_its_own_words(content: bytes, rules: tuple[SignerRule, ...], says: str) -> None:
    found = read(content, *rules)
    assert found.attested == "invalid"
    assert says in found.problem
    assert "wanted" in found.problem


def test_a_key_that_the_policy_names_and_llmgate_was_not_given_is_told_with_the_setting() -> None:
    stranger = ec.generate_private_key(ec.SECP256R1())
    found = read(signed(STATEMENT, stranger), SignerRule(key_sha256=fingerprint(stranger.public_key())))
    assert "signing.document_keys" in found.problem


def test_every_changed_byte_of_a_signed_document_is_noticed() -> None:
    whole = json.loads(signed(STATEMENT))
    payload = base64.b64decode(whole["dsseEnvelope"]["payload"])
    for at in range(0, len(payload), 41):
        flipped = payload[:at] + bytes([payload[at] ^ 1]) + payload[at + 1 :]
        whole["dsseEnvelope"]["payload"] = base64.b64encode(flipped).decode()
        found = read(json.dumps(whole).encode())
        assert (found.attested, "over other bytes" in found.problem) == ("invalid", True)


def test_a_bare_document_is_unattested() -> None:
    assert read(b'{"model_name": "m"}') == AttestedBytes(b'{"model_name": "m"}', "none", "")
