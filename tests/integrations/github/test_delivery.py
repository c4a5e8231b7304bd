"""Actions on GitHub: shown once, edited in place, made anew when gone, never doubled after a crash."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core.actions import CheckState, PostReview, SetCheck, SetComment, SetLabels
from bot.core.ids import ChangeRef
from bot.ports.errors import RateLimited, Refused, Unavailable
from bot.ports.forge import IN_DOUBT
from integrations.github.forge import GitHubForge
from integrations.sandbox.github.model import CheckRun
from tests.integrations.github.conftest import HOST, REPO, SHOP, Scene

RUNS = f"POST /repos/{SHOP}/check-runs"


@pytest.fixture
def ref(scene: Scene) -> ChangeRef:
    scene.github.push(SHOP, "feature", {"a.py": "a\n"}, by="ann")
    opened = scene.change()
    scene.forge.fetch_open(REPO)
    scene.asked()
    return opened


def check(scene: Scene, state: CheckState = "waiting") -> SetCheck:
    sha = scene.github.head(SHOP, "feature")
    return SetCheck(REPO, sha, state, "One approval missing", "**who**", "details", "https://llmgate.test/c/1")


def run(scene: Scene) -> CheckRun:
    (only,) = scene.github.checks(SHOP, scene.github.head(SHOP, "feature"))
    return only


def all_runs(scene: Scene) -> int:
    return len(scene.github.world.repo(SHOP).runs[scene.github.head(SHOP, "feature")])


def test_a_check_is_made_with_one_call_and_edited_with_one(scene: Scene, ref: ChangeRef) -> None:
    made = scene.forge.deliver(check(scene), None, "k1")
    assert scene.asked() == [RUNS]
    shown = run(scene)
    assert (shown.status, shown.conclusion, shown.external_id, made) == ("in_progress", None, "k1", f"run:{shown.id}")
    assert shown.output == {"title": "One approval missing", "summary": "**who**", "text": "details"}
    assert [action["identifier"] for action in shown.actions] == ["recheck"]
    assert scene.forge.deliver(check(scene, "allowed"), made, "k2") == made
    assert scene.asked() == [f"PATCH /repos/{SHOP}/check-runs/{shown.id}"]
    assert (run(scene).conclusion, run(scene).external_id, all_runs(scene)) == ("success", "k2", 1)


@pytest.mark.parametrize(
    ("state", "conclusion"), [("blocked", "failure"), ("allowed", "success"), ("neutral", "neutral"), ("waiting", None)]
)
def test_what_was_shown_is_read_back_in_the_gates_own_words(
    scene: Scene, ref: ChangeRef, state: CheckState, conclusion: str | None
) -> None:
    made = scene.forge.deliver(check(scene, state), None, "k1")
    assert run(scene).conclusion == conclusion
    shown = scene.forge.fetch_change(ref, None).check
    assert (shown.id, shown.state, shown.digest) == (made, state, "k1")


def test_another_apps_check_of_the_same_name_is_not_ours(scene: Scene, ref: ChangeRef) -> None:
    values = {"name": "llmgate", "head_sha": scene.github.head(SHOP, "feature"), "status": "completed", "conclusion": "success"}
    scene.github.verbs.checks.create(scene.github.world.repo(SHOP), values, 666)
    assert scene.forge.fetch_change(ref, None).check.state is None


def test_a_completed_run_that_github_will_not_open_again_is_replaced(scene: Scene, ref: ChangeRef) -> None:
    made = scene.forge.deliver(check(scene, "allowed"), None, "k1")
    number = int(made.removeprefix("run:"))
    kept = {"id": number, "status": "completed", "conclusion": "success"}
    scene.github.fail_next(f"PATCH /repos/{SHOP}/check-runs/{number}", 200, body=kept)
    anew = scene.forge.deliver(check(scene, "waiting"), made, "k2")
    assert anew != made
    assert (run(scene).status, run(scene).external_id) == ("in_progress", "k2")
    scene.github.fail_next(f"PATCH /repos/{SHOP}/check-runs/{number}", 200, body=kept)
    assert scene.forge.deliver(check(scene, "waiting"), made, "k2") == anew, "the replacement is found, not doubled"
    assert all_runs(scene) == 2


def test_a_run_that_is_gone_is_made_anew(scene: Scene, ref: ChangeRef) -> None:
    made = scene.forge.deliver(check(scene), "run:999999", "k1")
    assert made == f"run:{run(scene).id}"


def test_a_check_in_doubt_is_found_by_its_key(scene: Scene, ref: ChangeRef) -> None:
    scene.github.fail_next(RUNS, 502, after=True)
    with pytest.raises(Unavailable):
        scene.forge.deliver(check(scene), None, "k1")
    scene.asked()
    made = scene.forge.deliver(check(scene), IN_DOUBT, "k1")
    assert made == f"run:{run(scene).id}"
    assert all_runs(scene) == 1
    assert [call.split(" ")[0] for call in scene.asked()] == ["GET"], "nothing was written again"


def test_a_check_in_doubt_that_is_known_by_its_id_is_edited(scene: Scene, ref: ChangeRef) -> None:
    made = scene.forge.deliver(check(scene), None, "k1")
    assert scene.forge.deliver(check(scene, "allowed"), f"{IN_DOUBT}{made}", "k2") == made
    assert (all_runs(scene), run(scene).conclusion) == (1, "success")


def test_a_check_in_doubt_that_was_never_made_is_made(scene: Scene, ref: ChangeRef) -> None:
    scene.forge.deliver(check(scene), IN_DOUBT, "k1")
    assert all_runs(scene) == 1
    scene.forge.deliver(check(scene, "allowed"), IN_DOUBT, "k2")
    assert (all_runs(scene), run(scene).conclusion) == (1, "success")


def test_without_the_checks_permission_a_commit_status_says_it(scene: Scene, ref: ChangeRef) -> None:
    scene.github.fail_next("*/check-runs", 403)
    made = scene.forge.deliver(replace(check(scene, "blocked"), title="x" * 300), None, "k1")
    (status,) = scene.github.statuses(SHOP, scene.github.head(SHOP, "feature"))
    assert (status.state, status.context, made) == ("failure", "llmgate", f"status:{status.id}")
    assert len(status.description or "") == 140
    scene.forge.deliver(check(scene, "allowed"), made, "k2")
    assert [found.state for found in scene.github.statuses(SHOP, status.sha)] == ["failure", "success"]


def test_where_neither_may_be_written_the_first_refusal_is_told(scene: Scene, ref: ChangeRef) -> None:
    scene.github.fail_next("*/check-runs", 403)
    scene.github.fail_next("*/statuses/*", 403)
    with pytest.raises(Refused, match="check-runs"):
        scene.forge.deliver(check(scene), None, "k1")


def test_the_setting_for_statuses_is_kept_to(scene: Scene, ref: ChangeRef) -> None:
    forge = GitHubForge(scene.sessions, HOST, "gate", "status")
    forge.deliver(check(scene), None, "k1")
    assert [status.context for status in scene.github.statuses(SHOP, scene.github.head(SHOP, "feature"))] == ["gate"]


def test_a_limit_is_left_to_the_caller(scene: Scene, ref: ChangeRef) -> None:
    scene.github.limit_next("*/check-runs", retry_after_s=17)
    with pytest.raises(RateLimited) as caught:
        scene.forge.deliver(check(scene), None, "k1")
    assert caught.value.retry_after_s == 17


def test_labels_are_added_dressed_once_and_taken_off(scene: Scene, ref: ChangeRef) -> None:
    on = SetLabels(ref, ("llm-generated", "LLM Review: approved"), ())
    scene.forge.deliver(on, None, "k1")
    assert scene.github.labels(SHOP, 1) == ["llm-generated", "LLM Review: approved"]
    known = scene.github.world.repo(SHOP).labels["llm-generated"]
    assert (known.color, bool(known.description)) == ("5319e7", True)
    scene.asked()
    scene.forge.deliver(on, "labels", "k2")
    assert scene.asked() == [f"POST /repos/{SHOP}/issues/1/labels"]
    off = SetLabels(ref, ("llm-generated",), ("LLM Review: approved",))
    scene.forge.deliver(off, "labels", "k3")
    assert scene.forge.deliver(off, "labels", "k3") == "labels", "what is off already is fine"
    assert scene.github.labels(SHOP, 1) == ["llm-generated"]


def test_labels_of_people_are_left_alone(scene: Scene, ref: ChangeRef) -> None:
    scene.github.label(SHOP, 1, "urgent", by="bo")
    scene.forge.deliver(SetLabels(ref, ("llm-generated",), ("LLM Review: approved",)), None, "k1")
    assert scene.github.labels(SHOP, 1) == ["urgent", "llm-generated"]
    assert scene.github.world.repo(SHOP).labels["urgent"].color == "ededed"


def test_there_is_one_sticky_comment_however_often_it_is_told(scene: Scene, ref: ChangeRef) -> None:
    made = scene.forge.deliver(SetComment(ref, "first"), None, "k1")
    assert scene.forge.deliver(SetComment(ref, "second"), made, "k2") == made
    assert scene.forge.deliver(SetComment(ref, "third"), None, "k3") == made
    assert scene.forge.deliver(SetComment(ref, "fourth"), IN_DOUBT, "k4") == made
    (comment,) = scene.github.comments(SHOP, 1)
    assert comment.body.startswith("fourth\n")


def test_a_comment_whose_answer_was_lost_is_not_doubled(scene: Scene, ref: ChangeRef) -> None:
    scene.github.fail_next(f"POST /repos/{SHOP}/issues/1/comments", 502, after=True)
    with pytest.raises(Unavailable):
        scene.forge.deliver(SetComment(ref, "first"), None, "k1")
    scene.forge.deliver(SetComment(ref, "first"), IN_DOUBT, "k1")
    assert len(scene.github.comments(SHOP, 1)) == 1


def test_a_deleted_comment_is_written_again_and_a_persons_copy_is_not_taken_for_it(scene: Scene, ref: ChangeRef) -> None:
    made = scene.forge.deliver(SetComment(ref, "first"), None, "k1")
    (ours,) = scene.github.comments(SHOP, 1)
    scene.github.comment(SHOP, 1, ours.body, by="ann")
    scene.github.change(SHOP, 1).comments.remove(ours)
    anew = scene.forge.deliver(SetComment(ref, "second"), made, "k2")
    assert anew != made
    bodies = [comment.body.splitlines()[0] for comment in scene.github.comments(SHOP, 1)]
    assert bodies == ["first", "second"]


def test_a_comment_too_long_for_github_is_cut_and_says_so(scene: Scene, ref: ChangeRef) -> None:
    scene.forge.deliver(SetComment(ref, "🛒" * 70_000), None, "k1")
    (comment,) = scene.github.comments(SHOP, 1)
    assert "cut here" in comment.body


def test_a_request_for_changes_is_said_once_as_a_comment(scene: Scene, ref: ChangeRef) -> None:
    action = PostReview(ref, scene.github.head(SHOP, "feature"), "Please split this.", "d41")
    scene.github.fail_next("POST /repos/*/reviews", 502, after=True)
    with pytest.raises(Unavailable):
        scene.forge.deliver(action, None, "k1")
    made = scene.forge.deliver(action, IN_DOUBT, "k1")
    assert scene.forge.deliver(action, made, "k1") == made
    (review,) = scene.github.change(SHOP, 1).reviews
    assert (review.state, review.body.splitlines()[0], str(review.id)) == ("COMMENTED", "Please split this.", made)
    assert scene.forge.deliver(replace(action, key="d42"), IN_DOUBT, "k2") != made


def test_a_suspended_installation_is_looked_up_again_after_it_was_refused(scene: Scene, ref: ChangeRef) -> None:
    scene.forge.learn(SHOP, 999)
    with pytest.raises(Exception, match="access_tokens"):
        scene.forge.deliver(check(scene), None, "k1")
    assert scene.forge.deliver(check(scene), None, "k1").startswith("run:")
