"""Bundles of an instance that keeps no log, as GitHub's for private repositories: only timestamps prove the time there."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from bot.core.statement import render_statement
from integrations.sigstore.artifact import Artifact
from integrations.sigstore.keyless import KeylessResult, KeylessVerifier
from tests.core.test_statement import DECISION
from tests.integrations.sigstore.bundles import altered
from tests.local_sigstore.instance import LocalSigstore
from tests.local_sigstore.log import encoded
from tests.local_sigstore.stamps import Stamper

ANN, ISSUER = "ann@acme.example", "https://issuer.acme.example"
STATEMENT = render_statement(DECISION)
CONTENT = b"what was built\n"
FILE = Artifact("sha256", sha256(CONTENT).hexdigest(), CONTENT)


@pytest.fixture(scope="module")
def sigstore() -> Iterator[LocalSigstore]:
    instance = LocalSigstore()
    yield instance
    instance.close()


@pytest.fixture(scope="module")
def stamper(sigstore: LocalSigstore) -> Stamper:
    return Stamper(sigstore.since)


def unlogged(bundle: bytes, stamper: Stamper, late: timedelta = timedelta(0)) -> bytes:
    """The bundle as such an instance gives it: a timestamp in place of the log's entry."""
    whole = json.loads(bundle)
    (entry,) = whole["verificationMaterial"].pop("tlogEntries")
    at = datetime.fromtimestamp(int(entry["integratedTime"]), timezone(timedelta(0))) + late
    signed = (
        whole["dsseEnvelope"]["signatures"][0]["sig"] if "dsseEnvelope" in whole else whole["messageSignature"]["signature"]
    )
    stamp = {"signedTimestamp": encoded(stamper.stamp(base64.b64decode(signed), at))}
    whole["verificationMaterial"]["timestampVerificationData"] = {"rfc3161Timestamps": [stamp]}
    return json.dumps(whole).encode()


@pytest.fixture(scope="module")
def bundle(sigstore: LocalSigstore, stamper: Stamper) -> bytes:
    return unlogged(sigstore.sign(STATEMENT, ANN, ISSUER), stamper)


def verifier(folder: Path, sigstore: LocalSigstore, stamper: Stamper, **changed: Any) -> KeylessVerifier:
    root = {**sigstore.trusted_root(), "tlogs": [], "ctlogs": [], "timestampAuthorities": [stamper.listed()], **changed}
    (folder / "root.json").write_text(json.dumps(root))
    return KeylessVerifier(folder / "root.json")


def refused(found: KeylessResult, *says: str) -> None:
    assert (found.signer, found.payload) == ("", b"")
    for words in (*says, "saw ", "; wanted ", "; "):
        assert words in found.problem


def test_a_timestamp_is_enough_where_the_root_lists_no_log(
    sigstore: LocalSigstore, stamper: Stamper, bundle: bytes, tmp_path: Path
) -> None:
    check = verifier(tmp_path, sigstore, stamper)
    found = check.check_identity(bundle, ISSUER, ANN)
    assert (found.problem, found.payload, found.signer) == ("", STATEMENT, f"{ANN} (by {ISSUER})")
    file_bundle = unlogged(sigstore.sign_file(CONTENT, ANN, ISSUER), stamper)
    assert check.check_artifact(file_bundle, FILE, ISSUER, ANN).problem == ""
    refused(check.check_artifact(file_bundle, Artifact("sha256", "0" * 64), ISSUER, ANN), "the signature of another file")
    refused(check.check_identity(bundle, ISSUER, "bob@acme.example"), f"by {ANN} (by {ISSUER})", "wanted bob@acme.example")
    refused(check.check_identity(bundle, "https://evil.example", ANN), "(by https://evil.example)")


def test_where_the_root_lists_a_log_an_entry_stays_demanded(
    sigstore: LocalSigstore, stamper: Stamper, bundle: bytes, tmp_path: Path
) -> None:
    whole = sigstore.trusted_root()
    for listed in (
        {"tlogs": whole["tlogs"], "ctlogs": whole["ctlogs"]},
        {"tlogs": whole["tlogs"]},
        {"ctlogs": whole["ctlogs"]},
    ):
        check = verifier(tmp_path, sigstore, stamper, **listed)
        refused(check.check_identity(bundle, ISSUER, ANN), "without an entry of a transparency log")


def without_stamp(whole: Any) -> None:
    del whole["verificationMaterial"]["timestampVerificationData"]


def other_payload(whole: Any) -> None:
    whole["dsseEnvelope"]["payload"] = encoded(STATEMENT.replace(b"bob", b"eve"))


def other_certificate(whole: Any) -> None:
    whole["verificationMaterial"]["certificate"]["rawBytes"] = "MAA="


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (without_stamp, "neither a log entry nor a timestamp that proves its time"),
        (other_payload, "over other bytes"),
        (other_certificate, "a certificate that cannot be read"),
    ],
)
def test_each_fault_is_told(
    sigstore: LocalSigstore, stamper: Stamper, bundle: bytes, tmp_path: Path, change: Callable[[Any], object], says: str
) -> None:
    refused(verifier(tmp_path, sigstore, stamper).check_identity(altered(bundle, change), ISSUER, ANN), says)


def test_a_time_outside_the_certificates_few_minutes_is_refused(
    sigstore: LocalSigstore, stamper: Stamper, tmp_path: Path
) -> None:
    late = unlogged(sigstore.sign(STATEMENT, ANN, ISSUER), stamper, timedelta(hours=1))
    refused(verifier(tmp_path, sigstore, stamper).check_identity(late, ISSUER, ANN), "one made while it was valid")


def test_a_timestamp_of_somebody_else_proves_nothing(
    sigstore: LocalSigstore, stamper: Stamper, bundle: bytes, tmp_path: Path
) -> None:
    strange = unlogged(sigstore.sign(STATEMENT, ANN, ISSUER), Stamper(sigstore.since))
    refused(verifier(tmp_path, sigstore, stamper).check_identity(strange, ISSUER, ANN), "neither a log entry nor a timestamp")


def test_an_authority_counts_in_its_own_time_only(
    sigstore: LocalSigstore, stamper: Stamper, bundle: bytes, tmp_path: Path
) -> None:
    (authority,) = sigstore.trusted_root()["certificateAuthorities"]
    before = {**authority, "validFor": {**authority["validFor"], "end": sigstore.since.isoformat()}}
    refused(
        verifier(tmp_path, sigstore, stamper, certificateAuthorities=[before]).check_identity(bundle, ISSUER, ANN),
        "a trusted root with no authority for",
    )
    both = verifier(tmp_path, sigstore, stamper, certificateAuthorities=[before, authority])
    assert both.check_identity(bundle, ISSUER, ANN).payload == STATEMENT


def test_a_certificate_of_another_authority_is_refused(
    sigstore: LocalSigstore, stamper: Stamper, bundle: bytes, tmp_path: Path
) -> None:
    other = LocalSigstore()
    other.close()
    changed = {"certificateAuthorities": other.trusted_root()["certificateAuthorities"]}
    found = verifier(tmp_path, sigstore, stamper, **changed).check_identity(bundle, ISSUER, ANN)
    refused(found, "no root of the trusted ones vouches for", "one that leads to a root of the trusted root")
