"""The in-toto statement that carries a document when it is signed: how it is written, and how the document is taken out again.

Two kinds are read. SLSA provenance v1, which other tools know, with the document under
`buildDefinition.externalParameters.generation` of the build type below: that is what `llmgate provenance emit` writes. And
the plain one, whose predicate is the document. Any other predicate type is refused by name: a key that the policy trusts may
have signed test results or approvals too, and none of them may be taken for provenance.

Why no repository and no commit is demanded: a document lies in the very commit it would have to name, so it cannot name it.
It speaks of files, each by its path and the digest of its bytes, and it counts for a file only where both agree with the
change at hand. Taken to another repository it covers there exactly the same bytes at the same path, and what it says of them
(model, person, sources) is as true there as here; bytes that differ make it drift. And who may sign is asked anew for each
repository, of its own base branch's policy. So a replay proves nothing that is not so, and opens nothing.

The statement's subjects repeat the files for tools that look documents up by digest. They may not contradict the document:
two readers of one signature must not learn two things.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote

from bot.core.in_toto import STATEMENT_TYPE
from bot.core.provenance.leaks import find_secret, prompt_keys, texts
from bot.core.provenance.model import Refusal
from bot.core.provenance.strict_json import Json, JsonLimits, Refused, read_json

PREDICATE_TYPE: Final = "urn:llmgate:generation-provenance:v1"
SLSA_TYPE: Final = "https://slsa.dev/provenance/v1"
BUILD_TYPE: Final = "urn:llmgate:generation:v1"
LIMITS = JsonLimits(bytes=1024 * 1024, depth=12, items=80_000)
_SHOWN = 120


def enclose(document: dict[str, Json]) -> bytes:
    """A statement with SLSA provenance around a document that meets the schema."""
    definition: dict[str, Json] = {
        "buildType": BUILD_TYPE,
        "externalParameters": {"generation": document},
        "resolvedDependencies": [_dependency(one) for one in _records(document.get("retrievals"))],
    }
    details: dict[str, Json] = {
        "builder": {"id": f"urn:llmgate:agent:{quote(str(document['agent_id']), safe='')}"},
        "metadata": {"finishedOn": _in_utc(str(document["timestamp"]))},
    }
    statement: dict[str, Json] = {
        "_type": STATEMENT_TYPE,
        "subject": [_subject(file) for file in _records(document["files_generated"])],
        "predicateType": SLSA_TYPE,
        "predicate": {"buildDefinition": definition, "runDetails": details},
    }
    return json.dumps(statement, separators=(",", ":"), ensure_ascii=False).encode()


def disclose(payload: bytes) -> bytes | Refusal:
    """The document inside a statement, as JSON; a Refusal where there is none or the statement says what it must not."""
    try:
        statement = read_json(payload, LIMITS)
        if not isinstance(statement, dict) or statement.get("_type") != STATEMENT_TYPE:
            raise Refused("signed bytes that are no in-toto statement", f"`_type` {STATEMENT_TYPE}", _CURE)
        document = _document(statement)
        _refuse_leaks(statement)
        _refuse_contradictions(statement, document)
    except Refused as refused:
        return refused.refusal
    return json.dumps(document, ensure_ascii=False).encode()


_CURE = "Sign the document with `llmgate provenance emit --sign`, or as the predicate of such a statement."


def _document(statement: dict[str, Json]) -> dict[str, Json]:
    kind, predicate = statement.get("predicateType"), statement.get("predicate")
    if kind == PREDICATE_TYPE and isinstance(predicate, dict):
        return predicate
    if kind != SLSA_TYPE:
        saw = f"a statement of the predicate type {_quoted(kind)}"
        raise Refused(saw, f"{PREDICATE_TYPE} or {SLSA_TYPE}", _CURE)
    definition = _record(_record(predicate).get("buildDefinition"))
    if definition.get("buildType") != BUILD_TYPE:
        saw = f"SLSA provenance of the build type {_quoted(definition.get('buildType'))}"
        raise Refused(saw, f"{BUILD_TYPE}: how code was generated, not how it was built", _CURE)
    document = _record(definition.get("externalParameters")).get("generation")
    if not isinstance(document, dict):
        raise Refused("no document in the statement", "one at `buildDefinition.externalParameters.generation`", _CURE)
    return document


def _refuse_leaks(statement: dict[str, Json]) -> None:
    """The whole statement is published with the change, so the whole of it must be clean."""
    for at in prompt_keys(statement):
        cure = "Sign it without the text; it is in the branch's history: rewrite that too."
        raise Refused(f"a prompt or reply in clear at `{at}` (not shown)", "only its keyed or salted digest", cure)
    for at, text in texts(statement):
        if secret := find_secret(text):
            cure = "Revoke the secret now: it is in the branch's history. Then sign a statement without it."
            raise Refused(f"{secret} at `{at}` (not shown)", "a statement without secrets", cure)


def _refuse_contradictions(statement: dict[str, Json], document: dict[str, Json]) -> None:
    said = {str(file.get("path")): str(file.get("hash")) for file in _records(document.get("files_generated"))}
    for index, subject in enumerate(_records(statement.get("subject"))):
        digest, own = _record(subject.get("digest")).get("sha256"), said.get(str(subject.get("name")), "")
        if digest and own.startswith("sha256:") and own != f"sha256:{digest}":
            saw = f"another digest at `subject[{index}]` than the document gives for that path"
            raise Refused(saw, "one digest for one file", "Sign it again with the subjects that the document lists.")


def _subject(file: dict[str, Json]) -> dict[str, Json]:
    names = {"sha256": "sha256", "gitblob": "gitBlob"}
    algorithm, _, value = str(file["hash"]).partition(":")
    return {"name": file["path"], "digest": {names[algorithm]: value}}


def _dependency(retrieval: dict[str, Json]) -> dict[str, Json]:
    algorithm, _, value = str(retrieval["hash"]).partition(":")
    digest: dict[str, Json] = {"sha256" if algorithm == "sha256" else "gitBlob": value}
    return {"name": retrieval["doc_id"], "digest": digest, "annotations": {"license": retrieval["license"]}}


def _in_utc(timestamp: str) -> str:
    return datetime.fromisoformat(timestamp).astimezone(UTC).isoformat().replace("+00:00", "Z")


def _record(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}


def _records(value: Json) -> list[dict[str, Json]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _quoted(value: Json) -> str:
    if not isinstance(value, str):
        return "that is no text" if value is not None else "that is not there"
    return f"`{value[:_SHOWN]}`" if value.isprintable() and "`" not in value else "that cannot be shown"
