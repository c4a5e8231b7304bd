"""The exact bytes that are signed for a decision, and how they are read back.

An in-toto Statement v1 about one head commit. Keys are ASCII and numbers are integers, so that sorted compact JSON is the
canonical form of RFC 8785 (a test compares both). The predicate borrows its words from in-toto's closed human-review
proposal (reviewer ids, decision), gittuf's approval (commit and tree) and SLSA's VSA (policy, evidence digests).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeGuard, get_args

from bot.core.approval import TIERS, Answer, Approval, DecisionKind, Strength, Tier
from bot.core.ids import ChangeRef, ChatUser, CommitSha, ForgeAccount, PersonId, RoleName
from bot.core.in_toto import (
    Json,
    NotAStatement,
    field,
    instant,
    items,
    member,
    moment,
    parse,
    render,
    statement_id,
    string,
    strings,
    words,
)

PREDICATE_TYPE = "urn:llmgate:human-approval:v1"
EvidenceKind = Literal["provenance", "report"]


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
    identity: tuple[str, str] | None = None
    """(issuer, identity) with which they sign themselves, where the strength is `keyless`."""


@dataclass(frozen=True, slots=True)
class Carried:
    """The approval that this one carries on: its id, the commit it was given for, and which rule let it."""

    approval: str
    commit: CommitSha
    because: str


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
    nonce: str = ""
    """Hex of random bytes, so that no two statements are signed by the same challenge."""
    carried: Carried | None = None


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
    return render(subject, PREDICATE_TYPE, _predicate(decision))


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
        "decidedOn": instant(decision.decided_at),
        "riskTier": terms.tier,
        "policy": {"uri": terms.policy_source, "digest": {"sha256": terms.policy_digest}},
        "evidence": [{"uri": s.uri, "digest": {"sha256": s.sha256}, "kind": s.kind} for s in decision.shown],
        "checklist": [{"id": a.item, "text": a.text, "confirmed": a.confirmed} for a in decision.answers],
        "reason": decision.reason,
        "interaction": {"sha256": press_id(decision.interaction)} if decision.interaction else {},
        **({"nonce": decision.nonce} if decision.nonce else {}),
        **({"carriedFrom": _carried(decision.carried)} if decision.carried else {}),
    }


def _carried(carried: Carried) -> Json:
    digest = {"gitCommit": carried.commit, "sha1": carried.commit}
    return {"approval": {"sha256": carried.approval}, "head": digest, "because": carried.because}


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
        **({"identity": {"issuer": reviewer.identity[0], "subject": reviewer.identity[1]}} if reviewer.identity else {}),
    }


def read_statement(statement: bytes) -> Approval:
    """What a statement says, as a value. Raises NotAStatement. The signature is the caller's to check, before this."""
    whole = parse(statement, PREDICATE_TYPE)
    predicate = member(whole, "predicate")
    head, reviewer = member(predicate, "head"), member(predicate, "reviewer")
    commit = string(head, "commit")
    if commit not in _subject_commits(whole):
        raise NotAStatement(f"saw head commit {commit[:12]} that is no subject; wanted it among the subjects")
    return Approval(
        id=statement_id(statement),
        change=_change(predicate),
        head_sha=CommitSha(commit),
        person=PersonId(string(reviewer, "person")),
        account=_account(member(reviewer, "account")),
        decision=_decision(string(predicate, "decision")),
        strength=_strength(string(predicate, "strength")),
        decided_at=moment(string(predicate, "decidedOn")),
        tier=_tier(string(predicate, "riskTier")),
        policy_digest=string(member(member(predicate, "policy"), "digest"), "sha256"),
        roles=tuple(RoleName(role) for role in strings(reviewer, "roles")),
        chat=_chat(member(reviewer, "chat")),
        base_ref=string(member(predicate, "target"), "ref").removeprefix("refs/heads/"),
        head_tree=string(head, "tree"),
        patch_id=string(head, "patchId"),
        answers=tuple(_answer(item) for item in items(predicate, "checklist")),
        reason=string(predicate, "reason"),
        interaction=_press(member(predicate, "interaction")),
        proof=words(predicate, "proof"),
        identity=_identity(reviewer),
        carried_from=string(member(member(predicate, "carriedFrom"), "approval"), "sha256")
        if "carriedFrom" in predicate
        else "",
    )


def _carried_from(predicate: Json) -> str:
    return string(member(member(predicate, "carriedFrom"), "approval"), "sha256") if "carriedFrom" in predicate else ""


def _identity(reviewer: Json) -> tuple[str, str] | None:
    if "identity" not in reviewer:
        return None
    found = member(reviewer, "identity")
    return (string(found, "issuer"), string(found, "subject"))


def _subject_commits(whole: object) -> set[str]:
    digests = [member(item, "digest") for item in items(whole, "subject")]
    return {str(digest["gitCommit"]) for digest in digests if "gitCommit" in digest}


def _change(predicate: Json) -> ChangeRef:
    try:
        ref = ChangeRef.from_key(string(member(predicate, "change"), "key"))
    except NotAStatement:
        raise
    except ValueError as error:
        raise NotAStatement(f"saw {error}; wanted forge:host/path and a number") from None
    if string(member(predicate, "target"), "repository") != ref.repo.uri:
        raise NotAStatement(f"saw a target that is not {ref.repo.uri}; wanted change and target to agree")
    return ref


def _account(value: Json) -> ForgeAccount:
    forge, number = string(value, "forge"), field(value, "id")
    if forge not in ("github", "gitlab") or not isinstance(number, int):
        raise NotAStatement(f"saw account {forge!r} with id of type {type(number).__name__}; wanted a forge and a number")
    return ForgeAccount("github" if forge == "github" else "gitlab", string(value, "host"), number, string(value, "login"))


def _chat(value: Json) -> ChatUser | None:
    return ChatUser(string(value, "team"), string(value, "user")) if value else None


def _press(value: Json) -> str:
    return string(value, "sha256") if value else ""


def _answer(value: object) -> Answer:
    return Answer(string(value, "id"), string(value, "text"), field(value, "confirmed") is True)


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
