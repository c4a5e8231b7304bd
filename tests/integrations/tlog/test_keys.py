"""The log's key: how it is kept, what it signs, and that others' real signatures are checked as they check them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat

from bot.core.tlog.check import Included, NotIncluded, Outcome, check_inclusion
from bot.core.tlog.checkpoint import BadCheckpoint, Checkpoint, parse_checkpoint, render_checkpoint
from bot.core.tlog.cosignature import decode_cosignature
from bot.core.tlog.note import BadVerifierKey, format_note, parse_note, parse_signature, parse_vkey, verified, with_signatures
from bot.core.tlog.proof import InclusionProof, render_proof
from bot.core.tlog.tree import hash_children, hash_leaf
from integrations.tlog.keys import BadKey, LogKey, check_signature, load_key, make_key, public_path
from tests.core.tlog.test_note import ENOCH, ENOCH_LINE, PETER, PETER_LINE, TEXT

NAME = "log.example/gate"
SEED = bytes(range(32))
KEY = LogKey(NAME, Ed25519PrivateKey.from_private_bytes(SEED))
WITNESS = LogKey("witness.example/w1", Ed25519PrivateKey.from_private_bytes(SEED[::-1]))
ENTRIES = (b"first", b"second")
ROOT = hash_children(*map(hash_leaf, ENTRIES))
HEAD = render_checkpoint(Checkpoint(NAME, 2, ROOT))
AT = datetime(2026, 3, 1, 12, 0, 0, 999_999, tzinfo=UTC)

# A staging log of certificates, 1.4 thousand million entries, as it served its checkpoint: signed by the log's Ed25519 key (and
# with an RFC 6962 signature, which is passed over) and cosigned by four witnesses of the public network.
WITNESSED = """\
arche2025h1.staging.ct.transparency.dev
1432088532
U7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=

