"""Whose hands made a change on GitLab: numbers and private addresses there are its own, whatever they mean on GitHub."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core.detection.detect import detect
from bot.core.evaluate import evaluate
from bot.core.facts import CommitIdentity, Facts
from bot.core.ids import ChangeRef, ForgeAccount, RepoRef
from bot.core.routing.hands import Hands, hands_of
from tests.core.build import AGENT, BOB, OLD_HEAD, approved, commit, facts, on_gitlab


def hands(about: Facts) -> Hands:
    return hands_of(about, detect(about.change, about.commits, about.files, about.documents, about.seen_before))


def at_host(about: Facts, host: str) -> Facts:
    return replace(about, change=replace(about.change, ref=ChangeRef(RepoRef("gitlab", host, "acme/shop"), 7)))


@pytest.mark.parametrize(
    ("host", "address", "key"),
    [
        ("gitlab.com", "1002-bob@users.noreply.gitlab.com", "gitlab:gitlab.com:1002"),
        ("gitlab.example:8443", "1002-bob@users.noreply.gitlab.example", "gitlab:gitlab.example:8443:1002"),
        ("gitlab.com", "1002+bob@users.noreply.gitlab.com", ""),
        ("gitlab.com", "1002-bob@users.noreply.other.example", ""),
        ("gitlab.com", "1002+bob@users.noreply.github.com", ""),
    ],
)
def test_a_private_address_leads_to_its_number_on_its_own_host_alone(host: str, address: str, key: str) -> None:
    about = on_gitlab(facts(commits=(commit(f"x\n\nCo-authored-by: B <{address}>\nCo-authored-by: {AGENT}"),)))
    found = hands(at_host(about, host))
    assert (key in found.parts) is bool(key)
    assert any(one.address == address for one in found.untied) is not bool(key)


def test_a_login_that_begins_with_a_number_is_no_number_on_github() -> None:
    about = facts(commits=(commit(f"x\n\nCo-authored-by: B <1002-bob@users.noreply.github.com>\nCo-authored-by: {AGENT}"),))
    assert [one.address for one in hands(about).untied] == ["1002-bob@users.noreply.github.com"]


def test_a_committer_with_the_number_of_githubs_web_account_has_a_part_on_gitlab() -> None:
    somebody = ForgeAccount("gitlab", "gitlab.com", 19864447, "some", "human")
    about = on_gitlab(facts())
    one = replace(about.commits[0], committer=CommitIdentity("Some", "some@acme.example", somebody))
    assert somebody.key in hands(replace(about, commits=(one,))).parts


def test_a_co_author_with_the_number_of_an_agent_on_github_vouches_for_a_person_on_gitlab() -> None:
    somebody = ForgeAccount("gitlab", "gitlab.com", 81847, "some", "human")
    message = f"x\n\nCo-authored-by: S <some@acme.example>\nCo-authored-by: {AGENT}"
    about = on_gitlab(facts(commits=(commit(message, co_author_accounts=(somebody,)),)))
    assert not any(one.part.startswith("is a co-author") for one in hands(about).untied)


def test_a_co_author_whom_the_forge_ties_to_an_account_is_no_unknown_operator() -> None:
    """GitHub tells the account and not which address is theirs; beside an agent's trailer the address is an operator's, too."""
    message = f"x\n\nCo-authored-by: Bob <bob@acme.example>\nCo-authored-by: {AGENT}"
    found = hands(facts(commits=(commit(message, co_author_accounts=(BOB,)),)))
    assert found.untied == []
    assert any(part.startswith("is a co-author") for part in found.parts[BOB.key])


def test_an_account_speaks_for_one_address_and_not_for_another_commits() -> None:
    message = f"x\n\nCo-authored-by: Bob <bob@acme.example>\nCo-authored-by: {AGENT}"
    other = message.replace("bob@", "who@")
    about = facts(commits=(commit(message, co_author_accounts=(BOB,)), commit(other, sha=OLD_HEAD)))
    assert [one.address for one in hands(about).untied] == ["who@acme.example"]


def test_who_started_an_agents_own_change_may_not_approve_it() -> None:
    duo = ForgeAccount("gitlab", "gitlab.com", 12, "duo-developer-acme", "bot")
    bob = replace(BOB, forge="gitlab", host="gitlab.com")
    about = on_gitlab(approved(facts(), BOB))
    assert evaluate(about).state == "allowed"
    made = replace(about, change=replace(about.change, author=duo, assignees=(bob,)))
    verdict = evaluate(made)
    assert verdict.state == "waiting"
    assert [one.because for one in verdict.routing.disqualified if one.person == "bob"] == ["ran the agent"]
