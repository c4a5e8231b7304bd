"""What happens on the forge around a change: twins, merge queues, policy pushes, missed webhooks, tampering, forks."""

from __future__ import annotations

import pytest

from bot.cli.hands import Hands
from bot.cli.layout import CHANNEL, POLICY
from bot.cli.playground import Playground
from bot.cli.specimen import login_change, small_change
from integrations.sandbox.stage import ForgeRefused
from tests.scenarios.forges import ask_for_a_look, delete_comment, differs, looks

BRANCH = "agent/login"
STRICTER = POLICY + "tiers:\n  high:\n    approvals:\n      security: 2\n      codeowner: 1\n"


def approve(world: Playground, number: int) -> None:
    """Bob as code owner and Sue as Security."""
    assert Hands(world, "bob").approve(number).taken
    assert Hands(world, "sue").approve(number).taken


def test_two_changes_on_one_commit_never_share_a_green(one_world: Playground) -> None:
    first = one_world.open_generated()
    one_world.settle()
    one_world.forge.push(one_world.repo, "release", {"NOTES": "1.0\n"}, by="bob", message="Release branch", onto="main")
    approve(one_world, first.number)
    head = one_world.head()
    assert one_world.verdict_on(head) == "allowed"
    second = one_world.forge.open_change(one_world.repo, BRANCH, by="ann", base="release", title="The same, elsewhere")
    one_world.settle()
    assert one_world.verdict_on(head) == "blocked"
    assert one_world.blockers(first.number) is not None
    one_world.forge.close_change(one_world.repo, second.number, by="ann")
    one_world.settle()
    status = Hands(one_world, "ann").say(f"/llmgate status {one_world.ref(first.number)}")
    assert "approved by Sue and Bob" in status
    assert one_world.verdict_on(head) == "allowed"


def test_a_branch_with_a_policy_that_only_observes_lends_its_pass_to_no_other(one_world: Playground) -> None:
    change = one_world.open_generated()
    one_world.settle()
    loose = {".llmgate/policy.yaml": "version: 1\nmode: observe\n"}
    one_world.forge.push(one_world.repo, "mine", loose, by="ann", message="Relax", onto="main")
    second = one_world.forge.open_change(one_world.repo, BRANCH, by="ann", base="mine", title="The same, elsewhere")
    one_world.settle()
    assert one_world.verdict_on(change.head_sha) == "blocked"
    assert one_world.blockers(change.number) is not None
    one_world.forge.close_change(one_world.repo, second.number, by="ann")
    one_world.settle()
    assert one_world.verdict_on(change.head_sha) == "waiting"


def test_where_every_policy_only_observes_a_shared_commit_stands_in_nobodys_way(one_world: Playground) -> None:
    one_world.push_policy("version: 1\nmode: observe\n")
    first = one_world.open_generated()
    one_world.settle()
    one_world.forge.push(one_world.repo, "release", {"NOTES": "1.0\n"}, by="bob", message="Release branch", onto="main")
    one_world.forge.open_change(one_world.repo, BRANCH, by="ann", base="release", title="The same, elsewhere")
    one_world.settle()
    assert one_world.verdict_on(first.head_sha) == "neutral"
    assert one_world.blockers(first.number) is None


def test_a_merge_group_lands_only_if_every_member_may_merge(one_world: Playground) -> None:
    one_world.forge.require_queue(one_world.repo, "main")
    good = one_world.open_generated()
    one_world.settle()
    approve(one_world, good.number)
    group = one_world.forge.queue(one_world.repo, [good.number], by="ann")
    one_world.settle()
    assert one_world.verdict_on(group) == "allowed"
    assert one_world.seen(good.number).state == "merged"


def test_a_merge_group_is_judged_now_and_not_by_an_earlier_green(one_world: Playground) -> None:
    one_world.forge.require_queue(one_world.repo, "main")
    pull = one_world.open_generated()
    one_world.settle()
    approve(one_world, pull.number)
    one_world.push_policy(STRICTER)
    group = one_world.forge.queue(one_world.repo, [pull.number], by="ann")
    one_world.settle()
    assert one_world.verdict_on(group) == "blocked"
    assert one_world.seen(pull.number).state == "open"


def test_a_push_to_the_policy_judges_open_changes_anew(one_world: Playground) -> None:
    pull = one_world.open_generated()
    one_world.settle()
    approve(one_world, pull.number)
    head = one_world.head()
    assert one_world.verdict_on(head) == "allowed"
    one_world.push_policy(STRICTER)
    one_world.settle()
    assert one_world.verdict_on(head) == "waiting"
    assert one_world.card(pull.number).text.startswith("High risk: waiting for 2 of security and a code owner")
    assert one_world.blockers(pull.number) is not None


def test_under_another_policy_the_same_people_may_approve_again(one_world: Playground) -> None:
    change = one_world.open_generated()
    one_world.settle()
    approve(one_world, change.number)
    one_world.push_policy(POLICY + "undeclared: as-generated\n")
    one_world.settle()
    assert one_world.verdict_on(change.head_sha) == "waiting"
    approve(one_world, change.number)
    assert one_world.verdict_on(change.head_sha) == "allowed"


