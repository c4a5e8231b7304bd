"""Whether what a statement carries beside itself proves its strength: a passkey's assertion, a fresh login, a keyless bundle.

Pure but for the tools that check signatures, so that the gate and whoever verifies an export offline judge by one rule. A
passkey counts by the record of its enrolment, which the organisation signed: the database's own rows prove nothing.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from bot.core import base64url
from bot.core.approval import Approval, Strength
from bot.core.ids import PersonId
from bot.core.in_toto import NotAStatement
from bot.core.proof import challenge_of, login_problem, proof_kind_problem, without_proof
from bot.core.records import Record
from bot.ports.trust import KeylessApprovals, Proved

PERSON = "person:"
"""What the records of a person's keys are about, before the person's id."""
_AGAIN = "decide again"


class AssertionCheck(Protocol):
    """The part of `bot.ports.trust.Passkeys` that needs no page of the gate's own: it serves offline too."""

    def verify_assertion(self, proof: Mapping[str, str], challenge: bytes, public_key: bytes, place: tuple[str, str]) -> Proved:
        """See `Passkeys.verify_assertion`."""
        ...


@dataclass(frozen=True, slots=True)
class ProofTools:
    """What checks signatures of people. A strength whose tool is missing is not proved."""

    passkeys: AssertionCheck | None = None
    keyless: KeylessApprovals | None = None


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A passkey as its signed record tells of it. `credential_id` is base64url, `public_key` a COSE key; the key serves at
    `origin` and for `rp_id` alone. Until `removed_at`, if there is a record of its removal."""

    record_id: str
    person: PersonId
    credential_id: str
    public_key: bytes
    rp_id: str
    origin: str
    at: datetime
    removed_at: datetime | None = None


def read_enrolments(records: Iterable[tuple[str, Record]]) -> tuple[Enrolment, ...]:
    """Every passkey that these records enrol, removed ones too, in their order. `records` are ids and records, opened and read;
    those of other kinds are passed over, and so is an enrolment that does not say all that it must: it serves for nothing."""
    found: dict[str, Enrolment] = {}
    removals: dict[str, datetime] = {}
    for record_id, record in records:
        if record.kind == "passkey":
            enrolment = _enrolment(record_id, record)
            if enrolment:
                found[record_id] = enrolment
        elif record.kind == "passkey-removed":
            removals[record.regards] = min(record.at, removals.get(record.regards, record.at))
    return tuple(replace(one, removed_at=removals.get(one.record_id)) for one in found.values())


def _enrolment(record_id: str, record: Record) -> Enrolment | None:
    said = record.details
    texts = [said.get(name, "") for name in ("credentialId", "publicKey", "rpId", "origin")]
    if not record.about.startswith(PERSON) or not all(texts):
        return None
    try:
        key = base64url.decode(texts[1])
    except ValueError:
        return None
    person = PersonId(record.about.removeprefix(PERSON))
    return Enrolment(record_id, person, texts[0], key, texts[2], texts[3], record.at)


def proof_problem(approval: Approval, payload: bytes, tools: ProofTools, enrolments: Sequence[Enrolment]) -> str:
    """Why the strength that an approval claims is not proved: what was seen, what was wanted, the cure. Empty: it is.

    `payload` is the signed statement that `approval` was read from; `enrolments` are of `read_enrolments`. How old a login may
    be is judged where the policy is known.
    """
    problem = proof_kind_problem(approval)
    if problem:
        return f"{problem}; {_AGAIN}"
    check = _CHECKS.get(approval.strength)
    if check is None:
        return ""
    try:
        return check(approval, without_proof(payload), tools, enrolments)
    except NotAStatement as error:
        return f"{error}; {_AGAIN}"


def _login(approval: Approval, _shown: bytes, _tools: ProofTools, _enrolments: Sequence[Enrolment]) -> str:
    problem = login_problem(approval)
    return f"{problem}; sign in again and decide again" if problem else ""


def _passkey(approval: Approval, shown: bytes, tools: ProofTools, enrolments: Sequence[Enrolment]) -> str:
    proof = dict(approval.proof)
    named = next((one for one in enrolments if one.record_id == proof.get("record")), None)
    if named is None:
        record = proof.get("record", "")[:16] or "none"
        return f"saw a passkey whose enrolment is record {record}; wanted one of this organisation's records; {_AGAIN}"
    problem = enrolment_problem(named, approval.person, proof.get("credentialId", ""), approval.decided_at)
    if problem:
        return problem
    if tools.passkeys is None:
        return "saw a passkey's signature and nothing to check it with; wanted `web.public_url` set; set it in the settings"
    return tools.passkeys.verify_assertion(proof, challenge_of(shown), named.public_key, (named.rp_id, named.origin)).problem


def enrolment_problem(enrolment: Enrolment, person: PersonId, credential_id: str, at: datetime) -> str:
    """Why this enrolled key may not speak for this person at that time; empty if it may."""
    if enrolment.person != person:
        return f"saw a passkey of {enrolment.person}; wanted one of {person}, who is named as the reviewer; {_AGAIN}"
    if enrolment.credential_id != credential_id:
        saw, wanted = credential_id[:16] or "none", enrolment.credential_id[:16]
        return f"saw credential {saw}… beside the enrolment of {wanted}…; wanted the one that was enrolled; {_AGAIN}"
    if enrolment.removed_at is not None and enrolment.removed_at <= at:
        removed = f"{enrolment.removed_at:%Y-%m-%d %H:%M} UTC"
        return f"saw a passkey that was removed on {removed}; wanted one that is in use; enrol a new one and {_AGAIN}"
    return ""


def _keyless(approval: Approval, shown: bytes, tools: ProofTools, _enrolments: Sequence[Enrolment]) -> str:
    if approval.identity is None:
        return f"saw a keyless signature while the statement names no identity; wanted issuer and subject; {_AGAIN}"
    try:
        bundle = base64.b64decode(dict(approval.proof).get("bundle", ""), validate=True)
    except ValueError:
        return f"saw a bundle that is no base64; wanted the Sigstore bundle of the person's own signature; {_AGAIN}"
    if tools.keyless is None:
        cure = "set `signing.trusted_root` in the settings"
        return f"saw a keyless signature and nothing to check it with; wanted a trusted root; {cure}"
    issuer, identity = approval.identity
    return tools.keyless.check_identity(bundle, shown, issuer, identity).problem


_CHECKS: Mapping[Strength, Callable[[Approval, bytes, ProofTools, Sequence[Enrolment]], str]] = {
    "reauthenticated": _login,
    "passkey": _passkey,
    "keyless": _keyless,
}
