"""Provenance signed under the organisation's own authority: the policy names who may, by subject or address and by root."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.policy.model import SignerRule
from bot.core.provenance.envelope import enclose
from bot.ports.trust import AttestedBytes
from integrations.sigstore.authority import CertificateAuthority
from integrations.sigstore.bundle import read_bundle, render_bundle
from integrations.sigstore.signer import KeySigner
from integrations.sigstore.verifier import KeyRing
from tests.core.provenance.documents import whole as document
from tests.integrations.sigstore.authority import NOON, Issuer, Profile
from tests.integrations.sigstore.test_authority import At
from tests.local_sigstore.authority import new_key

ROOT = Issuer()
KEY, STILL = new_key(), At()
STATEMENT = enclose(document())
RULE = SignerRule(identity="CN=build *", issuer="CN=Acme")
BUNDLE = KeySigner(KEY, [ROOT.issue(KEY.public_key(), Profile("build 7"))]).sign(STATEMENT)


def read(content: bytes, *rules: SignerRule, clock: At = STILL) -> AttestedBytes:
    ring = KeyRing([], authority=CertificateAuthority([ROOT.certificate], clock=clock))
    return ring.read_document(content, ".llmgate/provenance/a.json", rules or (RULE,))


def test_a_holder_whom_the_policy_names_attests_the_document() -> None:
    found = read(BUNDLE)
    assert (found.attested, found.signer, found.problem) == ("organisation-key", "CN=build 7 (by CN=Acme)", "")


@pytest.mark.parametrize(
    "rule",
    [
        SignerRule(identity="CN=build 8", issuer="CN=Acme"),
        SignerRule(identity="CN=build 7", issuer="CN=Other"),
        SignerRule(identity="cn=build 7", issuer="CN=Acme"),
        SignerRule(key_sha256="0" * 64),
    ],
)
def test_whom_the_policy_does_not_name_attests_nothing(rule: SignerRule) -> None:
    found = read(BUNDLE, rule)
    assert found.attested == "invalid"
    assert "saw a signature by CN=build 7 (by CN=Acme); wanted " in found.problem
    assert "provenance.signers" in found.problem


def test_what_the_authority_does_not_vouch_for_is_told_as_such() -> None:
    late = read(BUNDLE, clock=At(NOON + timedelta(days=400)))
    assert late.attested == "invalid"
    assert "is not within; wanted a valid one" in late.problem
    other = Issuer()
    strange = KeySigner(KEY, [other.issue(KEY.public_key(), Profile("build 7"))]).sign(STATEMENT)
    assert "no root of this organisation vouches for" in read(strange).problem


def test_other_bytes_under_a_good_certificate_are_refused() -> None:
    envelope = read_bundle(BUNDLE)
    found = read(render_bundle(replace(envelope, payload=envelope.payload.replace(b"build", b"guild") + b" ")))
    assert (found.attested, found.signer) == ("invalid", "")
    assert "saw a signature over other bytes; wanted the document untouched; sign it again" in found.problem


def test_without_an_authority_it_is_a_keyless_bundle_like_any() -> None:
    found = KeyRing([]).read_document(BUNDLE, "a.json", (RULE,))
    assert "set `signing.trusted_root`" in found.problem
