"""Signed notes: how they are taken apart, what is refused, and whose signatures count."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.tlog.note import (
    COSIGNATURE_V1,
    ED25519,
    BadNote,
    BadVerifierKey,
    Note,
    NoteSignature,
    VerifierKey,
    format_note,
    format_vkey,
    key_id,
    parse_note,
    parse_signature,
    parse_vkey,
    verified,
    verifier_key,
    with_signatures,
)
from tests.core.tlog.toy import LOG, OTHER_LOG, WITNESS, check, signature_of, signed

# golang.org/x/mod/sumdb/note, note_test.go
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
ENOCH = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
PETER_LINE = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
ENOCH_LINE = "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n"
# transparency-dev/formats, note/note_cosigv1_test.go
TEST_KEY = "TEST+7997405c+AQcC+FTVKf0jlTdHDY3rbevmnKxxPjigCXlVtGe6RIr6"
REMORA = "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2"
# c2sp.org/signed-note
SPECIFIED = (
    "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n\n"
    "— quasimodo.example/salvatore "
    "NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n"
)


@pytest.mark.parametrize(
    ("text", "name", "algorithm"),
    [
        (PETER, "PeterNeumann", ED25519),
        (ENOCH, "EnochRoot", ED25519),
        (TEST_KEY, "TEST", ED25519),
        (REMORA, "remora.n621.de", COSIGNATURE_V1),
    ],
)
def test_published_verifier_keys_are_read_and_written(text: str, name: str, algorithm: int) -> None:
    key = parse_vkey(text)
    assert (key.name, key.algorithm, len(key.key)) == (name, algorithm, 32)
    assert key.key_hash == key_id(key.name, key.algorithm, key.key)
    assert format_vkey(key) == text


def test_no_part_of_a_verifier_key_is_one() -> None:
    parts = {PETER[start:end] for start in range(len(PETER)) for end in range(start, len(PETER) + 1)} - {PETER}
    for part in parts:
        with pytest.raises(BadVerifierKey):
            parse_vkey(part)


def test_a_verifier_key_with_any_character_altered_is_refused() -> None:
    for at, character in enumerate(PETER):
        for other in (chr(ord(character) + 1), " ", "\n", "é"):
            with pytest.raises(BadVerifierKey):
                parse_vkey(PETER[:at] + other + PETER[at + 1 :])


@pytest.mark.parametrize(
    "text",
    [
        format_vkey(verifier_key("PeterNeumann", ED25519, b"k" * 31)),
        format_vkey(verifier_key("PeterNeumann", ED25519, b"k" * 33)),
        format_vkey(verifier_key("PeterNeumann", COSIGNATURE_V1, b"k" * 64)),
        format_vkey(verifier_key("PeterNeumann", 0x06, b"k" * 1312)),
        format_vkey(verifier_key("PeterNeumann", 0x02, b"k" * 32)),
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",  # of the same tests: an unknown algorithm
    ],
)
def test_a_key_of_another_algorithm_or_length_is_refused(text: str) -> None:
    with pytest.raises(BadVerifierKey, match="wanted 32 for Ed25519"):
        parse_vkey(text)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\u00a0b", "a\u2003b", "a\x00b", "a\rb", "a\tb", "a\ud800b"])
def test_no_key_has_a_name_that_a_line_could_not_carry(name: str) -> None:
    with pytest.raises(BadVerifierKey, match="rename it"):
        verifier_key(name, ED25519, b"k" * 32)


def test_published_notes_are_read_and_written() -> None:
    note = parse_note(f"{TEXT}\n{PETER_LINE}{ENOCH_LINE}")
    assert note.text == TEXT
    assert [(line.name, line.key_hash.hex(), len(line.signature)) for line in note.signatures] == [
        ("PeterNeumann", "c74f20a3", 64),
        ("EnochRoot", "af0cfe78", 64),
    ]
    assert format_note(note) == f"{TEXT}\n{PETER_LINE}{ENOCH_LINE}"


def test_the_text_ends_at_the_last_empty_line() -> None:
    note = parse_note(SPECIFIED)
    assert note.text.endswith("sole:\n\ned è subito sera.\n")
    assert [line.name for line in note.signatures] == ["quasimodo.example/salvatore"]
    assert format_note(note) == SPECIFIED


BAD = {
    "nothing": "",
    "no signatures": TEXT,
    "no signature lines": f"{TEXT}\n",
    "no empty line": f"{TEXT}{PETER_LINE}",
    "signature lines alone": PETER_LINE,
    "no newline at the end": f"{TEXT}\n{PETER_LINE[:-1]}",
    "a line after it": f"{TEXT}\n{PETER_LINE}Unexpected line.\n",
    "an empty line after it": f"{TEXT}\n{PETER_LINE}\n",
    "a control character": f"\x01{TEXT}\n{PETER_LINE}",
    "NUL": f"{TEXT}\x00\n\n{PETER_LINE}",
    "CR": f"{TEXT}\n{PETER_LINE}".replace("\n", "\r\n"),
    "a tab": f"a\tb\n\n{PETER_LINE}",
    "a lone surrogate": f"\udcff{TEXT}\n{PETER_LINE}",
    "a name with a space": f"{TEXT}\n{PETER_LINE.replace('PeterNeumann', 'Bad Name')}",
    "a name with a plus": f"{TEXT}\n{PETER_LINE.replace('PeterNeumann', 'Bad+Name')}",
    "no name": f"{TEXT}\n{PETER_LINE.replace('PeterNeumann', '')}",
    "a hyphen for a dash": f"{TEXT}\n{PETER_LINE.replace('—', '-')}",
    "no signature": f"{TEXT}\n— PeterNeumann \n",
    "a key ID alone": f"{TEXT}\n— PeterNeumann x08gow==\n",
    "no padding": f"{TEXT}\n{PETER_LINE.replace('=', '')}",
    "too much padding": f"{TEXT}\n{PETER_LINE.replace('=', '==')}",
    "stray bits in the last character": f"{TEXT}\n{PETER_LINE.replace('AM=', 'AN=')}",
    "base64 of another alphabet": f"{TEXT}\n{PETER_LINE.replace('/', '_')}",
    "a space in base64": f"{TEXT}\n{PETER_LINE.replace('ZJku', 'ZJ ku')}",
    "two spaces": f"{TEXT}\n{PETER_LINE.replace('mann ', 'mann  ')}",
    "101 signatures": f"{TEXT}\n{PETER_LINE * 101}",
    "a million characters": f"{'x' * 1_000_000}\n\n{PETER_LINE}",
}


@pytest.mark.parametrize("kind", BAD)
def test_what_is_no_signed_note_is_refused_with_what_was_seen(kind: str) -> None:
    with pytest.raises(BadNote, match=r"^saw .+; wanted .+") as caught:
        parse_note(BAD[kind])
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 200


def test_a_note_of_a_million_characters_is_read() -> None:
    text = "x" * (1_000_000 - 2 - len(PETER_LINE)) + "\n"
    assert parse_note(f"{text}\n{PETER_LINE}").text == text


def test_a_hundred_signatures_are_read() -> None:
    assert len(parse_note(f"{TEXT}\n{PETER_LINE * 100}").signatures) == 100


NAME = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp"), exclude_characters="+"), min_size=1)
LINE = st.text(st.characters(exclude_categories=("Cc", "Cs")))
SIGNATURE = st.builds(NoteSignature, NAME, st.binary(min_size=4, max_size=4), st.binary(min_size=1))


@given(st.lists(LINE, min_size=1), st.lists(SIGNATURE, min_size=1, max_size=4))
def test_a_note_is_read_back(lines: list[str], signatures: list[NoteSignature]) -> None:
    note = Note("".join(f"{line}\n" for line in lines), tuple(signatures))
    assert parse_note(format_note(note)) == note


@pytest.mark.parametrize(
    "note",
    [
        Note("no newline", (signature_of(LOG, "x"),)),
        Note("text\n", ()),
        Note("text\n", (NoteSignature("a b", b"1234", b"5"),)),
        Note("text\n", (NoteSignature("a", b"123", b"45"),)),
        Note("text\n", (NoteSignature("a", b"1234", b""),)),
        Note("te\rxt\n", (signature_of(LOG, "x"),)),
    ],
)
def test_no_note_is_written_that_would_be_read_otherwise(note: Note) -> None:
    with pytest.raises(BadNote):
        format_note(note)


def test_keys_that_signed_are_named_in_the_order_given() -> None:
    note = parse_note(signed("text\n", LOG, WITNESS))
    assert verified(note, [WITNESS, OTHER_LOG, LOG], check) == (WITNESS, LOG)
    assert verified(note, [LOG], check) == (LOG,)


def test_unknown_keys_are_passed_over() -> None:
    namesake = verifier_key(LOG.name, ED25519, b"x" * 32)
    twin = replace(OTHER_LOG, key_hash=LOG.key_hash)
    note = parse_note(signed("text\n", LOG))
    assert verified(note, [namesake, twin], check) == ()
    assert verified(note, [], check) == ()
    assert verified(note, [namesake, LOG, twin], check) == (LOG,)


def test_a_key_counts_once() -> None:
    note = parse_note(signed("text\n", LOG, LOG))
    assert verified(note, [LOG, LOG], check) == (LOG,)


def test_a_known_key_s_bad_signature_voids_the_note() -> None:
    bad = signature_of(WITNESS, "another text\n")
    note = Note("text\n", (signature_of(LOG, "text\n"), bad))
    assert verified(note, [LOG, WITNESS], check) == ()
    assert verified(note, [LOG], check) == (LOG,)
    twice = Note("text\n", (signature_of(LOG, "text\n"), signature_of(LOG, "another text\n")))
    assert verified(twice, [LOG], check) == ()


def test_what_is_checked_is_the_text_with_its_newline() -> None:
    seen: list[tuple[VerifierKey, bytes, bytes]] = []

    def noting(key: VerifierKey, message: bytes, signature: bytes) -> bool:
        seen.append((key, message, signature))
        return True

    note = parse_note(SPECIFIED)
    known = VerifierKey(note.signatures[0].name, note.signatures[0].key_hash, ED25519, b"k" * 32)
    assert verified(note, [known], noting) == (known,)
    assert seen == [(known, note.text.encode(), note.signatures[0].signature)]


def test_a_later_signature_of_a_key_takes_the_place_of_an_earlier_one() -> None:
    first, second, log = signature_of(WITNESS, "a"), signature_of(WITNESS, "b"), signature_of(LOG, "c")
    note = with_signatures(Note("text\n", (log, first)), [second])
    assert note.signatures == (log, second)
    assert with_signatures(note, []) == note


def test_a_signature_line_is_read_alone_as_witnesses_send_it() -> None:
    assert parse_signature(PETER_LINE[:-1]).name == "PeterNeumann"
    with pytest.raises(BadNote):
        parse_signature(PETER_LINE)
