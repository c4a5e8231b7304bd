"""Checkpoints on a ref of a git repository elsewhere, a commit each: the ref's history is every head that the log has had.

Nothing is kept here between calls: each fetches what it needs into a folder of its own. Nothing is ever forced, so that a ref
which is protected from force pushes holds whatever once stood on it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.core.tlog.checkpoint import BadCheckpoint, Checkpoint, parse_checkpoint
from bot.core.tlog.note import BadNote, parse_note
from bot.ports.anchors import AnchoredNote
from bot.ports.errors import Conflict, Refused, Unavailable
from bot.ports.records import StoredCheckpoint
from integrations.git.remote import RemoteGit, Spoken

FILE = "checkpoint"
TIP = "refs/anchor/tip"
AUTHOR = ("llmgate", "llmgate@invalid")
"""Commits are by nobody's account: what proves them is the signature in the file."""
_REFUSED = re.compile(r"^!\t[^\t]*\t(?P<why>.*)$", re.MULTILINE)
_RACED = ("fetch first", "non-fast-forward", "cannot lock ref", "failed to update ref", "stale info", "incorrect old value")


@dataclass(frozen=True, slots=True)
class GitAnchor:
    """Implements `bot.ports.anchors.AnchorPlace`. `repository` is a path or URL, `ref` a full name (`refs/heads/…`)."""

    repository: str
    ref: str

    @property
    def place(self) -> str:
        return "git"

    def put(self, checkpoint: StoredCheckpoint) -> str:
        """The id of the commit whose file `checkpoint` is this note.

        Raises Refused where the ref holds a larger log or another one of this size, or takes no push; Conflict where somebody
        pushed at the same time.
        """
        with _borrowed() as git:
            tip = self._fetch(git, "--depth=1")
            if tip is not None and self._stands(git, tip, checkpoint):
                return tip
            commit = _commit(git, tip, checkpoint)
            self._push(git, commit)
            return commit

    def read(self) -> tuple[AnchoredNote, ...]:
        """The notes of the ref's whole history. Nothing while there is no such ref."""
        with _borrowed() as git:
            if self._fetch(git) is None:
                return ()
            commits = git.run("rev-list", "--topo-order", "--reverse", TIP).decode().split()
            return tuple(_notes(git, commits))

    def tip(self) -> str:
        """The commit that the ref is at; empty while there is no such ref. Raises Unavailable."""
        with _borrowed() as git:
            return self._tip(git)

    def _tip(self, git: RemoteGit) -> str:
        listed = git.run("ls-remote", "--", self.repository, self.ref).decode().splitlines()
        named = (line.partition("\t") for line in listed)  # a name that only ends so is listed too
        return next((commit for commit, _, name in named if name == self.ref), "")

    def _fetch(self, git: RemoteGit, *depth: str) -> str | None:
        """The commit that the ref is at, and what of its history was asked for."""
        if not self._tip(git):
            return None
        git.run("fetch", "--quiet", "--no-tags", *depth, "--", self.repository, f"+{self.ref}:{TIP}")
        return git.run("rev-parse", TIP).decode().strip()

    def _stands(self, git: RemoteGit, tip: str, checkpoint: StoredCheckpoint) -> bool:
        """Whether the ref holds this very head. Raises Refused where it holds one that this log cannot have grown from."""
        held = _read_head(next((found.note for found in _notes(git, [tip])), ""))
        if held is None or held.size < checkpoint.size:
            return False
        if (held.size, held.root) == (checkpoint.size, checkpoint.root):
            return True
        saw = f"saw a log of {held.size:,} records at {self.ref}, and one of {checkpoint.size:,} records here"
        fault = "other records" if held.size == checkpoint.size else "a log that only grows: this one was rolled back"
        wanted = "the same records" if held.size == checkpoint.size else fault
        raise Refused(f"{saw}; wanted {wanted}; run `llmgate log verify`, which says what differs")

    def _push(self, git: RemoteGit, commit: str) -> None:
        pushed = git.call("push", "--porcelain", "--no-verify", "--", self.repository, f"{commit}:{self.ref}")
        if pushed.code != 0:
            raise _why_not_pushed(pushed, self.ref)


@contextmanager
def _borrowed() -> Iterator[RemoteGit]:
    """An empty repository for the length of a call."""
    with TemporaryDirectory(prefix="llmgate-anchor-") as folder:
        git = RemoteGit(Path(folder))
        git.run("init", "--quiet", "--bare", "--template=", ".")
        yield git


def _commit(git: RemoteGit, tip: str | None, checkpoint: StoredCheckpoint) -> str:
    """A commit that changes the one file and leaves the others. The same checkpoint on the same tip makes the same commit."""
    blob = git.run("hash-object", "-w", "--stdin", stdin=checkpoint.note.encode()).decode().strip()
    held = git.run("ls-tree", "-z", tip).split(b"\0") if tip else []
    others = [entry for entry in held if entry and entry.partition(b"\t")[2] != FILE.encode()]
    entries = [*others, f"100644 blob {blob}\t{FILE}".encode()]
    tree = git.run("mktree", "-z", stdin=b"".join(entry + b"\0" for entry in entries)).decode().strip()
    parents = ("-p", tip) if tip else ()
    said = f"Checkpoint of {checkpoint.size} records\n".encode()
    return git.dated(*AUTHOR, _git_date(checkpoint.at)).run("commit-tree", tree, *parents, stdin=said).decode().strip()


def _git_date(at: datetime) -> str:
    return f"@{int(at.timestamp())} +0000"


def _notes(git: RemoteGit, commits: list[str]) -> Iterator[AnchoredNote]:
    """The file of each commit; one without it (from before the ref was the log's) says nothing."""
    asked = "".join(f"{commit}:{FILE}\n" for commit in commits)
    answered, at = git.run("cat-file", "--batch", stdin=asked.encode()), 0
    for commit in commits:
        end = answered.index(b"\n", at)
        head, at = answered[at:end].split(b" "), end + 1
        if head[-1] == b"missing":
            continue
        size = int(head[-1])
        content, at = answered[at : at + size], at + size + 1
        yield AnchoredNote(commit, content.decode("utf-8", "replace"))


def _read_head(note: str) -> Checkpoint | None:
    try:
        return parse_checkpoint(parse_note(note).text)
    except (BadNote, BadCheckpoint):
        return None  # no checkpoint stands there yet; an audit tells if one should


def _why_not_pushed(pushed: Spoken, ref: str) -> Conflict | Refused | Unavailable:
    told = _REFUSED.search(pushed.stdout.decode("utf-8", "replace"))
    if told is None:
        return pushed.unavailable("push")
    why = " ".join(told["why"].split())[:200]
    if any(word in why for word in _RACED):
        return Conflict(f"saw {ref} move while a checkpoint was pushed ({why}); wanted it on top; it is tried again")
    return Refused(f"saw the push to {ref} refused: {why}; wanted the right to add commits there; allow it, but no force push")
