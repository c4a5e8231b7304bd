"""Facts of a green change, and what its summary says, found to be in shape."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.core.approval import Approval
from bot.core.evaluate import evaluate
from bot.core.facts import Facts
from bot.core.ids import ForgeAccount
from bot.core.policy.join import join
from bot.core.policy.text import parse_policy
from bot.core.source_track import Protection
from bot.core.summary import summary_statement
from tests.core import build
from tests.core.build import BOB, HIGH, POLICY_TEXT, SAM, facts
from tests.core.vsa_schema import read_summary

OWN = "ORG_SOURCE_LLMGATE_"


def approval(by: ForgeAccount, about: Facts, **changes: Any) -> Approval:
    """As in `build`, with an id that could be a digest."""
    return build.approval(by, about, **{"id": by.login.encode().hex().ljust(64, "0"), **changes})


def approved(about: Facts, *by: ForgeAccount) -> Facts:
    return replace(about, approvals=(*about.approvals, *(approval(one, about) for one in by)))


def green(*paths: str) -> Facts:
    return approved(facts(*paths or (HIGH,)), BOB, SAM)


def said(about: Facts, protection: Protection | None = None) -> dict[str, Any]:
    statement = summary_statement(about, evaluate(about), protection)
    assert statement is not None
    return read_summary(statement)


def levels(about: Facts, protection: Protection | None = None) -> list[str]:
    claimed: list[str] = said(about, protection)["predicate"]["verifiedLevels"]
    return claimed


def own(about: Facts) -> list[str]:
    return [level.removeprefix(OWN) for level in levels(about)]


def policed(about: Facts, more: str) -> Facts:
    """The same facts under a policy that says more; no approval that was given before counts under it."""
    policy = join(None, parse_policy(POLICY_TEXT + more, "policy.yaml"), "policy.yaml at main")
    assert not policy.problems
    return replace(about, policy=policy)
