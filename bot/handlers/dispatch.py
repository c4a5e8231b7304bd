"""One stored event in, its handler out. What the world refuses is put back with a growing pause; nothing is dropped."""

from __future__ import annotations

from datetime import timedelta

import structlog

from bot.core.events import (
    AskedAgain,
    BaseMoved,
    BranchPushed,
    ChangeTouched,
    CommitTouched,
    DecisionGiven,
    Delegated,
    Event,
    GroupRequested,
    HomeOpened,
    LinksDue,
    NotMine,
    OverrideEnded,
    OverrideGiven,
    OverrideReviewed,
    PersonActive,
    PersonAway,
    PersonChanged,
    Reassigned,
    ReviewGiven,
    Snoozed,
    StatementSigned,
    SweepDue,
)
from bot.handlers.asking import Superseded
from bot.handlers.attendance import Attendances
from bot.handlers.change import REDELIVER, base_moved, branch_pushed, commit_touched, judge_group, look_at, sweep
from bot.handlers.decision import decide, tell_to_wait
from bot.handlers.delivery import CONFLICT_S, backoff
from bot.handlers.desk import Desk
from bot.handlers.directory import Rolls
from bot.handlers.escalation.activity import note_activity
from bot.handlers.escalation.again import take_asked_again
from bot.handlers.escalation.handing import take_delegated, take_not_mine, take_reassigned
from bot.handlers.escalation.leaving import take_leave
from bot.handlers.escalation.snoozing import take_snooze
from bot.handlers.gather import Gatherer
from bot.handlers.identity.rechecking import links_due, person_changed
from bot.handlers.kit import Kit
from bot.handlers.overriding import take_override, take_override_review
from bot.handlers.review import take_review
from bot.handlers.signature import take_signature
from bot.ports.errors import Conflict, Unavailable, WorldError
from bot.ports.store import Job

log = structlog.get_logger()
AFTER_START = timedelta(days=2)
"""How far back the first sweep of a process has missed events sent again: GitHub keeps them for three days."""
TELL_AFTER = 3
"""Attempts at recording a decision before the person hears that it waits: shorter stumbles are nobody's business."""


class Dispatcher:
    """Takes jobs from the store, one at a time, and performs them."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self.attendances = Attendances(kit)
        self._gatherer = Gatherer(kit, Rolls(kit), self.attendances)
        self.desk = Desk(kit)
        self._swept = False

    def work_next(self, worker: str) -> bool:
        """Perform one due job. False when there is none."""
        job = self._kit.store.claim_job(worker)
        if job is None:
            return False
        try:
            self._perform(job.event, job)
        except Unavailable as error:
            self._put_back(job, error, error.retry_after_s or backoff(job.attempts))
        except (Conflict, Superseded) as error:
            self._put_back(job, error, CONFLICT_S)
        except WorldError as error:
            self._put_back(job, error, backoff(job.attempts))
        except Exception as error:  # a fault of ours: the job is kept, and the gate stays as it was
            log.exception("job failed", job=job.id, lane=job.lane, fault=type(error).__name__)
            self._put_back(job, error, backoff(job.attempts))
        else:
            self._kit.store.finish_job(job)
        return True

    def _put_back(self, job: Job, error: Exception, after_s: float) -> None:
        kind = type(error).__name__
        words = str(error) if isinstance(error, WorldError) else "a fault of the gate's own"  # others' texts may quote
        about = {"attempts": job.attempts, "kind": kind, "after_s": after_s, "problem": words}
        log.warning("job put back", job=job.id, lane=job.lane, **about)
        self._kit.store.retry_job(job, f"{kind}: {words}", after_s)
        if isinstance(job.event, DecisionGiven) and job.attempts == TELL_AFTER:
            tell_to_wait(self._kit, job.event)

    def _perform(self, event: Event, job: Job) -> None:
        if isinstance(event, ChangeTouched):
            look_at(self._kit, self._gatherer, event, job.others)
        elif isinstance(event, ReviewGiven | DecisionGiven | StatementSigned):
            self._perform_decision(event)
        elif isinstance(event, OverrideGiven | OverrideReviewed | OverrideEnded):
            self._perform_override(event)
        elif isinstance(event, Snoozed | Delegated | Reassigned | NotMine | AskedAgain | PersonActive):
            self._perform_turn(event, job)
        elif isinstance(event, BaseMoved | BranchPushed | CommitTouched | GroupRequested):
            self._perform_for_several(event)
        elif isinstance(event, HomeOpened | PersonChanged | PersonAway | LinksDue):
            self._perform_for_people(event)
        elif isinstance(event, SweepDue):
            sweep(self._kit, REDELIVER if self._swept else AFTER_START)
            self._swept = True

    def _perform_decision(self, event: ReviewGiven | DecisionGiven | StatementSigned) -> None:
        if isinstance(event, ReviewGiven):
            take_review(self._kit, self._gatherer, event)
            note_activity(self._kit, PersonActive(event.change, event.account), self._kit.clock.now())
        elif isinstance(event, DecisionGiven):
            decide(self._kit, self._gatherer, event)
        else:
            take_signature(self._kit, self._gatherer, event)

    def _perform_override(self, event: OverrideGiven | OverrideReviewed | OverrideEnded) -> None:
        if isinstance(event, OverrideGiven):
            take_override(self._kit, self._gatherer, event)
        elif isinstance(event, OverrideReviewed):
            take_override_review(self._kit, self._gatherer, event)
        else:
            look_at(self._kit, self._gatherer, ChangeTouched(event.change, "the time of an override is over"))

    def _perform_turn(self, event: Snoozed | Delegated | Reassigned | NotMine | AskedAgain | PersonActive, job: Job) -> None:
        """What people do about a request that waits."""
        if isinstance(event, Snoozed):
            take_snooze(self._kit, event)
        elif isinstance(event, Delegated):
            take_delegated(self._kit, self._gatherer, event)
        elif isinstance(event, Reassigned):
            take_reassigned(self._kit, self._gatherer, event)
        elif isinstance(event, NotMine):
            take_not_mine(self._kit, self._gatherer, event)
        elif isinstance(event, AskedAgain):
            take_asked_again(self._kit, self._gatherer, event)
        else:
            note_activity(self._kit, event, job.received_at)

    def _perform_for_several(self, event: BaseMoved | BranchPushed | CommitTouched | GroupRequested) -> None:
        if isinstance(event, BaseMoved):
            base_moved(self._kit, event)
        elif isinstance(event, BranchPushed):
            branch_pushed(self._kit, event)
        elif isinstance(event, CommitTouched):
            commit_touched(self._kit, event)
        else:
            judge_group(self._kit, self._gatherer, event)

    def _perform_for_people(self, event: HomeOpened | PersonChanged | PersonAway | LinksDue) -> None:
        if isinstance(event, HomeOpened):
            self.desk.pages.show(event.user)
        elif isinstance(event, PersonChanged):
            person_changed(self._kit, event)
        elif isinstance(event, PersonAway):
            take_leave(self._kit, event)
        else:
            links_due(self._kit)
