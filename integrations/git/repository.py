"""A local repository as it stands: its head, and the files and notes that the head carries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bot.ports.errors import Refused
from integrations.git.command import Git
from integrations.git.words import pieces, text

NOTES = "refs/notes/ai"


@dataclass(frozen=True, slots=True)
class Repository:
    """An opened repository. `head` is None while nothing was committed; `branch` is empty where HEAD is detached.

    `cut` are the commits at which a shallow clone ends: their parents, and so their differences, are not here.
    """

    git: Git
    root: Path
    bare: bool
    head: str | None
    branch: str
    cut: frozenset[str] = field(default=frozenset())

    @property
    def shallow(self) -> bool:
        return bool(self.cut)


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of a tree."""

    path: str
    blob: str


def open_repository(path: Path) -> Repository:
    """The repository at or above `path`. Refused, with a cure, where there is none or it may not be read."""
    if not path.is_dir():
        seen = "a file" if path.exists() else "nothing"
        raise Refused(f"saw {seen} at {path}; wanted the folder of a git repository; check the path")
    answer = Git(path).run("rev-parse", "--is-bare-repository", "--is-inside-work-tree", "--absolute-git-dir")
    bare, inside, folder = answer.decode("utf-8", "surrogateescape").rstrip("\n").split("\n", 2)
    top = Git(path).run("rev-parse", "--show-toplevel") if inside == "true" else b""
    root = Path(top.decode("utf-8", "surrogateescape").rstrip("\n") or folder)
    git = Git(root)
    head = git.ask("rev-parse", "--verify", "--quiet", "HEAD^{commit}") or None
    branch = git.ask("symbolic-ref", "--quiet", "--short", "HEAD") or ""
    if head is None:
        _refuse_lost_head(git, root, branch)
    return Repository(git, root, bare == "true", head, branch, _cut(git, root))


def _refuse_lost_head(git: Git, root: Path, branch: str) -> None:
    """No commit at HEAD is fine in an empty repository; elsewhere somebody means another branch."""
    others = (git.ask("for-each-ref", "--count=4", "--format=%(refname:short)", "refs/heads", "refs/remotes") or "").split()
    if others:
        where = f"on branch {branch}, which has no commit" if branch else "pointing at no commit"
        raise Refused(
            f"saw HEAD of {root} {where}; wanted a branch with commits; switch to one, as in `git switch {others[0]}`"
        )


def _cut(git: Git, root: Path) -> frozenset[str]:
    named = git.run("rev-parse", "--git-path", "shallow").decode("utf-8", "surrogateescape").rstrip("\n")
    try:
        return frozenset((root / named).read_text("ascii").split())
    except (OSError, UnicodeDecodeError):
        return frozenset()


def list_files(repository: Repository, tree: str, *under: str) -> Iterator[Entry]:
    """The files of a tree, or of some of its folders; submodules are left out."""
    listed = repository.git.stream("ls-tree", "-r", "-z", "--full-tree", tree, "--", *under)
    for line in pieces(listed, b"\0"):
        about, _, path = line.partition(b"\t")
        _, kind, blob = about.split(b" ", 2)
        if kind == b"blob":
            yield Entry(text(path), blob.decode())


def list_notes(repository: Repository) -> Mapping[str, str]:
    """Commit to blob of each git-ai note."""
    if repository.git.ask("rev-parse", "--verify", "--quiet", NOTES + "^{tree}") is None:
        return {}
    return {entry.path.replace("/", ""): entry.blob for entry in list_files(repository, NOTES)}


def find_files(repository: Repository, pattern: str, most: int) -> tuple[str, ...]:
    """Paths at the head whose text matches an extended regular expression, at any place and in any case."""
    found: list[str] = []
    asked = ("grep", "-I", "-l", "-z", "-i", "--full-name", "--no-textconv", "-E", "-e", pattern, repository.head or "", "--")
    done = repository.git.ask(*asked)  # None: no match, or nothing readable
    for name in (done or "").split("\0"):
        if name:
            found.append(name.partition(":")[2])
    return tuple(found[:most])
