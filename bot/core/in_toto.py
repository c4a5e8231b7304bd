"""What every signed statement of llmgate has in common: in-toto's envelope, canonical bytes, and reading hostile JSON by name.

Keys are ASCII and numbers are integers, so that sorted compact JSON is the canonical form of RFC 8785 (a test compares both).
Source: in-toto/attestation `spec/v1/statement.md`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PAYLOAD_TYPE = "application/vnd.in-toto+json"

Json = Mapping[str, object]


class NotAStatement(ValueError):
    """The bytes are no statement of this kind; the message names what was seen and what was wanted."""


def canonical(value: object) -> bytes:
    """Canonical JSON for values with ASCII keys and no floats."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def statement_id(statement: bytes) -> str:
    """SHA-256 hex of the signed bytes: the record's name everywhere."""
    return hashlib.sha256(statement).hexdigest()


def render(subject: list[Json], predicate_type: str, predicate: Json) -> bytes:
    """The bytes to sign."""
    return canonical({"_type": STATEMENT_TYPE, "subject": subject, "predicateType": predicate_type, "predicate": predicate})


def parse(statement: bytes, predicate_type: str = "") -> Json:
    """The statement as JSON. Raises NotAStatement, also where it is of another type than the one asked for."""
    try:
        whole = json.loads(statement)
    except (ValueError, RecursionError) as error:
        raise NotAStatement(f"saw bytes that are no JSON ({type(error).__name__}); wanted an in-toto statement") from None
    want(whole, "_type", STATEMENT_TYPE)
    if predicate_type:
        want(whole, "predicateType", predicate_type)
    return whole if isinstance(whole, dict) else {}


def want(whole: object, key: str, wanted: str) -> None:
    seen = field(whole, key)
    if seen != wanted:
        raise NotAStatement(f"saw {key} {seen!r}; wanted {wanted!r}")


def field(whole: object, key: str) -> object:
    if not isinstance(whole, dict) or key not in whole:
        raise NotAStatement(f"saw no {key!r}; wanted it in the statement")
    return whole[key]


def member(whole: object, key: str) -> Json:
    """The object under that key."""
    value = field(whole, key)
    if not isinstance(value, dict):
        raise NotAStatement(f"saw {key!r} as {type(value).__name__}; wanted an object")
    return value


def string(whole: object, key: str) -> str:
    value = field(whole, key)
    if not isinstance(value, str):
        raise NotAStatement(f"saw {key!r} as {type(value).__name__}; wanted text")
    return value


def items(whole: object, key: str) -> list[object]:
    value = field(whole, key)
    if not isinstance(value, list):
        raise NotAStatement(f"saw {key!r} as {type(value).__name__}; wanted a list")
    return value


def strings(whole: object, key: str) -> tuple[str, ...]:
    return tuple(str(item) for item in items(whole, key))


def words(whole: Json, key: str) -> tuple[tuple[str, str], ...]:
    """The object under that key as pairs of text, in the order of their names; nothing where there is none."""
    if key not in whole:
        return ()
    found = member(whole, key)
    return tuple(sorted((name, string(found, name)) for name in found))


def instant(at: datetime) -> str:
    """A time as statements write it: UTC, to the millisecond."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds")


def moment(value: str) -> datetime:
    """A time as statements write it. Raises NotAStatement."""
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        raise NotAStatement(f"saw time {value!r}; wanted ISO 8601") from None
    if at.tzinfo is None:
        raise NotAStatement(f"saw time {value!r} without an offset; wanted one")
    return at
