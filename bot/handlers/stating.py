"""What a statement says of the world: the target of a decision, what was shown beside it, and any other record, signed."""

from __future__ import annotations

from bot.core.facts import Facts
from bot.core.in_toto import statement_id
from bot.core.patch import patch_id
from bot.core.records import Record, render_record
from bot.core.statement import Shown, Target
from bot.handlers.gather import Gathered
from bot.handlers.kit import Kit
from bot.ports.records import NewRecord


def sign_record(kit: Kit, record: Record) -> NewRecord:
    """A record that is no decision, signed with the organisation's key: to be added in the transaction that acts on it.

    Raises WorldError where the key is elsewhere and does not answer.
    """
    statement = render_record(record)
    bundle = kit.trust.signer.sign(statement)
    return NewRecord(record.kind, statement_id(statement), record.about, bundle, record.head_sha, record.regards)


def target_of(gathered: Gathered) -> Target:
    """What a decision taken now is about."""
    facts = gathered.facts
    change = facts.change
    return Target(
        change.ref,
        change.url,
        change.head_sha,
        change.head_tree or gathered.reading.head.head_tree,
        change.base_ref,
        change.base_sha,
        patch_id((file.path, file.patch) for file in facts.files),
    )


def shown_in(facts: Facts) -> tuple[Shown, ...]:
    documents = [Shown(found.path, found.digest, "provenance") for found in facts.documents]
    reports = [Shown(source, digest, "report") for source, digest in facts.evidence.digests]
    return (*documents, *reports)
