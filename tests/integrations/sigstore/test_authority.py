"""Records signed under the organisation's own certificate authority: what its chain proves, and at which time."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID
from rfc3161_client import decode_timestamp_response

from bot.core.approval import Approval
from bot.core.statement import render_statement
from bot.ports.trust import OpenedRecord
from integrations.sigstore.authority import CertificateAuthority, read_certificates
from integrations.sigstore.bundle import read_bundle, render_bundle
from integrations.sigstore.certificate import as_der
from integrations.sigstore.key_uri import open_signer
from integrations.sigstore.keys import BadKey, fingerprint, make_key
from integrations.sigstore.offline import Expected, Outcome, verify_approval
from integrations.sigstore.signatures import PrivateKey
from integrations.sigstore.signer import KeySigner
from integrations.sigstore.timestamps import NamedAuthority, StampedSigner, Stamps, TimestampAuthorities
from integrations.sigstore.verifier import KeyRing
from integrations.timestamp.authority import HttpTimestampAuthority
from tests.core.test_statement import DECISION
from tests.integrations.sigstore.authority import BELOW, NOON, YEAR, Issuer, Profile
from tests.local_sigstore.authority import new_key
from tests.local_sigstore.stamps import Stamper

STATEMENT = render_statement(DECISION)
CHANGE = DECISION.target.change
ROOT = Issuer()
SIGNING = ROOT.under()
KEY = new_key()
LEAF = SIGNING.issue(KEY.public_key())
GOOD = KeySigner(KEY, [LEAF, SIGNING.certificate]).sign(STATEMENT)


@dataclass(frozen=True)
class At:
    """A clock that stands."""

    instant: datetime = NOON

    def now(self) -> datetime:
        return self.instant


def ring_of(*roots: x509.Certificate, clock: At | None = None, stamps: Stamps | None = None) -> KeyRing:
    """Where the gate's own subject may sign records."""
    return KeyRing([], authority=CertificateAuthority(roots, (), clock, stamps).for_records("CN=llmgate signing"))


def opened(bundle: bytes, at: datetime = NOON, proved_at: datetime | None = None) -> OpenedRecord:
    return ring_of(ROOT.certificate, clock=At(at)).open_record(bundle, proved_at)


def refused(found: OpenedRecord, saw: str, wanted: str = "") -> None:
    assert found.payload == b""
    assert found.signer == ""
    assert saw in found.problem_saw
    assert wanted in found.problem_wanted
    assert found.problem_wanted


def test_a_chain_to_the_root_is_believed_and_its_holder_named() -> None:
    assert opened(GOOD) == OpenedRecord(STATEMENT, "CN=llmgate signing (by CN=Acme)")


def test_another_certificate_of_the_same_authority_signs_no_records() -> None:
    """A developer who may sign code with a certificate of the organisation must not be able to approve in the gate's name."""
    leaf = SIGNING.issue(KEY.public_key(), Profile("build 7"))
    bundle = KeySigner(KEY, [leaf, SIGNING.certificate]).sign(STATEMENT)
    refused(opened(bundle), "a certificate of CN=build 7 (by CN=Acme), who signs no records", "CN=llmgate signing")
    nobody = KeyRing([], authority=CertificateAuthority([ROOT.certificate], clock=At()))
    refused(nobody.open_record(GOOD), "who signs no records", "no `signing.certificate_chain` is set")


def test_an_approval_signed_under_the_authority_is_read() -> None:
    ring = ring_of(ROOT.certificate, clock=At())
    assert isinstance(ring.read_approval(GOOD, CHANGE), Approval)


def test_with_intermediates_the_bundle_brings_a_chain_and_without_one_certificate() -> None:
    material = json.loads(GOOD)["verificationMaterial"]
    assert len(material["x509CertificateChain"]["certificates"]) == 2
    alone = json.loads(KeySigner(KEY, [ROOT.issue(KEY.public_key())]).sign(STATEMENT))["verificationMaterial"]
    assert set(alone) == {"certificate", "tlogEntries"}
    whole = KeySigner(KEY, [LEAF, SIGNING.certificate, ROOT.certificate]).sign(STATEMENT)
    assert len(json.loads(whole)["verificationMaterial"]["x509CertificateChain"]["certificates"]) == 2, "a root stays out"


def test_whoever_has_the_key_alone_verifies_it_offline_too() -> None:
    assert verify_approval(GOOD, KEY.public_key(), Expected()).outcome is Outcome.GOOD
    assert verify_approval(GOOD, new_key().public_key(), Expected()).outcome is Outcome.WRONG_KEY


def test_an_intermediate_may_come_from_the_settings_instead() -> None:
    bundle = KeySigner(KEY, [LEAF]).sign(STATEMENT)
    refused(opened(bundle), "no root of this organisation vouches for", "`signing.ca_roots`")
    known = CertificateAuthority([ROOT.certificate], [SIGNING.certificate], At())
    assert KeyRing([], authority=known.for_records("CN=llmgate signing")).open_record(bundle).payload == STATEMENT


