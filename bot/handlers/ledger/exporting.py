"""What an export of a change holds: every record about it, and every other that its approvals rest on.

A passkey's approval rests on the record of its enrolment, each approval on the policy whose digest it names, and who a person
is on the link that tied their accounts.
"""

from __future__ import annotations

from bot.core.approval import Approval
from bot.core.ids import ChangeRef
from bot.handlers.approvals import read_stored
from bot.handlers.kit import Kit
from bot.ports.records import StoredRecord


def records_for(kit: Kit, ref: ChangeRef) -> tuple[StoredRecord, ...]:
    """In the order of the log, each once."""
    with kit.store.look() as unit:
        about = unit.records(ref.key)
        stored = unit.approvals(ref)
    read = [one for one in read_stored(kit, stored, ref) if isinstance(one, Approval)]
    places = {f"person:{one.person}" for one in read} | {f"policy:{ref.repo.key}@{one.base_ref}" for one in read}
    with kit.store.look() as unit:
        beside = [record for place in sorted(places) for record in unit.records(place)]
    return tuple(sorted({record.id: record for record in (*about, *beside)}.values(), key=lambda record: record.index))
