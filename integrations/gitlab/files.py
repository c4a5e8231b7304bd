"""The files of a merge request: git's own diff, held against what GitLab says of one commit.

The raw diff is whole and carries object ids, and does not say of which head it is. So it is believed only when GitLab's
statistics, which are of the same version as the head they come with, list the same paths with the same counts, and when each
path is at that head the object that the diff names. Where one differs the head moved between the calls.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.core.facts import ChangedFile, FileStatus, Gap
from bot.core.ids import ChangeRef
from bot.core.patch import added_content, git_blob_id, opening_lines
from bot.ports.answers import Tolerant, listed, settle
from bot.ports.errors import Unavailable, Vanished
from integrations.gitlab.answers import BlobsAnswer, StatAnswer
from integrations.gitlab.client import Client, whole
from integrations.gitlab.failures import ANSWERS
from integrations.gitlab.paths import change_path
from integrations.gitlab.query import PATHS, PATHS_AT_ONCE
from integrations.gitlab.raw_diff import SUBMODULE, NotADiff, RawFile, read_raw_diff

DIFF_LIMIT = 64 * 1024 * 1024
FILES_LIMIT = 3000
"""More files than this nobody reviews, and asking for each of them takes long: such a change has a gap."""
NAMED = 3


@dataclass(frozen=True, slots=True)
class FileList:
    """What the diff lists, the calls that took, and what is missing of it. `held` is False where its ids prove nothing:
    a GitLab before 17.9 tells none.
    """

    files: tuple[RawFile, ...]
    calls: int = 1
    gaps: tuple[Gap, ...] = ()
    held: bool = True


class DiffItem(Tolerant):
    """One row of the list that GitLab before 17.9 has instead of the raw diff."""

    old_path: str
    new_path: str
    diff: str = ""
    b_mode: str = ""
    new_file: bool = False
    renamed_file: bool = False
    deleted_file: bool = False
    collapsed: bool | None = None
    too_large: bool | None = None


_DIFFS = listed(DiffItem)


class Moved(Exception):
    """The list is of another head than the one it was held against."""


def list_files(client: Client, ref: ChangeRef) -> FileList:
    """Every changed file, by the raw diff where GitLab has it."""
    try:
        raw = client.raw(f"{change_path(ref)}/raw_diffs", DIFF_LIMIT)
    except Vanished:
        return _older_list(client, ref)
    if raw is None:
        saw = f"a diff of more than {DIFF_LIMIT // 1024 // 1024} MB"
        return FileList((), gaps=(Gap("files", saw, "a smaller one; split the change"),))
    try:
        files = read_raw_diff(raw)
    except NotADiff as odd:
        raise Unavailable(f"GitLab's raw diff of {ref} is not as git writes it: {odd}; it is read again") from None
    strange = [file.path for file in files if not file.readable]
    gaps = (Gap("files", f"names that are no UTF-8: {_some(strange)}", "names in UTF-8"),) if strange else ()
    return FileList(files, gaps=gaps)


def _older_list(client: Client, ref: ChangeRef) -> FileList:
    """The paged list: without object ids, and with the patches that GitLab folded left out."""
    pages = list(client.each_page(f"{change_path(ref)}/diffs", _DIFFS))
    items = [item for page in pages for item in page]
    cut = [item.new_path for item in items if item.collapsed or item.too_large]
    wanted = "patches that GitLab shows whole: smaller ones, or GitLab 17.9 or later"
    gaps = (Gap("patch", f"patches that GitLab leaves out: {_some(cut)}", wanted),) if cut else ()
    return FileList(tuple(_older_file(item) for item in items), 1 + len(pages), gaps, held=False)


def _older_file(item: DiffItem) -> RawFile:
    status: FileStatus = "modified"
    if item.new_file:
        status = "added"
    elif item.deleted_file:
        status = "removed"
    elif item.renamed_file:
        status = "renamed"
    hidden = item.collapsed or item.too_large or not item.diff
    previous = item.old_path if item.renamed_file else None
    patch = None if hidden else item.diff.removesuffix("\n")
    return RawFile(item.new_path, status, mode=item.b_mode, previous=previous, patch=patch)


def of_version(found: FileList, stats: Sequence[StatAnswer]) -> FileList:
    """The list, if it is of the version that these statistics are of. Moved if not."""
    told = {stat.path: stat for stat in stats}
    strange = sum(not file.readable for file in found.files)
    paths = {file.path for file in found.files if file.readable}
    if len(told) != len(paths) + strange or not paths <= told.keys():
        raise Moved
    if not found.held:
        counted = (replace(f, additions=told[f.path].additions, deletions=told[f.path].deletions) for f in found.files)
        return replace(found, files=tuple(counted))
    for file in found.files:
        stat = told.get(file.path)
        if stat and (stat.additions, stat.deletions) != (file.additions, file.deletions):
            raise Moved
    return found


def at_head(found: FileList, objects: Mapping[str, str]) -> FileList:
    """The list with the objects that its paths are at the head (a path that is missing there is not in `objects`).

    Moved where one is another than the diff says. A submodule's commit is no object of this project, so it proves nothing.
    """
    files = []
    for file in found.files:
        there = objects.get(file.path, "")
        if not file.readable or (file.mode == SUBMODULE and not there):
            files.append(replace(file, new_id=""))
            continue
        if bool(there) != (file.status != "removed") or (found.held and file.oid not in ("", there)):
            raise Moved
        files.append(replace(file, new_id=there))
    return replace(found, files=tuple(files))


def objects_at(client: Client, ref: ChangeRef, head_sha: str, paths: Sequence[str]) -> tuple[dict[str, str], int]:
    """Which object each path is at the head, and the calls that took."""
    chunks = [list(paths[n : n + PATHS_AT_ONCE]) for n in range(0, len(paths), PATHS_AT_ONCE)]
    found = settle([client.submit(_objects, client, ref, head_sha, chunk) for chunk in chunks])
    return {path: oid for chunk in found for path, oid in chunk}, len(chunks)


def _objects(client: Client, ref: ChangeRef, head_sha: str, paths: list[str]) -> list[tuple[str, str]]:
    asked = {"path": ref.repo.path, "iid": str(ref.number), "ref": head_sha, "paths": paths}
    data, problems = client.graph(PATHS, asked)
    whole(problems, str(ref))
    project = ANSWERS.about(BlobsAnswer, data, str(ref)).project
    blobs = project.repository.blobs if project and project.repository else None
    if blobs is None:
        raise Unavailable(f"GitLab does not show the files of {ref} at its head {head_sha[:12]}; it is read again", 1.0)
    return [(blob.path, blob.oid) for blob in blobs.nodes]


def shown_contents(files: Iterable[RawFile]) -> dict[str, bytes]:
    """Contents, by git object id, that the patches hold whole: those of added files."""
    contents = {git_blob_id(b""): b""}
    for file in files:
        content = file.content
        if content is None and file.status == "added" and file.patch is not None:
            content = added_content(file.patch, file.additions)
        if content is not None and file.oid and git_blob_id(content) == file.oid:
            contents[file.oid] = content
    return contents


def changed_file(file: RawFile, marked: Callable[[str], bool]) -> ChangedFile:
    """A row as the core's value."""
    removed = file.status == "removed"
    return ChangedFile(
        path=file.path,
        status=file.status,
        additions=file.additions,
        deletions=file.deletions,
        blob=file.oid or None,
        previous_path=file.previous,
        opening=opening_lines(file.patch) if file.patch is not None and not removed else None,
        patch=file.patch,
        marked=marked(file.path),
    )


def _some(paths: Sequence[str]) -> str:
    more = f" and {len(paths) - NAMED} more" if len(paths) > NAMED else ""
    return ", ".join(paths[:NAMED]) + more
