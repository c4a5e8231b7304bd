"""Exact contents of git objects, by object id: many in one GraphQL call, kept in memory, believed by their id only.

GraphQL gives text, so what is binary, long or in another encoding comes back altered; its id tells, and such a blob is read
once more through REST, which gives bytes.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from pydantic import ValidationError

from bot.core.enclosures import Found
from bot.core.ids import RepoRef
from bot.core.patch import git_blob_id
from bot.ports.answers import Tolerant, settle
from bot.ports.errors import Unavailable, Vanished
from bot.ports.shelf import BlobShelf
from integrations.github.answers import BlobAnswer
from integrations.github.client import Session
from integrations.github.query import objects

AT_ONCE = 50
BLOB_LIMIT = 5 * 1024 * 1024


class RawBlob(Tolerant):
    sha: str = ""
    content: str = ""
    encoding: str = ""


@dataclass(frozen=True, slots=True)
class BlobReader:
    """Reads blobs of one repository."""

    session: Session
    repo: RepoRef
    shelf: BlobShelf

    def read(self, oids: Iterable[str]) -> Found:
        """The contents of these blobs. What the forge does not know is left out; what cannot be reached raises."""
        wanted = dict.fromkeys(oids)
        found = self.shelf.found(wanted)
        missing = [oid for oid in wanted if oid not in found.contents]
        chunks = [missing[at : at + AT_ONCE] for at in range(0, len(missing), AT_ONCE)]
        shown = settle([self.session.submit(texts, self.session, self.repo, chunk) for chunk in chunks])
        found.calls += len(chunks)
        inexact: list[Future[tuple[str, bytes]]] = []
        for oid, blob in zip(missing, (blob for chunk in shown for blob in chunk), strict=True):
            if blob is None:
                continue
            content = blob.text.encode() if blob.text is not None else b""
            if git_blob_id(content) == oid:
                self.shelf.put(found, oid, content)
            elif blob.byte_size > BLOB_LIMIT:
                found.too_large[oid] = blob.byte_size
            else:
                inexact.append(self.session.submit(_bytes, self.session, self.repo, oid))
        found.calls += len(inexact)
        for oid, content in settle(inexact):
            self.shelf.put(found, oid, content)
        return found


def texts(session: Session, repo: RepoRef, expressions: Sequence[str]) -> list[BlobAnswer | None]:
    """One call: what GitHub shows of each object, None where there is no such blob."""
    owner, _, name = repo.path.partition("/")
    query, variables = objects(expressions)
    data, problems = session.graph(query, {"owner": owner, "name": name, **variables})
    if problems:
        raise Unavailable(f"GitHub showed only a part of {len(expressions)} files: {problems[0].message}; it is tried again")
    shown = data.get("repository") or {}
    try:
        answers = [shown.get(f"o{n}") for n in range(len(expressions))]
        return [BlobAnswer.model_validate(answer) if answer and "oid" in answer else None for answer in answers]
    except ValidationError:
        raise Unavailable("GitHub's answer about file contents is not as documented; it is tried again") from None


def _bytes(session: Session, repo: RepoRef, oid: str) -> tuple[str, bytes]:
    raw = session.get(f"/repos/{repo.path}/git/blobs/{oid}", RawBlob)
    try:
        content = base64.b64decode(raw.content) if raw.encoding == "base64" else raw.content.encode()
    except binascii.Error:
        content = b""
    if git_blob_id(content) != oid:
        raise Vanished(
            f"GitHub gave other bytes than those of blob {oid[:12]} in {repo}; the change is read again at the next event"
        )
    return oid, content
