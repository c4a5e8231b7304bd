"""Break-glass: one person lets a change through against the verdict, for a while, by name and with a reason.

It is no approval and is never shown as one: it has a command, a record and a colour of its own, another person is told at once,
it ends by itself, and somebody else has to look at it afterwards. What may not be got around by it: a policy that cannot be
read, since who may override stands there, and a commit that another open change shares, since its green would be theirs too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.core.ids import PersonId
from bot.core.in_toto import NotAStatement, instant, moment
from bot.core.records import Record

MIN_REASON = 20
NEVER = ("policy", "twins")
"""Rules whose blocks hold against every override."""


@dataclass(frozen=True, slots=True)
class Override:
    """`id` is that of its record. `told` is the second person. It holds for one head, from `at` until `until`."""

    id: str
    head_sha: str
    person: PersonId
    account: str
    reason: str
    at: datetime
    until: datetime
    told: PersonId
    tier: str
    policy_digest: str
    reviewed_by: PersonId | None = None
    reviewed_at: datetime | None = None
    review: str = ""

    def live(self, head_sha: str, now: datetime) -> bool:
        return self.head_sha == head_sha and self.at <= now < self.until


def override_record(one: Override, about: str, missing: Sequence[str]) -> Record:
    """As it goes into the log. `missing` are the titles of what was in the way; the id follows from the record."""
    details = {
        "person": one.person,
        "account": one.account,
        "reason": one.reason,
        "until": instant(one.until),
        "told": one.told,
        "riskTier": one.tier,
        "policySha256": one.policy_digest,
        "inTheWay": "; ".join(missing)[:2000],
    }
    return Record("override", about, one.at, details, one.head_sha)


def review_record(one: Override, about: str, by: PersonId, word: tuple[datetime, str]) -> Record:
    """Somebody else looked at an override afterwards, and said when and what."""
    at, said = word
    return Record("override-review", about, at, {"person": by, "review": said}, one.head_sha, one.id)


def read_overrides(records: Iterable[tuple[str, Record]]) -> tuple[Override, ...]:
    """Overrides out of opened records, oldest first, with the first review of each. What is not whole is left out: it lets
    nothing through."""
    found: dict[str, Override] = {}
    for record_id, record in records:
        try:
            if record.kind == "override":
                found[record_id] = _read(record_id, record)
            elif record.kind == "override-review" and record.regards in found:
                found[record.regards] = _reviewed(found[record.regards], record)
        except (NotAStatement, KeyError):
            continue
    return tuple(found.values())


def _read(record_id: str, record: Record) -> Override:
    said: Mapping[str, str] = record.details
    return Override(
        id=record_id,
        head_sha=record.head_sha,
        person=PersonId(said["person"]),
        account=said["account"],
        reason=said["reason"],
        at=record.at,
        until=moment(said["until"]),
        told=PersonId(said["told"]),
        tier=said["riskTier"],
        policy_digest=said["policySha256"],
    )


def _reviewed(one: Override, record: Record) -> Override:
    by = PersonId(record.details["person"])
    if one.reviewed_at is not None or by == one.person:
        return one
    return replace(one, reviewed_by=by, reviewed_at=record.at, review=record.details["review"])


def until_of(now: datetime, minutes: int) -> datetime:
    return now + timedelta(minutes=minutes)
