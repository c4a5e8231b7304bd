"""One bare git repository on disk: its refs, the commits made in it, and what git says about two of them.

Refs are kept in memory as well, since every request needs them: they change only here, or through a push over HTTP, after
which `reload` is called. Answers about pairs of commits are remembered, because both ends are immutable.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from integrations.sandbox.git.cache import Immutable
from integrations.sandbox.git.diff import FileChange, parse_changes, split_patches
from integrations.sandbox.git.machine import GitFailed, git
from integrations.sandbox.git.objects import ObjectReader

SHA = re.compile(r"^[0-9a-f]{40}$")
NO_OID = "0" * 40
_CONFIG = """[core]
\trepositoryformatversion = 0
\tfilemode = true
\tbare = true
[http]
\treceivepack = true
[receive]
\tautogc = false
[gc]
\tauto = 0
"""


@dataclass(frozen=True, slots=True)
class NewCommit:
    """A commit to be made: persons as `Name <address>`."""

    ref: str
    message: str
    author: str
    committer: str
    at: datetime
    files: Mapping[str, bytes | None]
    """Content by path; None removes the path."""
    parent: str | None = None


class GitDir:
    """`path` is made if it is not there."""

    def __init__(self, path: Path, default_branch: str = "main") -> None:
        self.path = path
        if not (path / "HEAD").exists():
            _lay_down(path, default_branch)
        self.default_branch = default_branch
        self.objects = ObjectReader(path)
        self.refs: dict[str, str] = {}
        self.reload()
        self._pairs: Immutable[tuple[str, str, str], str | None] = Immutable(5_000)
        self._lists: Immutable[tuple[str, str], tuple[str, ...]] = Immutable(2_000)
        self._changes: Immutable[tuple[str, str], tuple[FileChange, ...]] = Immutable(2_000)
        self._patches: Immutable[tuple[str, str], tuple[str | None, ...]] = Immutable(200)

    def close(self) -> None:
        self.objects.close()

    def copy_to(self, path: Path) -> GitDir:
        """A fork: same objects and branches, its own refs from here on."""
        shutil.copytree(self.path, path)
        return GitDir(path, self.default_branch)

    # refs

    def reload(self) -> dict[str, str | None]:
        """Read all refs from disk, after something else wrote them; those that moved, with where they were."""
        before = self.refs
        listed = git(self.path, "for-each-ref", "--format=%(objectname) %(refname)").decode()
        self.refs = {name: oid for oid, _, name in (line.partition(" ") for line in listed.splitlines())}
        return {ref: before.get(ref) for ref in sorted({*before, *self.refs}) if before.get(ref) != self.refs.get(ref)}

    def branch(self, name: str) -> str | None:
        """The tip of a branch; also takes a full ref name."""
        return self.refs.get(name if name.startswith("refs/") else f"refs/heads/{name}")

    def set_ref(self, ref: str, oid: str | None) -> None:
        """Point the ref there, or remove it."""
        if oid is None:
            git(self.path, "update-ref", "-d", ref)
            self.refs.pop(ref, None)
        else:
            git(self.path, "update-ref", ref, oid)
            self.refs[ref] = oid

    def resolve(self, revision: str) -> str | None:
        """A branch, tag, full ref, `HEAD` or full id to a commit id; None if there is none."""
        if SHA.match(revision):
            found = self.objects.read(revision)
            return revision if found and found.kind == "commit" else None
        name = f"refs/heads/{self.default_branch}" if revision == "HEAD" else revision
        for ref in (name, f"refs/heads/{name}", f"refs/tags/{name}"):
            if ref in self.refs:
                return self._peel(self.refs[ref])
        return self.objects.find(f"{revision}^{{commit}}")

    def _peel(self, oid: str) -> str | None:
        found = self.objects.read(oid)
        if found and found.kind == "tag":
            return self.objects.find(f"{oid}^{{commit}}")
        return found.oid if found and found.kind == "commit" else None

    # making commits

    def commit(self, new: NewCommit) -> str:
        """Make the commit and move its ref there, whatever the ref was. One git process, however many files."""
        stamp = f"{int(new.at.timestamp())} +0000"
        message = new.message.encode()
        out = [b"commit %s\nmark :1\n" % new.ref.encode()]
        out.append(f"author {new.author} {stamp}\ncommitter {new.committer} {stamp}\n".encode())
        out.append(b"data %d\n%s\n" % (len(message), message))
        if new.parent:
            out.append(f"from {new.parent}\n".encode())
        for path, content in new.files.items():
            if content is None:
                out.append(b"D %s\n" % _quoted(path))
            else:
                out.append(b"M 100644 inline %s\ndata %d\n%s\n" % (_quoted(path), len(content), content))
        if not new.parent and self.refs.get(new.ref):
            git(self.path, "update-ref", "-d", new.ref)
        out.append(b"get-mark :1\n")
        told = git(self.path, "fast-import", "--quiet", "--force", "--date-format=raw", stdin=b"".join(out))
        oid = told.decode().strip()
        self.refs[new.ref] = oid
        return oid

    def merge_tree(self, ours: str, theirs: str) -> str | None:
        """The tree that merging the two gives; None where they conflict."""

        def make() -> str | None:
            try:
                return git(self.path, "merge-tree", "--write-tree", ours, theirs).decode().split("\n")[0]
            except GitFailed as failed:
                if failed.code == 1:
                    return None
                raise

        return self._pairs.get(("merge", ours, theirs), make)

    def merge_commit(self, new: NewCommit, ours: str, theirs: str) -> str | None:
        """A merge commit of the two, with `new`'s words, person and ref; None where they conflict."""
        tree = self.merge_tree(ours, theirs)
        if tree is None:
            return None
        oid = self.commit_tree(new, tree, (ours, theirs))
        self.set_ref(new.ref, oid)
        return oid

    def commit_tree(self, new: NewCommit, tree: str, parents: tuple[str, ...]) -> str:
        """A commit of that very tree; no ref moves."""
        stamp = f"{int(new.at.timestamp())} +0000"
        lines = [f"tree {tree}", *(f"parent {parent}" for parent in parents)]
        lines += [f"author {new.author} {stamp}", f"committer {new.committer} {stamp}", "", new.message]
        raw = "\n".join(lines).encode() + (b"" if new.message.endswith("\n") else b"\n")
        return git(self.path, "hash-object", "-t", "commit", "-w", "--stdin", stdin=raw).decode().strip()

    def fetch(self, other: GitDir, oid: str, ref: str) -> None:
        """Bring a commit of another repository here under `ref`."""
        git(self.path, "fetch", "--quiet", "--no-tags", str(other.path), f"+{oid}:{ref}")
        self.refs[ref] = oid

    # what git says about two commits

    def merge_base(self, one: str, other: str) -> str | None:
        def make() -> str | None:
            try:
                return git(self.path, "merge-base", one, other).decode().split("\n")[0]
            except GitFailed as failed:
                if failed.code == 1:
                    return None
                raise

        return self._pairs.get(("base", one, other), make)

    def contains(self, commit: str, ancestor: str) -> bool:
        return self.merge_base(commit, ancestor) == ancestor

    def commits_between(self, base: str | None, head: str) -> tuple[str, ...]:
        """Commits of `head` that `base` has not, oldest first."""

        def make() -> tuple[str, ...]:
            limits = [f"^{base}"] if base else []
            return tuple(git(self.path, "rev-list", "--topo-order", "--reverse", head, *limits).decode().split())

        return self._lists.get((base or "", head), make)

    def changes(self, base: str, head: str) -> tuple[FileChange, ...]:
        """Files that differ between the two trees, renames found."""

        def make() -> tuple[FileChange, ...]:
            return parse_changes(git(self.path, "diff-tree", "-r", "-M", "-z", "--raw", "--numstat", base, head))

        return self._changes.get((base, head), make)

    def patches(self, base: str, head: str) -> tuple[str | None, ...]:
        """The hunks of each of `changes`, in its order; None for binary files and those too large to show."""

        def make() -> tuple[str | None, ...]:
            return split_patches(git(self.path, "diff-tree", "-r", "-M", "-p", "--no-color", base, head))

        return self._patches.get((base, head), make)


def _lay_down(path: Path, default_branch: str) -> None:
    """What `git init --bare` writes, without its process and its template of sample hooks."""
    for folder in ("objects/info", "objects/pack", "refs/heads", "refs/tags"):
        (path / folder).mkdir(parents=True)
    (path / "HEAD").write_text(f"ref: refs/heads/{default_branch}\n")
    (path / "config").write_text(_CONFIG)


def _quoted(path: str) -> bytes:
    if path.startswith('"') or "\n" in path or "\\" in path:
        path = '"' + path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    return path.encode()
