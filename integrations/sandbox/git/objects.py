"""Reading git objects, fast: one `git cat-file --batch` stays open per repository, and what it said is remembered.

An object id names its content for ever, so nothing read here is ever stale.
"""

from __future__ import annotations

import re
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from integrations.sandbox.git.cache import Immutable
from integrations.sandbox.git.machine import GIT, GIT_ENV, GitFailed, git

_PERSON = re.compile(r"^(?P<name>.*?) ?<(?P<email>[^>]*)> (?P<at>-?\d+) (?P<zone>[+-]\d{4})$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class GitObject:
    oid: str
    kind: str
    """`commit`, `tree`, `blob` or `tag`."""
    data: bytes


@dataclass(frozen=True, slots=True)
class GitPerson:
    """A name, an address and an instant as a commit stores them."""

    name: str
    email: str
    at: datetime


@dataclass(frozen=True, slots=True)
class GitCommit:
    oid: str
    tree: str
    parents: tuple[str, ...]
    author: GitPerson
    committer: GitPerson
    message: str
    signature: str = ""


@dataclass(frozen=True, slots=True)
class TreeEntry:
    mode: int
    name: str
    oid: str

    @property
    def kind(self) -> str:
        return {0o040000: "tree", 0o160000: "commit"}.get(self.mode, "blob")


class ObjectReader:
    """The open process, and what it has answered. Safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._objects: Immutable[str, GitObject] = Immutable(20_000)
        self._commits: Immutable[str, GitCommit] = Immutable(20_000)
        self._trees: Immutable[str, tuple[TreeEntry, ...]] = Immutable(5_000)

    def close(self) -> None:
        with self._lock:
            if self._process:
                self._process.communicate()
                self._process = None

    def read(self, oid: str) -> GitObject | None:
        """The object of that full id, or None."""
        try:
            return self._objects.get(oid, lambda: self._ask(oid))
        except LookupError:
            return None

    def find(self, spec: str) -> str | None:
        """The id of whatever git understands by `spec` now (an abbreviated id, `<tag>^{commit}`), or None.

        A process of its own: the open one remembers which abbreviations it could not resolve.
        """
        if not spec or spec.startswith("-") or any(ord(c) < 32 for c in spec):
            return None
        try:
            return git(self._path, "rev-parse", "--verify", "--quiet", "--end-of-options", spec).decode().split()[-1]
        except GitFailed:
            return None

    def commit(self, oid: str) -> GitCommit:
        return self._commits.get(oid, lambda: parse_commit(self._need(oid, "commit")))

    def tree(self, oid: str) -> tuple[TreeEntry, ...]:
        return self._trees.get(oid, lambda: parse_tree(self._need(oid, "tree").data))

    def at_path(self, tree: str, path: str) -> TreeEntry | None:
        """The entry at `path` below the tree; the tree itself for an empty path."""
        entry = TreeEntry(0o040000, "", tree)
        for part in filter(None, path.split("/")):
            if entry.kind != "tree":
                return None
            found = next((each for each in self.tree(entry.oid) if each.name == part), None)
            if found is None:
                return None
            entry = found
        return entry

    def _need(self, oid: str, kind: str) -> GitObject:
        found = self.read(oid)
        if found is None or found.kind != kind:
            raise LookupError(f"{oid} is {'missing' if found is None else 'a ' + found.kind}, a {kind} was wanted")
        return found

    def _ask(self, spec: str) -> GitObject:
        with self._lock:
            if self._process is None:
                command = [GIT, "-C", str(self._path), "cat-file", "--batch"]
                self._process = subprocess.Popen(command, env=GIT_ENV, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            write, read = self._process.stdin, self._process.stdout
            if write is None or read is None:
                raise RuntimeError("git cat-file was started without pipes")
            write.write(spec.encode() + b"\n")
            write.flush()
            header = read.readline().split()
            if len(header) != 3 or not header[2].isdigit():
                raise LookupError(f"{spec}: {b' '.join(header).decode(errors='replace')}")
            data = read.read(int(header[2]))
            read.read(1)
            return GitObject(header[0].decode(), header[1].decode(), data)


def parse_commit(found: GitObject) -> GitCommit:
    head, _, message = found.data.decode("utf-8", "replace").partition("\n\n")
    fields: dict[str, list[str]] = {}
    last = ""
    for line in head.split("\n"):
        if line.startswith(" "):
            fields[last][-1] += "\n" + line[1:]
            continue
        last, _, value = line.partition(" ")
        fields.setdefault(last, []).append(value)
    return GitCommit(
        oid=found.oid,
        tree=fields["tree"][0],
        parents=tuple(fields.get("parent", ())),
        author=_person(fields["author"][0]),
        committer=_person(fields["committer"][0]),
        message=message,
        signature=fields.get("gpgsig", [""])[0],
    )


def _person(line: str) -> GitPerson:
    match = _PERSON.match(line)
    if not match:
        return GitPerson(line, "", datetime.fromtimestamp(0, UTC))
    return GitPerson(match["name"], match["email"], datetime.fromtimestamp(int(match["at"]), UTC))


def parse_tree(data: bytes) -> tuple[TreeEntry, ...]:
    entries = []
    at = 0
    while at < len(data):
        end = data.index(b"\0", at)
        mode, _, name = data[at:end].partition(b" ")
        oid = data[end + 1 : end + 21].hex()
        entries.append(TreeEntry(int(mode, 8), name.decode("utf-8", "replace"), oid))
        at = end + 21
    return tuple(entries)


def walk(reader: ObjectReader, tree: str, visit: Callable[[str, TreeEntry], None], below: str = "") -> None:
    """Call `visit(path, entry)` for everything below the tree, in git's order."""
    for entry in reader.tree(tree):
        path = f"{below}{entry.name}"
        visit(path, entry)
        if entry.kind == "tree":
            walk(reader, entry.oid, visit, f"{path}/")
