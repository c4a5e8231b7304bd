"""An approval given with the forge's own button: it comes without a checklist, and counts only where the policy takes it."""

from __future__ import annotations

from dataclasses import replace

from bot.core.evaluate import evaluate
from tests.core.build import BOB, LOW, approval, facts
from tests.core.rules.test_approvals import with_policy


def test_an_approval_given_on_the_forge_counts_where_the_policy_takes_it_and_needs_no_checklist() -> None:
    taken = "tiers: {low: {forge_approvals: true}, medium: {forge_approvals: true}, high: {forge_approvals: true}}"
    for policy, state in (("", "waiting"), (taken, "allowed")):
        about = with_policy(facts(LOW), policy)
        given = replace(about, approvals=(approval(BOB, about, chat=None, answers=()),))
        assert evaluate(given).state == state
        assert approval(BOB, about, chat=None).on_forge
    in_chat = replace(about, approvals=(approval(BOB, about, answers=()),))
    assert evaluate(in_chat).state == "waiting"
