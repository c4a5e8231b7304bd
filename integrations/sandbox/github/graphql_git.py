"""Commits, trees, blobs and refs as GraphQL sees them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Unpack

from integrations.sandbox.git.blame import Blamed, blamed
from integrations.sandbox.git.objects import GitCommit, GitPerson, TreeEntry
from integrations.sandbox.github.graphql_check import RollupView, StatusView, SuiteView
from integrations.sandbox.github.graphql_paging import Connection, refused
from integrations.sandbox.github.graphql_view import CommitUserView, Gaze, GitActorView
from integrations.sandbox.github.model import CheckSuite, PullRequest, Repository
from integrations.sandbox.github.render import when
from integrations.sandbox.graphql.connection import Paging
from integrations.sandbox.graphql.documents import View

if TYPE_CHECKING:
    from integrations.sandbox.github.graphql_repository import RepositoryView

MAX_TEXT = 512 * 1024
"""A blob's text is cut beyond this."""
_CO_AUTHOR = re.compile(r"^co-authored-by:\s*(?P<name>[^<\n]*?)\s*<(?P<email>[^>\n]+)>\s*$", re.IGNORECASE | re.MULTILINE)


def object_view(gaze: Gaze, repo: Repository, oid: str) -> ObjectView | None:
    """The view of whatever that id names."""
    found = repo.git.objects.read(oid)
    return _KINDS[found.kind](gaze, repo, oid) if found else None


def by_expression(gaze: Gaze, repo: Repository, expression: str) -> ObjectView | None:
    """`branch`, `<id>`, or either with `:path` behind it."""
    revision, colon, path = expression.partition(":")
    if not colon and len(revision) == 40 and repo.git.objects.read(revision):
        return object_view(gaze, repo, revision)
    commit = repo.git.resolve(revision)
    if commit is None or not colon:
        return object_view(gaze, repo, commit) if commit else None
    entry = repo.git.objects.at_path(repo.git.objects.commit(commit).tree, path)
    return object_view(gaze, repo, entry.oid) if entry else None


class ObjectView(View):
    def __init__(self, gaze: Gaze, repo: Repository, oid: str) -> None:
        self._gaze = gaze
        self._repo = repo
        self.oid = oid
        self.abbreviated_oid = oid[:7]
        self.id = f"{self.typename[0]}_{repo.id}_{oid}"

    @property
    def repository(self) -> RepositoryView:
        from integrations.sandbox.github.graphql_repository import RepositoryView  # the two see each other

        return RepositoryView(self._gaze, self._repo)


class BlobView(ObjectView):
    typename = "Blob"

    @cached_property
    def _data(self) -> bytes:
        found = self._repo.git.objects.read(self.oid)
        return found.data if found else b""

    @property
    def byte_size(self) -> int:
        return len(self._data)

    @property
    def is_binary(self) -> bool:
        return b"\0" in self._data[:8_000]

    @property
    def is_truncated(self) -> bool:
        return not self.is_binary and len(self._data) > MAX_TEXT

    @property
    def text(self) -> str | None:
        return None if self.is_binary else self._data[:MAX_TEXT].decode("utf-8", "replace")


class TreeView(ObjectView):
    typename = "Tree"

    @property
    def entries(self) -> list[EntryView]:
        return [EntryView(self, entry, entry.name) for entry in self._repo.git.objects.tree(self.oid)]

    def view(self, entry: TreeEntry) -> ObjectView | None:
        return object_view(self._gaze, self._repo, entry.oid)

    def size(self, entry: TreeEntry) -> int:
        found = self._repo.git.objects.read(entry.oid) if entry.kind == "blob" else None
        return len(found.data) if found else 0


@dataclass(frozen=True, slots=True)
class EntryView:
    """`path` is the whole path where it is known: below a commit's own tree, and in `file`."""

    typename: ClassVar[str] = "TreeEntry"
    tree: TreeView
    entry: TreeEntry
    path: str

    @property
    def name(self) -> str:
        return self.entry.name

    @property
    def oid(self) -> str:
        return self.entry.oid

    @property
    def mode(self) -> int:
        return self.entry.mode

    @property
    def type(self) -> str:
        return self.entry.kind

    @property
    def extension(self) -> str:
        return f".{self.name.rpartition('.')[2]}" if "." in self.name else ""

    @property
    def size(self) -> int:
        return self.tree.size(self.entry)

    @property
    def object(self) -> ObjectView | None:
        return self.tree.view(self.entry)

    @property
    def repository(self) -> RepositoryView:
        return self.tree.repository


