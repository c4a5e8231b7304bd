"""The log's own key: Ed25519, in a file, and how its signatures on notes are checked (RFC 8032, C2SP signed-note).

A key is named by the log's origin and its key ID; what auditors are given is the verifier key, one line of text.
"""

from __future__ import annotations

import os
import stat
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from bot.core.tlog.checkpoint import BadCheckpoint, parse_checkpoint
from bot.core.tlog.cosignature import (
    BadCosignature,
    TimestampedSignature,
    cosigned_message,
    decode_cosignature,
    encode_cosignature,
)
from bot.core.tlog.encoding import shown
from bot.core.tlog.note import (
    COSIGNATURE_V1,
    ED25519,
    Note,
    NoteSignature,
    VerifierKey,
    format_note,
    format_signature,
    format_vkey,
    verifier_key,
)


class BadKey(ValueError):
    """The key cannot be used; the message names what was seen, what was wanted and what to do."""


class LogKey:
    """A log's key at work. `name` is the log's origin. Raises `note.BadVerifierKey` for a name no signature could carry."""

    def __init__(self, name: str, key: Ed25519PrivateKey) -> None:
        self._key = key
        public = key.public_key().public_bytes_raw()
        self._vkey = verifier_key(name, ED25519, public)
        self._witness_vkey = verifier_key(name, COSIGNATURE_V1, public)

    def __repr__(self) -> str:
        return f"LogKey({self._vkey.name} {self._vkey.key_hash.hex()})"

    @property
    def vkey(self) -> VerifierKey:
        """What `sign_note` is checked with."""
        return self._vkey

    @property
    def witness_vkey(self) -> VerifierKey:
        """What `cosign` is checked with: the same key under another ID."""
        return self._witness_vkey

    def sign_note(self, text: str) -> str:
        """The checkpoint as a signed note: the text, an empty line, one signature line.

        Raises BadCheckpoint for any other text: were it signed, it might pass as a cosignature by the same key.
        """
        origin = parse_checkpoint(text).origin
        if origin != self._vkey.name:
            raise BadCheckpoint(f"a checkpoint of {shown(origin)}", f"one of {self._vkey.name}, whose key this is")
        signature = NoteSignature(self._vkey.name, self._vkey.key_hash, self._key.sign(text.encode()))
        return format_note(Note(text, (signature,)))

    def cosign(self, text: str, now: datetime) -> str:
        """A signature line that says when this checkpoint was the largest seen of its log. Raises BadCheckpoint.

        Whoever calls has checked that it grew out of the last one (c2sp.org/tlog-witness).
        """
        parse_checkpoint(text)
        time = int(now.timestamp())
        signed = TimestampedSignature(time, self._key.sign(cosigned_message(text, time)))
        return format_signature(NoteSignature(self._witness_vkey.name, self._witness_vkey.key_hash, encode_cosignature(signed)))


def check_signature(key: VerifierKey, message: bytes, signature: bytes) -> bool:
    """Whether the key made this note signature over a note's text: a `note.Check`. An algorithm unknown here is a no."""
    if key.algorithm == COSIGNATURE_V1:
        try:
            cosigned = decode_cosignature(signature)
            dated = cosigned_message(message.decode(), cosigned.time)
        except (BadCosignature, UnicodeDecodeError):
            return False
        return _holds(key.key, dated, cosigned.signature)
    return key.algorithm == ED25519 and _holds(key.key, message, signature)


def make_key(path: Path, name: str) -> LogKey:
    """Write a new private key (mode 0600) and its verifier key beside it (`.pub`). Refuses to overwrite either."""
    if public_path(path).exists():
        raise BadKey(f"saw {public_path(path)} already there; wanted not to overwrite a key; move it away or use it")
    key = Ed25519PrivateKey.generate()
    made = LogKey(name, key)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )  # the file's mode protects it; a pass phrase would have to lie beside it for an unattended service
    path.parent.mkdir(parents=True, exist_ok=True)
    _write_new(path, private, 0o600)
    _write_new(public_path(path), f"{format_vkey(made.vkey)}\n".encode(), 0o644)
    return made


def public_path(path: Path) -> Path:
    return path.with_name(path.name + ".pub")


def load_key(path: Path, name: str) -> LogKey:
    """Read a private key. Raises BadKey when it is missing, readable by others, or of another kind."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        content = path.read_bytes()
    except OSError as error:
        raise BadKey(f"saw {path}: {error.strerror}; wanted the log's key there; run `llmgate init` to make one") from None
    if mode & 0o077:
        raise BadKey(f"saw {path} with mode {mode:04o}; wanted 0600, since others may read it; run `chmod 600 {path}`")
    try:
        key = serialization.load_pem_private_key(content, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise BadKey(f"saw {path} that is no unencrypted PEM private key; wanted Ed25519; see `llmgate init`") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise BadKey(f"saw {path} with another kind of key; wanted Ed25519; see `llmgate init`")
    return LogKey(name, key)


def _holds(public: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):  # ValueError: bytes that are no key
        return False
    return True


def _write_new(path: Path, content: bytes, mode: int) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        raise BadKey(f"saw {path} already there; wanted not to overwrite a key; move it away or use it") from None
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
