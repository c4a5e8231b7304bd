"""Whether the log is what it was signed to be: every record looked at, every head compared, those outside above all.

The database is believed in nothing. What its ruler cannot write gives them away: the organisation's signature on each record,
the log's on each head, and the heads that stand outside. Whoever has the database *and* both keys can rewrite what was never
anchored, and nothing else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.core.in_toto import NotAStatement
from bot.core.records import read_record
from bot.core.statement import read_statement
from bot.handlers.claims import Claim, claims_outside, claims_within, vanished
from bot.handlers.discrepancy import AuditReport, Discrepancy, Fault
from bot.handlers.walk import Judged, Tell, Walk, silent
from bot.ports.anchors import AnchoredNote
from bot.ports.records import LogUnit, StoredRecord
from bot.ports.store import Store, Unit
from bot.ports.trust import LogSigner, TimestampAuthority, Verifier

Filed = tuple[str, str, str, str]
"""Kind, about, head and regards: what a record is found by."""


@dataclass(frozen=True, slots=True)
class Auditor:
    """Who looks, and with which keys."""

    store: Store
    verifier: Verifier
    signer: LogSigner
    authority: TimestampAuthority | None = None

    def audit(self, outside: Mapping[str, Sequence[AnchoredNote]], tell: Tell = silent) -> AuditReport:
        """Everything in the database, against itself and against notes from outside, by place. A place that is named was read
        whole: what the database says was put there must be there. Raises WorldError where the database does not answer."""
        with self.store.look() as unit:
            return self._look(unit, outside, tell)

    def _look(self, unit: Unit, outside: Mapping[str, Sequence[AnchoredNote]], tell: Tell) -> AuditReport:
        stored, anchors = unit.checkpoints(), unit.anchors()
        every = [
            *claims_within(stored, self.signer, self.authority),
            *(one for place, notes in outside.items() for one in claims_outside(place, notes, self.signer)),
        ]
        claims = [one for one in every if isinstance(one, Claim)]
        found = [one for one in every if isinstance(one, Discrepancy)]
        found += [gone for place, notes in outside.items() for gone in vanished(anchors, place, notes)]
        walk = Walk(unit, self._examine, claims)
        walk.run(tell)
        found += [*walk.found, *_differences(walk), *_summed_up(walk.judged, walk.size)]
        found += [*_forgotten(claims), *_unlogged(unit)]
        return AuditReport(walk.size, len(stored), sum(map(len, outside.values())), tuple(found))

    def _examine(self, record: StoredRecord) -> Iterator[Discrepancy]:
        """The record by itself: who signed it, and whether its row says what it says."""
        named = f"record {record.index} ({record.id[:12]})"
        opened = self.verifier.open_record(record.bundle)
        if opened.problem_saw:
            saw = f"{opened.problem_saw} in {named}"
            yield Discrepancy("forged", saw, opened.problem_wanted, record.index, record.id)
            return
        said = hashlib.sha256(opened.payload).hexdigest()
        if said != record.id:
            yield Discrepancy("misfiled", f"{named} around statement {said[:12]}", "the statement's own id", record.index, said)
        try:
            filed = _filed(record, opened.payload)
        except NotAStatement as error:
            yield Discrepancy("misfiled", f"{named} of kind {record.kind}: {error}", "that kind", record.index, record.id)
            return
        if filed != _row(record):
            differ = next(f"{row!r} for {said!r}" for row, said in zip(_row(record), filed, strict=True) if row != said)
            yield Discrepancy("misfiled", f"{differ} in the row of {named}", "what its statement says", record.index, record.id)


def _row(record: StoredRecord) -> Filed:
    return (record.kind, record.about, record.head_sha, record.regards)


def _filed(record: StoredRecord, payload: bytes) -> Filed:
    """What the row should say. Raises NotAStatement."""
    if record.kind == "decision":
        approval = read_statement(payload)
        regards = record.regards if record.regards in ("", approval.carried_from) else approval.carried_from
        return ("decision", approval.change.key, approval.head_sha, regards)
    read = read_record(payload)
    return (read.kind, read.about, read.head_sha, read.regards)


def _differences(walk: Walk) -> Iterable[Discrepancy]:
    """Records that are not what the tiles were made from; or tiles that are not made from the records."""
    if not walk.leaves:
        return ()
    if walk.judged.for_records and not walk.judged.for_tiles:
        index = min((*walk.leaves.signed, *walk.leaves.stored))
        return (Discrepancy("tiles", f"another hash of entry {index} in its tile than its record has", "the same", index),)
    return walk.leaves.told_apart()


def _summed_up(judged: Judged, size: int) -> Iterator[Discrepancy]:
    """Heads that the tree does not have, within the database and outside: of each kind the one that says most."""
    for fault, failed in _apart(judged.failed, "checkpoint", "forked"):
        first, held = failed[0], judged.held_before(failed[0].size)
        since = f"the first {held:,} records hold" if held else "no earlier head holds either"
        saw = f"another root over the first {first.size:,} records than {first.where} has"
        yield Discrepancy(fault, saw, f"the same root ({since}; {len(failed)} such)", held)
    for fault, beyond in _apart(judged.beyond, "removed", "rolled-back"):
        last = beyond[-1]
        wanted = f"at least {last.size:,}, as {last.where} has ({len(beyond)} such)"
        yield Discrepancy(fault, f"a log of {size:,} records", wanted, size)


def _apart(claims: Sequence[Claim], within: Fault, outside: Fault) -> Iterator[tuple[Fault, list[Claim]]]:
    """Those of the database and those of the outside, by size, each with what it means; none without a claim."""
    for fault, is_outside in ((within, False), (outside, True)):
        those = sorted((claim for claim in claims if claim.outside is is_outside), key=lambda claim: claim.size)
        if those:
            yield fault, those


def _forgotten(claims: Sequence[Claim]) -> Iterator[Discrepancy]:
    """Heads that stand outside and of which the database knows nothing any more."""
    known = {claim.size for claim in claims if not claim.outside}
    lost = sorted((claim for claim in claims if claim.outside and claim.size not in known), key=lambda claim: claim.size)
    if lost:
        saw = f"no checkpoint of {lost[0].size:,} records in the database, and one at {lost[0].where} ({len(lost)} such)"
        yield Discrepancy("checkpoint", saw, "every head that was signed", lost[0].size)


def _unlogged(unit: Unit) -> Iterator[Discrepancy]:
    """Links and passkeys that count, and that no record of the log made, or that one ended."""
    rows = [("link", link.id, f"person:{link.person}", f"the link of {link.account.login}") for link in unit.links()]
    rows += [("passkey", key.record, f"person:{key.person}", f"a passkey of {key.person}") for key in unit.passkeys()]
    for kind, record_id, about, named in rows:
        record = unit.record(record_id)
        if record is None or record.kind != kind or record.about != about:
            yield Discrepancy("unlogged", f"{named} without a record of it in the log", "one that made it", record_id=record_id)
        elif _ended(unit, about, record_id):
            yield Discrepancy(
                "unlogged", f"{named}, which a later record ended", "a row that is ended too", record_id=record_id
            )


def _ended(unit: LogUnit, about: str, record_id: str) -> bool:
    return any(later.regards == record_id for later in unit.records(about, ("unlink", "passkey-removed")))
