"""Bundles checked for one identity: of a reviewer over a statement, of anybody over a file, letter by letter."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from bot.core.statement import render_statement
from integrations.sigstore.artifact import Artifact
from integrations.sigstore.keyless import KeylessResult, KeylessVerifier, ReviewerCheck
from integrations.sigstore.roots import PUBLIC, STAGING, embedded_root
from tests.core.test_statement import DECISION
from tests.integrations.sigstore.bundles import altered, in_toto, of_statement
from tests.local_sigstore.authority import new_key
from tests.local_sigstore.instance import LocalSigstore
from tests.local_sigstore.log import encoded
from tests.local_sigstore.stamps import Stamper

ANN, ISSUER = "ann@acme.example", "https://issuer.acme.example"
STATEMENT = render_statement(DECISION)
CONTENT = b"what was built\n"
FILE = Artifact("sha256", sha256(CONTENT).hexdigest(), CONTENT)
COMMIT = Artifact("gitCommit", DECISION.target.head_sha)


@pytest.fixture(scope="module")
def sigstore() -> Iterator[LocalSigstore]:
    instance = LocalSigstore()
    instance.sign(STATEMENT, "someone@else.example", ISSUER)
    yield instance
    instance.close()


@pytest.fixture(scope="module")
def verifier(sigstore: LocalSigstore, tmp_path_factory: pytest.TempPathFactory) -> KeylessVerifier:
    return KeylessVerifier(sigstore.write_trusted_root(tmp_path_factory.mktemp("root") / "trusted_root.json"))


@pytest.fixture(scope="module")
def bundle(sigstore: LocalSigstore) -> bytes:
    return sigstore.sign(STATEMENT, ANN, ISSUER)


@pytest.fixture(scope="module")
def file_bundle(sigstore: LocalSigstore) -> bytes:
    return sigstore.sign_file(CONTENT, ANN, ISSUER)


def refused(found: KeylessResult, *says: str) -> None:
    assert (found.signer, found.payload) == ("", b"")
    for words in (*says, "saw ", "; wanted ", "; "):
        assert words in found.problem
    assert found.problem.isprintable()


def test_a_reviewers_own_signature_over_git_digests_is_believed(verifier: KeylessVerifier, bundle: bytes) -> None:
    found = verifier.check_identity(bundle, ISSUER, ANN)
    assert (found.problem, found.payload, found.signer) == ("", STATEMENT, f"{ANN} (by {ISSUER})")
    assert b"gitCommit" in found.payload


@pytest.mark.parametrize(
    ("issuer", "identity", "wanted"),
    [
        (ISSUER, "bob@acme.example", f"wanted bob@acme.example (by {ISSUER})"),
        ("https://issuer.evil.example", ANN, f"wanted {ANN} (by https://issuer.evil.example)"),
        (ISSUER, ANN.upper(), "wanted ANN@ACME.EXAMPLE"),
        (ISSUER, "*", "wanted * (by"),
        (ISSUER, "", "wanted an identity (by"),
        ("", ANN, "(by an issuer)"),
        (f"{ISSUER}/", ANN, f"(by {ISSUER}/)"),
    ],
)
def test_another_identity_or_issuer_is_named_and_so_is_who_signed(
    verifier: KeylessVerifier, bundle: bytes, issuer: str, identity: str, wanted: str
) -> None:
    refused(verifier.check_identity(bundle, issuer, identity), f"a keyless signature by {ANN} (by {ISSUER})", wanted)


def without_entry(whole: Any) -> None:
    whole["verificationMaterial"]["tlogEntries"] = []


def other_payload(whole: Any) -> None:
    whole["dsseEnvelope"]["payload"] = encoded(STATEMENT.replace(b"bob", b"eve"))


def hint(whole: Any) -> None:
    whole["verificationMaterial"] = {**whole["verificationMaterial"], "publicKey": {"hint": "x"}, "certificate": None}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (without_entry, "without an entry of a transparency log"),
        (other_payload, "over other bytes"),
        (hint, "a signature that names a key; wanted a certificate of the identity"),
        (lambda whole: whole.update(mediaType="x"), "saw media type 'x'"),
    ],
)  # fmt: skip
def test_each_fault_of_a_bundle_is_told(
    verifier: KeylessVerifier, bundle: bytes, change: Callable[[Any], object], says: str
) -> None:
    refused(verifier.check_identity(altered(bundle, change), ISSUER, ANN), says)


def test_a_key_written_twice_is_refused_before_sigstore_picks_one(verifier: KeylessVerifier, bundle: bytes) -> None:
    twice = bundle.replace(b'"payload":', b'"payload":"e30=","payload":', 1)
    assert twice != bundle
    refused(verifier.check_identity(twice, ISSUER, ANN), "saw the key 'payload' twice")


def test_the_signature_of_a_file_is_no_statement(verifier: KeylessVerifier, file_bundle: bytes) -> None:
    refused(verifier.check_identity(file_bundle, ISSUER, ANN), "an in-toto statement in a DSSE envelope")


def test_without_a_trusted_root_no_reviewer_is_believed(bundle: bytes) -> None:
    refused(KeylessVerifier(None).check_identity(bundle, ISSUER, ANN), "set `signing.trusted_root`")


def test_a_reviewer_signs_exactly_the_statement_asked_for(verifier: KeylessVerifier, bundle: bytes) -> None:
    check = ReviewerCheck(verifier)
    assert check.check_identity(bundle, STATEMENT, ISSUER, ANN).problem == ""
    other = check.check_identity(bundle, STATEMENT + b" ", ISSUER, ANN).problem
    assert other.startswith(f"saw a good signature by {ANN} (by {ISSUER}) over another statement; wanted the one asked for; ")
    assert "wanted bob@acme.example" in check.check_identity(bundle, STATEMENT, ISSUER, "bob@acme.example").problem


@pytest.mark.parametrize("artifact", [FILE, Artifact("sha256", FILE.digest)])
def test_a_file_holds_by_content_or_digest(verifier: KeylessVerifier, file_bundle: bytes, artifact: Artifact) -> None:
    assert verifier.check_artifact(file_bundle, artifact, ISSUER, ANN) == KeylessResult(f"{ANN} (by {ISSUER})")


def test_a_statement_holds_for_its_commit(verifier: KeylessVerifier, bundle: bytes) -> None:
    assert verifier.check_artifact(bundle, COMMIT, ISSUER, ANN).problem == ""
    refused(verifier.check_artifact(bundle, Artifact("gitCommit", "0" * 40), ISSUER, ANN), f"about {COMMIT}; wanted")
    refused(verifier.check_artifact(bundle, FILE, ISSUER, ANN), "about no sha256 digest")


def test_another_file_and_another_person_are_refused(verifier: KeylessVerifier, file_bundle: bytes) -> None:
    refused(verifier.check_artifact(file_bundle, Artifact("sha256", "0" * 64), ISSUER, ANN), "does not verify")
    refused(verifier.check_artifact(file_bundle, COMMIT, ISSUER, ANN), f"the signature of a file, and {COMMIT}")
    refused(verifier.check_artifact(file_bundle, FILE, ISSUER, "bob@acme.example"), "wanted bob@acme.example")
    refused(verifier.check_artifact(b"{}", FILE, ISSUER, ANN), "media type")


def relogged(sigstore: LocalSigstore, bundle: bytes, **other: Any) -> bytes:
    """The bundle with an `intoto` entry of Rekor v1 in place of its own. `other` goes over the entry's one signature."""
    whole = json.loads(bundle)
    own = whole["verificationMaterial"]["tlogEntries"][0]
    entry = in_toto(bundle, certificate_of(whole))
    entry["spec"]["content"]["envelope"]["signatures"][0].update(other)
    at = datetime.fromtimestamp(int(own["integratedTime"]), timezone(timedelta(0)))
    whole["verificationMaterial"]["tlogEntries"] = [sigstore.log.listed(entry, at)]
    return json.dumps(whole).encode()