def test_a_policy_that_cannot_be_read_blocks_and_says_where(one_world: Playground) -> None:
    one_world.open_generated()
    one_world.push_policy("version: 1\nspeed: fast\n")
    one_world.settle()
    check = one_world.check_on(one_world.head())
    assert check.state == "blocked"
    assert "speed" in check.text
    assert "policy.yaml" in check.text


def test_the_head_may_not_bring_its_own_policy(one_world: Playground) -> None:
    made = small_change(one_world.clock.now(), 1)
    loose = {**made.files, ".llmgate/policy.yaml": b"version: 1\nmode: observe\n"}
    one_world.forge.push(one_world.repo, "agent/part", loose, by="ann", message=made.message)
    pull = one_world.forge.open_change(one_world.repo, "agent/part", by="ann", title="A part, and a looser policy")
    one_world.settle()
    check = one_world.check_on(pull.head_sha)
    assert check.state != "neutral"
    assert check.title.startswith("High risk")
    assert "the gate's own rules" in check.text


def test_a_missed_webhook_is_repaired_by_the_sweep(one_world: Playground) -> None:
    one_world.settle()
    one_world.forge.disconnect()
    pull = one_world.open_generated()
    one_world.settle()
    assert one_world.verdict_on(pull.head_sha) == "absent"
    one_world.forge.connect(one_world.served.url)
    one_world.gate.request_sweep()
    one_world.settle()
    assert one_world.verdict_on(pull.head_sha) == "waiting"
    assert one_world.card(pull.number).text.startswith("High risk: waiting")


def test_a_deleted_comment_and_label_come_back(one_world: Playground) -> None:
    pull = one_world.open_generated()
    one_world.settle()
    delete_comment(one_world, pull.number)
    one_world.forge.unlabel(one_world.repo, pull.number, "llm-generated", by="eve")
    one_world.settle()
    assert one_world.seen(pull.number).labels == ("llm-generated",)
    one_world.push_generated(specimen=login_change(one_world.clock.now(), "without evidence"))
    Hands(one_world, "bob").request_changes(pull.number, "Please say why five")
    assert len(one_world.seen(pull.number).comments) == 1


def test_a_forged_status_of_the_same_name_does_not_open_the_branch(one_world: Playground) -> None:
    pull = one_world.open_generated()
    one_world.settle()
    one_world.forge.forge_green(one_world.repo, pull.number, by="eve")
    one_world.settle()
    with pytest.raises(ForgeRefused):
        one_world.forge.merge(one_world.repo, pull.number, by="ann")


def test_marks_edited_away_still_count(one_world: Playground) -> None:
    one_world.forge.push(one_world.repo, "feature", {"a.py": "x = 1\n"}, by="ann", message="Add a")
    body = "Adds a.\n\n🤖 Generated with [Claude Code](https://claude.com/claude-code)"
    pull = one_world.forge.open_change(one_world.repo, "feature", by="ann", title="Add a", body=body)
    one_world.settle()
    assert one_world.seen(pull.number).labels == ("llm-generated",)
    one_world.forge.edit(one_world.repo, pull.number, by="ann", body="Adds a.")
    one_world.settle()
    status = Hands(one_world, "bob").say(f"/llmgate status {one_world.ref(pull.number)}")
    assert "No review needed" not in status
    assert one_world.verdict_on(pull.head_sha) == "blocked"


def test_a_draft_asks_nobody_until_it_is_ready(one_world: Playground) -> None:
    one_world.push_generated()
    pull = one_world.forge.open_change(one_world.repo, BRANCH, by="ann", title="Add password login", draft=True)
    one_world.settle()
    card = one_world.card(pull.number)
    assert one_world.slack.thread(CHANNEL, card.ts) == []
    one_world.forge.set_draft(one_world.repo, pull.number, False, by="ann")
    one_world.settle()
    assert len(one_world.slack.thread(CHANNEL, card.ts)) == 2


def test_a_fork_is_judged_like_any_other_change(one_world: Playground) -> None:
    fork = one_world.forge.fork(one_world.repo, by="eve")
    made = login_change(one_world.clock.now())
    one_world.forge.push(fork, BRANCH, dict(made.files), by="eve", message=made.message)
    pull = one_world.forge.open_change(one_world.repo, f"eve:{BRANCH}", by="eve", title="From a fork")
    one_world.settle()
    assert one_world.verdict_on(pull.head_sha) == "waiting"
    approve(one_world, pull.number)
    assert one_world.verdict_on(pull.head_sha) == "allowed"


def test_asking_on_the_forge_for_another_look_gets_one(one_world: Playground) -> None:
    pull = one_world.open_generated()
    one_world.settle()
    one_world.forge.clear_calls()
    ask_for_a_look(one_world, pull)
    one_world.settle()
    again = 2  # the status that the gate posts into the new pipeline ends it, and GitLab tells of that as well
    assert looks(one_world) == differs(one_world, github=1, gitlab=again)
