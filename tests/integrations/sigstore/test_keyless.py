"""Provenance signed keyless by the real client on a Sigstore of our own, and each way in which it is not believed."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.core.in_toto import canonical
from bot.core.policy.model import SignerRule
from bot.core.provenance.envelope import enclose
from bot.ports.trust import AttestedBytes
from integrations.sigstore.keyless import KeylessVerifier
from integrations.sigstore.verifier import KeyRing
from tests.core.provenance.documents import least as document
from tests.local_sigstore.instance import LocalSigstore

ISSUER = "https://issuer.acme.example"
WORKFLOW = "https://github.com/acme/shop/.github/workflows/generate.yml@refs/heads/main"
ANN = SignerRule(identity="ann@acme.example", issuer=ISSUER)
STATEMENT = enclose(document())


@pytest.fixture(scope="module")
def sigstore() -> Iterator[LocalSigstore]:
    instance = LocalSigstore()
    yield instance
    instance.close()


@pytest.fixture(scope="module")
def bundle(sigstore: LocalSigstore) -> bytes:
    sigstore.sign(STATEMENT, "someone@else.example", ISSUER)  # a log of one entry has no proof worth the name
    return sigstore.sign(STATEMENT, ANN.identity, ISSUER)


@pytest.fixture(scope="module")
def ring(sigstore: LocalSigstore, tmp_path_factory: pytest.TempPathFactory) -> KeyRing:
    root = sigstore.write_trusted_root(tmp_path_factory.mktemp("root") / "trusted_root.json")
    return KeyRing([], keyless=KeylessVerifier(root))


def read(ring: KeyRing, content: bytes, *rules: SignerRule) -> AttestedBytes:
    return ring.read_document(content, ".llmgate/provenance/a.sigstore.json", rules or (ANN,))


def refused(found: AttestedBytes, *says: str) -> None:
    assert found.attested == "invalid"
    for words in (*says, "saw ", "; wanted ", "; "):
        assert words in found.problem


def altered(content: bytes, change: Callable[[Any], object]) -> bytes:
    whole = json.loads(content)
    change(whole)
    return json.dumps(whole).encode()


def test_the_right_identity_and_issuer_attest_the_document(ring: KeyRing, bundle: bytes) -> None:
    found = read(ring, bundle, SignerRule(identity="bob@acme.example", issuer=ISSUER), ANN)
    assert (found.attested, found.problem) == ("keyless", "")
    assert found.signer == f"ann@acme.example (by {ISSUER})"
    assert json.loads(found.payload) == document()


def test_the_early_name_of_the_format_is_known_too(ring: KeyRing, bundle: bytes) -> None:
    early = "application/vnd.dev.sigstore.bundle+json;version=0.3"
    assert read(ring, altered(bundle, lambda whole: whole.update(mediaType=early))).attested == "keyless"


def test_nothing_but_files_is_asked(tmp_path: Path) -> None:
    instance = LocalSigstore()
    content, root = instance.sign(STATEMENT, ANN.identity, ISSUER), instance.write_trusted_root(tmp_path / "root.json")
    instance.close()
    assert read(KeyRing([], keyless=KeylessVerifier(root)), content).attested == "keyless"


@pytest.mark.parametrize(
    ("pattern", "fits"),
    [
        (WORKFLOW, True),
        ("https://github.com/acme/*", True),
        ("https://github.com/*/.github/workflows/generate.yml@refs/heads/main", True),
        ("https://github.com/acme/*@refs/heads/*", True),
        ("https://github.com/acme/", False),
        ("https://github.com/acm?/*", False),
        ("*/generate.yml", False),
        (WORKFLOW.replace("main", "MAIN"), False),
        (WORKFLOW.replace("github.com", "githubxcom"), False),
    ],
)
def test_a_star_stands_for_anything_and_nothing_else_does(
    ring: KeyRing, sigstore: LocalSigstore, pattern: str, fits: bool
) -> None:
    found = read(ring, sigstore.sign(STATEMENT, WORKFLOW, ISSUER), SignerRule(identity=pattern, issuer=ISSUER))
    assert (found.attested == "keyless") is fits
    assert WORKFLOW in (found.signer if fits else found.problem)


def test_another_identity_is_named_and_so_is_who_was_wanted(ring: KeyRing, bundle: bytes) -> None:
    bob = SignerRule(identity="bob@acme.example", issuer=ISSUER)
    refused(read(ring, bundle, bob), f"by ann@acme.example (by {ISSUER})", f"wanted bob@acme.example (by {ISSUER})")


def test_the_right_identity_by_another_issuer_is_another_person(ring: KeyRing, sigstore: LocalSigstore) -> None:
    content = sigstore.sign(STATEMENT, ANN.identity, "https://issuer.evil.example")
    refused(read(ring, content), "by ann@acme.example (by https://issuer.evil.example)")


def test_a_star_in_the_issuer_stands_for_itself(ring: KeyRing, bundle: bytes) -> None:
    refused(read(ring, bundle, SignerRule(identity=ANN.identity, issuer="*")), f"(by {ISSUER})")


def test_a_certificate_of_another_authority_is_refused(ring: KeyRing) -> None:
    other = LocalSigstore()
    content = other.sign(STATEMENT, ANN.identity, ISSUER)
    other.close()
    refused(read(ring, content), "no authority of the trusted root vouches for", "signing.trusted_root")


def test_a_certificate_that_had_expired_when_it_was_logged_is_refused(ring: KeyRing, sigstore: LocalSigstore) -> None:
    for late in (timedelta(hours=1), timedelta(hours=-1)):
        content = sigstore.sign(STATEMENT, ANN.identity, ISSUER, late)
        refused(read(ring, content), "not valid when the log took the signature")


def test_a_changed_document_is_refused(ring: KeyRing, bundle: bytes) -> None:
    def change(whole: Any) -> None:
        payload = base64.b64decode(whole["dsseEnvelope"]["payload"]).replace(b"sonnet", b"sonata")
        whole["dsseEnvelope"]["payload"] = base64.b64encode(payload).decode()

    content = altered(bundle, change)
    assert content != bundle
    refused(read(ring, content), "over other bytes")


def test_a_signature_moved_to_another_certificate_is_refused(ring: KeyRing, sigstore: LocalSigstore, bundle: bytes) -> None:
    other = json.loads(sigstore.sign(STATEMENT, "eve@acme.example", ISSUER))

    def change(whole: Any) -> None:
        whole["dsseEnvelope"] = other["dsseEnvelope"]

    refused(read(ring, altered(bundle, change)), "over other bytes")


def test_a_log_entry_of_something_else_is_refused(ring: KeyRing, sigstore: LocalSigstore, bundle: bytes) -> None:
    other = json.loads(sigstore.sign(canonical({**json.loads(STATEMENT), "x": 1}), ANN.identity, ISSUER))

    def change(whole: Any) -> None:
        whole["verificationMaterial"]["tlogEntries"] = other["verificationMaterial"]["tlogEntries"]

    refused(read(ring, altered(bundle, change)), "does not verify")


def test_a_bundle_without_a_log_entry_is_refused(ring: KeyRing, bundle: bytes) -> None:
    found = read(ring, altered(bundle, lambda whole: whole["verificationMaterial"].update(tlogEntries=[])))
    refused(found, "without an entry of a transparency log")


def test_a_bundle_without_proof_or_promise_is_refused(ring: KeyRing, bundle: bytes) -> None:
    for missing in ("inclusionProof", "inclusionPromise"):
        whole = json.loads(bundle)
        del whole["verificationMaterial"]["tlogEntries"][0][missing]
        refused(read(ring, json.dumps(whole).encode()), "a bundle that is not whole")


@pytest.mark.parametrize("at", ["rootHash", "signedEntryTimestamp", "checkpoint", "integratedTime", "canonicalizedBody"])
def test_a_tampered_log_entry_is_refused(ring: KeyRing, bundle: bytes, at: str) -> None:
    def change(whole: Any) -> None:
        entry = whole["verificationMaterial"]["tlogEntries"][0]
        proof, promise = entry["inclusionProof"], entry["inclusionPromise"]
        holder = {"rootHash": proof, "checkpoint": proof["checkpoint"], "signedEntryTimestamp": promise}.get(at, entry)
        key = "envelope" if at == "checkpoint" else at
        if at == "integratedTime":
            entry[at] = str(int(entry[at]) + 1)
        else:
            mark = "log.local\n" if at == "checkpoint" else holder[key][:8]
            holder[key] = holder[key].replace(mark, "evil.log\n" if at == "checkpoint" else "AAAABBBB", 1)

    refused(read(ring, altered(bundle, change)), "does not verify")


def garbage() -> Iterator[tuple[str, Callable[[Any], object]]]:
    yield "certificate", lambda whole: whole["verificationMaterial"]["certificate"].update(rawBytes="AAAA")
    yield "no bytes", lambda whole: whole["verificationMaterial"].update(certificate={})
    yield "a chain", lambda whole: whole["verificationMaterial"].update(x509CertificateChain={"certificates": []})
    yield "two entries", lambda whole: whole["verificationMaterial"]["tlogEntries"].append({})
    yield "time", lambda whole: whole["verificationMaterial"]["tlogEntries"][0].update(integratedTime="9" * 18)
    yield "a list", lambda whole: whole["verificationMaterial"].update(certificate=[1])
    yield "signature", lambda whole: whole["dsseEnvelope"]["signatures"][0].update(sig="")
    yield "index", lambda whole: whole["verificationMaterial"]["tlogEntries"][0].update(logIndex="-1")


@pytest.mark.parametrize("change", [pytest.param(change, id=name) for name, change in garbage()])
def test_garbage_is_refused_without_a_traceback(ring: KeyRing, bundle: bytes, change: Callable[[Any], object]) -> None:
    found = read(ring, altered(bundle, change))
    refused(found)
    assert found.problem.isprintable()


def test_a_policy_that_names_only_keys_asks_for_an_identity(ring: KeyRing, bundle: bytes) -> None:
    refused(read(ring, bundle, SignerRule(key_sha256="0" * 64)), "provenance.signers")


@pytest.mark.parametrize("content", [None, "", "{}", "[]"])
def test_a_trusted_root_that_cannot_be_read_is_told_with_its_setting(
    tmp_path: Path, bundle: bytes, content: str | None
) -> None:
    root = tmp_path / "trusted_root.json"
    if content is not None:
        root.write_text(content)
    refused(read(KeyRing([], keyless=KeylessVerifier(root)), bundle), "signing.trusted_root")


def test_without_a_trusted_root_nothing_keyless_is_believed(bundle: bytes) -> None:
    refused(read(KeyRing([]), bundle), "set `signing.trusted_root`")


def test_a_good_signature_around_something_else_attests_nothing(ring: KeyRing, sigstore: LocalSigstore) -> None:
    whole = {**json.loads(STATEMENT), "predicateType": "https://in-toto.io/attestation/vulns/v0.1"}
    refused_kind = read(ring, sigstore.sign(json.dumps(whole).encode(), ANN.identity, ISSUER))
    assert refused_kind.attested == "invalid"
    assert "vulns/v0.1" in refused_kind.problem


def test_sigstore_is_not_imported_before_a_keyless_bundle_arrives() -> None:
    program = (
        "import sys, integrations.sigstore.verifier; sys.exit('sigstore.verify' in sys.modules or 'sigstore' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
