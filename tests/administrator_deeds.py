"""What a database administrator with full write access can and cannot do unseen, told once.

README's table is made from this, and each row names the test that does it.
"""

from __future__ import annotations

from typing import NamedTuple


class Deed(NamedTuple):
    """`seen` is by what `llmgate log verify` sees it; or why nothing does."""

    what: str
    unseen: bool
    seen: str
    test: str


DEEDS = (
    Deed("remove a record", False, "the gap in the numbers", "test_a_removed_entry_is_named"),
    Deed(
        "remove a record and close the gap",
        False,
        "the tiles, and the place where the rest stands",
        "test_a_removed_entry_is_named_though_those_behind_it_closed_the_gap",
    ),
    Deed(
        "remove a record and make the tiles anew",
        False,
        "the heads that were signed",
        "test_a_removed_entry_is_found_by_the_signed_heads_though_the_tiles_were_made_anew",
    ),
    Deed(
        "remove a record, make the tiles anew and remove every head",
        False,
        "the anchor",
        "test_a_removed_entry_is_found_by_the_anchor_though_every_head_in_the_database_went_with_it",
    ),
    Deed("remove the void of an approval, to revive it", False, "the gap in the numbers", "test_a_removed_void_is_named"),
    Deed("alter a record", False, "its signature and its leaf", "test_an_altered_entry_is_named"),
    Deed(
        "replace a record by one signed with the stolen organisation key",
        False,
        "the leaf, and the heads that were signed",
        "test_an_entry_replaced_by_one_that_the_stolen_organisation_key_signed_is_named",
    ),
    Deed(
        "file a decision under another change",
        False,
        "the statement, which names its change",
        "test_a_decision_that_was_filed_under_another_change_is_named",
    ),
    Deed(
        "re-order the log",
        False,
        "what stands where",
        "test_a_reordered_log_is_told_by_what_stands_where",
    ),
    Deed(
        "re-order the log and make the tiles anew",
        False,
        "the anchor",
        "test_a_reordered_log_is_found_by_the_anchor_though_the_tiles_were_made_anew",
    ),
    Deed(
        "restore an older database", False, "the anchor, which is ahead", "test_a_rolled_back_database_is_found_by_the_anchor"
    ),
    Deed(
        "restore an older database and let it grow again",
        False,
        "the anchor, which holds another tree",
        "test_a_rolled_back_database_that_grew_again_is_found_by_the_anchor",
    ),
    Deed(
        "rewrite the whole log and sign it with both stolen keys",
        False,
        "the anchor",
        "test_a_log_rewritten_whole_and_signed_anew_with_both_keys_is_found_by_the_anchor",
    ),
    Deed(
        "forge a head without the log's key",
        False,
        "its signature",
        "test_a_head_that_was_forged_without_the_log_key_is_found",
    ),
    Deed(
        "insert or alter a link, to approve as somebody else",
        False,
        "the gate, which believes no link that nobody signed; and the record that is not there",
        "test_a_row_without_a_record_ties_nobody",
    ),
    Deed(
        "insert a passkey, to sign as somebody else",
        False,
        "the gate, to which a key is one by the record of its enrolment; and the record that is not there",
        "test_a_row_that_no_record_vouches_for_is_no_enrolment",
    ),
    Deed(
        "exchange the key of a passkey",
        False,
        "its record, which names the key",
        "test_a_passkey_whose_key_was_exchanged_is_found",
    ),
    Deed(
        "turn a link to another account",
        False,
        "the gate, which then believes it no more; and its record",
        "test_a_link_that_was_turned_to_another_account_is_found",
    ),
    Deed(
        "revive a link that had ended",
        False,
        "the gate, by the record that ended it",
        "test_a_link_that_had_ended_and_counts_again_is_found",
    ),
    Deed(
        "end or remove a link past the gate",
        False,
        "the record that is missing, or the row",
        "test_a_link_that_was_ended_or_removed_past_the_gate_is_found",
    ),
    Deed(
        "point a void at another approval",
        False,
        "the statement, which names its approval",
        "test_a_void_that_was_pointed_at_another_approval_is_named",
    ),
    Deed(
        "tamper with tiles",
        False,
        "the records, and the signed heads",
        "test_tampered_tiles_are_found_and_the_records_are_not_blamed",
    ),
    Deed("tamper with a checkpoint", False, "the log's signature", "test_a_tampered_checkpoint_is_found"),
    Deed("remove a checkpoint", False, "its anchor", "test_a_removed_checkpoint_is_found_by_its_anchor"),
    Deed(
        "invent an anchor in the database",
        False,
        "the anchor's own place, where it does not stand",
        "test_an_anchor_that_is_only_in_the_database_is_found",
    ),
    Deed(
        "remove a void from before there was a log",
        True,
        "nobody ever signed it: it is from a release that kept no log",
        "test_a_void_from_before_there_was_a_log_can_be_removed_unseen",
    ),
    Deed(
        "restore to before the last anchor was placed what came after it",
        True,
        "nobody outside ever saw it: anchor more often (`log.anchor_every_s`), or keep a note yourself",
        "test_what_was_never_anchored_can_be_rolled_back_unseen",
    ),
    Deed(
        "rewrite it all with both stolen keys before the first anchor",
        True,
        "there is nothing to compare with: anchor from the first day",
        "test_a_log_rewritten_with_both_keys_before_it_was_ever_anchored_cannot_be_seen",
    ),
)
