"""Decisions about the same head, given when the change was to go into another branch."""

from __future__ import annotations

from dataclasses import replace

from bot.core.evaluate import evaluate
from bot.core.patch import patch_id
from tests.core.build import BOB, MEDIUM, approval, facts


def test_a_request_for_changes_blocks_into_whatever_branch_the_change_goes() -> None:
    about = facts(MEDIUM)
    no = approval(BOB, about, decision="changes-requested", base_ref="staging")
    assert evaluate(replace(about, approvals=(no,))).state == "blocked"


def test_an_approval_of_the_same_difference_counts_into_another_branch() -> None:
    about = facts(MEDIUM)
    same = patch_id((file.path, file.patch) for file in about.files)
    yes = approval(BOB, about, base_ref="staging", patch_id=same)
    assert evaluate(replace(about, approvals=(yes,))).state == "allowed"