@pytest.mark.parametrize(
    "key",
    [
        rsa.generate_private_key(65537, 2048),
        ec.generate_private_key(ec.SECP384R1()),
        ed25519.Ed25519PrivateKey.generate(),
    ],
)
def test_other_kinds_of_key_may_be_certified(key: PrivateKey) -> None:
    assert opened(KeySigner(key, [ROOT.issue(key.public_key())]).sign(STATEMENT)).payload == STATEMENT


@pytest.mark.parametrize(
    ("profile", "saw", "wanted"),
    [
        (Profile(until=NOON - timedelta(seconds=1)), "2026-03-01 12:00 UTC is not within", "a timestamp (RFC 3161)"),
        (Profile(since=NOON + timedelta(seconds=1)), "is not within", "a valid one"),
        (Profile(ca=True), "a certificate of an authority", "the signer's own certificate"),
        (Profile(usage=("key_agreement",)), "not for digital signatures", "digitalSignature"),
        (Profile(usage=None), "not for digital signatures", "digitalSignature"),
        (Profile(purposes=(ExtendedKeyUsageOID.SERVER_AUTH,)), "not for code signing", "codeSigning"),
        (Profile(purposes=None), "not for code signing", "codeSigning"),
        (Profile(unknown=True), "no root of this organisation vouches for", "`signing.ca_roots`"),
    ],
)
def test_a_certificate_with_one_thing_wrong_is_refused_by_name(profile: Profile, saw: str, wanted: str) -> None:
    leaf = SIGNING.issue(KEY.public_key(), profile)
    refused(opened(KeySigner(KEY, [leaf, SIGNING.certificate]).sign(STATEMENT)), saw, wanted)


@pytest.mark.parametrize(
    "between",
    [
        ROOT.under(replace(BELOW, ca=False)),
        ROOT.under(replace(BELOW, usage=("digital_signature",))),
        ROOT.under(replace(BELOW, until=NOON - timedelta(days=1))),
        Issuer().under(),
        Issuer(BELOW, ROOT.under(replace(BELOW, path_length=0))),
    ],
    ids=["no authority", "may not sign certificates", "expired", "another root", "too long a path"],
)
def test_a_path_that_does_not_hold_is_refused(between: Issuer) -> None:
    others = [between.certificate] + ([between.by.certificate] if between.by and between.by.by else [])
    bundle = KeySigner(KEY, [between.issue(KEY.public_key()), *others]).sign(STATEMENT)
    refused(opened(bundle), "no root of this organisation vouches for", "`signing.ca_roots`")


def test_a_root_that_the_bundle_brings_is_not_believed_for_that() -> None:
    other = Issuer()
    envelope = read_bundle(KeySigner(KEY, [other.issue(KEY.public_key())]).sign(STATEMENT))
    brought = (*envelope.material.certificates, as_der(other.certificate))
    bundle = render_bundle(replace(envelope, material=replace(envelope.material, certificates=brought)))
    refused(opened(bundle), "no root of this organisation vouches for")


def test_another_keys_certificate_does_not_carry_the_signature() -> None:
    bundle = KeySigner(new_key(), [LEAF, SIGNING.certificate]).sign(STATEMENT)
    refused(opened(bundle), "a signature that does not match the content", "untouched")


def test_without_an_authority_no_certificate_is_believed() -> None:
    refused(KeyRing([KEY.public_key()][:0]).open_record(GOOD), "names no authority", "`signing.ca_roots`")
    refused(KeyRing([], authority=CertificateAuthority([], clock=At())).open_record(GOOD), "no root is set")


def test_without_clock_or_proof_there_is_no_time_to_judge_at() -> None:
    ring = ring_of(ROOT.certificate)
    refused(ring.open_record(GOOD), "of which no time is proved", "RFC 3161")
    assert ring.open_record(GOOD, NOON).payload == STATEMENT


def test_a_certificate_that_cannot_be_read_is_refused() -> None:
    envelope = read_bundle(GOOD)
    broken = replace(envelope, material=replace(envelope.material, certificates=(b"\x30\x00",)))
    refused(opened(render_bundle(broken)), "cannot be read")


def test_an_expired_certificate_stays_good_where_the_caller_proves_the_time() -> None:
    later = NOON + YEAR
    refused(opened(GOOD, later), "is not within", "proves that it was valid when it signed")
    assert opened(GOOD, later, NOON).payload == STATEMENT
    refused(opened(GOOD, NOON, later), "a signature of 2027-03-01", "made while it was valid")


@pytest.fixture
def stamper(tmp_path: Path) -> Stamper:
    made = Stamper(NOON - YEAR)
    write_root(tmp_path, made)
    return made


def write_root(folder: Path, stamper: Stamper, **valid_for: str) -> None:
    (folder / "trusted_root.json").write_text(json.dumps({"timestampAuthorities": [stamper.listed(**valid_for)]}))


