"""Exact contents of git objects: many in one GraphQL call, by their paths at a commit, believed by their id only.

GraphQL gives text, so what is binary, long or in another encoding comes back altered or not at all; its id tells, and such
a blob is read once more through REST, which gives bytes. GitLab shows at most 20 MB of texts in one answer; beyond, each
file is read for itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.core.enclosures import Found
from bot.core.ids import RepoRef
from bot.core.patch import git_blob_id
from bot.ports.answers import settle
from bot.ports.errors import Unavailable, Vanished
from bot.ports.shelf import BlobShelf
from integrations.gitlab.answers import BlobAnswer, BlobsAnswer
from integrations.gitlab.client import Client
from integrations.gitlab.failures import ANSWERS
from integrations.gitlab.paths import project_path
from integrations.gitlab.query import NOTES, PATHS_AT_ONCE, TEXTS

BLOB_LIMIT = 5 * 1024 * 1024
FOLDED = 2
"""Digits of a commit's id that git makes a folder of, where there are many notes."""


@dataclass(frozen=True, slots=True)
class BlobReader:
    """Reads blobs of one commit, of which the path of each is known."""

    client: Client
    repo: RepoRef
    head_sha: str
    shelf: BlobShelf

    def read(self, wanted: Mapping[str, str]) -> Found:
        """The contents of these blobs, given as paths by object id. What GitLab does not know is left out."""
        found = self.shelf.found(wanted)
        missing = {path: oid for oid, path in wanted.items() if oid not in found.contents}
        shown, found.calls = texts(self.client, self.repo, self.head_sha, list(missing))
        inexact: list[str] = []
        for path, oid in missing.items():
            blob = shown.get(path)
            content = (blob.raw_text_blob or "").encode() if blob else b""
            if git_blob_id(content) == oid:
                self.shelf.put(found, oid, content)
            elif blob and (blob.raw_size or 0) > BLOB_LIMIT:
                found.too_large[oid] = blob.raw_size or 0
            else:
                inexact.append(oid)
        found.calls += len(inexact)
        for oid, raw in zip(inexact, settle([self.client.submit(self._bytes, oid) for oid in inexact]), strict=True):
            if raw is not None:
                self.shelf.put(found, oid, raw)
        return found

    def _bytes(self, oid: str) -> bytes | None:
        try:
            raw = self.client.raw(f"{project_path(self.repo.path)}/repository/blobs/{oid}/raw", BLOB_LIMIT)
        except Vanished:
            return None
        if raw is not None and git_blob_id(raw) != oid:
            raise Unavailable(f"GitLab gave other bytes than those of blob {oid[:12]} in {self.repo}; it is read again", 1.0)
        return raw


def sized(contents: Mapping[str, bytes]) -> tuple[dict[str, bytes], dict[str, int]]:
    """Those that are no larger than what is read of a file, and the sizes of the others."""
    small = {oid: content for oid, content in contents.items() if len(content) <= BLOB_LIMIT}
    return small, {oid: len(content) for oid, content in contents.items() if oid not in small}


def texts(client: Client, repo: RepoRef, at: str, paths: list[str]) -> tuple[dict[str, BlobAnswer], int]:
    """What GitLab shows of these paths at a commit or ref, by path, and the calls it took. May leave any of them out."""
    chunks = [paths[n : n + PATHS_AT_ONCE] for n in range(0, len(paths), PATHS_AT_ONCE)]
    found = settle([client.submit(_chunk, client, repo, at, chunk) for chunk in chunks])
    return {blob.path: blob for blobs in found for blob in blobs}, len(chunks)


def _chunk(client: Client, repo: RepoRef, at: str, paths: list[str]) -> Sequence[BlobAnswer]:
    data, problems = client.graph(TEXTS, {"path": repo.path, "ref": at, "paths": paths})
    if problems:
        return ()  # too much at once: each is read for itself
    project = ANSWERS.about(BlobsAnswer, data, str(repo)).project
    blobs = project.repository.blobs if project and project.repository else None
    return blobs.nodes if blobs else ()


def read_notes(client: Client, repo: RepoRef, commits: list[str]) -> tuple[dict[str, str], int]:
    """The `refs/notes/ai` notes by commit, and the calls it took. Git keeps one under its commit's id, flat or in a folder."""
    places = {place: commit for commit in commits for place in (commit, f"{commit[:FOLDED]}/{commit[FOLDED:]}")}
    shown, calls = texts(client, repo, NOTES, list(places))
    return {places[path]: blob.raw_text_blob for path, blob in shown.items() if blob.raw_text_blob is not None}, calls