def certificate_of(whole: Any) -> str:
    der = base64.b64decode(whole["verificationMaterial"]["certificate"]["rawBytes"])
    return encoded(x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM))


def test_an_older_kind_of_entry_proves_the_same(sigstore: LocalSigstore, verifier: KeylessVerifier, bundle: bytes) -> None:
    found = verifier.check_identity(relogged(sigstore, bundle), ISSUER, ANN)
    assert (found.problem, found.payload) == ("", STATEMENT)


def test_an_older_entry_of_something_else_is_refused(sigstore: LocalSigstore, verifier: KeylessVerifier, bundle: bytes) -> None:
    again = json.loads(sigstore.sign(STATEMENT, ANN, ISSUER))
    sig = encoded(again["dsseEnvelope"]["signatures"][0]["sig"].encode())
    refused(verifier.check_identity(relogged(sigstore, bundle, sig=sig), ISSUER, ANN), "an entry of another signature")
    other = certificate_of(again)
    refused(verifier.check_identity(relogged(sigstore, bundle, publicKey=other), ISSUER, ANN), "an entry of another key")
    content = altered(relogged(sigstore, bundle), other_payload)
    refused(verifier.check_identity(content, ISSUER, ANN), "over other bytes")


def test_an_older_entry_out_of_time_or_without_promise_is_refused(
    sigstore: LocalSigstore, verifier: KeylessVerifier, bundle: bytes
) -> None:
    def late(whole: Any) -> None:
        own = whole["verificationMaterial"]["tlogEntries"][0]
        own["integratedTime"] = str(int(own["integratedTime"]) + 3600)

    def unpromised(whole: Any) -> None:
        del whole["verificationMaterial"]["tlogEntries"][0]["inclusionPromise"]

    def moved(whole: Any) -> None:
        own = whole["verificationMaterial"]["tlogEntries"][0]
        own["integratedTime"] = str(int(own["integratedTime"]) + 1)

    old = relogged(sigstore, bundle)
    refused(verifier.check_identity(altered(old, late), ISSUER, ANN), "not valid when the log took the signature")
    refused(verifier.check_identity(altered(old, unpromised), ISSUER, ANN), "a bundle that is not whole")
    refused(verifier.check_identity(altered(old, moved), ISSUER, ANN), "invalid log entry: SET")