— arche2025h1.staging.ct.transparency.dev zTM8sQAAAZ5W0WdjBAMARjBEAiBjW5IQf9pvsYLfQFX6hoGREPMHbdQ3urbllzalApkptQIgIpwtEroeW2BX\
aHAI4kJXFbon5Ch9MNL5zRNZ55lvGt0=
— arche2025h1.staging.ct.transparency.dev ui8GwCF1+kWqZrxGdhj4aX3gcw7XUlXQQabg/27lefwhUkzbC3NygNI75MdhL1bfTW9g8Ei59RA23oHP7Ry1\
k3ZFWwQ=
— transparency.dev/DEV:witness-little-garden 2AQqhwAAAABqEiEgzgFIqqhbUoDwjMWE6UP8nd8/KYTzwZ2rhIgcqoXHAwVkjZr4AscylP3v7sEodkRA\
ErumC2q44vdgJY096st5BQ==
— witness1.smartit.nu/witness1 pIyCDwAAAABqEiEghIp82KWebrw7/oHQwlTAm3g2RKS4+eebl8eO0WH+/iEcxZ75W3u5hNI7TOQtmJbqmNWVuE0tgh0XwzdZ\
sDsUAQ==
— remora.n621.de 2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX9sXTynk5XeU/zZ0WBxtqB0DrAWfBw==
— witness.stagemole.eu Z/euoAAAAABqEiEgw0i+7g2ENfDAWHmtRzCfKTHSDwYDJA2NmKeGi9Y8FtEyOUvVr+AJmIY/2TUFucgKi7lI7cUiOvKFYe/TmN9DAg==
"""
WITNESSED_BY = (
    "arche2025h1.staging.ct.transparency.dev+ba2f06c0+AU0vHmlGCS/PdN8b2OaGmKprLI8HKM+dJ472xgFYh15f",
    "transparency.dev/DEV:witness-little-garden+d8042a87+BCtusOxINQNUTN5Oj8HObRkh2yHf/MwYaGX4CPdiVEPM",
    "witness1.smartit.nu/witness1+a48c820f+BPSFWg9G6KPiO7QPryYO5Xq4oYJJ+kAvLKLSimDhoxMO",
    "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2",
    "witness.stagemole.eu+67f7aea0+BEqSG3yu9YrmcM3BHvQYTxwFj3uSWakQepafafpUqklv",
)


def test_a_real_checkpoint_and_its_witnesses_are_verified() -> None:
    note, keys = parse_note(WITNESSED), [parse_vkey(key) for key in WITNESSED_BY]
    assert verified(note, keys, check_signature) == tuple(keys)
    assert parse_checkpoint(note.text).size == 1_432_088_532
    assert format_note(note) == WITNESSED


@pytest.mark.parametrize("vkey", WITNESSED_BY)
def test_none_of_them_signed_another_size(vkey: str) -> None:
    note = parse_note(WITNESSED.replace("1432088532", "1432088533"))
    assert verified(note, [parse_vkey(vkey)], check_signature) == ()


def test_the_published_notes_are_verified() -> None:
    peter, enoch = parse_vkey(PETER), parse_vkey(ENOCH)
    note = parse_note(f"{TEXT}\n{PETER_LINE}{ENOCH_LINE}")
    assert verified(note, [enoch, peter], check_signature) == (enoch, peter)
    assert verified(replace(note, text=TEXT.replace("answer", "Answer")), [enoch, peter], check_signature) == ()


def test_a_signed_checkpoint_is_verified_by_its_key_alone() -> None:
    note = parse_note(KEY.sign_note(HEAD))
    assert note.text == HEAD
    assert verified(note, [KEY.vkey, WITNESS.vkey, KEY.witness_vkey], check_signature) == (KEY.vkey,)


def test_a_cosignature_says_when() -> None:
    line = WITNESS.cosign(HEAD, AT)
    signature = parse_signature(line.removesuffix("\n"))
    assert decode_cosignature(signature.signature).time == int(AT.timestamp())
    note = with_signatures(parse_note(KEY.sign_note(HEAD)), [signature])
    assert format_note(note) == KEY.sign_note(HEAD) + line
    keys = [KEY.vkey, WITNESS.witness_vkey]
    assert verified(note, keys, check_signature) == tuple(keys)
    assert verified(note, [WITNESS.vkey], check_signature) == ()


@pytest.mark.parametrize("at", [0, 7, 8, 71])
def test_a_cosignature_with_a_byte_altered_is_refused(at: int) -> None:
    signature = parse_signature(WITNESS.cosign(HEAD, AT).removesuffix("\n")).signature
    assert check_signature(WITNESS.witness_vkey, HEAD.encode(), signature)
    altered = signature[:at] + bytes([signature[at] ^ 1]) + signature[at + 1 :]
    assert not check_signature(WITNESS.witness_vkey, HEAD.encode(), altered)


def test_a_signature_of_one_kind_is_none_of_the_other() -> None:
    plain = parse_note(KEY.sign_note(HEAD)).signatures[0].signature
    dated = parse_signature(KEY.cosign(HEAD, AT).removesuffix("\n")).signature
    assert not check_signature(KEY.witness_vkey, HEAD.encode(), plain)
    assert not check_signature(KEY.vkey, HEAD.encode(), dated)
    assert not check_signature(KEY.vkey, HEAD.encode(), dated[8:])


def test_what_cannot_be_checked_is_a_no() -> None:
    signature = parse_note(KEY.sign_note(HEAD)).signatures[0].signature
    assert check_signature(KEY.vkey, HEAD.encode(), signature)
    assert not check_signature(replace(KEY.vkey, algorithm=0x02), HEAD.encode(), signature)
    assert not check_signature(replace(KEY.vkey, key=KEY.vkey.key[:31]), HEAD.encode(), signature)
    assert not check_signature(KEY.vkey, HEAD.encode(), signature[:63])
    assert not check_signature(KEY.vkey, HEAD.encode(), b"")
    assert not check_signature(KEY.witness_vkey, b"\xff\n", b"\x00" * 72)


@pytest.mark.parametrize(
    "text",
    ["", "hello\n", f"cosignature/v1\ntime 1\n{HEAD}", HEAD[:-1], f"{HEAD}\n", HEAD.replace(NAME, "log.example/other")],
)
def test_nothing_but_the_log_s_own_checkpoints_is_signed(text: str) -> None:
    with pytest.raises(BadCheckpoint):
        KEY.sign_note(text)


def test_nothing_but_checkpoints_is_cosigned() -> None:
    with pytest.raises(BadCheckpoint):
        WITNESS.cosign("hello\n", AT)


def test_a_proof_is_good_until_a_byte_of_the_entry_or_the_signature_is_altered() -> None:
    text = render_proof(InclusionProof(1, (hash_leaf(ENTRIES[0]),), KEY.sign_note(HEAD) + WITNESS.cosign(HEAD, AT)))
    keys = [KEY.vkey, WITNESS.witness_vkey]
    found = check_inclusion(text, ENTRIES[1], keys, check_signature, 1)
    assert isinstance(found, Included)
    assert found.signed_by == (KEY.vkey, WITNESS.witness_vkey)
    altered = check_inclusion(text, b"Second", keys, check_signature)
    assert isinstance(altered, NotIncluded)
    assert altered.outcome is Outcome.ALTERED
    forged = check_inclusion(text.replace("\n2\n", "\n3\n"), ENTRIES[1], keys, check_signature)
    assert isinstance(forged, NotIncluded)
    assert forged.outcome is Outcome.ALTERED_CHECKPOINT


def test_a_key_is_made_once_and_loaded_again(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "log.pem"
    made = make_key(path, NAME)
    assert path.stat().st_mode & 0o777 == 0o600
    assert load_key(path, NAME).vkey == made.vkey == parse_vkey(public_path(path).read_text().removesuffix("\n"))
    assert load_key(path, NAME).sign_note(HEAD) == made.sign_note(HEAD)
    with pytest.raises(BadKey, match="wanted not to overwrite a key"):
        make_key(path, NAME)
    public_path(path).unlink()
    with pytest.raises(BadKey, match="wanted not to overwrite a key"):
        make_key(path, NAME)


def test_two_keys_are_never_the_same(tmp_path: Path) -> None:
    assert make_key(tmp_path / "a", NAME).vkey != make_key(tmp_path / "b", NAME).vkey


def test_no_key_is_written_under_a_name_that_no_signature_could_carry(tmp_path: Path) -> None:
    with pytest.raises(BadVerifierKey, match="rename it"):
        make_key(tmp_path / "log.pem", "our log")
    assert list(tmp_path.iterdir()) == []


def test_a_missing_key_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadKey, match=r"No such file or directory; wanted the log's key there"):
        load_key(tmp_path / "log.pem", NAME)


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    make_key(tmp_path / "log.pem", NAME)
    (tmp_path / "log.pem").chmod(0o640)
    with pytest.raises(BadKey, match=r"mode 0640; wanted 0600.*chmod 600"):
        load_key(tmp_path / "log.pem", NAME)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "no unencrypted PEM private key"),
        (b"\xff" * 40, "no unencrypted PEM private key"),
        (
            Ed25519PrivateKey.from_private_bytes(SEED).private_bytes(
                Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"pass")
            ),
            "no unencrypted PEM private key",
        ),
        (
            ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
            "another kind of key; wanted Ed25519",
        ),
    ],
    ids=["empty", "bytes", "encrypted", "P-256"],
)
def test_a_file_that_holds_no_such_key_is_refused(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "log.pem"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(BadKey, match=says):
        load_key(path, NAME)


def test_a_key_shows_its_public_name_only() -> None:
    assert repr(KEY) == f"LogKey({NAME} {KEY.vkey.key_hash.hex()})"
