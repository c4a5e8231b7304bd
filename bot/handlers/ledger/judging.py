"""Judging exported records with nothing but the files and the keys that one trusts: no server, no network, no database.

Each record has to be signed by the organisation and proved to be in its log; an approval of more than `witnessed` strength has
to be proved by its person too, and one that was carried on by the one that it carries on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.core.approval import Approval
from bot.core.carry import carried_problem
from bot.core.in_toto import NotAStatement, parse, statement_id
from bot.core.records import Record, read_record
from bot.core.statement import PREDICATE_TYPE, read_statement
from bot.core.tlog.check import NotIncluded, check_inclusion
from bot.core.tlog.note import Check, VerifierKey
from bot.handlers.identity.proofs import Enrolment, ProofTools, proof_problem, read_enrolments
from bot.ports.trust import Verifier


@dataclass(frozen=True, slots=True)
class Exported:
    """A file of an export. `proof` is the text of its log proof; None where there is none."""

    name: str
    bundle: bytes
    proof: str | None = None


@dataclass(frozen=True, slots=True)
class Trusted:
    """What the reader believes: the organisation's keys (in `verifier`), its log's, and how people's proofs are checked."""

    verifier: Verifier
    proofs: ProofTools
    log_keys: tuple[VerifierKey, ...]
    check: Check
    """Empty `log_keys`: no proof of the log is asked for, and none is believed."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A file and what became of it. `signer` is whose signature held; `index` its place in the log; `problem` the first thing
    that does not hold, empty where all of it does; `fault` says of which kind that is."""

    name: str
    id: str = ""
    approval: Approval | None = None
    record: Record | None = None
    signer: str = ""
    index: int | None = None
    problem: str = ""
    fault: str = ""
    payload: bytes = field(default=b"", repr=False)


SIGNATURE, CONTENT, LOG, PERSON, ORIGIN = "signature", "content", "log", "person", "origin"


def judge(files: Sequence[Exported], trusted: Trusted) -> tuple[Judged, ...]:
    """Every file, in order."""
    opened = [_opened(file, trusted) for file in files]
    logged = [_logged(one, file, trusted) for one, file in zip(opened, files, strict=True)]
    enrolments = read_enrolments((one.id, one.record) for one in logged if one.record and not one.problem)
    proved = [_proved(one, trusted, enrolments) for one in logged]
    known = {one.id: one.approval for one in proved if one.approval and not one.problem}
    voids = {one.record.regards: one.record.details.get("because", "") for one in proved if one.record and _voids(one)}
    return tuple(_whole(one, known, voids) for one in proved)


def _voids(one: Judged) -> bool:
    """A void that does not verify still voids: whoever put it there can only take away."""
    return one.record is not None and one.record.kind == "void"


def _opened(file: Exported, trusted: Trusted) -> Judged:
    found = trusted.verifier.open_record(file.bundle)
    if found.problem_saw:
        return Judged(file.name, problem=f"saw {found.problem_saw}; wanted {found.problem_wanted}", fault=SIGNATURE)
    read = Judged(file.name, statement_id(found.payload), signer=found.signer, payload=found.payload)
    try:
        if parse(found.payload).get("predicateType") == PREDICATE_TYPE:
            return replace(read, approval=read_statement(found.payload))
        return replace(read, record=read_record(found.payload))
    except NotAStatement as error:
        return replace(read, problem=str(error), fault=CONTENT)


def _logged(one: Judged, file: Exported, trusted: Trusted) -> Judged:
    if one.problem or not trusted.log_keys:
        return one
    if file.proof is None:
        return replace(one, problem="saw no proof that it is in the log; wanted one beside it; export it again", fault=LOG)
    found = check_inclusion(file.proof, hashlib.sha256(file.bundle).digest(), trusted.log_keys, trusted.check)
    if isinstance(found, NotIncluded):
        return replace(one, problem=str(found), fault=LOG)
    return replace(one, index=found.index)


def _proved(one: Judged, trusted: Trusted, enrolments: Sequence[Enrolment]) -> Judged:
    if one.problem or one.approval is None or one.approval.carried_from:
        return one
    problem = proof_problem(one.approval, one.payload, trusted.proofs, enrolments)
    return replace(one, problem=problem, fault=PERSON) if problem else one


def _whole(one: Judged, known: Mapping[str, Approval], voids: Mapping[str, str]) -> Judged:
    """With what voided it, and for one that was carried on, with where it came from."""
    approval = one.approval
    if approval is None:
        return one
    if one.id in voids:
        approval = replace(approval, voided=voids[one.id] or "no reason was kept")
    if not one.problem and approval.carried_from:
        problem = carried_problem(approval, known)
        if problem:
            return replace(one, approval=approval, problem=f"{problem}; export the change again", fault=ORIGIN)
    return replace(one, approval=approval)
