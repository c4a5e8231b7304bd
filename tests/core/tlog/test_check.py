"""What a proof shows, and every reason why it may show nothing."""

from __future__ import annotations

import string
from dataclasses import replace

import pytest

from bot.core.tlog.check import Included, NotIncluded, Outcome, check_inclusion
from bot.core.tlog.checkpoint import Checkpoint, render_checkpoint
from bot.core.tlog.note import ED25519, Note, VerifierKey, format_note, verifier_key
from bot.core.tlog.proof import InclusionProof, parse_proof, render_proof
from bot.core.tlog.tree import hash_leaf, inclusion_proof, root_at
from tests.core.tlog.toy import LOG, OTHER_LOG, WITNESS, check, signature_of, signed
from tests.core.tlog.trees import reading

ENTRIES = tuple(b"entry %d" % number for number in range(11))
READ = reading(tuple(map(hash_leaf, ENTRIES)))
HEAD = Checkpoint(LOG.name, 11, root_at(11, READ))
TEXT = render_checkpoint(HEAD)


def proof_of(index: int, *signers: VerifierKey, size: int = 11) -> str:
    head = render_checkpoint(Checkpoint(LOG.name, size, root_at(size, READ)))
    return render_proof(InclusionProof(index, inclusion_proof(index, size, READ), signed(head, *(signers or (LOG,)))))


def refused(text: str, data: bytes = ENTRIES[5], *keys: VerifierKey, index: int | None = None) -> NotIncluded:
    found = check_inclusion(text, data, keys or (LOG,), check, index)
    assert isinstance(found, NotIncluded)
    assert str(found) == f"saw {found.saw}; wanted {found.wanted}; {found.cure}"
    assert all((found.saw, found.wanted, found.cure))
    assert str(found).isprintable()
    return found


@pytest.mark.parametrize("index", range(11))
def test_every_entry_is_found_where_it_is(index: int) -> None:
    found = check_inclusion(proof_of(index), ENTRIES[index], [LOG], check)
    assert found == Included(index, HEAD, (LOG,))
    assert found.outcome is Outcome.GOOD
    assert check_inclusion(proof_of(index), ENTRIES[index], [LOG], check, index) == found


def test_the_only_entry_of_a_log_needs_no_hashes() -> None:
    found = check_inclusion(proof_of(0, size=1), ENTRIES[0], [LOG], check)
    assert isinstance(found, Included)
    assert found.checkpoint.size == 1


def test_witnesses_are_named_beside_the_log() -> None:
    found = check_inclusion(proof_of(5, LOG, WITNESS), ENTRIES[5], [WITNESS, OTHER_LOG, LOG], check)
    assert isinstance(found, Included)
    assert found.signed_by == (WITNESS, LOG)


def test_any_of_the_log_s_keys_will_do_when_it_changed_keys() -> None:
    retired = verifier_key(LOG.name, ED25519, b"R" * 32)
    found = check_inclusion(proof_of(5), ENTRIES[5], [retired, LOG], check)
    assert isinstance(found, Included)
    assert found.signed_by == (LOG,)


def test_a_witness_alone_vouches_for_no_log() -> None:
    assert refused(proof_of(5, WITNESS), ENTRIES[5], LOG, WITNESS).outcome is Outcome.UNKNOWN_KEY
    assert refused(proof_of(5, WITNESS), ENTRIES[5], WITNESS).outcome is Outcome.WRONG_ORIGIN


def test_another_log_is_told_from_the_one_wanted() -> None:
    found = refused(proof_of(5, LOG, OTHER_LOG), ENTRIES[5], OTHER_LOG, WITNESS)
    assert (found.outcome, found.saw, found.wanted) == (Outcome.WRONG_ORIGIN, "the log 'log.example/gate'", OTHER_LOG.name)


def test_no_key_at_all_trusts_no_log() -> None:
    found = check_inclusion(proof_of(5), ENTRIES[5], [], check)
    assert isinstance(found, NotIncluded)
    assert (found.outcome, found.wanted) == (Outcome.WRONG_ORIGIN, "a log whose key is given, and none is")


