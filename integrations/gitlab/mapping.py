"""From GitLab's answers to the core's values. Pure: nothing here asks or judges."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from bot.core.facts import Change, ChangeState, Commit, CommitIdentity, Gap
from bot.core.ids import ChangeRef, CommitSha, ForgeAccount
from bot.ports.forge import PolicySource, ShownCheck
from integrations.gitlab.answers import (
    Account,
    BlobAnswer,
    CommitAnswer,
    JobAnswer,
    MergeRequestAnswer,
    PipelineSpot,
    RepositoryAnswer,
)
from integrations.gitlab.pipelines import HeadPipeline
from integrations.gitlab.query import ATTRIBUTES_PATH, OWNERS_PATHS, POLICY_PATH
from integrations.gitlab.surfaces import LEAVING, NEUTRAL

WORDS_LIMIT = 5 * 1024 * 1024
"""GitLab shows no more than a part of a file much larger than this."""
_STATES: dict[str, ChangeState] = {"opened": "open", "locked": "open", "closed": "closed", "merged": "merged"}
_SHOWN = {
    "SUCCESS": "allowed",
    "FAILED": "blocked",
    "CREATED": "waiting",
    "PENDING": "waiting",
    "RUNNING": "waiting",
}
_GOOD = frozenset({"VERIFIED", "VERIFIED_SYSTEM", "VERIFIED_CA"})
_UNTOLD = CommitSha("")
"""Stands for a parent: GitLab tells which commits are merges, and older ones name no parents at all."""


def number_of(gid: str) -> int:
    """The number in a global id, `gid://gitlab/User/12`; 0 where there is none."""
    number = gid.rpartition("/")[2]
    return int(number) if number.isascii() and number.isdigit() else 0


def account_of(told: Account | None, host: str) -> ForgeAccount | None:
    """The account GitLab ties to somebody, if it ties one. Access tokens, service accounts and Duo are bots."""
    if told is None or not number_of(told.id):
        return None
    kind = "unknown" if told.username == "ghost" else "bot" if told.bot else "human"
    return ForgeAccount("gitlab", host, number_of(told.id), told.username, kind)  # type: ignore[arg-type]  # one of three


def change_of(ref: ChangeRef, told: MergeRequestAnswer, base_sha: str) -> Change:
    """`last_pusher` and `head_tree` stay empty: GitLab tells the one in events only, and the other not at all."""
    host = ref.repo.host
    head = head_of(told)
    assigned = told.assignees.nodes if told.assignees else []
    return Change(
        ref=ref,
        title=told.title,
        body=told.description or "",
        state=_STATES.get(told.state, "closed"),
        draft=told.draft,
        author=account_of(told.author, host) or ForgeAccount("gitlab", host, 0, "ghost", "unknown"),
        head_sha=CommitSha(head),
        head_ref=told.source_branch,
        base_ref=told.target_branch,
        base_sha=CommitSha(base_sha),
        url=told.web_url or "",
        created_at=told.created_at,
        updated_at=told.updated_at,
        head_repo=told.source_project.full_path if told.source_project else "",
        merge_base=CommitSha(told.diff_refs.base_sha) if told.diff_refs and told.diff_refs.base_sha else None,
        labels=tuple(label.title for label in told.labels.nodes) if told.labels else (),
        assignees=tuple(account for one in assigned if (account := account_of(one, host))),
    )


def head_of(told: MergeRequestAnswer) -> str:
    """The head commit: that of the version whose diff is shown."""
    return (told.diff_refs.head_sha if told.diff_refs else told.diff_head_sha) or ""


def commits_of(
    told: Sequence[CommitAnswer],
    straight: frozenset[str],
    committers: Iterable[Account | None],
    host: str,
    notes: Mapping[str, str],
) -> tuple[Commit, ...]:
    """The commits, oldest first. `straight` are those that are no merges; `committers` the accounts GitLab knows them by."""
    tied = {(one.author_email or "").lower(): account for one in told if (account := account_of(one.author, host)) is not None}
    known = [account for one in committers if (account := account_of(one, host)) is not None]
    tied |= _only_match(told, tied, known)
    commits = (_commit_of(one, one.sha not in straight, tied, host) for one in reversed(told))
    return tuple(replace(commit, note=notes.get(commit.sha)) for commit in commits)


def _only_match(
    told: Sequence[CommitAnswer], tied: Mapping[str, ForgeAccount], known: Sequence[ForgeAccount]
) -> dict[str, ForgeAccount]:
    """GitLab names the accounts of all committers without saying of which commits: one address and one account are left
    over, or nobody is tied to anything.
    """
    addresses = {address for one in told if (address := (one.committer_email or "").lower()) and address not in tied}
    explained = {account.key for account in tied.values()}
    left = {account.key: account for account in known if account.key not in explained}
    if len(addresses) != 1 or len(left) != 1:
        return {}
    return {addresses.pop(): next(iter(left.values()))}


def _commit_of(told: CommitAnswer, merge: bool, tied: Mapping[str, ForgeAccount], host: str) -> Commit:
    author = CommitIdentity(told.author_name or "", told.author_email or "", account_of(told.author, host))
    status = ((told.signature.verification_status if told.signature else None) or "").upper()
    by_gitlab = status == "VERIFIED_SYSTEM"  # signed by GitLab itself, for the author, in its web pages
    account = author.account if by_gitlab else tied.get((told.committer_email or "").lower())
    return Commit(
        sha=CommitSha(told.sha),
        message=told.message or "",
        author=author,
        committer=CommitIdentity(told.committer_name or "", told.committer_email or "", account),
        authored_at=told.authored_date or datetime.fromtimestamp(0, UTC),
        verified=status in _GOOD,
        parents=(_UNTOLD, _UNTOLD) if merge else (_UNTOLD,),
    )


def policy_of(told: RepositoryAnswer, base_ref: str, base_sha: str) -> tuple[PolicySource, Gap | None]:
    if not base_sha:
        saw = f"the target branch {base_ref} is gone"
        return PolicySource(None, POLICY_PATH, ""), Gap("policy", saw, "a target branch to read the policy from")
    text, problem = words_of(_at(told, POLICY_PATH))
    gap = Gap("policy", f"{POLICY_PATH} at the base is {problem}", "a text file that GitLab shows whole") if problem else None
    return PolicySource(text, POLICY_PATH, base_sha), gap


def owners_of(told: RepositoryAnswer) -> tuple[str, str, Gap | None]:
    """CODEOWNERS as GitLab finds it: the first of three places. Text, path, and what is wrong with it."""
    for path in OWNERS_PATHS:
        blob = _at(told, path)
        if blob is None:
            continue
        text, problem = words_of(blob)
        gap = Gap("owners", f"{path} at the base is {problem}", "a text file that GitLab shows whole") if problem else None
        return text or "", path, gap
    return "", "", None


def attributes_of(told: RepositoryAnswer) -> str:
    return words_of(_at(told, ATTRIBUTES_PATH))[0] or ""


def words_of(blob: BlobAnswer | None) -> tuple[str | None, str]:
    """A file's text and what is wrong with it; (None, "") where there is no such file."""
    if blob is None:
        return None, ""
    if (blob.raw_size or 0) > WORDS_LIMIT:
        return None, f"too large to be shown ({blob.raw_size} bytes)"
    return (None, "binary") if blob.raw_text_blob is None else (blob.raw_text_blob, "")