class CommitView(ObjectView):
    typename = "Commit"

    def __init__(self, gaze: Gaze, repo: Repository, oid: str) -> None:
        super().__init__(gaze, repo, oid)
        commit = repo.git.objects.commit(oid)
        self._commit: GitCommit = commit
        self.message = commit.message.removesuffix("\n")
        self.message_headline, _, rest = self.message.partition("\n")
        self.message_body = rest.lstrip("\n")
        self.authored_date = when(commit.author.at)
        self.committed_date = when(commit.committer.at)
        self.url = f"{gaze.world.url}/{repo.full_name}/commit/{oid}"

    @property
    def author(self) -> GitActorView:
        return GitActorView(self._gaze, self._commit.author)

    @property
    def committer(self) -> GitActorView:
        return GitActorView(self._gaze, self._commit.committer)

    @property
    def tree(self) -> TreeView:
        return TreeView(self._gaze, self._repo, self._commit.tree)

    @property
    def signature(self) -> dict[str, Any] | None:
        verified = self.oid in self._gaze.world.verified
        if not (verified or self._commit.signature):
            return None
        account = self._gaze.world.by_email(self._commit.committer.email)
        return {
            "typename": "GpgSignature",
            "email": self._commit.committer.email,
            "isValid": verified,
            "payload": "",
            "signature": self._commit.signature,
            "signer": CommitUserView(self._gaze, account) if account and verified else None,
            "state": "VALID" if verified else "UNKNOWN_KEY",
            "wasSignedByGitHub": False,
        }

    def authors(self, **paging: Unpack[Paging]) -> Connection[GitPerson]:
        """The author, then the co-authors that the message names."""
        at = self._commit.author.at
        people = [self._commit.author] + [GitPerson(m["name"], m["email"], at) for m in _CO_AUTHOR.finditer(self.message)]
        unique = list({person.email.lower(): person for person in reversed(people)}.values())[::-1]
        return Connection("authors", unique, lambda each: GitActorView(self._gaze, each), paging)

    def parents(self, **paging: Unpack[Paging]) -> Connection[str]:
        return Connection("parents", self._commit.parents, self._view, paging)

    def history(self, **paging: Unpack[Paging]) -> Connection[str]:
        oids = self._repo.git.commits_between(None, self.oid)[::-1]
        return Connection("history", oids, self._view, paging)

    def file(self, path: str) -> EntryView | None:
        entry = self._repo.git.objects.at_path(self._commit.tree, path)
        return EntryView(self.tree, entry, path) if entry and path else None

    def blame(self, path: str) -> dict[str, Any]:
        """Every line of the file, in pieces of one commit each: there is no asking for some of them."""
        if self.file(path) is None:
            raise refused("NOT_FOUND", f"Could not resolve file for path '{path}'.")
        return {"ranges": [self._blamed(each) for each in blamed(self._repo.git, self.oid, path)]}

    def _blamed(self, piece: Blamed) -> dict[str, Any]:
        """`age` is a shade from 1 (recent) to 10."""
        return {"commit": self._view(piece.commit), "startingLine": piece.first, "endingLine": piece.last, "age": 1}

    @property
    def additions(self) -> int:
        return sum(file.additions for file in self._files())

    @property
    def deletions(self) -> int:
        return sum(file.deletions for file in self._files())

    @property
    def changed_files_if_available(self) -> int:
        return len(self._files())

    def check_suites(self, filter_by: dict[str, Any] | None = None, **paging: Unpack[Paging]) -> Connection[CheckSuite]:
        self._gaze.need("checks:read")
        wanted = (filter_by or {}).get("app_id")
        found = [each for (app, sha), each in self._repo.suites.items() if sha == self.oid and wanted in (None, app)]
        name = (filter_by or {}).get("check_name")
        runs = self._repo.runs.get(self.oid, [])
        found = [each for each in found if name is None or any(run.suite is each and run.name == name for run in runs)]
        return Connection("checkSuites", found, lambda each: SuiteView(self._gaze, self._repo, each), paging)

    def associated_pull_requests(self, **paging: Unpack[Paging]) -> Connection[PullRequest]:
        from integrations.sandbox.github.graphql_pull import PullRequestView  # the two see each other

        self._gaze.need("pull_requests:read")
        found = [pull for pull in self._repo.pulls.values() if self.oid in (pull.head_sha, pull.merge_sha)]
        return Connection("associatedPullRequests", found, lambda each: PullRequestView(self._gaze, each), paging)

    @property
    def status(self) -> StatusView | None:
        self._gaze.need("statuses:read")
        return StatusView(self._gaze, self._repo, self.oid) if self._repo.statuses.get(self.oid) else None

    @property
    def status_check_rollup(self) -> RollupView | None:
        some = self._repo.statuses.get(self.oid) or self._repo.runs.get(self.oid)
        return RollupView(self._gaze, self._repo, self.oid) if some else None

    def _files(self) -> tuple[Any, ...]:
        parents = self._commit.parents
        return self._repo.git.changes(parents[0], self.oid) if parents else ()

    def _view(self, oid: str) -> CommitView:
        return CommitView(self._gaze, self._repo, oid)


class TagView(ObjectView):
    typename = "Tag"

    @property
    def target(self) -> ObjectView | None:
        found = self._repo.git.objects.find(f"{self.oid}^{{}}")
        return object_view(self._gaze, self._repo, found) if found else None

    @property
    def name(self) -> str:
        found = [ref for ref, oid in self._repo.git.refs.items() if oid == self.oid]
        return found[0].removeprefix("refs/tags/") if found else ""

    @property
    def message(self) -> str:
        found = self._repo.git.objects.read(self.oid)
        return found.data.decode("utf-8", "replace").partition("\n\n")[2] if found else ""


_KINDS: dict[str, type[ObjectView]] = {"blob": BlobView, "tree": TreeView, "commit": CommitView, "tag": TagView}
