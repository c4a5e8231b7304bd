"""From the forge and the store to `Facts`: every signature is checked and every hostile byte read here, before judgement."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.core.approval import Approval, RejectedApproval
from bot.core.evidence.model import Evidence, RawReport
from bot.core.facts import Change, Facts, Gap, Push
from bot.core.forges import FORGES
from bot.core.ids import ChangeRef, CommitSha, ForgeAccount, RepoRef
from bot.core.in_toto import statement_id
from bot.core.override import Override, read_overrides
from bot.core.owners.read import owner_teams
from bot.core.policy.join import join
from bot.core.policy.model import Policy, SignerRule
from bot.core.policy.text import parse_policy
from bot.core.provenance.model import FoundDocument, ProvenanceDocument, RawDocument, Refusal
from bot.core.provenance.read import read_document
from bot.core.verdict import Verdict
from bot.handlers.approvals import opened_records, read_stored
from bot.handlers.directory import Rolls
from bot.handlers.kit import Kit
from bot.handlers.naming import Naming, Presences
from bot.ports.forge import HeadFacts, Hint, Reading
from bot.ports.store import ChangeRecord, StoredBundle, Unit


@dataclass(frozen=True, slots=True)
class Rest:
    """At which revisions a head's check and a change's labels rest; None for one that is just being written.

    What was read of a surface holds only if it rested at one revision from before the reading until now.
    """

    check: int | None
    labels: int | None


def look_at_rest(unit: Unit, ref: ChangeRef, head_sha: str) -> Rest:
    return Rest(unit.resting(ref.key, f"check:{head_sha}"), unit.resting(ref.key, "labels"))


@dataclass(frozen=True, slots=True)
class Gathered:
    """Facts, and what they were made from: the store keeps the latter so that it is not read again."""

    facts: Facts
    reading: Reading
    record: ChangeRecord
    twins: tuple[ChangeRef, ...]
    rest: Rest
    """How the surfaces rested before the forge was asked."""
    lost: tuple[str, ...] = ()
    """Surfaces whose content somebody removed, as events told."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the store knows of a change before the forge is asked."""

    record: ChangeRecord
    bundles: tuple[StoredBundle, ...]
    rest: Rest


def recall(kit: Kit, ref: ChangeRef, pushes: Sequence[tuple[str, str]] = ()) -> Known:
    """The change's record (a new one where there is none), with pushes that events have just named."""
    with kit.store.look() as unit:
        record = unit.change(ref) or ChangeRecord(ref, None, (), b"", b"", None, (), None)
        bundles = unit.approvals(ref)
        rest = look_at_rest(unit, ref, record.head.head_sha if record.head else "")
    pushers = tuple(dict.fromkeys((*record.pushers, *pushes)))
    return Known(replace(record, pushers=pushers), bundles, rest)


def overrides_of(kit: Kit, ref: ChangeRef) -> tuple[Override, ...]:
    """Every override of the change whose signature holds."""
    with kit.store.look() as unit:
        stored = unit.records(ref.key, ("override", "override-review"))
    return read_overrides(opened_records(kit, ((one.id, one.bundle) for one in stored)))


