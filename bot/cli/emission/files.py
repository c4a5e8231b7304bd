"""The generated files: where they stand in the repository, and what git will store of them.

The gate compares digests with what is committed, which is not always what lies on disk. Where git changes line ends on the
way in, only git's own blob id is given, since it is the one that will be true. Where a filter program (LFS) replaces the
content, no digest of ours would hold, so the file is refused; and no such program is run.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.cli.emission.refusal import NotEmitted
from bot.core.patch import git_blob_id
from bot.core.provenance.strict_json import Json
from bot.ports.errors import Refused
from integrations.git.command import Git

OWN_FOLDER = ".llmgate"
BLOB_DIGITS = 40


@dataclass(frozen=True, slots=True)
class Generated:
    """One file: where it is, and its path from the repository's root."""

    file: Path
    path: str


def find_root(start: Path) -> Path:
    """The repository that holds this folder."""
    root = _nearest(start.resolve())
    if root is None:
        raise NotEmitted(f"saw no git repository at {start}; wanted to be inside one; change into it, or `git init` there")
    return root


def locate(root: Path, named: Sequence[Path]) -> tuple[Generated, ...]:
    """Each file once, by path. Raises NotEmitted for one that is missing, no plain file, or not of this repository."""
    found = {one.path: one for one in (_locate(root, file) for file in named)}
    return tuple(found[path] for path in sorted(found))


def digests(root: Path, files: Sequence[Generated]) -> list[Json]:
    """The document's `files_generated`."""
    names = [one.path for one in files]
    try:
        git = Git(root)
        _refuse_filtered(git, names)
        blobs = git.run("hash-object", "--stdin-paths", stdin="".join(f"{name}\n" for name in names).encode()).decode().split()
    except Refused as error:
        raise NotEmitted(str(error)) from None
    return [_entry(one, blob) for one, blob in zip(files, blobs, strict=True)]


def read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise NotEmitted(f"saw {file}: {error.strerror}; wanted a generated file that can be read") from None


def _locate(root: Path, file: Path) -> Generated:
    if file.is_symlink() or not file.is_file():
        kind = "a symbolic link" if file.is_symlink() else "another kind of file" if file.exists() else "nothing"
        raise NotEmitted(f"saw {kind} at {file}; wanted a generated file; name it by its own path")
    whole = file.parent.resolve() / file.name
    if _nearest(whole.parent) != root:
        raise NotEmitted(f"saw {file}, which is not of the repository {root}; wanted its files only; run this in theirs")
    path = whole.relative_to(root).as_posix()
    if path.split("/")[0] in (".git", OWN_FOLDER):
        raise NotEmitted(f"saw {path}, which is git's or llmgate's own; wanted generated files")
    if not path.isprintable():
        raise NotEmitted(f"saw the name {path!r}; wanted one that can be written and printed; rename the file")
    return Generated(whole, path)


def _nearest(folder: Path) -> Path | None:
    return next((one for one in (folder, *folder.parents) if (one / ".git").exists()), None)


def _refuse_filtered(git: Git, names: Sequence[str]) -> None:
    said = git.run("check-attr", "-z", "--stdin", "filter", stdin="".join(f"{name}\0" for name in names).encode())
    fields = said.decode().split("\0")
    for path, value in zip(fields[::3], fields[2::3], strict=False):
        if value not in ("unspecified", "unset"):
            saw = f"saw {path} under git's filter `{value}`, so that other bytes are committed than lie there"
            raise NotEmitted(f"{saw}; wanted plain files; leave it out, or take the attribute away")


def _entry(one: Generated, blob: str) -> dict[str, Json]:
    content = read(one.file)
    stored = f"gitblob:{blob}"
    if blob != git_blob_id(content) and len(blob) == BLOB_DIGITS:
        return {"path": one.path, "hash": stored}
    entry: dict[str, Json] = {"path": one.path, "hash": f"sha256:{hashlib.sha256(content).hexdigest()}"}
    return entry | {"git_blob": stored} if len(blob) == BLOB_DIGITS else entry