def test_a_key_of_the_right_name_and_no_other_is_told_by_its_id() -> None:
    impostor = verifier_key(LOG.name, ED25519, b"I" * 32)
    found = refused(proof_of(5, impostor))
    assert found.outcome is Outcome.UNKNOWN_KEY
    assert impostor.key_hash.hex() in found.saw
    assert LOG.key_hash.hex() in found.wanted


def test_a_checkpoint_of_another_tree_under_an_old_signature_is_told() -> None:
    proof = parse_proof(proof_of(5))
    forged = Note(render_checkpoint(replace(HEAD, size=12)), (signature_of(LOG, TEXT),))
    assert refused(render_proof(replace(proof, checkpoint=format_note(forged)))).outcome is Outcome.ALTERED_CHECKPOINT


def test_a_known_witness_s_bad_signature_voids_the_checkpoint() -> None:
    note = Note(TEXT, (signature_of(LOG, TEXT), signature_of(WITNESS, "another\n")))
    text = render_proof(replace(parse_proof(proof_of(5)), checkpoint=format_note(note)))
    assert refused(text, ENTRIES[5], LOG, WITNESS).outcome is Outcome.ALTERED_CHECKPOINT
    assert isinstance(check_inclusion(text, ENTRIES[5], [LOG], check), Included)


def test_altered_bytes_are_told() -> None:
    for data in (ENTRIES[5] + b" ", b"", ENTRIES[4], hash_leaf(ENTRIES[5])):
        found = refused(proof_of(5), data)
        assert found.outcome is Outcome.ALTERED
        assert "entry 5" in found.saw


def test_an_entry_under_another_number_is_told() -> None:
    found = refused(proof_of(5), index=6)
    assert (found.outcome, found.saw, found.wanted) == (Outcome.WRONG_INDEX, "a proof of entry 5", "one of entry 6")
    for other in (0, 4, 6, 7):
        assert refused(render_proof(replace(parse_proof(proof_of(5)), index=other))).outcome is Outcome.ALTERED


def test_an_entry_beyond_the_checkpoint_is_told() -> None:
    found = refused(render_proof(replace(parse_proof(proof_of(5)), index=11)))
    assert (found.outcome, found.saw) == (Outcome.NOT_IN_TREE, "entry 11 of a log of 11 entries")


def test_nothing_is_in_an_empty_log() -> None:
    head = signed(render_checkpoint(Checkpoint(LOG.name, 0, root_at(0, READ))), LOG)
    assert refused(render_proof(InclusionProof(0, (), head)), b"").outcome is Outcome.NOT_IN_TREE


def test_a_path_of_another_length_is_told() -> None:
    proof = parse_proof(proof_of(5))
    for hashes in (proof.hashes[:-1], (*proof.hashes, HEAD.root), ()):
        found = refused(render_proof(replace(proof, hashes=hashes)))
        assert (found.outcome, found.wanted) == (Outcome.ALTERED, "4, as many as lie on its way to the root")


@pytest.mark.parametrize(
    "text",
    [
        "",
        proof_of(5).replace("v1", "v2"),
        proof_of(5).replace("\n", "\r\n"),
        proof_of(5)[:-1],
        proof_of(5).replace("\n11\n", "\n011\n"),
        proof_of(5).replace(f"{LOG.name}\n", f"{LOG.name}\x00\n"),
        "c2sp.org/tlog-proof@v1\nindex 0\n\nno note\n",
    ],
)
def test_what_is_no_proof_is_refused_with_a_cure(text: str) -> None:
    found = refused(text)
    assert (found.outcome, found.cure) == (Outcome.NO_PROOF, "ask the log for the proof again")


def test_extra_data_changes_nothing() -> None:
    text = render_proof(replace(parse_proof(proof_of(5)), extra=b"a hint"))
    assert check_inclusion(text, ENTRIES[5], [LOG], check) == check_inclusion(proof_of(5), ENTRIES[5], [LOG], check)


def test_no_character_of_a_proof_can_be_altered() -> None:
    text = proof_of(5)
    for at, character in enumerate(text):
        for other in {*string.ascii_letters[at % 26 :: 26], "0", "1", "=", "+", "\n", " ", "\x00"} - {character}:
            refused(text[:at] + other + text[at + 1 :])
        refused(text[:at] + text[at + 1 :])
        refused(text[:at] + character + text[at:])
