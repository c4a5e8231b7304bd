"""Documents for the tests: a whole one and a least one, and how to change them."""

from __future__ import annotations

import json
from typing import TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

SHA = "sha256:" + "ab" * 32
BLOB = "gitblob:" + "cd" * 20


def least() -> dict[str, Json]:
    """A document with the required fields alone."""
    return {
        "model_name": "sonnet",
        "model_version": "2026-02-01",
        "model_provider": "anthropic",
        "prompt_hash": "hmac-sha256:" + "0f" * 32,
        "prompt_version": "checkout@4",
        "user_id": "u-1001",
        "agent_id": "ide-plugin",
        "timestamp": "2026-03-01T09:30:00+01:00",
        "files_generated": [{"path": "src/pay/total.py", "hash": SHA}],
    }


def whole() -> dict[str, Json]:
    """A document with every field the schema has."""
    return least() | {
        "schema": "urn:llmgate:schema:provenance:1",
        "files_generated": [{"path": "src/pay/total.py", "hash": SHA, "git_blob": BLOB}, {"path": "b", "hash": BLOB}],
        "retrievals": [
            {"doc_id": "wiki/42", "hash": SHA, "license": "MIT OR Apache-2.0", "origin": "https://wiki.acme.example/42"}
        ],
        "tooling_chain": [{"name": "ide-plugin", "version": "1.2.3"}],
        "generation_confidence": 0.75,
        "descriptor": "Totals of a basket",
        "template": "unit-tests@3",
    }


def encoded(document: Json) -> bytes:
    return json.dumps(document).encode()


def file_entry(path: str) -> list[Json]:
    return [{"path": path, "hash": SHA}]
