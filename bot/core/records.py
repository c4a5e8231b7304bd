"""Records that are no decision about a head: links, passkeys, voids, overrides, changes of policy. Signed like a decision.

An in-toto statement whose subject is what the record is about: a commit, or the SHA-256 of the name of a person or repository.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeGuard, get_args

from bot.core.in_toto import Json, NotAStatement, instant, member, moment, parse, render, string, words

OtherKind = Literal["void", "override", "override-review", "link", "unlink", "passkey", "passkey-removed", "policy"]
PREDICATE_TYPE = "urn:llmgate:{}:v1"


@dataclass(frozen=True, slots=True)
class Record:
    """What happened to what, and when. `details` are texts by name; `about` is what the record is found by in the log.

    `head_sha` is the commit it is about, where it is about one; `regards` the id of an earlier record.
    """

    kind: OtherKind
    about: str
    at: datetime
    details: Mapping[str, str]
    head_sha: str = ""
    regards: str = ""


def render_record(record: Record) -> bytes:
    """The bytes to sign."""
    digest: Json = {"sha256": hashlib.sha256(record.about.encode()).hexdigest()}
    if record.head_sha:
        digest = {"gitCommit": record.head_sha, "sha1": record.head_sha}
    predicate = {
        "about": record.about,
        "at": instant(record.at),
        "details": dict(record.details),
        "regards": {"sha256": record.regards} if record.regards else {},
    }
    return render([{"name": record.about, "digest": digest}], PREDICATE_TYPE.format(record.kind), predicate)


def read_record(statement: bytes) -> Record:
    """What a record says. Raises NotAStatement. The signature is the caller's to check, before this."""
    whole = parse(statement)
    predicate = member(whole, "predicate")
    regards = member(predicate, "regards")
    return Record(
        kind=_kind(string(whole, "predicateType")),
        about=string(predicate, "about"),
        at=moment(string(predicate, "at")),
        details=dict(words(predicate, "details")),
        head_sha=_head(whole),
        regards=string(regards, "sha256") if regards else "",
    )


def _kind(predicate_type: str) -> OtherKind:
    kind = predicate_type.removeprefix("urn:llmgate:").removesuffix(":v1")
    if _is_kind(kind):
        return kind
    raise NotAStatement(f"saw predicateType {predicate_type!r}; wanted a record of llmgate")


def _is_kind(value: str) -> TypeGuard[OtherKind]:
    return value in get_args(OtherKind)


def _head(whole: Json) -> str:
    subjects = whole.get("subject")
    first = subjects[0] if isinstance(subjects, list) and subjects else {}
    return str(member(first, "digest").get("gitCommit", ""))
