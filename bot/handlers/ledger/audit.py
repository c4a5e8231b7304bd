"""Whether the log is what it was signed to be: every record looked at, every head compared, those outside above all.

The database is believed in nothing. What its ruler cannot write gives them away: the organisation's signature on each record,
the log's on each head, and the heads that stand outside. Whoever has the database *and* both keys can rewrite what was never
anchored, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.handlers.ledger.claims import Claim, claims_outside, claims_within, vanished
from bot.handlers.ledger.discrepancy import AuditReport, Discrepancy, Fault
from bot.handlers.ledger.examination import Examination
from bot.handlers.ledger.walk import Judged, Tell, Walk, silent
from bot.ports.anchors import AnchoredNote
from bot.ports.store import Store, Unit
from bot.ports.trust import LogSigner, TimestampAuthority, Verifier


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
        examination = Examination(self.verifier)
        walk = Walk(unit, examination, claims)
        walk.run(tell)
        found += [*walk.found, *_differences(walk), *_summed_up(walk.judged, walk.size)]
        found += _forgotten(claims)
        found += examination.ties.against(unit.links(live=False), unit.passkeys(live=False))
        return AuditReport(walk.size, len(stored), sum(map(len, outside.values())), tuple(found))


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
