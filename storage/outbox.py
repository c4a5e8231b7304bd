"""The outbox: actions queued in the transaction that decided them.

A projection is queued only if it differs from what its surface will show once everything queued is delivered. A queued one
that was never tried gives way to a newer. One that was tried stays, because the world may have it already: the newer one
follows it and edits what it made, so that nothing is shown twice; one that says the same follows nothing. A message is queued
once in its life, which its surface remembers.

Lanes say what may happen at the same time. On a forge each surface of a change is a lane (and a commit's check is one lane,
whoever asks); in a chat each channel is, in strict order, and each person to whom reminders go. Whoever is written to
is a lane too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import datetime
from functools import cache

from sqlalchemy import Select, and_, bindparam, delete, func, insert, literal_column, select, update
from sqlalchemy.sql.dml import ReturningDelete, ReturningInsert

from bot.core.actions import (
    Action,
    CallHook,
    PostReview,
    PublishSummary,
    Remind,
    Reword,
    SayInThread,
    SetCheck,
    SetComment,
    SetLabels,
    ShowAsk,
    ShowHome,
    ShowTask,
    Whisper,
    Write,
)
from bot.core.ids import PersonId
from storage.codec import dump, load
from storage.jobs import JobRows
from storage.rows import DEAD, PENDING, insert_into
from storage.tables import OUTBOX, SURFACES

MESSAGES = (PostReview, PublishSummary, SayInThread, Whisper, Remind, Write, CallHook)
STATE_RANK, REMINDER_RANK = 0, 1
"""What goes first: nobody is reminded of a state that is not shown yet."""

_surface = (SURFACES.c.change_key == bindparam("of_change"), SURFACES.c.surface == bindparam("of_surface"))
_queued = (OUTBOX.c.change_key == bindparam("of_change"), OUTBOX.c.surface == bindparam("of_surface"))
_look = select(SURFACES.c.wanted_digest, SURFACES.c.shown_digest).where(*_surface)
_shown = select(SURFACES.c.external_id).where(*_surface)
_withdraw = delete(OUTBOX).where(*_queued, OUTBOX.c.state == PENDING, OUTBOX.c.attempts == 0)
_behind = select(func.count()).select_from(OUTBOX).where(OUTBOX.c.change_key == bindparam("of_change"), OUTBOX.c.state != DEAD)
_newest = and_(
    OUTBOX.c.change_key == SURFACES.c.change_key,
    OUTBOX.c.surface == SURFACES.c.surface,
    OUTBOX.c.revision == SURFACES.c.revision,
)
_refusal = select(OUTBOX.c.error).join(SURFACES, _newest).where(*_queued, OUTBOX.c.state == DEAD)
_want = update(SURFACES).where(*_surface).values(wanted_digest=bindparam("digest"))
_add_action = insert(OUTBOX)
_rest = select(SURFACES.c.revision, (SURFACES.c.wanted_digest == SURFACES.c.shown_digest).label("rests")).where(*_surface)
_card_of = select(SURFACES.c.change_key).where(
    SURFACES.c.external_id == bindparam("shown_as"), SURFACES.c.surface == bindparam("of_surface")
)
newest_queued = (
    select(OUTBOX.c.digest)
    .where(OUTBOX.c.change_key == SURFACES.c.change_key, OUTBOX.c.surface == SURFACES.c.surface, OUTBOX.c.state != DEAD)
    .order_by(OUTBOX.c.id.desc())
    .limit(1)
    .scalar_subquery()
)
_last = select(func.coalesce(newest_queued, SURFACES.c.shown_digest)).where(*_surface)
_forget = (
    update(SURFACES).where(*_surface).values(external_id=None, shown_digest="", wanted_digest=func.coalesce(newest_queued, ""))
)


_waiting = (
    select(OUTBOX.c.id)
    .where(
        OUTBOX.c.state == PENDING,
        OUTBOX.c.kind == literal_column(f"'{Remind.__name__}'"),
        OUTBOX.c.queued_at < bindparam("before"),
    )
    .order_by(OUTBOX.c.queued_at, OUTBOX.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)


def _taken_back(which: Select[tuple[int]]) -> ReturningDelete[int, str]:
    stuck = which.cte(
        "stuck"
    )  # which PostgreSQL evaluates once; a subquery it may ask again, and each time it would lock others
    taken = delete(OUTBOX).where(OUTBOX.c.id.in_(select(stuck.c.id)), OUTBOX.c.state == PENDING)
    return taken.returning(OUTBOX.c.id, OUTBOX.c.action)


_take_back = _taken_back(_waiting)
_take_back_of = _taken_back(_waiting.where(OUTBOX.c.change_key.in_(bindparam("of", expanding=True))))
_unsaid = (
    select(OUTBOX.c.id, OUTBOX.c.action)
    .join(SURFACES, and_(OUTBOX.c.change_key == SURFACES.c.change_key, OUTBOX.c.surface == SURFACES.c.surface))
    .where(
        OUTBOX.c.state == PENDING,
        OUTBOX.c.kind == literal_column(f"'{ShowAsk.__name__}'"),
        OUTBOX.c.queued_at < bindparam("before"),
        OUTBOX.c.id > bindparam("after"),
        SURFACES.c.external_id.is_(None),
    )
    .order_by(OUTBOX.c.id)
    .limit(bindparam("most"))
)


@cache
def _revise(dialect: str) -> ReturningInsert[int]:
    statement = insert_into(SURFACES, dialect)
    new = statement.excluded
    kept = {"revision": SURFACES.c.revision + 1, "wanted_digest": new.wanted_digest, "changed_at": new.changed_at}
    revised = statement.on_conflict_do_update(index_elements=["change_key", "surface"], set_=kept)
    return revised.returning(SURFACES.c.revision)


@cache
def _say_once(dialect: str) -> ReturningInsert[int]:
    once = insert_into(SURFACES, dialect).on_conflict_do_nothing(index_elements=["change_key", "surface"])
    return once.returning(SURFACES.c.revision)


def lane_of(action: Action) -> str:
    """What this action must never overlap with."""
    match action:
        case SetCheck():
            return f"forge:{action.repo.key}:{action.head_sha}:check"
        case SetLabels() | SetComment() | PostReview() | PublishSummary():
            return f"forge:{action.change.key}:{action.surface}"
        case ShowHome():
            return f"chat:home:{action.user.key}"
        case Remind():
            return f"chat:dm:{action.user.key if action.user else action.person}"
        case Reword():
            return lane_of(action.remind)
        case Write():
            return f"notify:{action.remind.person}"
        case CallHook():
            return f"hook:{action.hook}"
        case _:
            return f"chat:{action.channel}"


def rank_of(action: Action) -> int:
    """The lowest goes first."""
    return REMINDER_RANK if isinstance(action, Remind | Write) else STATE_RANK


def card_surface(action: Action) -> str | None:
    """The card that must be shown before this action can be: asks and thread lines stand under one."""
    return f"card:{action.channel}" if isinstance(action, ShowAsk | ShowTask | SayInThread) else None


class OutboxRows(JobRows):
    stored_actions = 0

    def add_action(self, change_key: str, action: Action, now: datetime) -> bool:
        """Queue an action. False when nothing new would be seen: shown, queued, or said before."""
        content = dump(action)
        digest = hashlib.sha256(content).hexdigest()
        place = {"of_change": change_key, "of_surface": action.surface}
        if isinstance(action, MESSAGES):
            revision = self._say(change_key, action.surface, digest, now)
        else:
            revision = self._show(place, digest, now)
        if not revision:
            return False
        row = {
            "change_key": change_key,
            "surface": action.surface,
            "lane": lane_of(action),
            "kind": type(action).__name__,
            "action": content.decode(),
            "digest": digest,
            "revision": revision,
            "rank": rank_of(action),
            "card": card_surface(action),
            "state": "pending",
            "attempts": 0,
            "queued_at": now,
            "due_at": now,
            "worker": None,
            "claimed_until": None,
            "error": "",
        }
        self._execute(_add_action, row)
        self.stored_actions += 1
        return True

    def withdraw_reminds(
        self, older_than: datetime, limit: int, people: Collection[PersonId] | None = None
    ) -> tuple[tuple[int, Remind], ...]:
        """Take back reminders queued before then that nobody is delivering now: they are said another way, and never here.
        `people`: only theirs."""
        if people is None:
            taken = self._execute(_take_back, {"before": older_than, "most": limit}).all()
        else:
            keys = [f"person:{person}" for person in sorted(people)]
            taken = self._execute(_take_back_of, {"before": older_than, "most": limit, "of": keys}).all()
        return tuple((row.id, load(Remind, row.action.encode())) for row in sorted(taken, key=lambda row: int(row.id)))

    def unsaid_asks(self, older_than: datetime, limit: int, after: int = 0) -> tuple[tuple[int, ShowAsk], ...]:
        """Asks queued before then of which nobody has seen anything in the chat, from behind that id on."""
        found = self._execute(_unsaid, {"before": older_than, "most": limit, "after": after})
        return tuple((row.id, load(ShowAsk, row.action.encode())) for row in found)

    def _say(self, change_key: str, surface: str, digest: str, now: datetime) -> int:
        row = _surface_row(change_key, surface, digest, now)
        return self._execute(_say_once(self._dialect), row).scalar() or 0

    def _show(self, place: dict[str, str], digest: str, now: datetime) -> int:
        """The revision that this content gets on its surface, 0 if it is there or on its way."""
        before = self._execute(_look, place).one_or_none()
        if before is not None:
            if before.wanted_digest == digest:
                return 0
            if before.wanted_digest != before.shown_digest:
                self._execute(_withdraw, place)
            if self._execute(_last, place).scalar() == digest:
                self._execute(_want, {**place, "digest": digest})
                return 0
        row = _surface_row(place["of_change"], place["of_surface"], digest, now)
        return int(self._execute(_revise(self._dialect), row).scalar_one())

    def shown(self, change_key: str, surface: str) -> str | None:
        """External id of what is shown on this surface."""
        found: str | None = self._execute(_shown, {"of_change": change_key, "of_surface": surface}).scalar()
        return found

    def resting(self, change_key: str, surface: str) -> int | None:
        """Revision of what was last shown on this surface (0: nothing ever), None while something is on its way there."""
        found = self._execute(_rest, {"of_change": change_key, "of_surface": surface}).one_or_none()
        if found is None:
            return 0
        return int(found.revision) if found.rests else None

    def card_of(self, channel: str, ts: str) -> str | None:
        """Key of the change whose card this message is."""
        place = {"shown_as": f"{channel}:{ts}", "of_surface": f"card:{channel}"}
        found: str | None = self._execute(_card_of, place).scalar()
        return found

    def behind(self, change_key: str) -> int:
        """How many actions of the change are not delivered yet."""
        return int(self._execute(_behind, {"of_change": change_key}).scalar_one())

    def refusal(self, change_key: str, surface: str) -> str:
        """Why the newest action for this surface was laid aside; empty where it was not."""
        return self._execute(_refusal, {"of_change": change_key, "of_surface": surface}).scalar() or ""

    def forget_shown(self, change_key: str, surface: str) -> None:
        """The surface lost what was shown: the next plan shows it anew, unless that is on its way already."""
        self._execute(_forget, {"of_change": change_key, "of_surface": surface})


def _surface_row(change_key: str, surface: str, digest: str, now: datetime) -> dict[str, object]:
    return {
        "change_key": change_key,
        "surface": surface,
        "revision": 1,
        "wanted_digest": digest,
        "shown_digest": "",
        "external_id": None,
        "changed_at": now,
    }
