"""Who somebody is has changed: the open changes in which they have a part are looked at again."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.events import ChangeTouched
from bot.core.facts import Facts
from bot.core.ids import ChangeRef, ForgeAccount, PersonId
from bot.core.verdict import Verdict
from bot.handlers.kit import Kit
from bot.ports.store import ChangeRecord, Unit


def changes_of(kit: Kit, people: Sequence[PersonId], accounts: Sequence[ForgeAccount]) -> tuple[ChangeRef, ...]:
    """Open changes that they decided about, made, or were asked about, and those for which somebody is still to be found."""
    with kit.store.look() as unit:
        records = unit.open_changes()
    who, keys = set(people), {account.key for account in accounts}
    return tuple(record.ref for record in records if record.facts and record.verdict and _has_part(kit, record, who, keys))


def touch(kit: Kit, unit: Unit, changes: Sequence[ChangeRef], key: str) -> None:
    """Queue a look at each, in the caller's transaction; `key` names the occasion."""
    for ref in dict.fromkeys(changes):
        unit.add_job(ChangeTouched(ref, "a person changed"), ref.key, f"person:{key}:{ref.key}", kit.clock.now())


def _has_part(kit: Kit, record: ChangeRecord, people: set[PersonId], accounts: set[str]) -> bool:
    facts = kit.codec.load(Facts, record.facts)
    if facts.change.author.key in accounts:
        return True
    if any(one.person in people or one.account.key in accounts for one in facts.approvals):
        return True
    seats = kit.codec.load(Verdict, record.verdict).routing.seats
    return any(seat.problem or not people.isdisjoint((*seat.asked, *seat.backup)) for seat in seats)
