"""Repositories, trees, blobs and commits as GraphQL sees them. Everything here is named by git's ids and never changes."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Unpack

from integrations.sandbox.git.objects import TreeEntry
from integrations.sandbox.gitlab.graphql_paging import Connection
from integrations.sandbox.gitlab.graphql_view import Gaze, UserView, gid, when
from integrations.sandbox.gitlab.model import Pipeline, Project
from integrations.sandbox.gitlab.people import User
from integrations.sandbox.gitlab.trees import listing
from integrations.sandbox.graphql.connection import Paging
from integrations.sandbox.graphql.documents import View

if TYPE_CHECKING:
    from integrations.sandbox.gitlab.graphql_pipeline import PipelineView

SNIFFED = 8_000
"""So many bytes are looked through for a NUL, which makes a file binary."""


class RepositoryView(View):
    typename = "Repository"

    def __init__(self, gaze: Gaze, project: Project) -> None:
        self._gaze = gaze
        self._project = project

    @property
    def empty(self) -> bool:
        return not any(ref.startswith("refs/heads/") for ref in self._project.git.refs)

    exists = True

    @property
    def root_ref(self) -> str | None:
        return None if self.empty else self._project.default_branch

    def blobs(
        self, paths: list[str], ref: str | None = None, ref_type: str | None = None, **paging: Unpack[Paging]
    ) -> Connection[tuple[str, TreeEntry]]:
        """Those of the paths that are there, in the order they were asked for."""
        tree = self._tree(ref or "HEAD", ref_type)
        entries = [(path, self._project.git.objects.at_path(tree, path)) for path in paths] if tree else []
        found = [(path, entry) for path, entry in entries if entry and entry.kind == "blob" and path]
        return Connection(found, lambda each: BlobView(self._gaze, self._project, *each), paging)

    def tree(self, path: str = "", ref: str = "HEAD", recursive: bool = False, ref_type: str | None = None) -> TreeView | None:
        commit = self._commit_id(ref, ref_type)
        if commit is None:
            return None
        entry = self._project.git.objects.at_path(self._project.git.objects.commit(commit).tree, path)
        if entry is None or entry.kind != "tree":
            return None
        return TreeView(self._gaze, self._project, (commit, path), listing(self._project.git, entry.oid, path, deep=recursive))

    def commit(self, ref: str) -> CommitView | None:
        found = self._commit_id(ref, None)
        return CommitView(self._gaze, self._project, found) if found else None

    def _tree(self, ref: str, ref_type: str | None) -> str | None:
        found = self._commit_id(ref, ref_type)
        return self._project.git.objects.commit(found).tree if found else None

    def _commit_id(self, ref: str, ref_type: str | None) -> str | None:
        name = f"refs/{ref_type.lower()}/{ref}" if ref_type else ref
        if name.startswith("refs/") and name not in self._project.git.refs:
            return None  # without asking git, which takes a process
        return self._project.git.resolve(name)


class TreeView(View):
    typename = "Tree"

    def __init__(self, gaze: Gaze, project: Project, at: tuple[str, str], entries: list[tuple[str, TreeEntry]]) -> None:
        self._gaze = gaze
        self._project = project
        self._commit, self._path = at
        self._entries = entries

    @property
    def last_commit(self) -> CommitView:
        """The newest commit that touched the path: of the root, the commit itself."""
        git, path = self._project.git, self._path
        if not path:
            return CommitView(self._gaze, self._project, self._commit)
        for oid in reversed(git.commits_between(None, self._commit)):
            commit = git.objects.commit(oid)
            before = git.objects.commit(commit.parents[0]).tree if commit.parents else None
            now, then = (git.objects.at_path(tree, path) if tree else None for tree in (commit.tree, before))
            if (now and now.oid) != (then and then.oid):
                return CommitView(self._gaze, self._project, oid)
        return CommitView(self._gaze, self._project, self._commit)

    def trees(self, **paging: Unpack[Paging]) -> Connection[tuple[str, TreeEntry]]:
        return self._of("tree", "TreeEntry", paging)

    def submodules(self, **paging: Unpack[Paging]) -> Connection[tuple[str, TreeEntry]]:
        return self._of("commit", "Submodule", paging)

    def blobs(self, **paging: Unpack[Paging]) -> Connection[tuple[str, TreeEntry]]:
        return self._of("blob", "Blob", paging)

    def _of(self, kind: str, typename: str, paging: Paging) -> Connection[tuple[str, TreeEntry]]:
        def make(found: tuple[str, TreeEntry]) -> dict[str, Any]:
            path, entry = found
            word = "tree" if kind == "tree" else "blob"
            return {
                "typename": typename,
                "id": gid(f"Gitlab::Git::{'Blob' if kind == 'blob' else 'Tree'}", entry.oid),
                "sha": entry.oid,
                "name": entry.name,
                "path": path,
                "flatPath": path,
                "type": kind,
                "mode": f"{entry.mode:06o}",
                "webPath": f"/{self._project.path}/-/{word}/{self._commit}/{path}",
            }

        return Connection([each for each in self._entries if each[1].kind == kind], make, paging)


class BlobView(View):
    """A file's content. Bytes that are no UTF-8 are replaced: GraphQL is text, and the raw bytes are REST's."""

    typename = "RepositoryBlob"
    stored_externally = False
    lfs_oid = None

    def __init__(self, gaze: Gaze, project: Project, path: str, entry: TreeEntry) -> None:
        self._gaze = gaze
        self._project = project
        self.id = gid("Gitlab::Git::Blob", entry.oid)
        self.oid = entry.oid
        self.path = path
        self.name = entry.name
        self.mode = f"{entry.mode:o}"

    @property
    def web_path(self) -> str:
        return f"/{self._project.path}/-/blob/{self._project.default_branch}/{self.path}"

    @property
    def size(self) -> str:
        return str(len(self._data))

    raw_size = size

    @property
    def raw_blob(self) -> str:
        return self._data.decode("utf-8", "replace")

    @property
    def raw_text_blob(self) -> str | None:
        return None if b"\0" in self._data[:SNIFFED] else self.raw_blob

    @cached_property
    def _data(self) -> bytes:
        found = self._project.git.objects.read(self.oid)
        return found.data if found else b""


class CommitView(View):
    """GraphQL tells a commit's first parent, not that it has more."""

    typename = "Commit"

    def __init__(self, gaze: Gaze, project: Project, oid: str) -> None:
        self._gaze = gaze
        self._project = project
        self._commit = project.git.objects.commit(oid)
        self.id = gid("Commit", oid)
        self.sha = oid
        self.short_id = oid[:8]
        self.message = self._commit.message
        self.author_name = self._commit.author.name
        self.author_email = self._commit.author.email
        self.committer_name = self._commit.committer.name
        self.committer_email = self._commit.committer.email
        self.parent_sha = self._commit.parents[0] if self._commit.parents else None
        self.web_path = f"/{project.path}/-/commit/{oid}"
        self.web_url = gaze.world.url + self.web_path

    @property
    def title(self) -> str:
        first = self.full_title
        return first if len(first) <= 80 else f"{first[:77]}..."

    @property
    def full_title(self) -> str:
        return self.message.partition("\n")[0]

    @property
    def description(self) -> str:
        return self.message.partition("\n")[2].strip("\n")

    @property
    def authored_date(self) -> str | None:
        return when(self._commit.author.at)

    @property
    def committed_date(self) -> str | None:
        return when(self._commit.committer.at)

    @property
    def author(self) -> UserView | None:
        """The account that confirmed the address; None where nobody did."""
        found = author_of(self._gaze, self._commit.author.email)
        return UserView(self._gaze, found) if found else None

    @property
    def signature(self) -> dict[str, Any] | None:
        good = self.sha in self._gaze.world.verified
        if not good and not self._commit.signature:
            return None
        status = "VERIFIED" if good else "UNKNOWN_KEY"
        return {"typename": "GpgSignature", "commitSha": self.sha, "project": None, "verificationStatus": status}

    def pipelines(self, ref: str | None = None, sha: str | None = None, **paging: Unpack[Paging]) -> Connection[Pipeline]:
        found = [each for each in self._project.pipelines if each.sha == self.sha and ref in (None, each.ref)]
        wanted = [each for each in reversed(found) if sha in (None, each.sha)]
        return Connection(wanted, self._pipeline, paging)

    def _pipeline(self, pipeline: Pipeline) -> PipelineView:
        from integrations.sandbox.gitlab.graphql_pipeline import PipelineView  # the two see each other

        return PipelineView(self._gaze, pipeline)


def author_of(gaze: Gaze, email: str) -> User | None:
    return gaze.world.by_email(email)
