"""A commit whose pipeline moved: which changes are looked at again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bot.core.events import ChangeTouched, CommitTouched
from bot.core.ids import ChangeRef, RepoRef
from bot.handlers.change import commit_touched
from bot.handlers.identity.people import PeopleFile
from bot.handlers.identity.roster import Roster
from bot.handlers.kit import Kit, Settled, Trust
from bot.main.machine import JsonCodec
from bot.ports.forge import HeadFacts
from integrations.reports.read import ReportFiles
from integrations.sandbox.clock import FakeClock
from integrations.sigstore.keys import make_key
from integrations.sigstore.signer import KeySigner
from integrations.sigstore.verifier import KeyRing
from storage.store import SqlStore
from tests.storage.material import CHANGE, OTHER, SHA, SHOP, record

ELSEWHERE = ChangeRef(RepoRef("gitlab", "gitlab.com", "acme/shop"), 7)


def test_the_open_changes_on_that_commit_are_looked_at_again_and_no_others(
    store: SqlStore, clock: FakeClock, tmp_path: Path
) -> None:
    trust = Trust(KeySigner(make_key(tmp_path / "key.pem")), KeyRing([]), ReportFiles())
    kit = Kit(store, JsonCodec(), clock, {}, None, trust, Roster(PeopleFile(None), store, trust.verifier), Settled())
    head = HeadFacts(SHA, "b" * 40, None, "", (), (), (), ())
    with store.begin() as unit:
        unit.save_change(replace(record(CHANGE), head=head))
        unit.save_change(replace(record(OTHER), head=replace(head, head_sha="c" * 40)))
        unit.save_change(replace(record(ELSEWHERE), head=head))
        unit.commit()
    assert commit_touched(kit, CommitTouched(SHOP, SHA, "pipeline running")) == 1
    job = store.claim_job("worker")
    assert job is not None
    assert (job.event, job.lane) == (ChangeTouched(CHANGE, "pipeline running", SHA), CHANGE.key)
    store.finish_job(job)
    assert store.claim_job("worker") is None
    assert commit_touched(kit, CommitTouched(SHOP, "d" * 40, "pipeline running")) == 0
