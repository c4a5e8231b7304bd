"""Who somebody is has changed: the open changes in which they have a part are looked at again."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.events import ChangeTouched
from bot.core.facts import Facts
from bot.core.ids import ChangeRef, ForgeAccount, PersonId
from bot.core.verdict import Verdict
from bot.handlers.kit import Kit
from bot.ports.store import ChangeRecord, Unit

MOST_WAITING = 100
"""Changes looked at again because they wait for somebody, and somebody came: the newest; others are as they are touched."""


def changes_of(kit: Kit, people: Sequence[PersonId], accounts: Sequence[ForgeAccount]) -> tuple[ChangeRef, ...]:
    """Open changes that they decided about, made, or were asked about."""
    who, keys = set(people), {account.key for account in accounts}
    return tuple(record.ref for record in _judged(kit) if _has_part(kit, record, who, keys))


def waiting_changes(kit: Kit, accounts: Sequence[ForgeAccount]) -> tuple[ChangeRef, ...]:
    """Open changes on the hosts of these accounts that wait for somebody, who may be the person that just came."""
    hosts = {(account.forge, account.host) for account in accounts}
    records = [record for record in _judged(kit) if (record.ref.repo.forge, record.ref.repo.host) in hosts]
    waiting = [record for record in records if any(seat.open for seat in _verdict(kit, record).routing.seats)]
    newest = sorted(waiting, key=lambda record: record.ref.number, reverse=True)
    return tuple(record.ref for record in newest[:MOST_WAITING])


def _judged(kit: Kit) -> list[ChangeRecord]:
    with kit.store.look() as unit:
        return [record for record in unit.open_changes() if record.facts and record.verdict]


def _verdict(kit: Kit, record: ChangeRecord) -> Verdict:
    return kit.codec.load(Verdict, record.verdict)


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
    return any(not people.isdisjoint((*seat.asked, *seat.backup)) for seat in _verdict(kit, record).routing.seats)