def stamped(*stamps: bytes) -> bytes:
    envelope = read_bundle(GOOD)
    return render_bundle(replace(envelope, material=replace(envelope.material, timestamps=stamps)))


def opened_later(bundle: bytes, folder: Path) -> OpenedRecord:
    stamps = TimestampAuthorities(folder / "trusted_root.json")
    ring = ring_of(ROOT.certificate, clock=At(NOON + YEAR), stamps=stamps)
    return ring.open_record(bundle)


def test_an_expired_certificate_stays_good_where_a_timestamp_proves_the_time(tmp_path: Path, stamper: Stamper) -> None:
    signature = read_bundle(GOOD).signature
    assert opened_later(stamped(stamper.stamp(signature, NOON)), tmp_path).payload == STATEMENT
    late = stamper.stamp(signature, NOON + timedelta(days=90))
    refused(opened_later(stamped(late), tmp_path), "a signature of 2026-05-30", "made while it was valid")
    assert opened_later(stamped(late, stamper.stamp(signature, NOON)), tmp_path).payload == STATEMENT


def test_a_timestamp_that_proves_nothing_leaves_the_certificate_expired(tmp_path: Path, stamper: Stamper) -> None:
    signature = read_bundle(GOOD).signature
    for stamp in (stamper.stamp(b"another signature", NOON), Stamper(NOON - YEAR).stamp(signature, NOON), b"", b"\x30\x00"):
        refused(opened_later(stamped(stamp), tmp_path), "is not within")
    good = stamped(stamper.stamp(signature, NOON))
    write_root(tmp_path, stamper, end=NOON.isoformat())
    assert opened_later(good, tmp_path).payload == STATEMENT
    write_root(tmp_path, stamper, end=(NOON - timedelta(seconds=1)).isoformat())
    refused(opened_later(good, tmp_path), "is not within")
    for broken in ("", "[]", "{}", '{"timestampAuthorities": [{}]}', '{"timestampAuthorities": [1]}'):
        (tmp_path / "trusted_root.json").write_text(broken)
        refused(opened_later(good, tmp_path), "is not within")


@dataclass
class Port:
    """`bot.ports.trust.TimestampAuthority`, as the product's own client of one is: tokens, not responses."""

    stamper: Stamper
    at: datetime = NOON

    def stamp(self, content: bytes) -> bytes:
        return decode_timestamp_response(self.stamper.stamp(content, self.at)).time_stamp_token()

    def check(self, token: bytes, content: bytes) -> datetime | str:
        return HttpTimestampAuthority("", [self.stamper.root]).check(token, content)


def test_a_signer_under_the_authority_dates_what_it_signs(stamper: Stamper) -> None:
    port = Port(stamper)
    signer = StampedSigner(KeySigner(KEY, [LEAF, SIGNING.certificate]), port)
    assert signer.key_sha256 == fingerprint(KEY.public_key())
    bundle, later = signer.sign(STATEMENT), At(NOON + YEAR)
    ring = ring_of(ROOT.certificate, clock=later, stamps=NamedAuthority(port))
    assert ring.open_record(bundle).payload == STATEMENT
    other = NamedAuthority(Port(Stamper(NOON - YEAR)))
    refused(ring_of(ROOT.certificate, clock=later, stamps=other).open_record(bundle), "not within")
    broken = read_bundle(bundle)
    for stamp in (b"", b"\x30\x00"):
        assert NamedAuthority(port).prove([stamp], broken.signature) is None


def test_a_retired_key_is_good_whatever_became_of_its_certificate() -> None:
    ring = KeyRing([KEY.public_key()], authority=CertificateAuthority([ROOT.certificate], clock=At(NOON + 5 * YEAR)))
    assert ring.open_record(GOOD) == OpenedRecord(STATEMENT, f"key {fingerprint(KEY.public_key())[:16]}")


def test_a_signer_begins_its_chain_with_its_own_certificate(tmp_path: Path) -> None:
    key = make_key(tmp_path / "signing.pem")
    mine = ROOT.issue(key.public_key())
    assert opened(open_signer(str(tmp_path / "signing.pem"), [mine]).sign(STATEMENT)).payload == STATEMENT
    with pytest.raises(BadKey, match=r"begin with another key's certificate \(CN=llmgate signing\)"):
        open_signer(str(tmp_path / "signing.pem"), [LEAF, mine])


def test_certificates_are_read_from_a_pem_file_in_its_order() -> None:
    pem = b"".join(one.public_bytes(Encoding.PEM) for one in (LEAF, SIGNING.certificate))
    found: list[x509.Certificate] = read_certificates(pem, "chain.pem")
    assert [one.subject.rfc4514_string() for one in found] == ["CN=llmgate signing", "CN=Acme Signing"]
    with pytest.raises(BadKey, match=r"saw chain.pem that holds no certificate; wanted PEM"):
        read_certificates(b"nothing", "chain.pem")
