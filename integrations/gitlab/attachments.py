"""Provenance and reports that come with a head and not in its tree: from a job's artifacts, or a generic package.

Both may arrive after the head was first looked at, so each look says what there is (`Offer.digest`), and only another digest
is read. A job's artifacts and a package's files are as hostile as the tree: whoever may push wrote them.

Taken are files under `provenance/` and `evidence/`, in a folder `.llmgate/` or bare. Archives are read with limits on their
size, their number of files and what each unpacks to; whatever tries more is a gap.
"""

from __future__ import annotations

import hashlib
import io
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

from bot.core.enclosures import ENCLOSURES_LIMIT
from bot.core.evidence.model import RawReport
from bot.core.facts import Gap
from bot.core.ids import RepoRef
from bot.core.provenance.model import RawDocument
from bot.ports.answers import Tolerant, listed, settle
from bot.ports.errors import Refused, Vanished
from integrations.gitlab.answers import MergeRequestAnswer, PackageAnswer
from integrations.gitlab.blobs import BLOB_LIMIT
from integrations.gitlab.client import Client
from integrations.gitlab.mapping import head_of, is_status, jobs_of, number_of
from integrations.gitlab.paths import project_path

PACKAGE = "llmgate"
ARCHIVE_LIMIT = 32 * 1024 * 1024
ENTRIES_LIMIT = 5000
UNPACKED_LIMIT = 64 * 1024 * 1024
JOBS_LIMIT = 8
FILES_LIMIT = 2 * ENCLOSURES_LIMIT
_LISTED = b"PK\x01\x02"
"""What each file's line in a zip archive's list of contents begins with."""
_ENDED = frozenset({"SUCCESS", "FAILED"})
_TAKEN = re.compile(r"(?:\.llmgate/)?(provenance|evidence)/([^/\\\0]{1,200}(?:/[^/\\\0]{1,200}){0,5})")


@dataclass(frozen=True, slots=True)
class Attached:
    """Where attachments are looked for: the artifacts of the job of this name, and the generic package `llmgate`."""

    job: str = ""
    packages: bool = False


class PackageFile(Tolerant):
    id: int
    file_name: str = ""
    size: int = 0
    file_sha256: str | None = None


class PackageItem(Tolerant):
    id: int
    name: str = ""
    version: str | None = None


_FILES, _PACKAGES = listed(PackageFile), listed(PackageItem)


@dataclass(frozen=True, slots=True)
class Offer:
    """What is attached to a head now. `project` is where the jobs are."""

    project: str
    jobs: tuple[tuple[int, str], ...] = ()
    """Number and name, of those that have ended."""
    files: tuple[PackageFile, ...] = ()
    version: str = ""
    cut: bool = False
    """The package holds more files than are listed here."""

    @property
    def digest(self) -> str:
        """Names all of it; empty where there is nothing."""
        lines = [f"job {number}" for number, _ in self.jobs]
        lines += ["cut"] if self.cut else []
        lines += sorted(f"file {file.id} {file.file_sha256 or ''} {file.file_name}" for file in self.files)
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:32] if lines else ""


@dataclass(slots=True)
class Taken:
    """What was read of an offer, and what could not be."""

    documents: list[RawDocument] = field(default_factory=list)
    reports: list[RawReport] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    calls: int = 0
    room: int = 0
    """Bytes that may still be read, of whatever part."""

    def put(self, path: str, content: bytes, where: str) -> None:
        """Take one file; the path says where it came from, so that nobody looks for it in the tree."""
        kind = path.partition("/")[0]
        shown = f".llmgate/{path} ({where})"
        if len(self.documents if kind == "provenance" else self.reports) >= ENCLOSURES_LIMIT:
            self.miss(path, f"more than {ENCLOSURES_LIMIT} files of {kind} in {where}", f"at most {ENCLOSURES_LIMIT} a change")
        elif kind == "provenance":
            self.documents.append(RawDocument(shown, content))
        else:
            self.reports.append(RawReport(shown, content))

    def miss(self, path: str, saw: str, wanted: str) -> None:
        gap = Gap("provenance" if path.startswith("provenance") else "evidence", saw, wanted)
        if gap not in self.gaps:
            self.gaps.append(gap)


