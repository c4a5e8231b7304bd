"""Events about changes: look, judge, show. And those about a branch or a merge group, which are about several changes."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.core.actions import CheckState, SetCheck
from bot.core.events import BaseMoved, BranchPushed, ChangeTouched, CommitTouched, Event, GroupRequested
from bot.core.forges import FORGES
from bot.core.ids import ChangeRef, RepoRef
from bot.core.messages.markdown import escape
from bot.core.verdict import Verdict
from bot.handlers.conclude import conclude, judge
from bot.handlers.gather import Gatherer, recall
from bot.handlers.kit import Kit
from bot.handlers.review import recall_reviews
from bot.ports.errors import Vanished, WorldError
from bot.ports.forge import Forge, Hint, OpenChange
from bot.ports.store import ChangeRecord

LOOK_AGAIN = timedelta(hours=6)
GREEN_AGAIN = timedelta(minutes=15)
"""A green rests on who its approvers are: whoever left a team or lost the right to write is not told of by every forge."""
SETTLED = timedelta(minutes=1)
"""A look takes a while, and a forge tells whole seconds by its own clock: only a look so long after the last update surely
saw it. One that came sooner is made once more."""
REDELIVER = timedelta(minutes=15)
DECIDING_PATHS = (".llmgate/policy", ".gitattributes")
"""Beginnings of the paths, besides CODEOWNERS wherever the forge looks for it, that decide over changes."""


def look_at(kit: Kit, gatherer: Gatherer, event: ChangeTouched, others: Sequence[Event] = ()) -> Verdict:
    """One look at a change, for this event and the ones merged into it.

    Raises WorldError, also where the change is not to be seen: a forge says so for a moment after a push, and as long as
    the app is not installed, and neither is a reason to forget that somebody asked.
    """
    touches = [other for other in (*others, event) if isinstance(other, ChangeTouched)]
    pushes = [(touch.head_sha, touch.sender) for touch in touches if touch.head_sha and touch.sender]
    known = recall(kit, event.change, pushes)
    gathered = gatherer.gather(known, Hint(event.head_sha, event.base_ref))
    lost = tuple(dict.fromkeys(touch.lost for touch in touches if touch.lost))
    verdict = conclude(kit, replace(gathered, lost=lost))
    recall_reviews(kit, gathered.facts)
    return verdict


def matters(event: Event) -> bool:
    """Whether an event can change any verdict. A push that is known to touch neither policy nor owners cannot."""
    if not isinstance(event, BaseMoved) or not event.paths:
        return True
    deciding = (*DECIDING_PATHS, *FORGES[event.repo.forge].owners_places)
    return any(path.startswith(deciding) for path in event.paths)


def base_moved(kit: Kit, event: BaseMoved) -> int:
    """The base branch was pushed to: look again at its open changes where policy or owners may have changed."""
    found = [change for change in kit.forge(event.repo).fetch_open(event.repo) if change.base_ref == event.branch]
    now = kit.clock.now()
    with kit.store.begin() as unit:
        for change in found:
            touched = ChangeTouched(change.ref, "the base branch's policy moved", change.head_sha, change.base_ref)
            unit.add_job(touched, change.ref.key, f"base:{now.isoformat()}:{change.ref.key}", now)
        unit.commit()
    return len(found)


def branch_pushed(kit: Kit, event: BranchPushed) -> int:
    """Keep who pushed. An open change that was looked at without knowing it is looked at again. Returns how many are."""
    now = kit.clock.now()
    queued = 0
    with kit.store.begin() as unit:
        fresh = unit.keep_push(event, now)
        found = unit.changes_on_head(event.repo, event.head_sha, elsewhere=True) if fresh else ()
        for ref in found:
            record = unit.change(ref)
            if record and (event.head_sha, event.account) not in record.pushers:
                touched = ChangeTouched(ref, "it is known now who pushed", event.head_sha)
                queued += unit.add_job(touched, ref.key, f"pushed:{event.head_sha}:{event.account}:{ref.key}", now)
        unit.commit()
    return queued


def commit_touched(kit: Kit, event: CommitTouched) -> int:
    """Look again at the open changes that have this commit as their head. One not looked at yet will be, and sees it then."""
    now = kit.clock.now()
    with kit.store.begin() as unit:
        found = unit.changes_on_head(event.repo, event.head_sha, elsewhere=FORGES[event.repo.forge].check_with_head)
        for ref in found:
            touched = ChangeTouched(ref, event.reason, event.head_sha)
            unit.add_job(touched, ref.key, f"commit:{now.isoformat()}:{ref.key}", now)
        unit.commit()
    return len(found)


def judge_group(kit: Kit, gatherer: Gatherer, event: GroupRequested) -> None:
    """A merge group is allowed when every one of its members is, judged now; a member that cannot be named blocks it.

    Nothing is recorded of the members here: their own lanes do that, and may be at it this very moment.
    """
    try:
        members = kit.forge(event.repo).fetch_group(event.repo, event.head_sha, event.base_sha, event.base_ref)
    except Vanished as error:
        members, problem = (), str(error)
    else:
        problem = "" if members else "no change could be named as a member of this group"
    verdicts = [(ref, judge(kit, gatherer.gather(recall(kit, ref)))) for ref in members]
    action = _group_check(event, verdicts, problem)
    with kit.store.begin() as unit:
        unit.add_action(f"group:{event.repo.key}:{event.head_sha}", action, kit.clock.now())
        unit.commit()


def _group_check(event: GroupRequested, verdicts: Sequence[tuple[ChangeRef, Verdict]], problem: str) -> SetCheck:
    enforced = [(ref, verdict) for ref, verdict in verdicts if verdict.mode == "enforce"]
    bad = [(ref, verdict) for ref, verdict in enforced if not verdict.merge_allowed]
    allowed: CheckState = "allowed"
    blocked: CheckState = "blocked"
    if problem:
        state, title = blocked, f"Cannot name the members of this group: {problem}"
    elif bad:
        state, title = blocked, f"{', '.join(str(ref) for ref, _ in bad)} may not merge"
    else:
        state, title = allowed, f"All {len(verdicts)} members of the group may merge"
    lines = [f"- {'✗' if (ref, v) in bad else '✓'} {escape(str(ref))}: {v.state}" for ref, v in verdicts]
    summary = "\n".join(lines) or escape(title)
    return SetCheck(event.repo, event.head_sha, state, title[:250], summary, "")


def sweep(kit: Kit, missed: timedelta = REDELIVER) -> int:
    """Compare what the forges hold with what the store believes, and look again where they differ: missed webhooks.

    `missed`: how far back events that did not get through are asked for again. Returns how many looks were queued. What does
    not answer, a forge or one of its repositories, is passed over and keeps nobody else from being compared.
    """
    queued = 0
    for forge in kit.forges.values():
        with contextlib.suppress(WorldError):  # the comparison below finds most of what a lost event would have told
            forge.redeliver(kit.clock.now() - missed)
        for repo in _repositories(forge):
            with contextlib.suppress(WorldError):
                queued += _sweep_repo(kit, forge.fetch_open(repo), repo.key)
    return queued


def _repositories(forge: Forge) -> tuple[RepoRef, ...]:
    try:
        return forge.repositories()
    except WorldError:
        return ()


def _agree(found: OpenChange, record: ChangeRecord, now: datetime) -> bool:
    """Same head, nothing newer, and not so long ago that something lost unseen should be looked for."""
    head = record.head
    same_head = head is not None and (head.head_sha, head.place) == (found.head_sha, found.place)
    if not same_head or record.evaluated_at is None:
        return False
    green = record.request is not None and record.request.state == "approved"
    return found.updated_at + SETTLED <= record.evaluated_at and now - record.evaluated_at < (
        GREEN_AGAIN if green else LOOK_AGAIN
    )


def _sweep_repo(kit: Kit, listed: Sequence[OpenChange], repo_key: str) -> int:
    now = kit.clock.now()
    queued = 0
    with kit.store.begin() as unit:
        believed = {record.ref: record for record in unit.open_changes() if record.ref.repo.key == repo_key}
        seen = {change.ref: change for change in listed}
        for ref in believed.keys() | seen.keys():
            found, record = seen.get(ref), believed.get(ref)
            if found and record and _agree(found, record, now):
                continue
            touched = ChangeTouched(ref, "the sweep found a difference", found.head_sha if found else "")
            queued += unit.add_job(touched, ref.key, f"sweep:{now.isoformat()}:{ref.key}", now)
        unit.commit()
    return queued
