"""What happens on the forge around a change: twins, merge queues, policy pushes, missed webhooks, tampering, forks."""

from __future__ import annotations

import pytest

from bot.cli.hands import Hands
from bot.cli.playground import CHANNEL, CHECK, POLICY, REPO, Playground
from bot.cli.specimen import login_change, small_change
from integrations.sandbox.github.refusal import Refusal

BRANCH = "agent/login"
STRICTER = POLICY + "tiers:\n  high:\n    approvals:\n      security: 2\n      codeowner: 1\n"


def approve(world: Playground, number: int) -> None:
    """Bob as code owner and Sue as Security."""
    assert Hands(world, "bob").approve(number).taken
    assert Hands(world, "sue").approve(number).taken


def test_two_changes_on_one_commit_never_share_a_green(one_world: Playground) -> None:
    first = one_world.open_generated()
    one_world.settle()
    one_world.github.push(REPO, "release", {"NOTES": "1.0\n"}, by="bob", message="Release branch", onto="main")
    approve(one_world, first.number)
    head = one_world.github.head(REPO, BRANCH)
    assert one_world.verdict_on(head) == "success"
    second = one_world.github.open_change(REPO, BRANCH, by="ann", base="release", title="The same, elsewhere")
    one_world.settle()
    assert one_world.verdict_on(head) == "failure"
    assert one_world.github.blockers(REPO, first.number) is not None
    one_world.github.close_change(REPO, second.number, by="ann")
    one_world.settle()
    status = Hands(one_world, "ann").say(f"/llmgate status {REPO}#{first.number}")
    assert "approved by Sue and Bob" in status
    assert one_world.verdict_on(head) == "success"


def test_a_merge_group_lands_only_if_every_member_may_merge(one_world: Playground) -> None:
    one_world.github.protect(REPO, "main", required_checks=[(CHECK, one_world.github.app.id)], queue=True)
    good = one_world.open_generated()
    one_world.settle()
    approve(one_world, good.number)
    group = one_world.github.queue_merge(REPO, [good.number], by="ann")
    one_world.settle()
    assert one_world.verdict_on(group.sha) == "success"
    assert one_world.github.change(REPO, good.number).merged


def test_a_merge_group_is_judged_now_and_not_by_an_earlier_green(one_world: Playground) -> None:
    one_world.github.protect(REPO, "main", required_checks=[(CHECK, one_world.github.app.id)], queue=True)
    pull = one_world.open_generated()
    one_world.settle()
    approve(one_world, pull.number)
    one_world.github.push(REPO, "main", {".llmgate/policy.yaml": STRICTER}, by="sam", message="Ask for two of Security")
    group = one_world.github.queue_merge(REPO, [pull.number], by="ann")
    one_world.settle()
    assert one_world.verdict_on(group.sha) == "failure"
    assert not one_world.github.change(REPO, pull.number).merged


def test_a_push_to_the_policy_judges_open_changes_anew(one_world: Playground) -> None:
    pull = one_world.open_generated()
    one_world.settle()
    approve(one_world, pull.number)
    head = one_world.github.head(REPO, BRANCH)
    assert one_world.verdict_on(head) == "success"
    one_world.github.push(REPO, "main", {".llmgate/policy.yaml": STRICTER}, by="sam", message="Ask for two of Security")
    one_world.settle()
    assert one_world.verdict_on(head) == "in_progress"
    assert one_world.card(pull.number).text.startswith("High risk: waiting for 2 of security and a code owner")
    assert one_world.github.blockers(REPO, pull.number) is not None


def test_a_policy_that_cannot_be_read_blocks_and_says_where(one_world: Playground) -> None:
    one_world.open_generated()
    one_world.github.push(REPO, "main", {".llmgate/policy.yaml": "version: 1\nspeed: fast\n"}, by="sam", message="Oops")
    one_world.settle()
    (run,) = one_world.github.checks(REPO, one_world.github.head(REPO, BRANCH))
    assert run.conclusion == "failure"
    assert "speed" in run.output["summary"]
    assert "policy.yaml" in run.output["summary"]


def test_the_head_may_not_bring_its_own_policy(one_world: Playground) -> None:
    made = small_change(one_world.clock.now(), 1)
    loose = {**made.files, ".llmgate/policy.yaml": b"version: 1\nmode: observe\n"}
    one_world.github.push(REPO, "agent/part", loose, by="ann", message=made.message)
    pull = one_world.github.open_change(REPO, "agent/part", by="ann", title="A part, and a looser policy")
    one_world.settle()
    (run,) = one_world.github.checks(REPO, pull.head_sha)
    assert run.conclusion != "neutral"
    assert run.output["title"].startswith("High risk")
    assert "the gate's own rules" in run.output["summary"]