def ended_jobs(told: MergeRequestAnswer, name: str) -> tuple[tuple[int, str], ...]:
    """The jobs of this name in the head pipeline that have ended, parallel and matrix ones included."""
    if not name:
        return ()
    like = re.compile(re.escape(name) + r"(?: \d+/\d+|:? \[.*\])?")
    found = [job for job in jobs_of(told) if not is_status(job) and job.status in _ENDED and like.fullmatch(job.name)]
    return tuple(sorted((number_of(job.id), job.name) for job in found))


def package_of(packages: Sequence[PackageAnswer], head_sha: str) -> int:
    """The number of the package of this head, of those that were found; 0: there is none."""
    here = [one for one in packages if one.name == PACKAGE and one.version == head_sha and one.status == "DEFAULT"]
    return max((number_of(one.id) for one in here), default=0)


def find_package(client: Client, repo: RepoRef, head_sha: str) -> int:
    """The same, asked of GitLab in one call."""
    asked = {"package_type": "generic", "package_name": PACKAGE, "package_version": head_sha}
    found = client.pages(f"{project_path(repo.path)}/packages", _PACKAGES, asked).items
    return max((one.id for one in found if (one.name, one.version) == (PACKAGE, head_sha)), default=0)


def offer_of(client: Client, repo: RepoRef, told: MergeRequestAnswer, package: int, where: Attached) -> tuple[Offer, int]:
    """What is attached to the head, and the calls that took: a package's files are asked for, its date says nothing."""
    pipeline = told.head_pipeline
    project = pipeline.project.full_path if pipeline and pipeline.project else repo.path
    jobs = ended_jobs(told, where.job)
    if not package:
        return Offer(project, jobs, version=head_of(told)), 0
    found: list[PackageFile] = []
    calls = 0
    for page in client.each_page(f"{project_path(repo.path)}/packages/{package}/package_files", _FILES):
        found += page
        calls += 1
        if len(found) > FILES_LIMIT:
            break
    newest = {file.file_name: file for file in sorted(found, key=lambda file: file.id)}
    return Offer(project, jobs, tuple(newest.values()), head_of(told), len(found) > FILES_LIMIT), calls


def take(client: Client, repo: RepoRef, offer: Offer) -> Taken:
    """Read what is offered: a package's files beside each other, archives one after the other, as each may be large."""
    taken = Taken(room=UNPACKED_LIMIT)
    wanted = list(_wanted(taken, offer))
    loose = [client.submit(_loose, client, repo, offer.version, file) for file, _ in wanted]
    for (file, path), content in zip(wanted, settle(loose), strict=True):
        if content is None:
            saw = f"{file.file_name} of the package {PACKAGE} could not be read"
            taken.miss(path, saw, f"a file of {BLOB_LIMIT // 1024 // 1024} MB at most that the bot may read")
        else:
            taken.put(path, content, f"package {PACKAGE}")
    for number, name in offer.jobs[:JOBS_LIMIT]:
        archive = _archive(client, offer.project, number)
        if isinstance(archive, Gap):
            taken.gaps.append(archive)
        elif archive:
            _unpack(taken, archive, f"job {number}, {name}")
    if len(offer.jobs) > JOBS_LIMIT:
        taken.miss("evidence", f"{len(offer.jobs)} jobs that leave evidence", f"at most {JOBS_LIMIT}, parallel ones included")
    taken.calls = len(loose) + len(offer.jobs[:JOBS_LIMIT])
    return taken


