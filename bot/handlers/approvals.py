"""Stored decisions as values: the gate's signature, the person's own proof, and where one that was carried on came from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from bot.core.approval import Approval, RejectedApproval
from bot.core.carry import carried_problem
from bot.core.ids import ChangeRef, PersonId
from bot.core.in_toto import NotAStatement
from bot.core.records import Record, read_record
from bot.core.statement import read_statement
from bot.handlers.identity.proofs import Enrolment, ProofTools, proof_problem, read_enrolments
from bot.handlers.kit import Kit
from bot.ports.store import StoredBundle

Read = Approval | RejectedApproval


def read_stored(kit: Kit, stored: Sequence[StoredBundle], ref: ChangeRef) -> tuple[Read, ...]:
    """Every decision about the change, in order, with what voided it. One that does not hold in every part is rejected."""
    read = [_read(kit, one.bundle, ref) for one in stored]
    marked = [
        replace(one, voided=row.voided) if isinstance(one, Approval) else one for one, row in zip(read, stored, strict=True)
    ]
    known = {one.id: one for one in marked if isinstance(one, Approval)}
    return tuple(_with_origin(one, known) for one in marked)


def read_new(kit: Kit, bundle: bytes, ref: ChangeRef) -> Read:
    """One decision that was just signed, by all that holds of it alone."""
    return _read(kit, bundle, ref)


def enrolments_of(kit: Kit, person: PersonId) -> tuple[Enrolment, ...]:
    """A person's passkeys as their signed records say, removed ones with when: rows that no record vouches for are none."""
    with kit.store.look() as unit:
        found = unit.records(f"person:{person}", ("passkey", "passkey-removed"))
    return read_enrolments(opened_records(kit, ((one.id, one.bundle) for one in found)))


def opened_records(kit: Kit, bundles: Iterable[tuple[str, bytes]]) -> Iterator[tuple[str, Record]]:
    """Each record whose signature holds and that can be read, with its id. `bundles` are ids and stored bundles."""
    for record_id, bundle in bundles:
        opened = kit.trust.verifier.open_record(bundle)
        if opened.problem_saw:
            continue
        try:
            yield record_id, read_record(opened.payload)
        except NotAStatement:
            continue


def _read(kit: Kit, bundle: bytes, ref: ChangeRef) -> Read:
    opened = kit.trust.verifier.open_record(bundle)
    name = hashlib.sha256(bundle).hexdigest()
    if opened.problem_saw:
        return RejectedApproval(name, opened.problem_saw, opened.problem_wanted)
    try:
        approval = read_statement(opened.payload)
    except NotAStatement as error:
        return RejectedApproval(name, str(error), "an approval statement")
    if approval.change != ref:
        return RejectedApproval(name, f"an approval of {approval.change}", f"one of {ref}")
    if approval.carried_from:  # the proof is in the approval that it carries on
        return approval
    enrolments = enrolments_of(kit, approval.person) if approval.strength == "passkey" else ()
    tools = ProofTools(kit.trust.passkeys, kit.trust.keyless)
    problem = proof_problem(approval, opened.payload, tools, enrolments)
    return RejectedApproval(approval.id, problem, f"the proof of a {approval.strength} approval") if problem else approval


def _with_origin(one: Read, known: dict[str, Approval]) -> Read:
    if not isinstance(one, Approval) or not one.carried_from:
        return one
    problem = carried_problem(one, known)
    return RejectedApproval(one.id, problem, "the approval that it carries on, about the same difference") if problem else one
