"""Signed notes: text under one or more signatures, and the keys that verify them (C2SP signed-note).

    the text, ending in a newline
    <empty line>
    — key name base64(key ID || signature)

The mathematics of a signature is not done here: whoever verifies passes a `Check`. Texts are hostile until then.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.core.tlog.encoding import Malformed, decode_base64, encode_base64, shown

ED25519 = 0x01
"""Ed25519 over the note's text (c2sp.org/signed-note, "Signature types")."""
COSIGNATURE_V1 = 0x04
"""Timestamped Ed25519 cosignatures (c2sp.org/tlog-cosignature)."""
_KEY_LENGTHS = {ED25519: 32, COSIGNATURE_V1: 32}
KEY_HASH = 4
"""Bytes of a key ID."""
MAX_BYTES = 1_000_000
MAX_SIGNATURES = 100
"""Both as in golang.org/x/mod/sumdb/note; the specification asks for 16 signatures at least."""
_DASH = "— "
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


class BadNote(Malformed):
    """The text is no signed note; the message names what was seen and what was wanted."""


class BadVerifierKey(ValueError):
    """The text is no verifier key; the message names what was seen, what was wanted and what to do."""


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key that notes are verified with. Name and key ID together name it; `key` is encoded as `algorithm` asks."""

    name: str
    key_hash: bytes
    algorithm: int
    key: bytes


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """A signature line. The signature is what follows the key ID."""

    name: str
    key_hash: bytes
    signature: bytes

    @property
    def signer(self) -> tuple[str, bytes]:
        """Name and key ID, which together name the key that it claims."""
        return self.name, self.key_hash


@dataclass(frozen=True, slots=True)
class Note:
    """`text` ends in a newline and is what was signed. It says nothing until a signature of a known key is verified."""

    text: str
    signatures: tuple[NoteSignature, ...]


Check = Callable[[VerifierKey, bytes, bytes], bool]
"""Whether this key made the signature over the note's text: (key, text, signature without key ID)."""


def key_id(name: str, algorithm: int, key: bytes) -> bytes:
    """SHA-256(name || LF || algorithm || key), its first four bytes (c2sp.org/signed-note, "Signatures")."""
    return hashlib.sha256(name.encode() + b"\n" + bytes([algorithm]) + key).digest()[:KEY_HASH]


def verifier_key(name: str, algorithm: int, key: bytes) -> VerifierKey:
    """A key under its computed ID. Raises BadVerifierKey for a name that no signature line could carry."""
    if not is_key_name(name):
        raise BadVerifierKey(
            f"saw the key name {shown(name)}; wanted one without spaces, `+` and control characters; rename it"
        )
    return VerifierKey(name, key_id(name, algorithm, key), algorithm, key)


def format_vkey(key: VerifierKey) -> str:
    """`name+hash+base64(algorithm || key)` (c2sp.org/signed-note, "Verifier keys")."""
    return f"{key.name}+{key.key_hash.hex()}+{encode_base64(bytes([key.algorithm]) + key.key)}"


def parse_vkey(text: str) -> VerifierKey:
    """Read a verifier key. Raises BadVerifierKey, also when its hash is not the one of its parts."""
    name, _, rest = text.partition("+")
    written_hash, _, encoded = rest.partition("+")
    decoded = decode_base64(encoded)
    if not is_key_name(name) or not re.fullmatch(r"[0-9a-f]{8}", written_hash) or not decoded:
        raise BadVerifierKey(f"saw {shown(text)}; wanted `name+hash+key`; copy it again from the log's operator")
    key = verifier_key(name, decoded[0], decoded[1:])
    if _KEY_LENGTHS.get(key.algorithm) != len(key.key):
        saw = f"saw a key of {len(key.key)} bytes for the signature type 0x{key.algorithm:02x}"
        raise BadVerifierKey(f"{saw}; wanted 32 for Ed25519 (0x01) or its cosignatures (0x04); ask for such a key")
    if key.key_hash.hex() != written_hash:
        saw = f"saw the hash {written_hash} in the key of {shown(name)}"
        raise BadVerifierKey(f"{saw}; wanted {key.key_hash.hex()}, that of its name and key; copy it again")
    return key


def is_key_name(name: str) -> bool:
    """Not empty, no Unicode space, no plus (c2sp.org/signed-note, "Format"), and nothing that a note may not hold."""
    return bool(name) and "+" not in name and not _CONTROL.search(name) and not any(map(str.isspace, name)) and _is_utf8(name)


def parse_note(text: str) -> Note:
    """Take a signed note apart; nothing is verified. Raises BadNote."""
    if len(text) > MAX_BYTES:
        raise BadNote(f"a note of {len(text):,} characters", f"at most {MAX_BYTES:,}")
    control = _CONTROL.search(text)
    if control or not _is_utf8(text):
        saw = f"the control character U+{ord(control.group()):04X}" if control else "a character that UTF-8 has not"
        raise BadNote(saw, "UTF-8 without control characters but newlines")
    body, gap, lines = text.rpartition("\n\n")
    if not gap or not lines.endswith("\n"):
        raise BadNote("no signature lines behind an empty line", "a note that ends with them and a newline")
    signatures = lines[:-1].split("\n")
    if len(signatures) > MAX_SIGNATURES:
        raise BadNote(f"{len(signatures):,} signatures", f"at most {MAX_SIGNATURES}")
    return Note(body + "\n", tuple(map(parse_signature, signatures)))


def parse_signature(line: str) -> NoteSignature:
    """Read a signature line, without its newline. Raises BadNote."""
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    decoded = decode_base64(encoded)
    if not line.startswith(_DASH) or not is_key_name(name) or decoded is None or len(decoded) <= KEY_HASH:
        raise BadNote(f"the signature line {shown(line)}", "an em dash, a key name and base64")
    return NoteSignature(name, decoded[:KEY_HASH], decoded[KEY_HASH:])


def format_signature(signature: NoteSignature) -> str:
    """A signature line with its newline."""
    return f"{_DASH}{signature.name} {encode_base64(signature.key_hash + signature.signature)}\n"


def format_note(note: Note) -> str:
    """The signed note. Raises BadNote when it would not be read back as it is."""
    written = f"{note.text}\n{''.join(map(format_signature, note.signatures))}"
    if parse_note(written) != note:
        raise BadNote(f"the note text {shown(note.text)}", "lines, each ending in a newline, and signatures")
    return written


def with_signatures(note: Note, more: Sequence[NoteSignature]) -> Note:
    """The note under further signatures: one of each key, the latest. Verify them first, or the whole note may be refused."""
    lines = {signed.signer: signed for signed in (*note.signatures, *more)}
    return Note(note.text, tuple(lines.values()))


def verified(note: Note, keys: Sequence[VerifierKey], check: Check) -> tuple[VerifierKey, ...]:
    """The known keys that signed the note, in their order; none at all when a signature in a known key's name does not hold.

    Signatures of unknown keys are passed over, and a key counts once (c2sp.org/signed-note, "Signatures").
    """
    text = note.text.encode()
    claims = [(key, signed.signature) for key in keys for signed in note.signatures if claims_key(signed, key)]
    if not all(check(key, text, signature) for key, signature in claims):
        return ()
    return tuple(dict.fromkeys(key for key, _ in claims))


def claims_key(signature: NoteSignature, key: VerifierKey) -> bool:
    """Whether a signature line says to be of that key: the same name and the same ID."""
    return signature.signer == (key.name, key.key_hash)


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
