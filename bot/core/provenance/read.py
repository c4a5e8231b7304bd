"""From the bytes of a provenance file to a document, or to the reason why it was not taken.

The order matters: prompts and secrets are looked for before the shape, so that a document that leaks is refused for that, and
no refusal quotes a value of the document. Unknown keys are refused by name, for they are where a prompt would hide.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.core.provenance.leaks import find_secret, prompt_keys, texts
from bot.core.provenance.model import GeneratedFile, ProvenanceDocument, Refusal, Retrieval, Tool
from bot.core.provenance.schema import SCHEMA
from bot.core.provenance.shape import Misfit, misfits
from bot.core.provenance.strict_json import Json, JsonLimits, Refused, read_json

LIMITS = JsonLimits(bytes=256 * 1024, depth=8, items=40_000)
_PROMPT_CURE = (
    "Put a keyed or salted digest into `prompt_hash` and delete the text. It is in the branch's history: rewrite that too."
)
_REVOKE = "Revoke the secret now: it is in the branch's history. Then write the document without it."


def read_document(content: bytes, path: str) -> ProvenanceDocument | Refusal:
    """The document in `content`, which stood at `path`; a Refusal where it is not one, or says what it must not."""
    try:
        value = read_json(content, LIMITS)
        if not isinstance(value, dict):
            raise Refused("JSON that is no object", "one provenance document", f"Write one JSON object into {path}.")
        _refuse_leaks(value)
        _refuse_misfits(value, path)
        document = _document(_Record(value))
        _refuse_doubles(document)
    except Refused as refused:
        return refused.refusal
    return document


def _refuse_leaks(value: dict[str, Json]) -> None:
    for at in prompt_keys(value):
        raise Refused(f"a prompt or reply in clear at `{at}` (not shown)", "only its keyed or salted digest", _PROMPT_CURE)
    for at, text in texts(value):
        if secret := find_secret(text):
            raise Refused(f"{secret} at `{at}` (not shown)", "a document without secrets", _REVOKE)


def _refuse_misfits(value: dict[str, Json], path: str) -> None:
    found = next(misfits(value, SCHEMA), None)
    if found is None:
        return
    saw = f"{found.saw} at `{found.at}`" if found.at else found.saw
    raise Refused(saw, found.wanted, _cure(found, path))


def _cure(found: Misfit, path: str) -> str:
    if found.at in ("prompt_hash", "descriptor") and found.saw != "nothing":
        return _PROMPT_CURE
    return f"Correct it in {path}; the schema is `{SCHEMA['$id']}`."


def _refuse_doubles(document: ProvenanceDocument) -> None:
    seen: set[str] = set()
    for index, file in enumerate(document.files_generated):
        if file.path in seen:
            at = f"files_generated[{index}]"
            raise Refused(
                f"a path that stands there twice, again at `{at}`", "every path once", "Keep one entry for each file."
            )
        seen.add(file.path)


@dataclass(frozen=True, slots=True)
class _Record:
    """An object that met the schema, read field by field."""

    fields: Mapping[str, Json]

    def text(self, key: str) -> str:
        value = self.fields.get(key, "")
        return value if isinstance(value, str) else ""

    def records(self, key: str) -> list[_Record]:
        value = self.fields.get(key, [])
        return [_Record(inner) for inner in value if isinstance(inner, dict)] if isinstance(value, list) else []

    def number(self, key: str) -> float | None:
        value = self.fields.get(key)
        return float(value) if isinstance(value, int | float) else None


def _document(record: _Record) -> ProvenanceDocument:
    return ProvenanceDocument(
        model_name=record.text("model_name"),
        model_version=record.text("model_version"),
        model_provider=record.text("model_provider"),
        prompt_hash=record.text("prompt_hash"),
        prompt_version=record.text("prompt_version"),
        user_id=record.text("user_id"),
        agent_id=record.text("agent_id"),
        timestamp=_time(record.text("timestamp")),
        files_generated=tuple(_file(file) for file in record.records("files_generated")),
        retrievals=tuple(
            Retrieval(doc_id=r.text("doc_id"), hash=r.text("hash"), license=r.text("license"), origin=r.text("origin"))
            for r in record.records("retrievals")
        ),
        tooling_chain=tuple(
            Tool(name=tool.text("name"), version=tool.text("version")) for tool in record.records("tooling_chain")
        ),
        generation_confidence=record.number("generation_confidence"),
        descriptor=record.text("descriptor"),
        template=record.text("template"),
    )


def _file(record: _Record) -> GeneratedFile:
    hashes = (record.text("hash"), record.text("git_blob"))
    return GeneratedFile(path=record.text("path"), hashes=tuple(dict.fromkeys(digest for digest in hashes if digest)))


def _time(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        wanted = "a day that the calendar has, such as 2026-03-01T09:30:00+01:00"
        raise Refused("a date that does not exist at `timestamp`", wanted, "Write the time of the generation.") from None
