"""Which policy decided, and since when: each change of it is a record of its own, with all that decides in it.

A later reader of an approval finds there what the digest in it stands for.
"""

from __future__ import annotations

from bot.core.facts import Facts
from bot.core.policy.join import policy_text
from bot.core.records import Record
from bot.core.verdict import Verdict
from bot.handlers.approvals import opened_records
from bot.handlers.kit import Kit
from bot.handlers.stating import sign_record
from bot.ports.records import NewRecord


def policy_place(facts: Facts) -> str:
    """What records of the policy are found by: the repository and the branch that it is read from."""
    return f"policy:{facts.change.ref.repo.key}@{facts.change.base_ref}"


def policy_records(kit: Kit, facts: Facts, before: Verdict | None) -> tuple[NewRecord, ...]:
    """The record of a policy that was not the one in force here before; nothing where it was."""
    digest = facts.policy.digest
    if before is not None and before.policy_digest == digest:
        return ()
    place = policy_place(facts)
    with kit.store.look() as unit:
        known = unit.records(place, ("policy",))
    last = next(iter(opened_records(kit, ((one.id, one.bundle) for one in known[-1:]))), None)
    if last is not None and last[1].details.get("sha256") == digest:
        return ()
    text = policy_text(facts.policy).encode("utf-8", "replace").decode()
    details = {"sha256": digest, "source": facts.policy.source, "policy": text}
    return (sign_record(kit, Record("policy", place, facts.now, details, regards=last[0] if last else "")),)
