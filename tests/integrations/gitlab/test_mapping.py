"""GitLab's answers in the gate's words: who is who, what a check says, and where a verdict counts."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.core.ids import ChangeRef, ForgeAccount, RepoRef
from integrations.gitlab.answers import Account, BlobAnswer, CommitAnswer, MergeRequestAnswer, RepositoryAnswer, Signature
from integrations.gitlab.mapping import (
    account_of,
    change_of,
    check_of,
    commits_of,
    number_of,
    owners_of,
    pipeline_of,
    policy_of,
    words_of,
)
from integrations.gitlab.pipelines import HeadPipeline, HeadPipelines

HOST = "gitlab.test"
REF = ChangeRef(RepoRef("gitlab", HOST, "acme/web/shop"), 7)
ANN, BO = Account(id="gid://gitlab/User/1", username="ann"), Account(id="gid://gitlab/User/2", username="bo")


def merge_request(**told: object) -> MergeRequestAnswer:
    plain = {"title": "A change", "state": "opened", "sourceBranch": "feature", "targetBranch": "main"}
    dates = {"createdAt": "2026-03-03T09:00:00Z", "updatedAt": "2026-03-03T09:00:00Z"}
    refs = {"diffRefs": {"baseSha": "b" * 40, "headSha": "a" * 40, "startSha": "b" * 40}}
    return MergeRequestAnswer.model_validate({**plain, **dates, **refs, **told})


def commit(author: Account | None, author_email: str, committer_email: str, status: str = "") -> CommitAnswer:
    return CommitAnswer(
        sha="c" * 40,
        message="Words",
        authored_date=datetime(2026, 3, 3, tzinfo=UTC),
        author_email=author_email,
        committer_email=committer_email,
        author=author,
        signature=Signature(verification_status=status) if status else None,
    )


def job(number: int, name: str, status: str, label: str = "", kind: str = "GenericCommitStatus") -> dict[str, object]:
    return {"id": f"gid://gitlab/{kind}/{number}", "name": name, "status": status, "detailedStatus": {"label": label}}


def with_jobs(*jobs: dict[str, object]) -> MergeRequestAnswer:
    pipeline = {"id": "gid://gitlab/Ci::Pipeline/5", "sha": "d" * 40, "project": {"fullPath": "cy/shop"}}
    return merge_request(headPipeline={**pipeline, "jobs": {"nodes": list(jobs)}})


@pytest.mark.parametrize(
    ("gid", "number"),
    [
        ("gid://gitlab/User/12", 12),
        ("gid://gitlab/Ci::Build/7", 7),
        ("gid://gitlab/User/x", 0),
        ("", 0),
        ("gid://gitlab/User/٣", 0),
    ],
)
def test_a_global_id_ends_in_its_number(gid: str, number: int) -> None:
    assert number_of(gid) == number


@pytest.mark.parametrize(
    ("username", "bot", "kind"), [("ann", False, "human"), ("project_7_bot", True, "bot"), ("ghost", False, "unknown")]
)
def test_an_account_is_a_person_a_bot_or_nobody_any_more(username: str, bot: bool, kind: str) -> None:
    told = Account(id="gid://gitlab/User/3", username=username, bot=bot)
    assert account_of(told, HOST) == ForgeAccount("gitlab", HOST, 3, username, kind)  # type: ignore[arg-type]
    assert account_of(None, HOST) is None


@pytest.mark.parametrize(
    ("told", "state"), [("opened", "open"), ("locked", "open"), ("closed", "closed"), ("merged", "merged"), ("odd", "closed")]
)
def test_states_are_the_cores(told: str, state: str) -> None:
    assert change_of(REF, merge_request(state=told), "e" * 40).state == state


def test_a_change_whose_author_and_source_are_gone_is_still_one() -> None:
    change = change_of(REF, merge_request(author=None, sourceProject=None, description=None), "e" * 40)
    assert (change.author.login, change.author.id, change.head_repo, change.body) == ("ghost", 0, "", "")
    assert (change.head_sha, change.merge_base, change.head_tree) == ("a" * 40, "b" * 40, "")


def test_a_committer_with_an_authors_address_is_that_author() -> None:
    first, second = commit(ANN, "Ann@Example.com", "bo@example.com"), commit(BO, "bo@example.com", "ann@example.com")
    found = commits_of([first, second], frozenset(), [], HOST, {})
    assert [one.committer.account and one.committer.account.login for one in found] == ["ann", "bo"]


def test_what_gitlab_itself_signed_was_done_by_its_author() -> None:
    [made] = commits_of([commit(ANN, "ann@example.com", "noreply@gitlab.com", "VERIFIED_SYSTEM")], frozenset(), [], HOST, {})
    assert (made.verified, made.committer.account) == (True, ForgeAccount("gitlab", HOST, 1, "ann", "human"))


@pytest.mark.parametrize(
    "status", ["UNVERIFIED", "UNVERIFIED_KEY", "OTHER_USER", "REVOKED_KEY", "SAME_USER_DIFFERENT_EMAIL", ""]
)
def test_a_committer_who_only_says_to_be_gitlab_is_nobody(status: str) -> None:
    [made] = commits_of([commit(ANN, "ann@example.com", "noreply@gitlab.com", status)], frozenset(), [], HOST, {})
    assert (made.verified, made.committer.account) == (False, None)


def test_an_account_that_is_explained_already_is_not_tied_to_another_address() -> None:
    [made] = commits_of([commit(ANN, "ann@example.com", "else@example.com")], frozenset(), [ANN], HOST, {})
    assert made.committer.account is None


def test_a_merge_is_told_from_other_commits_though_gitlab_names_no_parents() -> None:
    told = commit(ANN, "ann@example.com", "ann@example.com")
    [merge] = commits_of([told], frozenset(), [], HOST, {})
    [plain] = commits_of([told], frozenset({told.sha}), [], HOST, {told.sha: "a note"})
    assert len(merge.parents) == 2
    assert (len(plain.parents), plain.note) == (1, "a note")


@pytest.mark.parametrize(
    ("status", "label", "state"),
    [
        ("PENDING", "", "waiting"),
        ("RUNNING", "", "waiting"),
        ("CREATED", "", "waiting"),
        ("FAILED", "Not deciding: x", "blocked"),
        ("SUCCESS", "Approved", "allowed"),
        ("SUCCESS", "Not deciding: nothing here is generated", "neutral"),
        ("CANCELED", "", "canceled"),
    ],
)
def test_a_status_is_a_check_in_the_gates_words(status: str, label: str, state: str) -> None:
    check = check_of(with_jobs(job(9, "llmgate", status, label)), "llmgate")
    assert (check.id, check.state) == ("status:9", state)


def test_the_newest_status_counts_and_jobs_and_other_names_do_not() -> None:
    rows = [job(3, "llmgate", "SUCCESS"), job(9, "llmgate", "FAILED"), job(11, "other", "SUCCESS")]
    build = job(12, "llmgate", "SUCCESS", kind="Ci::Build")
    assert check_of(with_jobs(*rows, build), "llmgate").id == "status:9"
    assert check_of(with_jobs(build), "llmgate").id is None
    assert check_of(merge_request(), "llmgate").state is None


def test_a_status_counts_where_the_head_pipeline_is() -> None:
    assert pipeline_of(with_jobs(), REF) == HeadPipeline(5, "d" * 40, "cy/shop")
    assert pipeline_of(merge_request(), REF) == HeadPipeline(0, "a" * 40, "acme/web/shop")
    fork = merge_request(sourceProject={"fullPath": "cy/shop"})
    assert pipeline_of(fork, REF) == HeadPipeline(0, "a" * 40, "cy/shop")


def test_only_so_many_pipelines_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("integrations.gitlab.pipelines.KEPT", 2)
    seen = HeadPipelines()
    for n in range(3):
        seen.remember(REF.repo, str(n), HeadPipeline(n, "", ""))
    assert [seen.of(REF.repo, str(n)) is None for n in range(3)] == [True, False, False]


@pytest.mark.parametrize(
    ("blob", "told"),
    [
        (None, (None, "")),
        (BlobAnswer(path="x", oid="1", raw_size=3, raw_text_blob="abc"), ("abc", "")),
        (BlobAnswer(path="x", oid="1", raw_size=3), (None, "binary")),
        (
            BlobAnswer(path="x", oid="1", raw_size=6_000_000, raw_text_blob="abc"),
            (None, "too large to be shown (6000000 bytes)"),
        ),
    ],
)
def test_a_text_is_whole_or_what_it_is_not(blob: BlobAnswer | None, told: tuple[str | None, str]) -> None:
    assert words_of(blob) == told


def test_codeowners_is_looked_for_where_gitlab_looks_in_its_order() -> None:
    def repository(*paths: str) -> RepositoryAnswer:
        nodes = [{"path": path, "oid": "1", "rawTextBlob": path} for path in paths]
        return RepositoryAnswer.model_validate({"base": {"nodes": nodes}})

    assert owners_of(repository(".gitlab/CODEOWNERS", "docs/CODEOWNERS"))[1] == "docs/CODEOWNERS"
    assert owners_of(repository(".gitlab/CODEOWNERS", "CODEOWNERS"))[1] == "CODEOWNERS"
    assert owners_of(repository(".github/CODEOWNERS")) == ("", "", None)


def test_a_target_branch_that_is_gone_is_a_gap() -> None:
    source, gap = policy_of(RepositoryAnswer(), "main", "")
    assert source.text is None
    assert gap is not None
    assert gap.saw == "the target branch main is gone"
