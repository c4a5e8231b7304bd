"""What a Source Verification Summary Attestation must look like, as a JSON Schema.

Written from: in-toto/attestation `spec/v1/statement.md`, `resource_descriptor.md` and `digest_set.md`; SLSA v1.2
`verification_summary.md` (Fields, SlsaResult) and `source-requirements.md` (Source verification summary attestation). In the
predicate `policy` and `inputAttestations` have `uri` and `digest` alone: in-toto's protobuf `vsa.proto` knows no other fields
there, and strict readers refuse more.
"""

from __future__ import annotations

import json
from typing import Any

from jsonschema import Draft202012Validator

_DIGESTS = {
    "type": "object",
    "minProperties": 1,
    "properties": {
        "gitCommit": {"pattern": "^[0-9a-f]{40}$"},
        "gitTree": {"pattern": "^[0-9a-f]{40}$"},
        "sha1": {"pattern": "^[0-9a-f]{40}$"},
        "sha256": {"pattern": "^[0-9a-f]{64}$"},
    },
    "additionalProperties": False,
}
_URI = {"type": "string", "pattern": r"^[a-z][a-z0-9+.-]*:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+$"}
_NAMED = {
    "type": "object",
    "properties": {"uri": _URI, "digest": _DIGESTS},
    "required": ["uri", "digest"],
    "additionalProperties": False,
}
_REFS = {"type": "array", "minItems": 1, "items": {"type": "string", "pattern": "^refs/"}}
_SUBJECT = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "uri": _URI,
        "digest": {**_DIGESTS, "required": ["gitCommit"]},
        "annotations": {"type": "object", "properties": {"sourceRefs": _REFS, "source_refs": _REFS}},
    },
    "required": ["uri", "digest", "annotations"],
    "additionalProperties": False,
}
_LEVEL = {"type": "string", "pattern": "^(SLSA_SOURCE_LEVEL_[0-4]|ORG_SOURCE_(?!INTERNAL_)[A-Z][A-Z0-9_]*)$"}
_LEVELS = {
    "type": "array",
    "minItems": 1,
    "uniqueItems": True,
    "items": _LEVEL,
    "contains": {"type": "string", "pattern": "^SLSA_SOURCE_LEVEL_"},
    "minContains": 0,
    "maxContains": 1,
}
_PREDICATE = {
    "type": "object",
    "properties": {
        "verifier": {
            "type": "object",
            "properties": {"id": _URI, "version": {"type": "object", "additionalProperties": {"type": "string"}}},
            "required": ["id"],
            "additionalProperties": False,
        },
        "timeVerified": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"},
        "resourceUri": {"type": "string", "pattern": r"^git\+https://[^/]+/.+$"},
        "policy": _NAMED,
        "inputAttestations": {"type": "array", "items": _NAMED},
        "verificationResult": {"enum": ["PASSED", "FAILED"]},
        "verifiedLevels": _LEVELS,
        "slsaVersion": {"const": "1.2"},
    },
    "required": ["verifier", "resourceUri", "policy", "verificationResult", "verifiedLevels"],
    "additionalProperties": False,
}
_STATEMENT = {
    "type": "object",
    "properties": {
        "_type": {"const": "https://in-toto.io/Statement/v1"},
        "subject": {"type": "array", "minItems": 1, "items": _SUBJECT},
        "predicateType": {"const": "https://slsa.dev/verification_summary/v1"},
        "predicate": _PREDICATE,
    },
    "required": ["_type", "subject", "predicateType", "predicate"],
    "additionalProperties": False,
}
_VALIDATOR = Draft202012Validator(_STATEMENT)


def read_summary(statement: bytes) -> dict[str, Any]:
    """The statement as JSON, found to be in shape. Raises jsonschema's ValidationError."""
    whole: dict[str, Any] = json.loads(statement)
    _VALIDATOR.validate(whole)
    return whole
