"""git-ai notes and Agent Trace records, well formed, broken and hostile."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.detection.commits import commit_signals, read_commit
from bot.core.detection.detect import detect
from bot.core.detection.notes import parse_note
from bot.core.detection.trace import FILES, FileAuthorship, parse_trace
from tests.core.detection.material import change, commit, file, person

METADATA = {
    "schema_version": "authorship/3.0.0",
    "base_commit_sha": "0" * 40,
    "prompts": {
        "d4a7828bfdafe456": {"agent_id": {"tool": "cursor", "model": "model-c"}, "human_author": "Ada <ada@acme.example>"}
    },
    "sessions": {"s_a76964380084ef": {"agent_id": {"tool": "claude", "id": "x", "model": "model-x"}}},
    "humans": {"h_dca485b1adf836": {"author": "Ada"}},
}
ATTESTED = """src/a.py
  s_a76964380084ef::t_a3a130d3e145e3 28
  h_dca485b1adf836 1-4,7-14
"src/with space.py"
  d4a7828bfdafe456 5-6,9
  s_a76964380084ef::t_b3a130d3e145e3 1-2
people.py
  h_dca485b1adf836 1
"""
NOTE = f"{ATTESTED}---\n{json.dumps(METADATA, indent=2)}"


def test_a_note_tells_files_sessions_and_people_apart() -> None:
    assert parse_note(NOTE) == (
        FileAuthorship("src/a.py", "claude", "model-x", ((28, 28),)),
        FileAuthorship("src/with space.py", "cursor", "model-c", ((5, 6), (9, 9)), "ada@acme.example"),
        FileAuthorship("src/with space.py", "claude", "model-x", ((1, 2),)),
    )


def test_a_notes_files_become_signals_by_path() -> None:
    found = detect(
        change(), [commit(author=person(email="bea@acme.example"), note=NOTE)], [file("src/a.py"), file("people.py")]
    )
    assert [(signal.agent, signal.carrier, signal.path) for signal in found.signals] == [
        ("Claude Code", "note", "src/a.py"),
        ("Claude Code", "note", "src/with space.py"),
        ("Cursor", "note", "src/with space.py"),
    ]
    assert found.paths == (("src/a.py", "Claude Code"),)
    assert (found.covers_all, found.best) == (False, "B")
    assert found.operators == ("bea@acme.example", "ada@acme.example")


@pytest.mark.parametrize(
    "tail",
    ["", "---", "---\n{", "---\n[]", "---\n" + "[" * 100_000, '---\n{"prompts": 7, "sessions": {"s_a76964380084ef": 1}}'],
)
def test_a_note_with_broken_metadata_still_counts(tail: str) -> None:
    found = parse_note(ATTESTED + tail)
    assert found is not None
    assert [one.path for one in found] == ["src/a.py", "src/with space.py"]
    assert {one.tool for one in found} == {""}
    assert {signal.agent for signal in commit_signals(commit(note=ATTESTED + tail))} == {"unnamed agent"}


def test_a_note_of_people_alone_and_a_note_of_prompts_alone_mark_nothing() -> None:
    people = f"a.py\n  h_dca485b1adf836 1\n---\n{json.dumps(METADATA)}"
    for note in (people, json.dumps(METADATA), f"---\n{json.dumps(METADATA)}"):
        assert parse_note(note) == ()
        assert read_commit(commit(note=note)).signals == ()


@pytest.mark.parametrize("note", ["", "reviewed by Ada", "Bug: 12\n  indented words\n---\nmore", "{}", '{"a": 1}', "\n---\n"])
def test_other_notes_are_no_notes_of_this_kind(note: str) -> None:
    assert parse_note(note) is None
    assert commit_signals(commit(note=note)) == ()


def test_a_note_of_too_many_files_is_cut() -> None:
    note = "".join(f"f{n}\n  d4a7828bfdafe456 1\n" for n in range(FILES + 50))
    assert len(parse_note(note) or ()) == FILES


def trace(*files: object, **more: object) -> str:
    return json.dumps({"version": "0.1.0", "id": "x", "files": list(files), **more})


def conversation(kind: str | None, *ranges: object, model: str = "") -> dict[str, object]:
    contributor = {"type": kind, "model_id": model} if kind else None
    return {"ranges": list(ranges), **({"contributor": contributor} if contributor else {})}


def test_a_trace_tells_contributors_apart() -> None:
    lines = {"start_line": 4, "end_line": 9}
    text = trace(
        {"path": "a.py", "conversations": [conversation("ai", lines, model="vendor/model-x")]},
        {"path": "b.py", "conversations": [conversation("human", lines)]},
        {"path": "c.py", "conversations": [conversation("human", {**lines, "contributor": {"type": "mixed"}})]},
        {"path": "d.py", "conversations": [conversation("ai", {**lines, "contributor": {"type": "human"}})]},
        {"path": "e.py", "conversations": [conversation("unknown", lines), conversation(None, lines)]},
        tool={"name": "cursor", "version": "2"},
    )
    assert parse_trace(text) == (
        FileAuthorship("a.py", "cursor", "vendor/model-x", ((4, 9),)),
        FileAuthorship("c.py", "cursor", "", ((4, 9),)),
    )
    signals = commit_signals(commit(note=text))
    assert [(signal.agent, signal.mark, signal.path) for signal in signals] == [
        ("Cursor", "agent-trace.note.record", "a.py"),
        ("Cursor", "agent-trace.note.record", "c.py"),
    ]


@pytest.mark.parametrize("text", ["", "[]", "{", '{"files": []}', '{"version": "1", "files": {}}', "{" * 100_000])
def test_what_is_no_trace_is_none(text: str) -> None:
    assert parse_trace(text) is None


KEYS = st.sampled_from(["path", "conversations", "contributor", "type", "ranges", "start_line", "end_line", "agent_id", "tool"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner),
)


@given(JSON, JSON)
def test_a_hostile_note_never_fails(first: object, second: object) -> None:
    commit_signals(commit(note=trace(first, second, tool=second)))
    text = json.dumps({**METADATA, "sessions": first, "prompts": {"d4a7828bfdafe456": second}})
    found = detect(change(), [commit(note=f"{ATTESTED}---\n{text}")], [file("src/a.py")])
    assert found.generated
