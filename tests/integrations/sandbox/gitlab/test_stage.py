"""GitLab told in the verbs that every forge has: what people do, see, and are refused."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from integrations.sandbox.clock import FakeClock
from integrations.sandbox.gitlab.fake import FakeGitLab
from integrations.sandbox.gitlab.people import Access
from integrations.sandbox.gitlab.stage import GitLabStage
from integrations.sandbox.gitlab.statuses import NewStatus
from integrations.sandbox.stage import ChangeSeen, ForgeRefused, ForgeStage
from tests.integrations.sandbox.gitlab.conftest import SHOP
from tests.integrations.sandbox.gitlab.hook import GitLabHook


@pytest.fixture
def stage(gitlab: FakeGitLab) -> ForgeStage:
    gitlab.settings(SHOP).pipelines_must_succeed = True
    return GitLabStage(gitlab)


@pytest.fixture
def seen(stage: ForgeStage) -> ChangeSeen:
    stage.push(SHOP, "cart", {"shop/cart.py": "total = 1\n"}, by="ann", message="Count")
    return stage.open_change(SHOP, "cart", by="ann", title="Count", body="Counts", labels=("bug",))


def post(gitlab: FakeGitLab, sha: str, state: str, said: str = "", project: str = SHOP) -> None:
    """The gate says its word."""
    values: NewStatus = {"state": state, "name": gitlab.check_name, "description": said}
    with gitlab.world.lock:
        gitlab.verbs.statuses.post(gitlab.world.project(project), sha, values, gitlab.bot)


def note(gitlab: FakeGitLab, number: int, body: str, *, thread: bool = False) -> None:
    say = gitlab.discuss if thread else gitlab.comment
    say(SHOP, number, body, by=gitlab.bot.username)


def test_a_change_is_shown_in_words_of_every_forge(stage: ForgeStage, gitlab: FakeGitLab, seen: ChangeSeen) -> None:
    assert (seen.number, seen.title, seen.author, seen.state, seen.draft) == (1, "Count", "ann", "open", False)
    assert (seen.head_sha, seen.head_ref, seen.base_ref) == (stage.head(SHOP, "cart"), "cart", "main")
    stage.comment(SHOP, 1, "from bob", by="bob")
    note(gitlab, 1, "the gate's own")
    note(gitlab, 1, "please say why", thread=True)
    again = stage.change(SHOP, 1)
    assert (again.labels, again.comments, again.reviews) == (("bug",), ("the gate's own",), ("please say why",))


def test_people_edit_label_and_close(stage: ForgeStage, seen: ChangeSeen) -> None:
    stage.edit(SHOP, 1, by="ann", title="Counting", body="Counts more")
    stage.set_draft(SHOP, 1, True, by="ann")
    stage.label(SHOP, 1, "later", by="bob")
    stage.unlabel(SHOP, 1, "bug", by="bob")
    stage.close_change(SHOP, 1, by="ann")
    now = stage.change(SHOP, 1)
    assert (now.title, now.draft, now.labels, now.state) == ("Draft: Counting", True, ("later",), "closed")


def test_a_refusal_is_said_in_words(stage: ForgeStage, seen: ChangeSeen) -> None:
    with pytest.raises(ForgeRefused) as refused:
        stage.merge(SHOP, 1, by="bob")
    assert refused.value.message == "405 Method Not Allowed"
    assert stage.blockers(SHOP, 1) == "Pipeline must succeed. (ci_must_pass)"


@pytest.mark.parametrize(
    ("state", "said", "shown"),
    [
        ("pending", "Waiting for 2", "waiting"),
        ("running", "Waiting for 2", "waiting"),
        ("failed", "No evidence", "blocked"),
        ("success", "Approved", "allowed"),
        ("success", "Not deciding: observing only", "neutral"),
        ("skipped", "", "neutral"),
        ("canceled", "", "neutral"),
    ],
)
def test_the_check_is_what_the_head_pipeline_shows(
    stage: ForgeStage, gitlab: FakeGitLab, seen: ChangeSeen, state: str, said: str, shown: str
) -> None:
    assert stage.check(SHOP, seen.head_sha).state == "absent"
    post(gitlab, seen.head_sha, state, said)
    check = stage.check(SHOP, seen.head_sha)
    assert (check.state, check.title, check.text) == (shown, said.removeprefix("Not deciding: "), said)
    assert (check.at, check.made) == (gitlab.world.now(), (f"{shown}: {check.title}",))


def test_the_check_can_be_read_in_the_gates_note_as_well(stage: ForgeStage, gitlab: FakeGitLab, seen: ChangeSeen) -> None:
    post(gitlab, seen.head_sha, "failed", "No evidence")
    note(gitlab, 1, "Here is why, at length")
    assert stage.check(SHOP, seen.head_sha).text == "No evidence\nHere is why, at length"


def test_a_newer_head_pipeline_shows_no_check_until_it_has_one(stage: ForgeStage, gitlab: FakeGitLab, seen: ChangeSeen) -> None:
    post(gitlab, seen.head_sha, "failed", "No evidence")
    gitlab.run_pipeline(SHOP, 1)
    assert stage.check(SHOP, seen.head_sha).state == "absent"
    post(gitlab, seen.head_sha, "failed", "No evidence")
    check = stage.check(SHOP, seen.head_sha)
    assert (check.state, check.made) == ("blocked", ("blocked: No evidence",) * 2)


def test_somebody_can_green_the_check_by_hand(stage: ForgeStage, gitlab: FakeGitLab, seen: ChangeSeen) -> None:
    post(gitlab, seen.head_sha, "failed", "No evidence")
    stage.forge_green(SHOP, 1, by="bob")
    check = stage.check(SHOP, seen.head_sha)
    assert (check.state, check.made) == ("allowed", ("blocked: No evidence",))
    assert stage.blockers(SHOP, 1) is None
    gitlab.grant(SHOP, "bob", Access.REPORTER)
    with pytest.raises(ForgeRefused, match="403 Forbidden"):
        stage.forge_green(SHOP, 1, by="bob")


def test_merging_ends_a_change(stage: ForgeStage, gitlab: FakeGitLab, seen: ChangeSeen) -> None:
    post(gitlab, seen.head_sha, "success")
    assert stage.blockers(SHOP, 1) is None
    assert stage.merge(SHOP, 1, by="bob") == stage.head(SHOP, "main")
    assert stage.change(SHOP, 1).state == "merged"


def test_an_approval_is_given_and_taken_back(stage: ForgeStage, gitlab: FakeGitLab, seen: ChangeSeen) -> None:
    stage.approve(SHOP, 1, by="bob")
    with pytest.raises(ForgeRefused, match="401 Unauthorized"):
        stage.approve(SHOP, 1, by="bob")
    stage.take_back(SHOP, 1, by="bob")
    assert gitlab.change(SHOP, 1).approvals == []


def test_a_forks_check_lives_in_the_fork_and_is_seen_from_the_target(stage: ForgeStage, gitlab: FakeGitLab) -> None:
    fork = stage.fork(SHOP, by="bob")
    stage.push(fork, "idea", {"idea.py": "1\n"}, by="bob")
    seen = stage.open_change(SHOP, "bob:idea", by="bob", title="Idea")
    post(gitlab, seen.head_sha, "success", "Approved", project=fork)
    assert stage.check(SHOP, seen.head_sha).state == "allowed"
    assert stage.blockers(SHOP, seen.number) is None


def test_a_queue_lands_its_group_when_the_gate_said_its_word(stage: ForgeStage, gitlab: FakeGitLab, seen: ChangeSeen) -> None:
    stage.push(SHOP, "more", {"more.py": "1\n"}, by="ann")
    other = stage.open_change(SHOP, "more", by="ann")
    stage.require_queue(SHOP, "main")
    for each in (seen, other):
        post(gitlab, each.head_sha, "success")
    group = stage.queue(SHOP, [seen.number, other.number], by="bob")
    first = gitlab.world.project(SHOP).git.objects.commit(group).parents[0]
    assert stage.check(SHOP, group).state == "absent"
    for sha in (first, group):
        post(gitlab, sha, "running", "Looking")
        post(gitlab, sha, "success", "Approved")
    assert stage.check(SHOP, group).state == "allowed"
    assert [stage.change(SHOP, each.number).state for each in (seen, other)] == ["merged", "merged"]
    assert stage.head(SHOP, "main") == group


def test_a_group_that_is_blocked_does_not_land(stage: ForgeStage, gitlab: FakeGitLab, seen: ChangeSeen) -> None:
    stage.require_queue(SHOP, "main")
    post(gitlab, seen.head_sha, "success")
    group = stage.queue(SHOP, [seen.number], by="bob")
    post(gitlab, group, "failed", "The policy is stricter now")
    assert stage.check(SHOP, group).state == "blocked"
    assert stage.change(SHOP, seen.number).state == "open"


def test_what_the_forge_does_not_queue_is_refused(stage: ForgeStage, seen: ChangeSeen) -> None:
    stage.require_queue(SHOP, "main")
    with pytest.raises(ForgeRefused, match="405"):
        stage.queue(SHOP, [seen.number], by="bob")


@pytest.fixture
def gate() -> Iterator[GitLabHook]:
    receiver = GitLabHook()
    receiver.start()
    yield receiver
    receiver.close()


def test_webhooks_flow_while_connected(stage: ForgeStage, gitlab: FakeGitLab, gate: GitLabHook, clock: FakeClock) -> None:
    stage.connect(gate.url)
    assert {hook.url for hook in gitlab.hooks} == {f"{gate.url}/webhooks/gitlab/work"}
    stage.push(SHOP, "one", {"a": "1"}, by="ann")
    stage.flush()
    stage.disconnect()
    for number in range(5):
        stage.push(SHOP, "two", {"a": str(number)}, by="ann")
    stage.flush()
    assert (gate.names, len(stage.deliveries)) == (["push"], 5)
    stage.connect(gate.url)
    stage.push(SHOP, "three", {"a": "1"}, by="ann")
    stage.flush()
    assert gate.names == ["push", "push"]


def test_the_gates_settings_lead_to_this_gitlab(stage: ForgeStage, gitlab: FakeGitLab) -> None:
    told = {
        "host": "gitlab.sandbox",
        "url": gitlab.url,
        "token": gitlab.bot_token,
        "webhook_token": gitlab.hook_token,
        "check_name": "llmgate",
    }
    assert stage.settings() == {"gitlab": {"work": told}}
    assert {gitlab.bot_token, gitlab.hook_token, gitlab.signing_token, gitlab.client_secret} == set(stage.secrets)


def test_the_application_is_told_of_once_it_has_an_address_to_come_back_to(stage: ForgeStage, gitlab: FakeGitLab) -> None:
    stage.allow_redirect("https://gate.test/back")
    given = stage.settings()["gitlab"]["work"]
    assert (given["client_id"], given["client_secret"]) == (gitlab.client_id, gitlab.client_secret)


def test_accounts_are_blocked_renamed_and_deleted(stage: ForgeStage, gitlab: FakeGitLab) -> None:
    stage.suspend("bob")
    assert gitlab.world.user("bob").state == "blocked"
    stage.reinstate("bob")
    assert gitlab.world.user("bob").state == "active"
    stage.rename_user("bob", "robert")
    assert "bob" not in gitlab.world.users
    stage.delete_user("robert")
    assert "robert" not in gitlab.world.users
