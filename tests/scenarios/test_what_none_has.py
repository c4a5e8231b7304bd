"""What no other gate had: each as a story with its verdict.

Linking, carried approvals, overrides, merge groups and the sweep have stories of their own, in `test_linking`,
`test_carry_over`, `test_overrides` and `test_forge_stories`.
"""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest

from bot.cli.hands import Hands, whole
from bot.cli.layout import POLICY
from bot.cli.playground import BRANCH, Playground
from bot.cli.specimen import PROVENANCE, Specimen, document, login_change, small_change
from tests.scenarios.deeds import approve, approved, assert_shut, notified, summary


def statement(world: Playground, number: int) -> dict[str, Any]:
    """What the first approval of the change says, out of its very bundle."""
    with world.gate.kit.store.look() as unit:
        bundle = json.loads(unit.approvals(world.ref(number))[0].bundle)
    read: dict[str, Any] = json.loads(base64.b64decode(bundle["dsseEnvelope"]["payload"]))
    return read


def test_an_approval_in_the_chat_unblocks_the_merge_of_that_very_commit(one_world: Playground) -> None:
    change = one_world.open_generated()
    one_world.settle()
    assert_shut(one_world, change.number, "waiting")
    approve(one_world, change.number)
    one_world.forge.merge(one_world.repo, change.number, by="ann")
    one_world.settle()
    assert one_world.seen(change.number).state == "merged"
    assert statement(one_world, change.number)["predicate"]["head"]["commit"] == change.head_sha


def test_a_signed_approval_names_everything_that_it_rests_on(one_world: Playground) -> None:
    base = one_world.head("main")
    made = login_change(one_world.clock.now())
    change = one_world.open_generated(specimen=made)
    one_world.settle()
    assert Hands(one_world, "bob").approve(change.number, reason="Reads well").taken
    said = statement(one_world, change.number)["predicate"]
    assert said["target"]["ref"] == "refs/heads/main"
    assert said["target"]["baseCommit"] == base
    assert said["head"]["commit"] == change.head_sha
    assert len(said["head"]["patchId"]) == 64
    assert (said["decision"], said["strength"], said["riskTier"]) == ("approved", "witnessed", "high")
    assert len(said["policy"]["digest"]["sha256"]) == 64
    assert (said["reviewer"]["person"], said["reviewer"]["account"]["id"]) == ("bob", 502)
    assert said["reason"] == "Reads well"
    shown = {one["digest"]["sha256"] for one in said["evidence"]}
    reports = [content for path, content in made.files.items() if path.startswith(".llmgate/")]
    assert {hashlib.sha256(content).hexdigest() for content in reports} <= shown


def test_a_branch_name_alone_is_called_a_weak_sign_and_still_holds_the_change(one_world: Playground) -> None:
    one_world.forge.push(one_world.repo, "claude/fix-rounding", {"a.py": "A = 1\n"}, by="ann", message="Fix rounding")
    change = one_world.forge.open_change(one_world.repo, "claude/fix-rounding", by="ann", title="Fix rounding")
    one_world.settle()
    assert_shut(one_world, change.number)
    assert "only the branch name" in whole(one_world.card(change.number))


def test_no_mark_is_undeclared_and_never_called_human(one_world: Playground) -> None:
    one_world.forge.push(one_world.repo, "people/a", {"a.py": "A = 1\n"}, by="ann", message="Add a")
    change = one_world.forge.open_change(one_world.repo, "people/a", by="ann", title="Add a")
    one_world.settle()
    assert one_world.blockers(change.number) is None
    assert "no mark of generated code" in Hands(one_world, "bob").say(f"/llmgate status {one_world.ref(change.number)}")
    one_world.push_policy(POLICY + "undeclared: as-generated\n")
    one_world.settle()
    assert_shut(one_world, change.number)
    assert "the policy treats every change as generated" in summary(one_world, change.number)


@pytest.mark.parametrize(
    ("tier", "headline", "seats"),
    [
        ("low", "Low risk: waiting for an approval", 1),
        ("medium", "Medium risk: waiting for a code owner", 1),
        ("high", "High risk: waiting for security and a code owner", 2),
    ],
)
def test_the_tier_decides_how_many_of_which_people_are_asked_by_name(
    one_world: Playground, tier: str, headline: str, seats: int
) -> None:
    now = one_world.clock.now()
    made = login_change(now) if tier == "high" else small_change(now, 1)
    if tier == "medium":
        lock = {"requirements.txt": b"flask==3.1\n"}
        made = Specimen({**made.files, **lock, f"{PROVENANCE}/lock.json": document(lock, now)}, made.message)
    change = one_world.open_generated(specimen=made)
    one_world.settle()
    assert one_world.card(change.number).text == f"{headline} — {one_world.ref(change.number)}"
    assert len(notified(one_world)) == seats
    assert "(backup " in whole(one_world.card(change.number))


def test_an_approval_that_does_not_count_is_told_by_whose_it_is_and_why(one_world: Playground) -> None:
    change = approved(one_world)
    one_world.push_generated(specimen=login_change(one_world.clock.now(), "second"))
    one_world.settle()
    why = Hands(one_world, "ann").say(f"/llmgate why {one_world.ref(change.number)}")
    for name in ("Bob", "Sue"):
        assert f"{name}'s approval does not count: it is about commit {change.head_sha[:7]}" in why


def test_tests_and_provenance_stand_beside_the_button(one_world: Playground) -> None:
    change = one_world.open_generated()
    one_world.settle()
    card = whole(one_world.card(change.number))
    shown = Hands(one_world, "bob").press(one_world.card(change.number))
    assert shown.dialogue is not None
    dialogue = json.dumps(shown.dialogue.content, ensure_ascii=False)
    for said in (card, dialogue):
        assert "claude-opus" in said
        assert "not signed" in said
        assert "12 of 12" in said
        assert "9 of 10" in said
    assert "Review & approve" in card
    assert change.head_sha[:12] in dialogue
    assert one_world.head(BRANCH) == change.head_sha