def _at(told: RepositoryAnswer, path: str) -> BlobAnswer | None:
    blobs = told.base.nodes if told.base else []
    return next((blob for blob in blobs if blob.path == path), None)


def jobs_of(told: MergeRequestAnswer) -> Sequence[JobAnswer]:
    jobs = told.head_pipeline.jobs if told.head_pipeline else None
    return jobs.nodes if jobs else ()


def is_status(job: JobAnswer) -> bool:
    """Whether this was posted as a commit status: no job of a pipeline has such a record."""
    return "/GenericCommitStatus/" in job.id


def check_of(told: MergeRequestAnswer, name: str) -> ShownCheck:
    """The gate's own commit status in the head pipeline. The newest counts, whoever posted it, as it does for GitLab.

    Without a `name` the verdict is carried by what no look shows.
    """
    if not name:
        return ShownCheck(None, None, "", looked=False)
    shown = [job for job in jobs_of(told) if job.name == name and is_status(job)]
    if not shown:
        return ShownCheck(None, None, "")
    newest = max(shown, key=lambda job: number_of(job.id))
    said = (newest.detailed_status.label if newest.detailed_status else None) or ""
    leaving = (newest.status, said) == ("FAILED", LEAVING)  # anybody can write the words below another state
    state = "waiting" if leaving else _SHOWN.get(newest.status, newest.status.lower())
    neutral = state == "allowed" and said.startswith(NEUTRAL)
    return ShownCheck(f"status:{number_of(newest.id)}", "neutral" if neutral else state, "")


def place_of(pipeline: PipelineSpot | None) -> str:
    """Which pipeline the merge rests on, and how it stands: another row of the gate's name may change that."""
    return f"{number_of(pipeline.id)} {pipeline.status.lower()}" if pipeline else ""


def pipeline_of(told: MergeRequestAnswer, ref: ChangeRef) -> HeadPipeline:
    """Where a commit status of this head counts."""
    home = told.source_project.full_path if told.source_project else ref.repo.path
    pipeline = told.head_pipeline
    if pipeline is None:
        return HeadPipeline(0, head_of(told), home)
    place = pipeline.project.full_path if pipeline.project else home
    train = (pipeline.ref or "").startswith("refs/merge-requests/") and (pipeline.ref or "").endswith("/train")
    return HeadPipeline(number_of(pipeline.id), pipeline.sha or head_of(told), place, train)
