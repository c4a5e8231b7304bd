"""Organisation keys in files: ECDSA on P-256 where `llmgate init` makes one, any of the kinds in `signatures` where it is read.

A key is named by the SHA-256 of its public half's DER SubjectPublicKeyInfo, in hex: that is the `keyid` of a signature and
the key hint of a bundle. Keys elsewhere (KMS, HSM, Vault) are opened by their URI, in `key_uri`.
"""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from integrations.sigstore.signatures import PrivateKey, PublicKey, is_fit

KINDS = "ECDSA on P-256, P-384 or P-521, Ed25519, or RSA of 2048 bits or more"


class BadKey(ValueError):
    """The key cannot be used; the message names what was seen, what was wanted and what to do."""


def fingerprint(key: PublicKey) -> str:
    """SHA-256 hex of the DER SubjectPublicKeyInfo."""
    der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).hexdigest()


def make_key(path: Path) -> ec.EllipticCurvePrivateKey:
    """Write a new private key (mode 0600) and its public half beside it (`.pub`). Refuses to overwrite either."""
    if public_path(path).exists():
        raise BadKey(f"saw {public_path(path)} already there; wanted not to overwrite a key; move it away or use it")
    key = ec.generate_private_key(ec.SECP256R1())
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )  # the file's mode protects it; a pass phrase would have to lie beside it for an unattended service
    path.parent.mkdir(parents=True, exist_ok=True)
    _write_new(path, private, 0o600)
    _write_new(public_path(path), public_pem(key.public_key()), 0o644)
    return key


def public_path(path: Path) -> Path:
    return path.with_name(path.name + ".pub")


def public_pem(key: PublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def load_key(path: Path) -> PrivateKey:
    """Read a private key. Raises BadKey when it is missing, readable by others, or of another kind."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        content = path.read_bytes()
    except OSError as error:
        raise BadKey(f"saw {path}: {error.strerror}; wanted the signing key there; run `llmgate init` to make one") from None
    if mode & 0o077:
        raise BadKey(f"saw {path} with mode {mode:04o}; wanted 0600, since others may read it; run `chmod 600 {path}`")
    try:
        key = serialization.load_pem_private_key(content, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise BadKey(f"saw {path} that is no unencrypted PEM private key; wanted {KINDS}; see `llmgate init`") from None
    if not isinstance(key, PrivateKey) or not is_fit(key):
        raise BadKey(f"saw {path} with another kind of key; wanted {KINDS}; see `llmgate init`")
    return key


def read_public_key(pem: bytes, name: str) -> PublicKey:
    """Read a PEM public key. Raises BadKey."""
    try:
        key = serialization.load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        raise BadKey(f"saw {name} that is no PEM public key; wanted the .pub file that `llmgate init` wrote") from None
    if not isinstance(key, PublicKey) or not is_fit(key):
        raise BadKey(f"saw {name} with another kind of key; wanted {KINDS}")
    return key


def _write_new(path: Path, content: bytes, mode: int) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        raise BadKey(f"saw {path} already there; wanted not to overwrite a key; move it away or use it") from None
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
