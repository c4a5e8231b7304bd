"""The exact bytes that are signed for a decision, and how they are read back.

An in-toto Statement v1 about one head commit. Keys are ASCII and numbers are integers, so that sorted compact JSON is the
canonical form of RFC 8785 (a test compares both). The predicate borrows its words from in-toto's closed human-review
proposal (reviewer ids, decision), gittuf's approval (commit and tree) and SLSA's VSA (policy, evidence digests).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, TypeGuard, get_args

from bot.core.approval import TIERS, Answer, Approval, DecisionKind, Strength, Tier
from bot.core.ids import ChangeRef, ChatUser, CommitSha, ForgeAccount, PersonId, RoleName

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "urn:llmgate:human-approval:v1"
PAYLOAD_TYPE = "application/vnd.in-toto+json"
EvidenceKind = Literal["provenance", "report"]

Json = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Shown:
    """Something the reviewer had before their eyes: where it lies in the head, its SHA-256, and what it is."""

    uri: str
    sha256: str
    kind: EvidenceKind


@dataclass(frozen=True, slots=True)
class Reviewer:
    """Who decided, by immutable ids on both sides, and the roles they filled at that moment."""

    person: PersonId
    account: ForgeAccount
    chat: ChatUser | None
    roles: tuple[RoleName, ...]


@dataclass(frozen=True, slots=True)
class Target:
    """What was decided about. `base_commit` is the tip of `base_ref` at that moment; `patch_id` may be empty."""

    change: ChangeRef
    url: str
    head_sha: CommitSha
    head_tree: str
    base_ref: str
    base_commit: str
    patch_id: str


@dataclass(frozen=True, slots=True)
class Terms:
    """Under which rule: tier, policy and what it was read from."""

    tier: Tier
    policy_digest: str
    policy_source: str


@dataclass(frozen=True, slots=True)
class Decision:
    """All that a statement says."""

    target: Target
    reviewer: Reviewer
    terms: Terms
    decision: DecisionKind
    strength: Strength
    decided_at: datetime
    answers: tuple[Answer, ...] = ()
    shown: tuple[Shown, ...] = ()
    reason: str = ""
    interaction: str = ""
    """The chat's id of the press; only its digest is signed."""


class NotAStatement(ValueError):
    """The bytes are no statement of this kind; the message names what was seen and what was wanted."""


def canonical(value: object) -> bytes:
    """Canonical JSON for values with ASCII keys and no floats."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def statement_id(statement: bytes) -> str:
    """SHA-256 hex of the signed bytes: the approval's name everywhere."""
    return hashlib.sha256(statement).hexdigest()


def render_statement(decision: Decision) -> bytes:
    """The bytes to sign."""
    target = decision.target
    subject: list[Json] = [
        {
            "name": f"{target.change.repo.uri}@{target.head_sha}",
            "digest": {"gitCommit": target.head_sha, "sha1": target.head_sha},
        }
    ]
    if target.head_tree:
        subject.append({"name": "tree", "digest": {"gitTree": target.head_tree}})
    return canonical(
        {"_type": STATEMENT_TYPE, "subject": subject, "predicateType": PREDICATE_TYPE, "predicate": _predicate(decision)}
    )


def _predicate(decision: Decision) -> Json:
    target, terms = decision.target, decision.terms
    return {
        "target": {
            "repository": target.change.repo.uri,
            "ref": f"refs/heads/{target.base_ref}",
            "baseCommit": target.base_commit,
        },
        "change": {"key": target.change.key, "uri": target.url, "number": target.change.number},
        "head": {"commit": target.head_sha, "tree": target.head_tree, "patchId": target.patch_id},
        "reviewer": _reviewer(decision.reviewer),
        "decision": decision.decision,
        "strength": decision.strength,
        "decidedOn": decision.decided_at.astimezone(UTC).isoformat(timespec="milliseconds"),
        "riskTier": terms.tier,
        "policy": {"uri": terms.policy_source, "digest": {"sha256": terms.policy_digest}},
        "evidence": [{"uri": s.uri, "digest": {"sha256": s.sha256}, "kind": s.kind} for s in decision.shown],
        "checklist": [{"id": a.item, "text": a.text, "confirmed": a.confirmed} for a in decision.answers],
        "reason": decision.reason,
        "interaction": {"sha256": press_id(decision.interaction)} if decision.interaction else {},
    }


def press_id(interaction: str) -> str:
    """What a statement says of the chat's id of a press: its SHA-256 in hex."""
    return hashlib.sha256(interaction.encode()).hexdigest()


def _reviewer(reviewer: Reviewer) -> Json:
    account = reviewer.account
    return {
        "person": reviewer.person,
        "account": {"forge": account.forge, "host": account.host, "id": account.id, "login": account.login},
        "chat": {"kind": "slack", "team": reviewer.chat.team, "user": reviewer.chat.id} if reviewer.chat else {},
        "roles": list(reviewer.roles),
    }


