"""The difference of a merge request as GitLab shows it: git's own bytes whole, and file by file within its limits."""

from __future__ import annotations

from dataclasses import dataclass, replace

from integrations.sandbox.git.cache import Immutable
from integrations.sandbox.git.diff import FileChange
from integrations.sandbox.git.gitdir import GitDir
from integrations.sandbox.git.machine import git as run_git

MAX_PATCH_BYTES = 200 * 1024
"""A file's text beyond this is too large to show at all (application setting `diff_max_patch_bytes`)."""
COLLAPSED_BYTES = MAX_PATCH_BYTES // 10
"""Beyond this it is collapsed."""
MAX_FILES, SAFE_FILES = 1_000, 100
MAX_LINES, SAFE_LINES = 50_000, 5_000
"""Of all files together: beyond the safe numbers files are collapsed, beyond the others they are left out."""
_RAW: Immutable[tuple[str, str, str], bytes] = Immutable(100)
_PATCHES: Immutable[tuple[str, str, str], tuple[Patch, ...]] = Immutable(100)


@dataclass(frozen=True, slots=True)
class Patch:
    """One file. `cut` is `collapsed` or `too_large` where its text is withheld."""

    change: FileChange
    modes: tuple[str, str]
    text: str
    cut: str = ""


def raw_diff(git: GitDir, base: str, head: str) -> bytes:
    """What `git diff` prints, with whole blob ids."""
    command = ("diff", "--full-index", "--no-color", "--no-ext-diff", "-M", base, head)
    return _RAW.get((str(git.path), base, head), lambda: run_git(git.path, *command))


def patches_of(git: GitDir, base: str, head: str) -> tuple[Patch, ...]:
    """The files in git's order, cut as GitLab cuts them."""
    return _PATCHES.get((str(git.path), base, head), lambda: tuple(_within_limits(_whole(git, base, head))))


def _whole(git: GitDir, base: str, head: str) -> list[Patch]:
    changes = git.changes(base, head)
    raw = run_git(git.path, "diff-tree", "-r", "-M", "-z", "--raw", base, head).decode("utf-8", "replace")
    modes = [(entry[1:7], entry[8:14]) for entry in raw.split("\0") if entry.startswith(":")]
    texts = git.patches(base, head)
    return [
        Patch(change, mode, f"{text}\n" if text else "", "" if text is not None else _missing(change))
        for change, mode, text in zip(changes, modes, texts, strict=True)
    ]


def _missing(change: FileChange) -> str:
    """Nothing to show is no cut, unless there are lines: then it was larger than anybody shows."""
    return "too_large" if change.additions or change.deletions else ""


def _within_limits(patches: list[Patch]) -> list[Patch]:
    shown: list[Patch] = []
    lines = 0
    for count, patch in enumerate(patches, 1):
        lines += patch.text.count("\n")
        if count > MAX_FILES or lines > MAX_LINES:
            break
        size = len(patch.text.encode())
        if size > MAX_PATCH_BYTES:
            patch = replace(patch, cut="too_large")
        elif not patch.cut and (size > COLLAPSED_BYTES or count > SAFE_FILES or lines > SAFE_LINES):
            patch = replace(patch, cut="collapsed")
        shown.append(patch)
    return shown
