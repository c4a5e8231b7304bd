"""The published JSON Schema of a provenance document, version 1. The reader enforces this very value, so the two cannot part.

Patterns end in `$(?!\\n)` because `$` alone, in Python, also stands before a final newline. Unknown keys are refused, for they
are where a prompt would hide; so a new field is a new version with a new `$id`.
"""

from __future__ import annotations

from typing import Final

from bot.core.provenance.strict_json import Json

SCHEMA_ID: Final = "urn:llmgate:schema:provenance:1"
MAX_FILES: Final = 2000
_END = r"$(?!\n)"
_SHA256 = "sha256:[0-9a-f]{64}"
_BLOB = "gitblob:[0-9a-f]{40}"
_SEGMENT_END = r"\.{0,2}(/|$)"


def _text(longest: int, description: str) -> dict[str, Json]:
    # No control characters, which also keeps texts of several lines out.
    pattern = r"^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]+" + _END
    return {"type": "string", "maxLength": longest, "pattern": pattern, "description": description}


def _token(pattern: str, description: str) -> dict[str, Json]:
    return {"type": "string", "maxLength": 300, "pattern": f"^({pattern}){_END}", "description": description}


def _record(required: list[Json], **properties: Json) -> dict[str, Json]:
    return {"type": "object", "additionalProperties": False, "required": required, "properties": properties}


_PATH: dict[str, Json] = {
    "type": "string",
    "maxLength": 1024,
    "pattern": rf"^(?!{_SEGMENT_END})(?!.*/{_SEGMENT_END})[^\u0000-\u001f\u007f-\u009f\u2028\u2029]+{_END}",
    "description": "a path from the repository's root, with no empty, `.` or `..` part and no control character",
}
_TIME = (
    "20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3])(:[0-5][0-9]){2}"
    r"(\.[0-9]{1,6})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
)
"""Years to 2099: at the calendar's ends a conversion to another zone would overflow."""
_KEYED = "hmac-sha256:[0-9a-f]{64}|sha256-salted:[0-9a-f]{16,128}:[0-9a-f]{64}"

_FILE = _record(
    ["path", "hash"],
    path=_PATH,
    hash=_token(
        f"{_SHA256}|{_BLOB}", "`sha256:` and 64 hex digits of the file's bytes, or `gitblob:` and git's 40 of its blob"
    ),
    git_blob=_token(_BLOB, "`gitblob:` and git's 40 hex digits of the blob, where `hash` is a SHA-256"),
)
_RETRIEVAL = _record(
    ["doc_id", "hash", "license"],
    doc_id=_text(300, "what the model was shown, by its id"),
    hash=_token(f"{_SHA256}|{_BLOB}", "`sha256:` and 64 hex digits of what was shown, or `gitblob:` and 40"),
    license=_text(200, "an SPDX licence expression; NOASSERTION where it is not known"),
    origin=_text(1024, "where it came from, such as a URL"),
)
_TOOL = _record(["name", "version"], name=_text(120, "a library or plug-in"), version=_text(120, "its version"))

_FIELDS = _record(
    ["model_name", "model_version", "model_provider", "prompt_hash", "prompt_version", "user_id", "agent_id", "timestamp",
     "files_generated"],
    schema={"const": SCHEMA_ID, "description": f"`{SCHEMA_ID}`, or nothing"},
    model_name=_text(120, "the model's name, as its provider writes it"),
    model_version=_text(120, "the model's version or snapshot"),
    model_provider=_text(120, "the vendor, `internal`, or the digest of a cached model"),
    prompt_hash=_token(_KEYED, "`hmac-sha256:<64 hex>` or `sha256-salted:<salt hex>:<64 hex>`; no prompt, no bare digest"),
    prompt_version=_token(r"[A-Za-z0-9][A-Za-z0-9._+@/-]{0,79}", "the prompt's version, one word"),
    user_id=_text(120, "the person who asked, by a stable id"),
    agent_id=_text(120, "the agent or tool that generated, by a stable id"),
    timestamp=_token(_TIME, "ISO 8601 with seconds and an offset, such as 2026-03-01T09:30:00+01:00"),
    files_generated={"type": "array", "minItems": 1, "maxItems": MAX_FILES, "items": _FILE, "description": "1 to 2,000 files"},
    retrievals={"type": "array", "maxItems": 1000, "items": _RETRIEVAL, "description": "at most 1,000 retrievals"},
    tooling_chain={"type": "array", "maxItems": 200, "items": _TOOL, "description": "at most 200 tools"},
    generation_confidence={"type": "number", "minimum": 0, "maximum": 1, "description": "a number from 0 to 1"},
    descriptor=_text(120, "one line of at most 120 characters on what was asked; never the prompt"),
    template=_token(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,99}@[A-Za-z0-9][A-Za-z0-9._+-]{0,49}", "`id@version` of the template"),
)  # fmt: skip

SCHEMA: Final[dict[str, Json]] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": SCHEMA_ID,
    "title": "Provenance of generated code",
    "description": "How the files of one generation came to be. Prompts are never in it, only a keyed or salted digest.",
    **_FIELDS,
}
