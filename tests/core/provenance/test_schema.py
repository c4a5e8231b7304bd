"""The published schema is a schema, and the reader's answer about shape is the answer of a full implementation."""

from __future__ import annotations

import json
from copy import deepcopy

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from bot.core.provenance.model import ProvenanceDocument
from bot.core.provenance.read import read_document
from bot.core.provenance.schema import SCHEMA, SCHEMA_ID
from bot.core.provenance.shape import misfits
from tests.core.provenance.documents import BLOB, SHA, Json, encoded, least, whole

VALIDATOR = Draft202012Validator(SCHEMA)
ODD: list[Json] = [
    None, True, 0, -1, 1, 0.5, 1.5, 10**30, "", "a", "a\n", "a b", "x" * 121, "x" * 400, "../x", "/x", "a/b", "a@1", "é",
    "\u0085", SHA, SHA + "\n", BLOB, "hmac-sha256:" + "0" * 64, "sha256-salted:" + "0" * 16 + ":" + "0" * 64, SCHEMA_ID,
    "2026-03-01T09:30:00Z", "2026-03-01T09:30:00.5+14:00", "2026-03-01 09:30:00Z", "2026-13-01T09:30:00Z",
    [], {}, [{}], [None], [{"path": "a", "hash": SHA}], [{"name": "a", "version": "1"}], {"path": "a"},
]  # fmt: skip


def fits(document: Json) -> bool:
    return next(misfits(document, SCHEMA), None) is None


def places(value: Json) -> list[tuple[str | int, ...]]:
    """Every place inside a JSON value, as the keys that lead to it."""
    found: list[tuple[str | int, ...]] = [()]
    if isinstance(value, dict):
        found += [(key, *rest) for key, inner in value.items() for rest in places(inner)]
    if isinstance(value, list):
        found += [(index, *rest) for index, inner in enumerate(value) for rest in places(inner)]
    return found


def changed(document: Json, place: tuple[str | int, ...], value: Json) -> Json:
    if not place:
        return value
    key, rest = place[0], place[1:]
    if isinstance(document, dict) and isinstance(key, str):
        return document | {key: changed(document.get(key), rest, value)}
    if isinstance(document, list) and isinstance(key, int):
        return [changed(inner, rest, value) if index == key else inner for index, inner in enumerate(document)]
    return document


def test_the_schema_is_valid_and_fits_on_a_page() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$id"] == "urn:llmgate:schema:provenance:1"
    assert len(json.dumps(SCHEMA)) < 6000


def test_the_least_and_the_whole_document_meet_the_schema() -> None:
    for document in (least(), whole()):
        assert VALIDATOR.is_valid(document)
        assert isinstance(read_document(encoded(document), "a.json"), ProvenanceDocument)


@pytest.mark.parametrize("place", places(whole()), ids=str)
def test_the_reader_agrees_with_the_schema_at_every_place(place: tuple[str | int, ...]) -> None:
    for value in ODD:
        document = changed(whole(), place, value)
        assert fits(document) == VALIDATOR.is_valid(document), (place, value)


@given(st.sampled_from(places(whole())), st.text(max_size=130) | st.integers() | st.floats(allow_nan=False))
@example(("model_name",), "x" * 120)
@example(("descriptor",), "x" * 121)
def test_the_reader_agrees_with_the_schema_about_any_scalar(place: tuple[str | int, ...], value: Json) -> None:
    document = changed(whole(), place, value)
    assert fits(document) == VALIDATOR.is_valid(document)


@given(st.data())
def test_the_reader_agrees_with_the_schema_about_keys(data: st.DataObject) -> None:
    document: dict[str, Json] = deepcopy(whole())
    for key in data.draw(st.lists(st.sampled_from(sorted(document)), max_size=3)):
        document.pop(key, None)
    document |= data.draw(st.dictionaries(st.sampled_from(["note", "schema", "template"]), st.sampled_from(ODD), max_size=2))
    assert fits(document) == VALIDATOR.is_valid(document)


def test_a_document_outside_the_schema_is_never_taken() -> None:
    for place in places(whole()):
        for value in ODD:
            document = changed(whole(), place, value)
            taken = isinstance(read_document(encoded(document), "a.json"), ProvenanceDocument)
            assert not taken or VALIDATOR.is_valid(document), (place, value)
