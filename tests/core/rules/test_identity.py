"""Commits that nobody can be tied to fail closed; those of agents and of the forge itself do not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core.evaluate import evaluate
from bot.core.facts import Commit, CommitIdentity
from tests.core.build import AGENT, ANN, BOB, LOW, OLD_HEAD, account, approved, commit, document, facts, identity

UNKNOWN = CommitIdentity("Somebody", "who@example.org")
CLAUDE = CommitIdentity("Claude", "noreply@anthropic.com")
WEB = CommitIdentity("GitHub", "noreply@github.com")
WEB_FLOW = CommitIdentity("GitHub", "noreply@github.com", account("web-flow", 19864447))

UNTIED: list[tuple[str, Commit, str]] = [
    ("an author", commit(author=UNKNOWN), "is the author"),
    ("a committer", commit(committer=UNKNOWN), "is the committer"),
    ("a co-author", commit(f"x\n\nCo-authored-by: S <who@example.org>\nCo-authored-by: {AGENT}"), "is a co-author"),
    ("a co-author without address", commit("x\n\nCo-authored-by: Somebody"), "is a co-author"),
    ("an author without address", commit(author=CommitIdentity("", "")), "is the author"),
    ("another host's no-reply address", commit(author=CommitIdentity("B", "1002+bob@users.noreply.ghe.example")), "author"),
    ("an author in the forge's own name", commit(author=WEB), "is the author"),
    ("a vendor's member of staff", commit(author=CommitIdentity("Dana", "dana@anthropic.com")), "is the author"),
    ("an author whose name looks like an agent's", commit(author=CommitIdentity("Claude", "claude@example.org")), "author"),
]


@pytest.mark.parametrize(("name", "one", "part"), UNTIED, ids=[name for name, _, _ in UNTIED])
def test_a_commit_nobody_can_be_tied_to_blocks_and_says_which(name: str, one: Commit, part: str) -> None:
    verdict = evaluate(approved(facts(commits=(one,)), BOB))
    assert verdict.state == "blocked"
    missing = next(leaf for leaf in verdict.missing if leaf.rule == "identity.untied")
    assert part in missing.saw
    assert missing.cure


TIED: list[tuple[str, Commit]] = [
    ("an agent's address", commit(author=CLAUDE, committer=CLAUDE)),
    ("the forge's web pages", commit(committer=WEB)),
    ("the forge's web account", commit(committer=WEB_FLOW)),
    ("an agent as co-author", commit()),
    (
        "a co-author whom the forge knows",
        commit("x\n\nCo-authored-by: D <d@acme.example>", co_author_accounts=(account("d", 77),)),
    ),
    ("the same address tied elsewhere", commit("x\n\nCo-authored-by: Ann <ann@acme.example>")),
    (
        "a robot's no-reply address",
        commit("x\n\nCo-authored-by: dependabot[bot] <49699333+dependabot[bot]@users.noreply.github.com>"),
    ),
]


@pytest.mark.parametrize(("name", "one"), TIED, ids=[name for name, _ in TIED])
def test_a_commit_that_leads_to_an_account_an_agent_or_the_forge_is_fine(name: str, one: Commit) -> None:
    assert evaluate(approved(facts(commits=(one, commit(sha=OLD_HEAD))), BOB)).state == "allowed"


def test_an_agents_own_account_does_not_vouch_for_an_unknown_co_author() -> None:
    agent = account("claude", 81847)
    one = commit(f"x\n\nCo-authored-by: S <who@example.org>\nCo-authored-by: {AGENT}", co_author_accounts=(agent,))
    verdict = evaluate(approved(facts(commits=(one,)), BOB))
    assert any(leaf.rule == "identity.untied" and "is a co-author" in leaf.saw for leaf in verdict.missing)


def test_an_operator_nobody_can_be_tied_to_blocks() -> None:
    verdict = evaluate(approved(facts(documents=(document(LOW, user_id="who@example.org"),)), BOB))
    assert any(leaf.rule == "identity.untied" and "ran the agent" in leaf.saw for leaf in verdict.missing)


def test_names_in_commits_cannot_bring_control_characters_into_a_finding() -> None:
    one = commit(author=CommitIdentity("Eve\x1b[31m\n\u202eevil", "who@example.org"))
    verdict = evaluate(facts(commits=(one,)))
    assert all(leaf.saw.isprintable() for leaf in verdict.missing)


def test_many_unknown_hands_are_counted_and_not_all_listed() -> None:
    many = tuple(commit(author=CommitIdentity("S", f"s{n}@example.org"), committer=identity(ANN)) for n in range(40))
    verdict = evaluate(replace(facts(), commits=many))
    untied = [leaf for leaf in verdict.missing if leaf.rule == "identity.untied"]
    assert len(untied) == 6
    assert "35 more" in untied[-1].saw
