"""What the reader takes, and what it refuses by name."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.provenance.model import ProvenanceDocument, Refusal
from bot.core.provenance.read import LIMITS, read_document
from tests.core.provenance.documents import BLOB, SHA, Json, encoded, file_entry, least, whole

PATH = ".llmgate/provenance/a.json"


def read(document: Json) -> ProvenanceDocument | Refusal:
    return read_document(encoded(document), PATH)


def refused(document: Json) -> Refusal:
    answer = read(document)
    assert isinstance(answer, Refusal)
    return answer


def test_a_whole_document_is_read_field_by_field() -> None:
    answer = read(whole())
    assert isinstance(answer, ProvenanceDocument)
    assert answer.model_name == "sonnet"
    assert answer.timestamp == datetime.fromisoformat("2026-03-01T09:30:00+01:00")
    assert answer.timestamp.utcoffset() == timedelta(hours=1)
    assert answer.files_generated[0].hashes == (SHA, BLOB)
    assert answer.files_generated[1].hashes == (BLOB,)
    assert answer.retrievals[0].license == "MIT OR Apache-2.0"
    assert answer.tooling_chain[0].version == "1.2.3"
    assert answer.generation_confidence == 0.75
    assert answer.template == "unit-tests@3"


def test_the_required_fields_are_enough() -> None:
    answer = read(least())
    assert isinstance(answer, ProvenanceDocument)
    assert answer.generation_confidence is None
    assert answer.retrievals == ()


def test_a_byte_order_mark_is_passed_over() -> None:
    assert isinstance(read_document(b"\xef\xbb\xbf" + encoded(least()), PATH), ProvenanceDocument)


@pytest.mark.parametrize("field", sorted(least()))
def test_a_missing_field_is_refused_by_name(field: str) -> None:
    document = least()
    del document[field]
    refusal = refused(document)
    assert refusal.saw == f"nothing at `{field}`"
    assert field in refusal.wanted
    assert PATH in refusal.cure


def test_an_unknown_key_is_refused_by_name_at_its_place() -> None:
    assert "`mood`" in refused(least() | {"mood": "good"}).saw
    deep = refused(least() | {"files_generated": [{"path": "a", "hash": SHA, "lines": 3}]})
    assert deep.saw == "the unknown key `lines` at `files_generated[0]`"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("model_name", ""),
        ("model_name", 7),
        ("model_name", "x" * 121),
        ("model_name", "two\nlines"),
        ("model_name", "bell\u0007"),
        ("prompt_version", "v 1"),
        ("timestamp", "2026-03-01T09:30:00"),
        ("timestamp", "2026-03-01"),
        ("timestamp", "2026-02-30T09:30:00Z"),
        ("timestamp", "9999-12-31T23:59:59-12:00"),
        ("timestamp", "２０26-03-01T09:30:00Z"),
        ("timestamp", "2026-03-01T09:30:00Z\n"),
        ("timestamp", 1772353800),
        ("files_generated", []),
        ("files_generated", {}),
        ("files_generated", [{"path": "a"}]),
        ("files_generated", [{"path": "a", "hash": "ab" * 32}]),
        ("files_generated", [{"path": "a", "hash": "sha256:" + "AB" * 32}]),
        ("files_generated", [{"path": "a", "hash": SHA, "git_blob": SHA}]),
        ("files_generated", [{"path": "a", "hash": SHA}, {"path": "a", "hash": BLOB}]),
        ("generation_confidence", 1.5),
        ("generation_confidence", True),
        ("generation_confidence", None),
        ("template", "unit-tests"),
        ("schema", "urn:llmgate:schema:provenance:2"),
        ("schema", True),
        ("retrievals", [{"doc_id": "d", "hash": SHA}]),
        ("tooling_chain", [{"name": "t"}]),
    ],
)
def test_a_value_of_another_form_is_refused(field: str, value: Json) -> None:
    refusal = refused(least() | {field: value})
    assert field in refusal.saw
    assert refusal.wanted
    assert refusal.cure


@pytest.mark.parametrize(
    "path",
    ["/etc/passwd", "../up", "a/../b", "a/..", "./a", "a//b", "a/", "", ".", "..", "a\nb", "a\x00b", "a\x1b[2Jb", "a\u2028b",
     "a\n", "x" * 1025],
)  # fmt: skip
def test_a_path_that_leaves_the_repository_or_hides_is_refused(path: str) -> None:
    assert "files_generated[0].path" in refused(least() | {"files_generated": file_entry(path)}).saw


@pytest.mark.parametrize("path", ["a", ".github/x", "..a/b..", "a b/ü.py", "back\\slash", "a/.hidden", "日本/語.py"])
def test_an_ordinary_path_is_taken(path: str) -> None:
    answer = read(least() | {"files_generated": file_entry(path)})
    assert isinstance(answer, ProvenanceDocument)
    assert answer.files_generated[0].path == path


def test_two_thousand_files_are_taken_and_one_more_is_not() -> None:
    short: list[Json] = [{"path": f"f{n}", "hash": BLOB} for n in range(2001)]
    assert isinstance(read(least() | {"files_generated": short[:2000]}), ProvenanceDocument)
    assert refused(least() | {"files_generated": short}).saw == "a list of 2001 at `files_generated`"


@pytest.mark.parametrize(
    ("content", "saw"),
    [
        (b"", "a syntax error at line 1, column 1"),
        (b"{", "a syntax error at line 1, column 2"),
        (b"[]", "JSON that is no object"),
        (b"null", "JSON that is no object"),
        (b"\xff\xfe", "bytes that are not UTF-8 at offset 0"),
        (b'{"a": NaN}', "a number that is not finite"),
        (b'{"a": -Infinity}', "a number that is not finite"),
        (b'{"a": 1e999}', "a number that is not finite"),
        (b'{"a": ' + b"9" * 5000 + b"}", "an integer of thousands of digits"),
        (b'{"a": 1, "a": 1}', "an object that names one key twice"),
        (b'{"a": "\\ud800"}', "text with half of a surrogate pair"),
        (b"[" * 9 + b"]" * 9, "nesting deeper than 8"),
        (b"[" * 30_000 + b"]" * 30_000, "nesting deeper than 8"),
        (b"[" * 200_000, "about 200,000 items"),
        (b" " * (256 * 1024 + 1), "262,145 bytes"),
    ],
)
def test_bytes_that_are_no_json_within_the_limits_are_refused(content: bytes, saw: str) -> None:
    answer = read_document(content, PATH)
    assert isinstance(answer, Refusal)
    assert answer.saw == saw


@given(st.binary(max_size=300))
def test_no_bytes_crash_the_reader(content: bytes) -> None:
    assert isinstance(read_document(content, PATH), Refusal)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda s: st.lists(s) | st.dictionaries(st.text(), s),
    )
)
def test_no_json_crashes_the_reader(value: Json) -> None:
    assert isinstance(read_document(json.dumps(value).encode(), PATH), Refusal)


@given(st.data())
def test_no_damage_to_a_document_crashes_the_reader(data: st.DataObject) -> None:
    content = bytearray(encoded(whole()))
    at = data.draw(st.integers(0, len(content) - 1))
    content[at : at + data.draw(st.integers(0, 20))] = data.draw(st.binary(max_size=20))
    assert isinstance(read_document(bytes(content), PATH), Refusal | ProvenanceDocument)


def test_the_limits_are_the_ones_that_are_published() -> None:
    assert LIMITS.bytes == 256 * 1024
