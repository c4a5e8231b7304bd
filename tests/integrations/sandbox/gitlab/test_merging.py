"""What stands in the way of a merge, in GitLab's order and words, and what merging does."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from integrations.sandbox.gitlab.fake import FakeGitLab
from integrations.sandbox.gitlab.model import JobStatus
from integrations.sandbox.gitlab.people import Access
from integrations.sandbox.gitlab.refusal import Refusal
from tests.integrations.sandbox.gitlab.conftest import SHOP


def status(gitlab: FakeGitLab, iid: int) -> str:
    return gitlab.verbs.mergeability.status(gitlab.change(SHOP, iid))


def test_merging_makes_a_merge_commit_of_git(gitlab: FakeGitLab, change: int) -> None:
    main, mr = gitlab.head(SHOP, "main"), gitlab.change(SHOP, change)
    assert gitlab.blockers(SHOP, change) is None
    made = gitlab.merge(SHOP, change, by="bob")
    commit = gitlab.world.project(SHOP).git.objects.commit(made)
    assert (commit.parents, gitlab.head(SHOP, "main")) == ((main, mr.sha), made)
    assert commit.message == f"Merge branch 'cart' into 'main'\n\nTax\n\nSee merge request {SHOP}!{change}\n"
    assert (mr.state, mr.merge_sha, mr.merged_by, mr.merged_at) == (
        "merged",
        made,
        gitlab.world.user("bob"),
        gitlab.world.now(),
    )


def test_a_merged_one_is_not_merged_again(gitlab: FakeGitLab, change: int) -> None:
    gitlab.merge(SHOP, change, by="bob")
    with pytest.raises(Refusal, match="405 Method Not Allowed"):
        gitlab.merge(SHOP, change, by="bob")
    assert status(gitlab, change) == "not_open"


def test_a_merge_of_another_commit_than_the_head_is_refused(gitlab: FakeGitLab, change: int) -> None:
    head = gitlab.change(SHOP, change).sha
    with pytest.raises(Refusal, match=f"SHA does not match HEAD of source branch: {head}") as refused:
        gitlab.merge(SHOP, change, by="bob", sha="a" * 40)
    assert refused.value.status == 409
    assert gitlab.merge(SHOP, change, by="bob", sha=head)


def test_who_may_not_merge_there_is_unauthorized(gitlab: FakeGitLab, change: int) -> None:
    gitlab.protect(SHOP, "main", push=Access.NONE, merge=Access.MAINTAINER)
    with pytest.raises(Refusal, match="401 Unauthorized"):
        gitlab.merge(SHOP, change, by="bob")
    assert gitlab.merge(SHOP, change, by="mia")


def test_conflicts_are_found_by_git(gitlab: FakeGitLab, change: int) -> None:
    gitlab.push(SHOP, "main", {"shop/cart.py": "total = 9\n"}, by="mia")
    assert gitlab.blockers(SHOP, change) == "Merge conflicts must be resolved. (conflict)"
    with pytest.raises(Refusal, match="Branch cannot be merged") as refused:
        gitlab.merge(SHOP, change, by="mia")
    assert refused.value.status == 422


def test_a_draft_is_not_merged(gitlab: FakeGitLab, change: int) -> None:
    gitlab.set_draft(SHOP, change, True, by="ann")
    assert (gitlab.change(SHOP, change).title, status(gitlab, change)) == ("Draft: Tax", "draft_status")
    gitlab.set_draft(SHOP, change, False, by="ann")
    assert (gitlab.change(SHOP, change).title, status(gitlab, change)) == ("Tax", "mergeable")


@pytest.mark.parametrize("title", ["Draft: Tax", "[Draft] Tax", "(draft) Tax", "draft: Tax"])
def test_a_title_makes_a_draft(gitlab: FakeGitLab, change: int, title: str) -> None:
    gitlab.edit(SHOP, change, by="ann", title=title)
    assert gitlab.change(SHOP, change).draft


def test_threads_wait_to_be_resolved_where_the_project_says_so(gitlab: FakeGitLab, change: int) -> None:
    note = gitlab.discuss(SHOP, change, "Why five?", by="bob")
    assert status(gitlab, change) == "mergeable"
    gitlab.settings(SHOP).threads_must_be_resolved = True
    assert status(gitlab, change) == "discussions_not_resolved"
    gitlab.resolve(SHOP, change, note.discussion, by="ann")
    assert status(gitlab, change) == "mergeable"


def test_a_comment_is_no_thread(gitlab: FakeGitLab, change: int) -> None:
    gitlab.settings(SHOP).threads_must_be_resolved = True
    gitlab.comment(SHOP, change, "Nice", by="bob")
    assert status(gitlab, change) == "mergeable"


def test_strangers_resolve_nothing(gitlab: FakeGitLab, change: int) -> None:
    note = gitlab.discuss(SHOP, change, "Why five?", by="bob")
    gitlab.user("gus")
    gitlab.grant(SHOP, "gus", Access.REPORTER)
    with pytest.raises(Refusal, match="403"):
        gitlab.resolve(SHOP, change, note.discussion, by="gus")


@pytest.mark.parametrize(
    ("jobs", "word"),
    [
        ({"test": "success"}, "mergeable"),
        ({"test": "running"}, "ci_still_running"),
        ({"test": "pending"}, "ci_still_running"),
        ({"test": "failed"}, "ci_must_pass"),
        ({"test": "canceled"}, "ci_must_pass"),
        ({"test": "skipped"}, "ci_must_pass"),
    ],
)
def test_the_head_pipeline_must_succeed(gitlab: FakeGitLab, change: int, jobs: dict[str, JobStatus], word: str) -> None:
    gitlab.settings(SHOP).pipelines_must_succeed = True
    gitlab.run_pipeline(SHOP, change, jobs=jobs)
    assert status(gitlab, change) == word


def test_without_a_pipeline_nothing_succeeded(gitlab: FakeGitLab, change: int) -> None:
    gitlab.settings(SHOP).pipelines_must_succeed = True
    assert gitlab.blockers(SHOP, change) == "Pipeline must succeed. (ci_must_pass)"


def test_skipped_pipelines_pass_where_the_project_says_so(gitlab: FakeGitLab, change: int) -> None:
    gitlab.settings(SHOP).pipelines_must_succeed = gitlab.settings(SHOP).skipped_pipelines_succeed = True
    gitlab.run_pipeline(SHOP, change, jobs={"test": "skipped"})
    assert status(gitlab, change) == "mergeable"


def test_without_that_setting_a_failed_pipeline_stops_nobody(gitlab: FakeGitLab, change: int) -> None:
    gitlab.run_pipeline(SHOP, change, jobs={"test": "failed"})
    assert gitlab.merge(SHOP, change, by="bob")


def test_pipelines_are_looked_at_last(gitlab: FakeGitLab, change: int) -> None:
    gitlab.settings(SHOP).pipelines_must_succeed = True
    gitlab.push(SHOP, "main", {"shop/cart.py": "total = 9\n"}, by="mia")
    assert status(gitlab, change) == "conflict"


def test_one_branch_has_one_open_merge_request_into_a_target(gitlab: FakeGitLab, change: int) -> None:
    with pytest.raises(
        Refusal, match=f"Another open merge request already exists for this source branch: !{change}"
    ) as refused:
        gitlab.open_change(SHOP, "cart", by="bob")
    assert refused.value.status == 409
    gitlab.push(SHOP, "release", {}, by="mia", onto="main")
    assert gitlab.open_change(SHOP, "cart", by="bob", base="release").iid == change + 1


@pytest.mark.parametrize(
    ("deed", "words"),
    [
        (lambda fake: fake.open_change(SHOP, "none", by="ann"), "source_branch does not exist"),
        (lambda fake: fake.open_change(SHOP, "cart", by="ann", base="none"), "target_branch does not exist"),
        (lambda fake: fake.open_change(SHOP, "main", by="ann"), "same project/branch"),
        (lambda fake: fake.open_change(SHOP, "zoe:idea", by="ann"), "404 Project Not Found"),
        (lambda fake: fake.edit(SHOP, 1, by="ann", title=" "), "title can't be blank"),
        (lambda fake: fake.edit(SHOP, 1, by="ann", title="x" * 256), "title is too long"),
        (lambda fake: fake.edit(SHOP, 1, by="ann", base="none"), "target_branch does not exist"),
        (lambda fake: fake.comment(SHOP, 1, " ", by="ann"), "note can't be blank"),
        (lambda fake: fake.comment(SHOP, 1, "x" * 1_000_001, by="ann"), "note is too long"),
    ],
)
def test_what_gitlab_does_not_take_is_refused(
    gitlab: FakeGitLab, change: int, deed: Callable[[FakeGitLab], object], words: str
) -> None:
    with pytest.raises(Refusal, match=words):
        deed(gitlab)


def test_a_merge_request_without_commits_can_be_open_and_not_merged(gitlab: FakeGitLab) -> None:
    project = gitlab.world.project(SHOP)
    project.git.set_ref("refs/heads/empty", gitlab.head(SHOP, "main"))
    iid = gitlab.open_change(SHOP, "empty", by="ann").iid
    assert status(gitlab, iid) == "commits_status"


def test_labels_are_made_when_they_are_used(gitlab: FakeGitLab, change: int) -> None:
    gitlab.label(SHOP, change, "llm-generated", "bug", by="bob")
    gitlab.label(SHOP, change, "Bug", by="bob")
    assert gitlab.labels(SHOP, change) == ["llm-generated", "bug"]
    gitlab.unlabel(SHOP, change, "BUG", by="bob")
    gitlab.unlabel(SHOP, change, "never there", by="bob")
    assert gitlab.labels(SHOP, change) == ["llm-generated"]
    assert list(gitlab.world.project(SHOP).labels) == ["llm-generated", "bug"]


def test_only_developers_label_and_only_they_or_the_author_edit(gitlab: FakeGitLab, change: int) -> None:
    gitlab.user("gus")
    gitlab.grant(SHOP, "gus", Access.REPORTER)
    with pytest.raises(Refusal, match="403 Forbidden"):
        gitlab.label(SHOP, change, "mine", by="gus")
    with pytest.raises(Refusal, match="403 Forbidden"):
        gitlab.edit(SHOP, change, by="gus", title="Mine")
    with pytest.raises(Refusal, match="403 Forbidden"):
        gitlab.close_change(SHOP, change, by="gus")
    gitlab.grant(SHOP, "ann", Access.GUEST)
    gitlab.edit(SHOP, change, by="ann", title="Still mine")
    assert gitlab.change(SHOP, change).title == "Still mine"


def test_a_note_belongs_to_its_author_and_to_maintainers(gitlab: FakeGitLab, change: int) -> None:
    note = gitlab.comment(SHOP, change, "Hello", by="bob")
    with pytest.raises(Refusal, match="403 Forbidden"):
        gitlab.edit_comment(SHOP, change, note.id, "Mine now", by="ann")
    gitlab.edit_comment(SHOP, change, note.id, "Hello all", by="bob")
    assert note.body == "Hello all"
    gitlab.delete_comment(SHOP, change, note.id, by="mia")
    assert gitlab.notes(SHOP, change) == []
    with pytest.raises(Refusal, match="404"):
        gitlab.delete_comment(SHOP, change, note.id, by="mia")