def test_a_missed_webhook_is_repaired_by_the_sweep(one_world: Playground) -> None:
    one_world.settle()
    one_world.github.app.hook_url = "http://127.0.0.1:9/nobody"
    pull = one_world.open_generated()
    one_world.settle()
    assert one_world.verdict_on(pull.head_sha) == "absent"
    one_world.github.app.hook_url = one_world.hook_url
    one_world.gate.request_sweep()
    one_world.settle()
    assert one_world.verdict_on(pull.head_sha) == "in_progress"
    assert one_world.card(pull.number).text.startswith("High risk: waiting")


def test_a_deleted_comment_and_label_come_back(one_world: Playground) -> None:
    pull = one_world.open_generated()
    one_world.settle()
    (comment,) = one_world.github.comments(REPO, pull.number)
    one_world.github.delete_comment(REPO, comment.id, by="eve")
    one_world.github.unlabel(REPO, pull.number, "llm-generated", by="eve")
    one_world.settle()
    assert one_world.github.labels(REPO, pull.number) == ["llm-generated"]
    one_world.push_generated(specimen=login_change(one_world.clock.now(), "without evidence"))
    Hands(one_world, "bob").request_changes(pull.number, "Please say why five")
    assert len(one_world.github.comments(REPO, pull.number)) == 1


def test_a_forged_status_of_the_same_name_does_not_open_the_branch(one_world: Playground) -> None:
    pull = one_world.open_generated()
    one_world.settle()
    one_world.github.forge_status(REPO, pull.head_sha, CHECK, by="eve")
    one_world.github.forge_check(REPO, pull.head_sha, CHECK, app_id=99)
    one_world.settle()
    with pytest.raises(Refusal):
        one_world.github.merge(REPO, pull.number, by="ann")


def test_marks_edited_away_still_count(one_world: Playground) -> None:
    one_world.github.push(REPO, "feature", {"a.py": "x = 1\n"}, by="ann", message="Add a")
    body = "Adds a.\n\n🤖 Generated with [Claude Code](https://claude.com/claude-code)"
    pull = one_world.github.open_change(REPO, "feature", by="ann", title="Add a", body=body)
    one_world.settle()
    assert one_world.github.labels(REPO, pull.number) == ["llm-generated"]
    one_world.github.edit(REPO, pull.number, by="ann", body="Adds a.")
    one_world.settle()
    status = Hands(one_world, "bob").say(f"/llmgate status {REPO}#{pull.number}")
    assert "No review needed" not in status
    assert one_world.verdict_on(pull.head_sha) == "failure"


def test_a_draft_asks_nobody_until_it_is_ready(one_world: Playground) -> None:
    one_world.push_generated()
    pull = one_world.github.open_change(REPO, BRANCH, by="ann", title="Add password login", draft=True)
    one_world.settle()
    card = one_world.card(pull.number)
    assert one_world.slack.thread(CHANNEL, card.ts) == []
    one_world.github.set_draft(REPO, pull.number, False, by="ann")
    one_world.settle()
    assert len(one_world.slack.thread(CHANNEL, card.ts)) == 2


def test_a_fork_is_judged_like_any_other_change(one_world: Playground) -> None:
    fork = one_world.github.fork(REPO, by="eve")
    made = login_change(one_world.clock.now())
    one_world.github.push(fork.full_name, BRANCH, dict(made.files), by="eve", message=made.message)
    pull = one_world.github.open_change(REPO, f"eve:{BRANCH}", by="eve", title="From a fork")
    one_world.settle()
    assert one_world.verdict_on(pull.head_sha) == "in_progress"
    approve(one_world, pull.number)
    assert one_world.verdict_on(pull.head_sha) == "success"


def test_a_recheck_button_on_the_check_looks_again(one_world: Playground) -> None:
    pull = one_world.open_generated()
    one_world.settle()
    (run,) = one_world.github.checks(REPO, pull.head_sha)
    one_world.github.calls.clear()
    one_world.github.press_rerun(REPO, run.id, by="ann", action="recheck")
    one_world.settle()
    assert [call.operation for call in one_world.github.calls] == ["Change"]
