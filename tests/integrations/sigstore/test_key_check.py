"""Bundles checked with a key: files and statements, with and without an entry of a log, and each way in which one is not."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from integrations.sigstore.artifact import MAX_SUBJECTS, Artifact, BadArtifact, read_artifact
from integrations.sigstore.key_check import check_with_key
from integrations.sigstore.signatures import PrivateKey
from tests.integrations.sigstore.bundles import (
    altered,
    dsse,
    hashed_rekord,
    hashed_rekord_2,
    in_toto,
    of_file,
    of_statement,
    pem_of,
    statement,
)
from tests.local_sigstore.authority import new_key
from tests.local_sigstore.doors import wall_clock
from tests.local_sigstore.instance import LocalSigstore

KEY, OTHER = new_key(), new_key()
CONTENT = b"what was built\n"
DIGEST = sha256(CONTENT).hexdigest()
FILE = Artifact("sha256", DIGEST, CONTENT)
COMMIT = Artifact("gitCommit", "c" * 40)
SIGNED_FILE = of_file(KEY, CONTENT)
SIGNED = of_statement(KEY, statement(gitCommit="c" * 40, sha256=DIGEST))
NOWHERE = Path("/nonexistent/trusted_root.json")
KINDS: list[PrivateKey] = [
    KEY,
    ec.generate_private_key(ec.SECP384R1()),
    ed25519.Ed25519PrivateKey.generate(),
    rsa.generate_private_key(65537, 2048),
]


def check(bundle: bytes, artifact: Artifact = FILE, key: PrivateKey = KEY, root: Path = NOWHERE) -> str:
    return check_with_key(bundle, key.public_key(), artifact, root)


@pytest.mark.parametrize("key", KINDS, ids=lambda key: type(key).__name__)
def test_a_file_and_a_statement_hold_under_every_kind_of_key(key: PrivateKey) -> None:
    assert check(of_file(key, CONTENT), key=key) == ""
    assert check(of_statement(key, statement(sha256=DIGEST)), key=key) == ""


@pytest.mark.parametrize("artifact", [FILE, Artifact("sha256", DIGEST), COMMIT])
def test_a_statement_is_about_each_digest_of_its_subjects(artifact: Artifact) -> None:
    assert check(SIGNED, artifact) == ""


def test_a_digest_alone_will_do_where_the_key_signs_sha256() -> None:
    alone = Artifact("sha256", DIGEST)
    for key in KINDS:
        found = check(of_file(key, CONTENT), alone, key)
        fits = isinstance(key, rsa.RSAPrivateKey) or key is KEY
        assert ("wanted the file itself" in found) is not fits
        assert (found == "") is fits
    assert "did not make" in check(SIGNED_FILE, alone, OTHER)


@pytest.mark.parametrize(
    ("bundle", "artifact", "key", "says"),
    [
        (SIGNED_FILE, FILE, OTHER, "did not make over these bytes (the bundle names ahintisahint)"),
        (SIGNED, COMMIT, OTHER, "did not make over these bytes"),
        (SIGNED_FILE, Artifact("sha256", sha256(b"x").hexdigest(), b"x"), KEY, "the signature of another file (sha256:"),
        (SIGNED_FILE, COMMIT, KEY, f"the signature of a file, and {COMMIT}"),
        (SIGNED, Artifact("gitCommit", "d" * 40), KEY, f"about gitCommit:{'c' * 40}; wanted gitCommit:{'d' * 40}"),
        (SIGNED, Artifact("sha256", "1" * 64), KEY, f"about sha256:{'0' * 64} and 1 more; wanted"),
        (SIGNED, Artifact("gitTree", "c" * 40), KEY, "about no gitTree digest"),
        (of_statement(KEY, b"{}", kind="text/plain"), FILE, KEY, "signed bytes of the type 'text/plain'"),
        (of_statement(KEY, b"[]"), FILE, KEY, "signed JSON of another kind"),
        (of_statement(KEY, b"\xff"), FILE, KEY, "signed bytes that are no JSON"),
        (of_statement(KEY, b"[" * 100_000), FILE, KEY, "signed bytes that are no JSON"),
        (of_statement(KEY, statement(sha256=DIGEST).replace(b"Statement/v1", b"Statement/v9")), FILE, KEY, "another kind"),
        (of_statement(KEY, statement(**{f"x{at}": "1" for at in range(40)}, sha256=DIGEST)), FILE, KEY, "and 1 more"),
        (b"{}", FILE, KEY, "media type"),
    ],
)  # fmt: skip
def test_each_fault_is_told_in_one_line(bundle: bytes, artifact: Artifact, key: PrivateKey, says: str) -> None:
    found = check(bundle, artifact, key)
    if says == "and 1 more":  # a subject of too many digests counts as none
        assert found.startswith(f"saw a statement about sha256:{'0' * 64}; wanted {artifact}")
    else:
        assert says in found
    for word in ("saw ", "; wanted ", "; "):
        assert word in found
    assert "\n" not in found


def test_too_many_subjects_are_not_searched() -> None:
    whole = json.loads(statement(sha256=DIGEST))
    whole["subject"] *= MAX_SUBJECTS
    found = check(of_statement(KEY, json.dumps(whole).encode()))
    assert found.startswith("saw 2,048 subjects; wanted at most 1,024")


def altering() -> Iterator[tuple[str, Callable[[Any], object]]]:
    yield "signature", lambda whole: whole["dsseEnvelope"]["signatures"][0].update(sig="AAAA")
    yield "payload", lambda whole: whole["dsseEnvelope"].update(payload="e30=")
    yield "payload type", lambda whole: whole["dsseEnvelope"].update(payloadType="application/json")


@pytest.mark.parametrize("change", [pytest.param(change, id=name) for name, change in altering()])
def test_an_envelope_altered_in_any_part_is_not_the_keys(change: Callable[[Any], object]) -> None:
    assert "did not make over these bytes" in check(altered(SIGNED, change), COMMIT)


def test_a_certificate_in_place_of_a_hint_changes_nothing_about_the_key(sigstore: LocalSigstore) -> None:
    keyless = sigstore.sign_file(CONTENT, "ann@acme.example", "https://issuer.acme.example")
    assert "(the bundle names a certificate)" in check(keyless)


@pytest.fixture(scope="module")
def sigstore() -> Iterator[LocalSigstore]:
    instance = LocalSigstore()
    instance.sign_file(b"x", "someone@else.example", "https://issuer.acme.example")  # so that a proof has a path
    yield instance
    instance.close()


@pytest.fixture(scope="module")
def root(sigstore: LocalSigstore, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sigstore.write_trusted_root(tmp_path_factory.mktemp("root") / "trusted_root.json")


ENTRIES: dict[str, tuple[bytes, Callable[[bytes, PrivateKey], dict[str, Any]]]] = {
    "hashedrekord 0.0.1": (SIGNED_FILE, lambda bundle, key: hashed_rekord(bundle, pem_of(key))),
    "hashedrekord 0.0.2 of a file": (SIGNED_FILE, hashed_rekord_2),
    "hashedrekord 0.0.2 of an envelope": (SIGNED, hashed_rekord_2),
    "dsse 0.0.1": (SIGNED, lambda bundle, key: dsse(bundle, pem_of(key))),
    "intoto 0.0.2": (SIGNED, lambda bundle, key: in_toto(bundle, pem_of(key))),
}


def logged(sigstore: LocalSigstore, bundle: bytes, *entries: dict[str, Any]) -> bytes:
    listed = [sigstore.log.listed(one, wall_clock()) for one in entries]
    return altered(bundle, lambda whole: whole["verificationMaterial"].update(tlogEntries=listed))


@pytest.mark.parametrize("kind", ENTRIES)
def test_an_entry_of_each_kind_holds_where_it_is_of_this_signature(sigstore: LocalSigstore, root: Path, kind: str) -> None:
    bundle, entry = ENTRIES[kind]
    assert check(logged(sigstore, bundle, entry(bundle, KEY)), root=root) == ""
    assert check(logged(sigstore, bundle, entry(bundle, KEY), entry(bundle, KEY)), root=root) == ""


@pytest.mark.parametrize("kind", ENTRIES)
def test_an_entry_of_something_else_is_refused_by_name(sigstore: LocalSigstore, root: Path, kind: str) -> None:
    bundle, entry = ENTRIES[kind]
    again = of_file(KEY, CONTENT) if bundle is SIGNED_FILE else of_statement(KEY, statement(gitCommit="c" * 40, sha256=DIGEST))
    other = of_file(KEY, b"y") if bundle is SIGNED_FILE else of_statement(KEY, statement(gitCommit="d" * 40))
    for entered, says in (
        (entry(bundle, OTHER), "saw an entry of another key"),
        (entry(again, KEY), "saw an entry of another signature"),
        (entry(other, KEY), "saw an entry of another content"),
    ):
        found = check(logged(sigstore, bundle, entered), root=root)
        assert found.startswith(f"{says}; wanted one of this signature in a log of the trusted root; ask")
        assert says in check(logged(sigstore, bundle, entry(bundle, KEY), entered), root=root)


def test_an_entry_of_another_kind_is_refused(sigstore: LocalSigstore, root: Path) -> None:
    entry = hashed_rekord(SIGNED_FILE, pem_of(KEY))
    for strange in ({**entry, "kind": "rpm"}, {**entry, "apiVersion": "0.0.9"}, dsse(SIGNED, pem_of(KEY))):
        assert "saw an entry of the kind " in check(logged(sigstore, SIGNED_FILE, strange), root=root)


def test_an_entry_that_calls_itself_otherwise_is_refused(sigstore: LocalSigstore, root: Path) -> None:
    bundle = logged(sigstore, SIGNED, in_toto(SIGNED, pem_of(KEY)))

    def change(whole: Any) -> None:
        whole["verificationMaterial"]["tlogEntries"][0]["kindVersion"] = {"kind": "dsse", "version": "0.0.1"}

    assert "calls itself of another kind" in check(altered(bundle, change), root=root)


@pytest.mark.parametrize(
    "spec",
    [
        {},
        {"content": []},
        {"content": {"payloadHash": {}}},
        {"content": {"payloadHash": None, "envelope": {"signatures": "x"}}},
    ],
)
def test_an_entry_that_cannot_be_read_is_refused(sigstore: LocalSigstore, root: Path, spec: dict[str, Any]) -> None:
    entry = {"apiVersion": "0.0.2", "kind": "intoto", "spec": spec}
    assert "saw an entry that cannot be read" in check(logged(sigstore, SIGNED, entry), root=root)


def test_an_entry_of_a_log_that_the_root_does_not_list_is_refused(root: Path) -> None:
    other = LocalSigstore()
    bundle = logged(other, SIGNED_FILE, hashed_rekord(SIGNED_FILE, pem_of(KEY)))
    other.close()
    assert "no log of the trusted root vouches for" in check(bundle, root=root)


@pytest.mark.parametrize("part", ["rootHash", "checkpoint", "signedEntryTimestamp", "canonicalizedBody", "inclusionProof"])
def test_an_entry_altered_in_any_part_is_refused(sigstore: LocalSigstore, root: Path, part: str) -> None:
    def change(whole: Any) -> None:
        entry = whole["verificationMaterial"]["tlogEntries"][0]
        proof = entry["inclusionProof"]
        if part == "inclusionProof":
            del entry[part]
        elif part == "checkpoint":
            proof["checkpoint"]["envelope"] = proof["checkpoint"]["envelope"].replace("log.local", "log.other", 1)
        else:
            holder = {"rootHash": proof, "signedEntryTimestamp": entry["inclusionPromise"]}.get(part, entry)
            holder[part] = "AAAA" + holder[part][4:]

    bundle = logged(sigstore, SIGNED_FILE, hashed_rekord(SIGNED_FILE, pem_of(KEY)))
    assert check(bundle, root=root) == ""
    assert "no log of the trusted root vouches for" in check(altered(bundle, change), root=root)


def test_a_root_is_read_only_where_there_is_an_entry_and_then_must_be_one(sigstore: LocalSigstore, tmp_path: Path) -> None:
    assert check(SIGNED_FILE, root=NOWHERE) == ""
    bundle = logged(sigstore, SIGNED_FILE, hashed_rekord(SIGNED_FILE, pem_of(KEY)))
    assert f"saw {NOWHERE}, which cannot be read" in check(bundle, root=NOWHERE)


def test_artifacts_are_named_by_path_or_digest(tmp_path: Path) -> None:
    path = tmp_path / "built"
    path.write_bytes(CONTENT)
    assert read_artifact(str(path)) == FILE
    for name, digits in (("sha256", 64), ("sha1", 40), ("gitCommit", 40), ("gitCommit", 64), ("gitTree", 40)):
        assert read_artifact(f"{name}:{'a' * digits}") == Artifact(name, "a" * digits)


@pytest.mark.parametrize(
    "text", ["", "none", "sha256:abc", "sha256:" + "A" * 64, "sha1:" + "a" * 64, "md5:" + "a" * 40, "a\0b"]
)
def test_what_is_neither_path_nor_digest_is_refused(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadArtifact, match=r"saw .*; wanted a file, or `sha256:` and 64 hex digits.*; name what was signed"):
        read_artifact(text)
