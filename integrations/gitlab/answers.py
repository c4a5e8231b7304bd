"""GitLab's GraphQL answers, as small tolerant models: the shape of `query`, field for field."""

from __future__ import annotations

from datetime import datetime

from bot.ports.answers import Node


class Account(Node):
    """`id` is a global one: `gid://gitlab/User/12`."""

    id: str
    username: str = ""
    bot: bool = False


class Accounts(Node):
    nodes: tuple[Account | None, ...] = ()


class BlobAnswer(Node):
    path: str
    oid: str
    raw_size: int | None = None
    raw_text_blob: str | None = None


class Blobs(Node):
    nodes: tuple[BlobAnswer, ...] = ()


class CommitSha(Node):
    sha: str


class TreeAnswer(Node):
    last_commit: CommitSha | None = None


class Name(Node):
    name: str


class Names(Node):
    nodes: tuple[Name, ...] = ()


class NotesAnswer(Node):
    blobs: Names = Names()
    trees: Names = Names()


class RepositoryAnswer(Node):
    root_ref: str | None = None
    base: Blobs | None = None
    tip: TreeAnswer | None = None
    notes: NotesAnswer | None = None
    head: Blobs | None = None


class PackageAnswer(Node):
    id: str
    name: str = ""
    version: str | None = None
    status: str = ""


class Packages(Node):
    nodes: tuple[PackageAnswer, ...] = ()


class Signature(Node):
    verification_status: str | None = None


class CommitAnswer(Node):
    sha: str
    message: str | None = None
    authored_date: datetime | None = None
    author_name: str | None = None
    author_email: str | None = None
    committer_name: str | None = None
    committer_email: str | None = None
    author: Account | None = None
    signature: Signature | None = None


class PageInfo(Node):
    has_next_page: bool = False
    end_cursor: str | None = None


class CommitPage(Node):
    page_info: PageInfo = PageInfo()
    nodes: tuple[CommitAnswer, ...] = ()


class ShaPage(Node):
    page_info: PageInfo = PageInfo()
    nodes: tuple[CommitSha, ...] = ()


class CommitLists(Node):
    """Commits, the newest first, and those of them that are no merges."""

    commits: CommitPage | None = None
    straight: ShaPage | None = None


class DiffRefs(Node):
    """`base_sha` is the merge base of the version shown, `start_sha` the target's tip when it was made."""

    base_sha: str | None = None
    head_sha: str
    start_sha: str = ""


class StatAnswer(Node):
    path: str
    additions: int = 0
    deletions: int = 0


class Title(Node):
    title: str


class Titles(Node):
    nodes: tuple[Title, ...] = ()


class Path(Node):
    full_path: str


class DetailedStatus(Node):
    label: str | None = None


class JobAnswer(Node):
    """A job, or a commit status. GitLab's label of a commit status is its description."""

    id: str
    name: str = ""
    status: str = ""
    detailed_status: DetailedStatus | None = None


class Jobs(Node):
    nodes: tuple[JobAnswer, ...] = ()


class PipelineSpot(Node):
    id: str
    status: str = ""


class PipelineAnswer(PipelineSpot):
    sha: str | None = None
    ref: str | None = None
    project: Path | None = None
    jobs: Jobs | None = None


class MergeRequestAnswer(CommitLists):
    title: str
    description: str | None = None
    state: str
    draft: bool = False
    web_url: str | None = None
    created_at: datetime
    updated_at: datetime
    source_branch: str
    target_branch: str
    source_project: Path | None = None
    author: Account | None = None
    assignees: Accounts | None = None
    diff_head_sha: str | None = None
    diff_refs: DiffRefs | None = None
    commit_count: int | None = None
    labels: Titles | None = None
    diff_stats: list[StatAnswer] | None = None
    committers: Accounts | None = None
    head_pipeline: PipelineAnswer | None = None


class ProjectAnswer(Node):
    repository: RepositoryAnswer | None = None
    packages: Packages | None = None
    merge_request: MergeRequestAnswer | None = None


class Id(Node):
    id: str


class ChangeAnswer(Node):
    project: ProjectAnswer | None = None
    current_user: Id | None = None


class MoreProject(Node):
    merge_request: CommitLists | None = None


class MoreAnswer(Node):
    project: MoreProject | None = None


class BlobsRepository(Node):
    blobs: Blobs | None = None


class Headed(Node):
    diff_refs: DiffRefs | None = None


class BlobsProject(Node):
    repository: BlobsRepository | None = None
    merge_request: Headed | None = None


class BlobsAnswer(Node):
    project: BlobsProject | None = None


class OpenNode(Node):
    iid: str
    diff_head_sha: str | None = None
    target_branch: str
    updated_at: datetime
    head_pipeline: PipelineSpot | None = None


class OpenPage(Node):
    page_info: PageInfo = PageInfo()
    nodes: tuple[OpenNode, ...] = ()


class OpenProject(Node):
    merge_requests: OpenPage | None = None


class OpenAnswer(Node):
    project: OpenProject | None = None