class Gatherer:
    """Makes facts. Keeps what it read of immutable bytes."""

    def __init__(self, kit: Kit, rolls: Rolls, presences: Presences | None = None) -> None:
        self._kit = kit
        self._rolls = rolls
        self._naming = Naming(kit, presences)
        self._policy = functools.lru_cache(maxsize=256)(self._read_policy)
        self._document = functools.lru_cache(maxsize=1024)(self._read_document)
        self._reports = functools.lru_cache(maxsize=64)(self._read_reports)

    def gather(self, known: Known, hint: Hint | None = None) -> Gathered:
        """One look. Raises WorldError when the forge or the store does not answer: nothing is judged on a guess."""
        record = known.record
        reading = self._kit.forge(record.ref.repo).fetch_change(record.ref, record.head, hint)
        now = self._kit.clock.now()
        policy = self._policy(reading.policy.text, reading.policy.path, reading.policy.commit[:12], reading.change.base_ref)
        with self._kit.store.look() as unit:
            record = _with_pushes(record, reading, unit)
            twins = self._twins(unit, reading.change)
            idle = tuple(ref for ref in twins if self._mode(unit, ref) in ("observe", "warn"))
        facts = self._facts(reading, policy, record, now)
        read = read_stored(self._kit, known.bundles, record.ref)
        approvals = tuple(one for one in read if isinstance(one, Approval))
        rejected = tuple(one for one in read if isinstance(one, RejectedApproval))
        facts = replace(facts, approvals=approvals, rejected_approvals=rejected, overrides=overrides_of(self._kit, record.ref))
        facts = self.seek(self._naming.recalled(replace(facts, twins=twins, idle_twins=idle), record))
        return Gathered(facts, reading, record, twins, known.rest)

    def seek(self, facts: Facts) -> Facts:
        """The facts with all that must be known to name somebody new, where these ask for that; otherwise unchanged. Whoever
        changes who was asked calls this anew. Raises nothing: who is not known to be away counts as there."""
        return self._naming.looked_up(facts)

    def _facts(self, reading: Reading, policy: Policy, record: ChangeRecord, now: datetime) -> Facts:
        head = reading.head
        evidence = self._reports(head.reports)
        teams = self._owner_teams(reading, record.ref.repo)
        return Facts(
            now=now,
            change=_with_pusher(reading.change, head, record),
            policy=policy,
            commits=head.commits,
            files=head.files,
            documents=tuple(self._document(raw, policy.provenance.signers) for raw in head.documents),
            evidence=evidence,
            owners_text=reading.owners_text,
            directory=self._rolls.directory(record.ref.repo, policy, teams),
            seen_before=record.signals,
            gaps=(*head.gaps, *self._gaps()),
        )

    def _twins(self, unit: Unit, change: Change) -> tuple[ChangeRef, ...]:
        """Other open changes whose check is this one's: on the same commit, and where checks are kept with it also those that
        go from the same repository into another."""
        home = change.ref.repo
        found = unit.changes_on_head(home, change.head_sha, elsewhere=FORGES[home.forge].check_with_head)
        others = [ref for ref in found if ref != change.ref]
        return tuple(ref for ref in others if ref.repo == home or self._head_repo(unit, ref) == change.head_repo != "")

    def _head_repo(self, unit: Unit, ref: ChangeRef) -> str:
        known = unit.change(ref)
        return self._kit.codec.load(Facts, known.facts).change.head_repo if known and known.facts else ""

    def _mode(self, unit: Unit, ref: ChangeRef) -> str:
        """What a change's policy does, as it was last judged; empty where it never was."""
        known = unit.change(ref)
        return self._kit.codec.load(Verdict, known.verdict).mode if known and known.verdict else ""

    def _owner_teams(self, reading: Reading, repo: RepoRef) -> tuple[str, ...]:
        """A name that the people file knows as a login is asked about nowhere."""
        paths = [path for file in reading.head.files for path in (file.path, file.previous_path) if path]
        accounts = [account for person in self._kit.people.people() for account in person.accounts]
        logins = {one.login.lower() for one in accounts if (one.forge, one.host) == (repo.forge, repo.host)}
        return owner_teams(reading.owners_text, repo.forge, paths, logins)

    def _gaps(self) -> tuple[Gap, ...]:
        problem = self._kit.people.problem
        return (Gap("people", problem, "a readable mapping of people"),) if problem else ()

    def _read_policy(self, text: str | None, path: str, commit: str, branch: str) -> Policy:
        if text is None:
            return join(self._kit.settled.floor, None, "the organisation's policy" if self._kit.settled.floor else "defaults")
        return join(self._kit.settled.floor, parse_policy(text, path), f"{path} at {branch}@{commit[:7]}")

    def _read_document(self, raw: RawDocument, signers: tuple[SignerRule, ...]) -> FoundDocument:
        proved = self._kit.trust.verifier.read_document(raw.content, raw.path, signers)
        read = read_document(proved.payload, raw.path)
        return FoundDocument(
            path=raw.path,
            digest=statement_id(raw.content),
            document=read if isinstance(read, ProvenanceDocument) else None,
            refusal=read if isinstance(read, Refusal) else None,
            attested=proved.attested,
            signer=proved.signer,
            attestation_problem=proved.problem,
        )

    def _read_reports(self, reports: tuple[RawReport, ...]) -> Evidence:
        return self._kit.trust.reports.read(reports)


def _with_pushes(record: ChangeRecord, reading: Reading, unit: Unit) -> ChangeRecord:
    """The record with the kept pushes of the change's commits. Of commits no longer in it, the last fifty pushes are kept."""
    commits = dict.fromkeys((reading.head.head_sha, *(commit.sha for commit in reading.head.commits)))
    known = dict.fromkeys((*record.pushers, *unit.pushes_of(reading.change, tuple(commits))))
    gone = [push for push in known if push[0] not in commits]
    return replace(record, pushers=(*gone[-50:], *(push for push in known if push[0] in commits)))


def _with_pusher(change: Change, head: HeadFacts, record: ChangeRecord) -> Change:
    """The change with every push that is known of its commits: events named who pushed."""
    known = {
        account.key: account
        for commit in head.commits
        for account in (commit.author.account, commit.committer.account)
        if account
    } | {change.author.key: change.author}
    commits = {commit.sha for commit in head.commits} | {head.head_sha}
    pushes = tuple(
        Push(CommitSha(sha), known.get(key) or ForgeAccount.from_key(key)) for sha, key in record.pushers if sha in commits
    )
    last = next((push.by for push in reversed(pushes) if push.head_sha == head.head_sha), None)
    return replace(change, last_pusher=last or change.last_pusher, pushes=pushes)
