"""Cosignatures: a witness says at what time it saw a checkpoint, Ed25519 version 1 (C2SP tlog-cosignature)."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.tlog.encoding import MAX_NUMBER, Malformed

TIME = 8
SIGNATURE = 64


class BadCosignature(Malformed):
    """The bytes are no timestamped signature, or the time cannot be written in one."""


@dataclass(frozen=True, slots=True)
class TimestampedSignature:
    """`time` is POSIX seconds, `signature` Ed25519 over `cosigned_message`."""

    time: int
    signature: bytes


def cosigned_message(text: str, time: int) -> bytes:
    """What is signed: two lines before the checkpoint's text (c2sp.org/tlog-cosignature, "Ed25519 signed message")."""
    return f"cosignature/v1\ntime {_checked(time)}\n{text}".encode()


def encode_cosignature(signed: TimestampedSignature) -> bytes:
    """8 bytes of time, big-endian, and the signature ("Format"). Raises BadCosignature."""
    if len(signed.signature) != SIGNATURE:
        raise BadCosignature(f"a signature of {len(signed.signature)} bytes", f"{SIGNATURE}, as Ed25519 makes them")
    return _checked(signed.time).to_bytes(TIME, "big") + signed.signature


def decode_cosignature(data: bytes) -> TimestampedSignature:
    """Take a note signature (without key ID) apart. Raises BadCosignature."""
    if len(data) != TIME + SIGNATURE:
        raise BadCosignature(f"{len(data)} bytes", f"{TIME + SIGNATURE}: a time and an Ed25519 signature")
    return TimestampedSignature(_checked(int.from_bytes(data[:TIME], "big")), data[TIME:])


def _checked(time: int) -> int:
    if not 0 <= time <= MAX_NUMBER:
        raise BadCosignature(f"the time {time}", "POSIX seconds from 0 to 2^63 - 1")
    return time
