"""A signature scheme of two lines: whoever knows the key can sign. The core takes the real one from outside."""

from __future__ import annotations

import hashlib

from bot.core.tlog.note import COSIGNATURE_V1, ED25519, Note, NoteSignature, VerifierKey, format_note, verifier_key

LOG = verifier_key("log.example/gate", ED25519, b"L" * 32)
OTHER_LOG = verifier_key("log.example/other", ED25519, b"O" * 32)
WITNESS = verifier_key("witness.example/w1", COSIGNATURE_V1, b"W" * 32)


def check(key: VerifierKey, message: bytes, signature: bytes) -> bool:
    return signature == hashlib.sha512(key.key + message).digest()


def signature_of(key: VerifierKey, text: str) -> NoteSignature:
    return NoteSignature(key.name, key.key_hash, hashlib.sha512(key.key + text.encode()).digest())


def signed(text: str, *keys: VerifierKey) -> str:
    return format_note(Note(text, tuple(signature_of(key, text) for key in keys)))
