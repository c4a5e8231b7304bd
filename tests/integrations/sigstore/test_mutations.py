"""Every value of a bundle exchanged for every odd one: none of it raises, and none of it is believed but what says the same."""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from bot.core.policy.model import SignerRule
from bot.core.provenance.envelope import enclose
from bot.core.statement import render_statement
from integrations.sigstore.artifact import Artifact
from integrations.sigstore.key_check import check_with_key
from integrations.sigstore.keyless import KeylessVerifier
from integrations.sigstore.keys import fingerprint
from integrations.sigstore.signer import KeySigner
from integrations.sigstore.verifier import KeyRing
from tests.core.provenance.documents import least as document
from tests.core.test_statement import DECISION
from tests.integrations.sigstore.bundles import hashed_rekord, of_file, pem_of
from tests.local_sigstore.authority import new_key
from tests.local_sigstore.doors import wall_clock
from tests.local_sigstore.instance import LocalSigstore

ANN, ISSUER = "ann@acme.example", "https://issuer.acme.example"
KEY = new_key()
STATEMENT = render_statement(DECISION)
CONTENT = b"what was built\n"
FILE = Artifact("sha256", sha256(CONTENT).hexdigest(), CONTENT)
ODD: tuple[Any, ...] = (
    None,
    True,
    -1,
    1e300,
    "",
    "x",
    "\0",
    "\ud800",
    "9" * 30,
    "AAAA",
    [],
    [[]],
    [{}],
    {},
    {"rawBytes": "AAAA"},
)


@pytest.fixture(scope="module")
def sigstore() -> Iterator[LocalSigstore]:
    instance = LocalSigstore()
    instance.sign_file(b"x", ANN, ISSUER)
    yield instance
    instance.close()


@pytest.fixture(scope="module")
def root(sigstore: LocalSigstore, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sigstore.write_trusted_root(tmp_path_factory.mktemp("root") / "trusted_root.json")


def mutants(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Where it was changed, and the bundle: each value gone, and each value odd."""
    for path in list(_paths(json.loads(content))):
        for odd in (*ODD, ...):
            whole = json.loads(content)
            holder = whole
            for key in path[:-1]:
                holder = holder[key]
            if odd is ...:
                del holder[path[-1]]
            else:
                holder[path[-1]] = odd
            if whole != json.loads(content):
                yield "/".join(map(str, path)), json.dumps(whole).encode()


def _paths(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if at:
        yield at
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from _paths(inner, (*at, key))


def test_no_mutant_of_a_record_is_taken_for_another_record() -> None:
    ring = KeyRing([KEY.public_key()])
    believed = set()
    for path, content in mutants(KeySigner(KEY).sign(STATEMENT)):
        opened = ring.open_record(content)
        assert opened.payload in (b"", STATEMENT)
        assert bool(opened.problem_saw) is not bool(opened.payload)
        believed |= {path} if opened.payload else set()
    signed_over = {"verificationMaterial/tlogEntries", "dsseEnvelope/signatures/0/keyid"}
    assert believed == signed_over, "only what no signature covers may change"


def test_no_mutant_of_a_document_raises_or_attests_something_else() -> None:
    rule = SignerRule(key_sha256=fingerprint(KEY.public_key()))
    ring, commit = KeyRing([KEY.public_key()]), Artifact("gitCommit", DECISION.target.head_sha)
    for _, content in mutants(KeySigner(KEY).sign(enclose(document()))):
        found = ring.read_document(content, "a.json", (rule,))
        assert found.attested in ("none", "invalid", "organisation-key")
        assert found.attested != "organisation-key" or json.loads(found.payload) == document()
        assert "saw " in check_with_key(content, KEY.public_key(), commit, Path("none"))


def test_no_mutant_of_a_keys_bundle_raises(sigstore: LocalSigstore, root: Path) -> None:
    plain = of_file(KEY, CONTENT)
    logged = of_file(KEY, CONTENT, sigstore.log.listed(hashed_rekord(plain, pem_of(KEY)), wall_clock()))
    whole = json.loads(logged)
    whole["messageSignature"] = json.loads(plain)["messageSignature"]
    believed = set()
    for path, content in mutants(json.dumps(whole).encode()):
        problem = check_with_key(content, KEY.public_key(), FILE, root)
        assert not problem or (problem.startswith("saw ") and "; wanted " in problem and "\n" not in problem)
        believed |= set() if problem else {path}
    entry = "verificationMaterial/tlogEntries/0"
    may_go = {"verificationMaterial", "verificationMaterial/publicKey", "verificationMaterial/publicKey/hint"}
    without_log = {"verificationMaterial/tlogEntries", entry}
    unsaid = {"messageSignature/messageDigest", "messageSignature/messageDigest/digest"}
    time = {
        f"{entry}/logIndex",
        f"{entry}/integratedTime",
        f"{entry}/inclusionPromise",
        f"{entry}/logId",
        f"{entry}/logId/keyId",
    }
    assert believed <= may_go | without_log | unsaid | time


def test_no_mutant_of_a_persons_bundle_raises_or_names_somebody_else(sigstore: LocalSigstore, root: Path) -> None:
    verifier = KeylessVerifier(root)
    believed = set()
    for path, content in mutants(sigstore.sign(STATEMENT, ANN, ISSUER)):
        found = verifier.check_identity(content, ISSUER, ANN)
        assert (found.payload, found.signer) in ((b"", ""), (STATEMENT, f"{ANN} (by {ISSUER})"))
        assert bool(found.problem) is not bool(found.payload)
        believed |= {path} if found.payload else set()
    assert believed <= {
        "verificationMaterial/timestampVerificationData",
        "verificationMaterial/timestampVerificationData/rfc3161Timestamps",
    }