def _wanted(taken: Taken, offer: Offer) -> Iterator[tuple[PackageFile, str]]:
    """The package's files that are to be read, with the path that each is of; so many as there is room for."""
    if offer.cut:
        taken.miss("evidence", f"more than {FILES_LIMIT} files in the package {PACKAGE}", f"at most {FILES_LIMIT}")
    for file in offer.files:
        match = _TAKEN.fullmatch(_flat(file.file_name))
        if match is None:
            continue
        path = f"{match[1]}/{match[2]}"
        if _strays(path):
            taken.miss(path, f"{file.file_name} in the package {PACKAGE} leads out of its folder", "plain file names")
        elif file.size > taken.room:
            taken.miss(path, f"more than {UNPACKED_LIMIT // 1024 // 1024} MB in the package {PACKAGE}", "less")
        else:
            taken.room -= file.size
            yield file, path


def _archive(client: Client, project: str, number: int) -> bytes | Gap:
    """A job's artifacts; empty where it left none."""
    path = f"{project_path(project)}/jobs/{number}/artifacts"
    try:
        found = client.raw(path, ARCHIVE_LIMIT)
    except Vanished:
        return b""
    except Refused as refused:
        return Gap("evidence", f"the artifacts of job {number} are not shown: {refused}", "a bot that may read them")
    if found is None:
        saw = f"artifacts of job {number} of more than {ARCHIVE_LIMIT // 1024 // 1024} MB"
        return Gap("evidence", saw, "smaller ones: let the job keep what is under .llmgate/ alone")
    return found


def _loose(client: Client, repo: RepoRef, version: str, file: PackageFile) -> bytes | None:
    name = quote(unquote(file.file_name), safe="/")
    try:
        return client.raw(f"{project_path(repo.path)}/packages/generic/{PACKAGE}/{version}/{name}", BLOB_LIMIT)
    except (Vanished, Refused):
        return None


def _flat(name: str) -> str:
    """`provenance-x.json` stands for `provenance/x.json`: not every GitLab takes a folder in a package."""
    return re.sub(r"^(provenance|evidence)[-_]", r"\1/", unquote(name))


def _unpack(taken: Taken, archive: bytes, where: str) -> None:
    listed_files = archive.count(_LISTED)  # counted before Python makes an object of each
    if listed_files > ENTRIES_LIMIT:
        taken.miss("evidence", f"{listed_files} files in the artifacts of {where}", f"at most {ENTRIES_LIMIT}")
        return
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            for path, content in _entries(taken, opened, where):
                taken.put(path, content, where)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as odd:
        taken.miss("evidence", f"the artifacts of {where} cannot be unpacked ({type(odd).__name__})", "a plain zip archive")


def _entries(taken: Taken, opened: zipfile.ZipFile, where: str) -> Iterator[tuple[str, bytes]]:
    for entry in opened.infolist():
        match = _TAKEN.fullmatch(entry.filename)
        if match is None or entry.is_dir():
            continue
        path = f"{match[1]}/{match[2]}"
        if not _plain(entry):
            taken.miss(path, f"{path} in the artifacts of {where} is no regular file", "regular files")
            continue
        with opened.open(entry) as packed:
            content = packed.read(min(BLOB_LIMIT, taken.room) + 1)
        if len(content) > min(BLOB_LIMIT, taken.room):
            taken.miss(path, f"{path} in the artifacts of {where} unpacks to too much", "5 MB a file, 64 MB in all")
            continue
        taken.room -= len(content)
        yield path, content


def _plain(entry: zipfile.ZipInfo) -> bool:
    """Whether this is a file: no link, and no step out of its folder."""
    kind = stat.S_IFMT(entry.external_attr >> 16)
    return kind in (0, stat.S_IFREG) and not _strays(entry.filename)


def _strays(path: str) -> bool:
    """Whether a step of the path leads elsewhere than down: in a URL, to another part of GitLab's API."""
    return any(part in (".", "..") for part in path.split("/"))
