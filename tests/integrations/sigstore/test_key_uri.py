"""Keys by URI: every kind of key in a file, one that never leaves its home, and each way in which a URI cannot be used."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from securesystemslib.dsse import Envelope as OtherEnvelope
from securesystemslib.signer._key import SSlibKey
from securesystemslib.signer._signer import SIGNER_FOR_URI_SCHEME

from bot.core.approval import Approval
from bot.core.statement import render_statement
from bot.ports.errors import Refused, Unavailable
from integrations.sigstore.bundle import read_bundle
from integrations.sigstore.key_uri import open_signer
from integrations.sigstore.keys import BadKey, fingerprint, make_key, public_pem, read_public_key
from integrations.sigstore.signatures import RSA_SCHEMES, PrivateKey
from integrations.sigstore.signer import KeySigner
from integrations.sigstore.verifier import KeyRing
from tests.core.test_statement import DECISION
from tests.integrations.sigstore.transit import SCHEME, TOKEN, Transit, TransitSigner

STATEMENT = render_statement(DECISION)
CHANGE = DECISION.target.change
RSA_KEY = rsa.generate_private_key(65537, 2048)
KINDS: dict[str, tuple[PrivateKey, str]] = {
    "p256": (ec.generate_private_key(ec.SECP256R1()), "ecdsa-sha2-nistp256"),
    "p384": (ec.generate_private_key(ec.SECP384R1()), "ecdsa-sha2-nistp384"),
    "p521": (ec.generate_private_key(ec.SECP521R1()), "ecdsa-sha2-nistp521"),
    "ed25519": (ed25519.Ed25519PrivateKey.generate(), "ed25519"),
    **{scheme: (RSA_KEY, scheme) for scheme in RSA_SCHEMES},
}


def written(key: PrivateKey, path: Path) -> Path:
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    path.write_bytes(key.private_bytes(encoding, form, serialization.NoEncryption()))
    path.chmod(0o600)
    return path


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_key_signs_what_the_ring_and_another_implementation_verify(tmp_path: Path, kind: str) -> None:
    key, scheme = KINDS[kind]
    parameter = f"&scheme={scheme}" if scheme in RSA_SCHEMES else ""
    signer = open_signer(f"file:{written(key, tmp_path / 'a key.pem')}?encrypted=false{parameter}")
    bundle, name = signer.sign(STATEMENT), fingerprint(key.public_key())
    assert signer.key_sha256 == name
    assert isinstance(KeyRing([key.public_key()]).read_approval(bundle, CHANGE), Approval)
    envelope = read_bundle(bundle)
    other = OtherEnvelope(envelope.payload, envelope.payload_type, {})
    known = SSlibKey.from_crypto(key.public_key(), name, scheme)
    known._verify(envelope.signature, other.pae())


@pytest.mark.parametrize("uri", ["{}", "file:{}", "file:{}?encrypted=false", "file://{}", "file2:{}"])
def test_a_path_and_its_uris_are_the_same_key(tmp_path: Path, uri: str) -> None:
    made = make_key(tmp_path / "signing.pem")
    assert open_signer(uri.format(tmp_path / "signing.pem")).key_sha256 == fingerprint(made.public_key())


def test_a_path_may_hold_what_a_uri_may_not(tmp_path: Path) -> None:
    path = tmp_path / "a:key?100%#1.pem"
    made = make_key(path)
    assert open_signer(path).key_sha256 == fingerprint(made.public_key())
    assert open_signer(path).key_sha256 == open_signer(f"file:{quote(str(path))}").key_sha256


def test_the_public_half_of_every_kind_can_be_read_back() -> None:
    for key, _ in KINDS.values():
        assert fingerprint(read_public_key(public_pem(key.public_key()), "x.pub")) == fingerprint(key.public_key())


def test_a_short_rsa_key_and_a_strange_curve_are_refused(tmp_path: Path) -> None:
    for key in (rsa.generate_private_key(65537, 1024), ec.generate_private_key(ec.SECP256K1())):
        with pytest.raises(BadKey, match="wanted ECDSA on P-256, P-384 or P-521, Ed25519, or RSA of 2048 bits"):
            open_signer(str(written(key, tmp_path / "odd.pem")))
        with pytest.raises(BadKey, match="another kind of key"):
            read_public_key(public_pem(key.public_key()), "odd.pub")


@pytest.mark.parametrize(
    ("uri", "says"),
    [
        ("awskms:alias/signing?public-key=KEY", r"saw awskms:alias/signing without its library.*securesystemslib\[awskms\]"),
        ("gcpkms:projects/p/cryptoKeyVersions/1", r"securesystemslib\[gcpkms\]"),
        ("azurekms://acme.vault.azure.net/keys/signing/1", r"securesystemslib\[azurekms\]"),
        ("hv:signing/3", r"securesystemslib\[vault\]"),
        ("hsm:2?label=signing", r"securesystemslib\[hsm\]"),
        ("gnupg:ABCDEF", "saw the scheme 'gnupg' of a key URI; wanted a path or one of file:, hsm:, awskms:"),
        ("ftp:key", "saw the scheme 'ftp'"),
        (f"{SCHEME}:1/signing/1", r"without its public half; wanted `\?public-key=PATH`"),
        (f"{SCHEME}:1/signing/1?public-key=NONE", "saw public-key=.*No such file"),
        (f"{SCHEME}:1/signing/1?public-key=KEY", r"ask for its token; wanted `\?pin-source=PATH`"),
        (f"{SCHEME}:1/signing/1?public-key=KEY&pin-source=NONE", "no readable file at pin-source="),
        (f"{SCHEME}:1/signing/1?public-key=KEY&pin-source=OPEN", "mode 0644; wanted 0600"),
        (f"{SCHEME}:1?public-key=KEY&pin-source=PIN", r"refuse to be used \(ValueError\)"),
        ("file:PRIVATE?encrypted=true", "wanted an unencrypted PEM file"),
        ("file:PRIVATE?scheme=rsa-md5", "saw scheme=rsa-md5"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("scheme")
def test_each_uri_that_cannot_be_used_says_why_and_what_to_do(tmp_path: Path, uri: str, says: str) -> None:
    key = make_key(tmp_path / "PRIVATE")
    (tmp_path / "KEY").write_bytes(public_pem(key.public_key()))
    for name, mode in (("PIN", 0o600), ("OPEN", 0o644)):
        (tmp_path / name).write_text(TOKEN)
        (tmp_path / name).chmod(mode)
    for name in ("PRIVATE", "KEY", "NONE", "PIN", "OPEN"):
        uri = uri.replace(f"={name}", f"={tmp_path / name}").replace(f":{name}", f":{tmp_path / name}")
    with pytest.raises(BadKey, match=says) as refused:
        open_signer(uri)
    assert TOKEN not in str(refused.value)


@pytest.fixture
def scheme(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SIGNER_FOR_URI_SCHEME, SCHEME, TransitSigner)


@pytest.fixture
def transit(scheme: None) -> Iterator[Transit]:
    running = Transit()
    yield running
    running.close()


def remote(transit: Transit, folder: Path, version: int) -> str:
    (folder / "token").write_text(f"{TOKEN}\n")
    (folder / "token").chmod(0o600)
    half = folder / f"{version}.pub"
    half.write_bytes(public_pem(transit.keys["signing"][version - 1].public_key()))
    return f"{SCHEME}:{transit.port}/signing/{version}?public-key={half}&pin-source={folder / 'token'}"


def test_a_key_that_never_leaves_its_home_signs_there(transit: Transit, tmp_path: Path) -> None:
    key = transit.rotate("signing")
    signer = open_signer(remote(transit, tmp_path, 1))
    assert signer.key_sha256 == fingerprint(key.public_key())
    assert isinstance(KeyRing([signer.public_key]).read_approval(signer.sign(STATEMENT), CHANGE), Approval)
    assert TOKEN not in repr(signer)


def test_a_home_that_does_not_answer_is_unavailable(transit: Transit, tmp_path: Path) -> None:
    transit.rotate("signing")
    signer = open_signer(remote(transit, tmp_path, 1))
    transit.sealed = True
    with pytest.raises(Unavailable, match=r"saw no signature from the key of `signing.key_uri` \(HTTPError\)"):
        signer.sign(STATEMENT)


def test_a_key_exchanged_behind_its_name_signs_nothing(transit: Transit, tmp_path: Path) -> None:
    transit.rotate("signing")
    signer = open_signer(remote(transit, tmp_path, 1))
    transit.keys["signing"][0] = ed25519.Ed25519PrivateKey.generate()
    with pytest.raises(Refused, match="saw a signature that is not by key"):
        signer.sign(STATEMENT)


def test_a_rotation_takes_no_approval_away(transit: Transit, tmp_path: Path) -> None:
    """From a file to a vault, and there from one version to the next."""
    first = make_key(tmp_path / "signing.pem")
    old = KeySigner(first).sign(STATEMENT)
    transit.rotate("signing")
    second = open_signer(remote(transit, tmp_path, 1))
    middle = second.sign(STATEMENT)
    transit.rotate("signing")
    third = open_signer(remote(transit, tmp_path, 2))
    new = third.sign(STATEMENT)
    ring = KeyRing([third.public_key, first.public_key(), second.public_key])
    for bundle, key in ((old, fingerprint(first.public_key())), (middle, second.key_sha256), (new, third.key_sha256)):
        opened = ring.open_record(bundle)
        assert (opened.payload, opened.signer, opened.problem_saw) == (STATEMENT, f"key {key[:16]}", "")
    forgotten = KeyRing([third.public_key, second.public_key]).open_record(old)
    assert (forgotten.payload, forgotten.problem_wanted) == (b"", "a key of this organisation")


def test_no_library_of_a_vendor_is_imported_for_a_key_in_a_file() -> None:
    program = "import sys, integrations.sigstore.key_uri; sys.exit('securesystemslib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