def read_statement(statement: bytes) -> Approval:
    """What a statement says, as a value. Raises NotAStatement. The signature is the caller's to check, before this."""
    try:
        whole = json.loads(statement)
    except (ValueError, RecursionError) as error:
        raise NotAStatement(f"saw bytes that are no JSON ({type(error).__name__}); wanted an in-toto statement") from None
    _want(whole, "_type", STATEMENT_TYPE)
    _want(whole, "predicateType", PREDICATE_TYPE)
    predicate = _object(whole, "predicate")
    head, reviewer = _object(predicate, "head"), _object(predicate, "reviewer")
    commit = _string(head, "commit")
    if commit not in _subject_commits(whole):
        raise NotAStatement(f"saw head commit {commit[:12]} that is no subject; wanted it among the subjects")
    return Approval(
        id=statement_id(statement),
        change=_change(predicate),
        head_sha=CommitSha(commit),
        person=PersonId(_string(reviewer, "person")),
        account=_account(_object(reviewer, "account")),
        decision=_decision(_string(predicate, "decision")),
        strength=_strength(_string(predicate, "strength")),
        decided_at=_moment(_string(predicate, "decidedOn")),
        tier=_tier(_string(predicate, "riskTier")),
        policy_digest=_string(_object(_object(predicate, "policy"), "digest"), "sha256"),
        roles=tuple(RoleName(role) for role in _strings(reviewer, "roles")),
        chat=_chat(_object(reviewer, "chat")),
        base_ref=_string(_object(predicate, "target"), "ref").removeprefix("refs/heads/"),
        head_tree=_string(head, "tree"),
        patch_id=_string(head, "patchId"),
        answers=tuple(_answer(item) for item in _items(predicate, "checklist")),
        reason=_string(predicate, "reason"),
        interaction=_press(_object(predicate, "interaction")),
    )


def _want(whole: object, key: str, wanted: str) -> None:
    seen = _field(whole, key)
    if seen != wanted:
        raise NotAStatement(f"saw {key} {seen!r}; wanted {wanted!r}")


def _field(whole: object, key: str) -> object:
    if not isinstance(whole, dict) or key not in whole:
        raise NotAStatement(f"saw no {key!r}; wanted it in the statement")
    return whole[key]


def _object(whole: object, key: str) -> Json:
    value = _field(whole, key)
    if not isinstance(value, dict):
        raise NotAStatement(f"saw {key!r} as {type(value).__name__}; wanted an object")
    return value


def _string(whole: object, key: str) -> str:
    value = _field(whole, key)
    if not isinstance(value, str):
        raise NotAStatement(f"saw {key!r} as {type(value).__name__}; wanted text")
    return value


def _items(whole: object, key: str) -> list[object]:
    value = _field(whole, key)
    if not isinstance(value, list):
        raise NotAStatement(f"saw {key!r} as {type(value).__name__}; wanted a list")
    return value


def _strings(whole: object, key: str) -> tuple[str, ...]:
    return tuple(str(item) for item in _items(whole, key))


def _subject_commits(whole: object) -> set[str]:
    digests = [_object(item, "digest") for item in _items(whole, "subject")]
    return {str(digest["gitCommit"]) for digest in digests if "gitCommit" in digest}


def _change(predicate: Json) -> ChangeRef:
    try:
        ref = ChangeRef.from_key(_string(_object(predicate, "change"), "key"))
    except NotAStatement:
        raise
    except ValueError as error:
        raise NotAStatement(f"saw {error}; wanted forge:host/path and a number") from None
    if _string(_object(predicate, "target"), "repository") != ref.repo.uri:
        raise NotAStatement(f"saw a target that is not {ref.repo.uri}; wanted change and target to agree")
    return ref


def _account(value: Json) -> ForgeAccount:
    forge, number = _string(value, "forge"), _field(value, "id")
    if forge not in ("github", "gitlab") or not isinstance(number, int):
        raise NotAStatement(f"saw account {forge!r} with id of type {type(number).__name__}; wanted a forge and a number")
    return ForgeAccount("github" if forge == "github" else "gitlab", _string(value, "host"), number, _string(value, "login"))


def _chat(value: Json) -> ChatUser | None:
    return ChatUser(_string(value, "team"), _string(value, "user")) if value else None


def _press(value: Json) -> str:
    return _string(value, "sha256") if value else ""


def _answer(value: object) -> Answer:
    return Answer(_string(value, "id"), _string(value, "text"), _field(value, "confirmed") is True)


def _moment(value: str) -> datetime:
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        raise NotAStatement(f"saw time {value!r}; wanted ISO 8601") from None
    if at.tzinfo is None:
        raise NotAStatement(f"saw time {value!r} without an offset; wanted one")
    return at


def _decision(value: str) -> DecisionKind:
    if _is_decision(value):
        return value
    raise NotAStatement(f"saw decision {value!r}; wanted one of {', '.join(get_args(DecisionKind))}")


def _is_decision(value: str) -> TypeGuard[DecisionKind]:
    return value in get_args(DecisionKind)


def _strength(value: str) -> Strength:
    for known in get_args(Strength):
        if value == known:
            strength: Strength = known
            return strength
    raise NotAStatement(f"saw strength {value!r}; wanted one of {', '.join(get_args(Strength))}")


def _tier(value: str) -> Tier:
    for tier in TIERS:
        if value == tier:
            return tier
    raise NotAStatement(f"saw tier {value!r}; wanted one of {', '.join(TIERS)}")
