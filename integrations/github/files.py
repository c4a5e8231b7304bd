"""The files of a change: the REST list, which alone carries patches, and the contents that the patches themselves show.

An added file's patch is its whole content, so its digest costs no further call; git's own object id, recomputed from it,
says whether that is true.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import get_args
from urllib.parse import parse_qs, urlsplit

from bot.core.facts import ChangedFile, FileStatus
from bot.core.ids import ChangeRef
from bot.core.patch import added_content, git_blob_id, opening_lines
from bot.ports.answers import Tolerant, listed
from integrations.github.client import Session

FILES_LIMIT = 3000
"""GitHub's list stops here and does not say so."""
_EMPTY_BLOB = git_blob_id(b"")
_STATUSES = frozenset(get_args(FileStatus))


class FileItem(Tolerant):
    """One row of GitHub's list."""

    filename: str
    status: str = "changed"
    additions: int = 0
    deletions: int = 0
    sha: str | None = None
    previous_filename: str | None = None
    patch: str | None = None
    contents_url: str = ""

    @property
    def head(self) -> str:
        """The commit this row was made for, where GitHub says: the list carries it nowhere else."""
        return parse_qs(urlsplit(self.contents_url).query).get("ref", [""])[0]


_FILES = listed(FileItem)


@dataclass(frozen=True, slots=True)
class FileList:
    """The rows of one reading, and the calls they took."""

    items: tuple[FileItem, ...]
    calls: int

    def is_of(self, head_sha: str) -> bool:
        """False where the list was made for another commit: the head moved between two calls."""
        return all(item.head in ("", head_sha) for item in self.items[:1])


def list_files(session: Session, ref: ChangeRef) -> FileList:
    """Every changed file GitHub lists: page one, then the others in parallel."""
    found = session.pages(f"/repos/{ref.repo.path}/pulls/{ref.number}/files", _FILES)
    return FileList(tuple(found.items), found.calls)


def shown_contents(items: tuple[FileItem, ...]) -> dict[str, bytes]:
    """Contents, by git object id, that the patches hold whole: those of added files."""
    contents = {_EMPTY_BLOB: b""}
    for item in items:
        if item.status == "added" and item.sha and item.patch is not None:
            content = added_content(item.patch, item.additions)
            if content is not None and git_blob_id(content) == item.sha:
                contents[item.sha] = content
    return contents


def changed_file(item: FileItem, contents: Mapping[str, bytes], marked: Callable[[str], bool]) -> ChangedFile:
    """A row as the core's value. `contents` are by object id and already believed."""
    removed = item.status == "removed"
    content = None if removed else contents.get(item.sha or "")
    status = item.status if item.status in _STATUSES else "changed"
    return ChangedFile(
        path=item.filename,
        status=status,  # type: ignore[arg-type]  # one of _STATUSES, which are FileStatus's own
        additions=item.additions,
        deletions=item.deletions,
        blob=None if removed else item.sha,
        sha256=hashlib.sha256(content).hexdigest() if content is not None else None,
        previous_path=item.previous_filename,
        opening=opening_lines(item.patch) if item.patch is not None and not removed else None,
        patch=item.patch,
        marked=marked(item.filename),
    )