def stamped(bundle: bytes, stamper: Stamper) -> tuple[bytes, datetime]:
    """The bundle with its time told by a timestamp alone."""
    whole = json.loads(bundle)
    (entry,) = whole["verificationMaterial"]["tlogEntries"]
    at = datetime.fromtimestamp(int(entry["integratedTime"]), timezone(timedelta(0)))
    del entry["inclusionPromise"]
    stamp = stamper.stamp(base64.b64decode(whole["dsseEnvelope"]["signatures"][0]["sig"]), at)
    whole["verificationMaterial"]["timestampVerificationData"] = {"rfc3161Timestamps": [{"signedTimestamp": encoded(stamp)}]}
    return json.dumps(whole).encode(), at


@pytest.mark.parametrize("older", [False, True])
def test_a_timestamp_counts_to_the_very_end_of_its_authoritys_time_and_not_beyond(
    sigstore: LocalSigstore, bundle: bytes, tmp_path: Path, older: bool
) -> None:
    stamper = Stamper(sigstore.since)
    content, at = stamped(relogged(sigstore, bundle) if older else bundle, stamper)
    for end, fits in ((at, True), (at - timedelta(microseconds=1), False), (at + timedelta(days=1), True)):
        root = {**sigstore.trusted_root(), "timestampAuthorities": [stamper.listed(end=end.isoformat())]}
        (tmp_path / "root.json").write_text(json.dumps(root))
        found = KeylessVerifier(tmp_path / "root.json").check_identity(content, ISSUER, ANN)
        assert (found.payload == STATEMENT) is fits
        assert ("not enough sources of verified time" in found.problem) is not fits


def test_a_timestamp_without_an_authority_to_check_it_is_refused(
    sigstore: LocalSigstore, verifier: KeylessVerifier, bundle: bytes
) -> None:
    for content in (bundle, relogged(sigstore, bundle)):
        refused(verifier.check_identity(stamped(content, Stamper(sigstore.since))[0], ISSUER, ANN), "imestamp")


def test_a_bundle_of_a_key_is_no_bundle_of_a_person(sigstore: LocalSigstore, verifier: KeylessVerifier) -> None:
    key = new_key()
    content = of_statement(key, STATEMENT)
    refused(verifier.check_identity(content, ISSUER, ANN), "a signature that names a key")
    refused(verifier.check_artifact(content, COMMIT, ISSUER, ANN), "a signature that names a key")


@pytest.mark.parametrize("url", [PUBLIC, STAGING])
def test_the_public_roots_lie_where_the_pinned_release_keeps_them(url: str, bundle: bytes) -> None:
    refused(KeylessVerifier(embedded_root(url)).check_identity(bundle, ISSUER, ANN), "no authority of the trusted root")
