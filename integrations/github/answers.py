"""GitHub's GraphQL answers, as small tolerant models: the shape of `query`, field for field."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from bot.ports.answers import Node


class Actor(Node):
    typename: str = Field("", alias="__typename")
    id: str = ""
    database_id: int | None = None
    login: str = ""


class BlobAnswer(Node):
    oid: str = ""
    byte_size: int = 0
    is_binary: bool | None = None
    is_truncated: bool = False
    text: str | None = None

    @property
    def readable(self) -> str | None:
        """The whole text, or None where GitHub gave a part of it or none."""
        return None if self.is_binary or self.is_truncated else self.text


class EntryAnswer(Node):
    object: BlobAnswer | None = None


class BaseAnswer(Node):
    oid: str
    policy: EntryAnswer | None = None
    owners_hidden: EntryAnswer | None = None
    owners_root: EntryAnswer | None = None
    owners_docs: EntryAnswer | None = None
    attributes: EntryAnswer | None = None


class BaseRefAnswer(Node):
    target: BaseAnswer | None = None


class GitPerson(Node):
    name: str | None = None
    email: str | None = None
    user: Actor | None = None


class Authors(Node):
    total_count: int = 0
    nodes: tuple[GitPerson | None, ...] = ()


class Oid(Node):
    oid: str


class Oids(Node):
    nodes: tuple[Oid, ...] = ()


class SignatureAnswer(Node):
    is_valid: bool = False
    was_signed_by_git_hub: bool = False


class CommitAnswer(Node):
    oid: str
    message: str = ""
    authored_date: datetime
    author: GitPerson | None = None
    committer: GitPerson | None = None
    authors: Authors = Authors()
    parents: Oids = Oids()
    signature: SignatureAnswer | None = None


class CommitNode(Node):
    commit: CommitAnswer


class PageInfo(Node):
    has_next_page: bool = False
    end_cursor: str | None = None


class CommitPage(Node):
    total_count: int
    page_info: PageInfo = PageInfo()
    nodes: tuple[CommitNode, ...] = ()


class RunAnswer(Node):
    database_id: int | None = None
    external_id: str | None = None
    status: str = ""
    conclusion: str | None = None


class Runs(Node):
    nodes: tuple[RunAnswer, ...] = ()


class SuiteAnswer(Node):
    check_runs: Runs | None = None


class Suites(Node):
    nodes: tuple[SuiteAnswer, ...] = ()


class HeadAnswer(Node):
    oid: str
    tree: Oid
    check_suites: Suites | None = None


class HeadNode(Node):
    commit: HeadAnswer


class Heads(Node):
    nodes: tuple[HeadNode, ...] = ()


class LabelAnswer(Node):
    name: str


class Labels(Node):
    nodes: tuple[LabelAnswer, ...] = ()


class Named(Node):
    name_with_owner: str


class PullAnswer(Node):
    title: str
    body: str = ""
    state: str
    is_draft: bool = False
    url: str = ""
    created_at: datetime
    updated_at: datetime
    changed_files: int
    head_ref_name: str
    head_ref_oid: str
    base_ref_name: str
    base_ref_oid: str
    head_repository: Named | None = None
    author: Actor | None = None
    labels: Labels | None = None
    base_ref: BaseRefAnswer | None = None
    commits: CommitPage
    head: Heads


class RepositoryAnswer(Node):
    notes: Oid | None = None
    pull_request: PullAnswer | None = None


class ChangeAnswer(Node):
    repository: RepositoryAnswer | None = None


class HeadRepository(Node):
    object: HeadAnswer | None = None


class HeadOnly(Node):
    repository: HeadRepository | None = None


class MorePull(Node):
    commits: CommitPage


class MoreRepository(Node):
    pull_request: MorePull | None = None


class MoreAnswer(Node):
    repository: MoreRepository | None = None


class QueuedPull(Node):
    number: int


class QueueEntry(Node):
    position: int
    head_commit: Oid | None = None
    pull_request: QueuedPull | None = None


class QueueEntries(Node):
    nodes: tuple[QueueEntry, ...] = ()


class QueueState(Node):
    entries: QueueEntries | None = None


class QueueRepository(Node):
    merge_queue: QueueState | None = None


class QueueAnswer(Node):
    repository: QueueRepository | None = None
