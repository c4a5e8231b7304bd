"""GitLab's webhooks, read: first the secret or the signature, then a small tolerant model, then an event.

Pure, and never the truth: an event says where to look. Hooks of a project, a group and the whole instance send the same
payloads, and what happened is told by the payload, not by the hook. A delivery is known again by its webhook-id, else its
Idempotency-Key, else its event's UUID with the body, for one request may cause several events under one UUID. An external
status check sends none of these, only the merge request: each is taken as new, and copies within a second as one.

GitLab names the source branch as the ref of every pipeline of a merge request, a train's included, so a train's pipeline
reads as any other: the merge request is looked at, and its status lands in the newest pipeline, which is the train's. Each
car has a pipeline of its own, so each member is judged by itself. A pipeline of a branch names no merge request at all.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from pydantic import ValidationError

from bot.core.events import (
    BaseMoved,
    BranchPushed,
    ChangeTouched,
    CommitTouched,
    Event,
    GroupRequested,
    PersonActive,
    ReviewGiven,
    SweepDue,
)
from bot.core.ids import ChangeRef, ForgeAccount, RepoRef
from bot.core.messages.forge_text import COMMENT_MARK
from bot.ports.inbound import PATHS_LIMIT, Ignored, Malformed, Routed, routed
from integrations.gitlab.payloads import (
    Envelope,
    Housed,
    MergeRequestPayload,
    NotePayload,
    PipelineOf,
    PipelinePayload,
    ProjectNamed,
    PushPayload,
)
from integrations.gitlab.signatures import Secrets, verify

__all__ = ["Secrets", "Source", "read_delivery", "verify"]

COMMITS_LISTED = 20
"""GitLab lists no more commits than this in a push, so a list this long may be cut."""
TOUCHING = frozenset({"open", "reopen", "close", "merge"})
DECISIONS = {"approved": "approved", "approval": "approved", "unapproved": "dismissed", "unapproval": "dismissed"}
"""With approval rules GitLab says `approval` of one person's, and `approved` when it was the last that was missing."""
TELLING = frozenset("title description labels draft work_in_progress target_branch state_id".split())  # noqa: SIM905 # a list to read
SWEEPING = frozenset("project_create project_rename project_transfer project_update".split())  # noqa: SIM905 # a list to read
BEGUN = frozenset({"created", "waiting_for_resource", "preparing", "pending", "running"})
_KEY = re.compile(r"[A-Za-z0-9_.:-]{8,200}", re.ASCII)
_TRAIN = re.compile(r"refs/merge-requests/[0-9]+/train", re.ASCII)
_GONE = re.compile(r"0+")
_PAGE = "/-/merge_requests/"


@dataclass(frozen=True, slots=True)
class Source:
    """Where deliveries come from: the host as the settings name it, and the id of the bot's own account.

    What the bot does itself comes back as deliveries, and tells it nothing. 0: not known yet.
    """

    host: str
    own_id: int = 0

    def is_own(self, user_id: int | None) -> bool:
        return bool(self.own_id) and user_id == self.own_id


@dataclass(frozen=True, slots=True)
class Delivery:
    """What is read: the body, where it came from, and the key that a second delivery of it has too."""

    body: bytes
    source: Source
    key: str


def read_delivery(
    headers: Mapping[str, str], body: bytes, source: Source, now: datetime
) -> tuple[Routed, ...] | Ignored | Malformed:
    """What a delivery that was verified asks for."""
    told = {name.lower(): value for name, value in headers.items()}
    if told.get("content-type", "application/json").partition(";")[0].strip() != "application/json":
        return Malformed("saw a body that is not JSON; send GitLab's own payloads")
    try:
        envelope = Envelope.model_validate_json(body)
    except ValidationError as error:
        return Malformed(_problem("webhook", error))
    key = _key(told, body, envelope, now)
    if isinstance(key, Malformed):
        return key
    kind = envelope.kind
    reader = READERS.get(kind, _sweeping if kind in SWEEPING else None)
    if reader is None:
        return Ignored(f"the gate does not act on {kind[:60] or 'unnamed'} events")
    try:
        events = reader(Delivery(body, source, key))
    except ValidationError as error:
        return Malformed(_problem(kind, error))
    return events if isinstance(events, Ignored) else routed(events, f"gitlab:{source.host}:{key}")


def _key(told: Mapping[str, str], body: bytes, envelope: Envelope, now: datetime) -> str | Malformed:
    """`webhook-id` first: where a delivery is signed that is, and its twin in `Idempotency-Key` is not."""
    digest = hashlib.sha256(body).hexdigest()[:32]
    given = told.get("webhook-id") or told.get("idempotency-key") or ""
    event = told.get("x-gitlab-event-uuid", "")
    if envelope.external_approval_rule is not None and not given and not event:
        return f"check:{digest}:{int(now.timestamp())}"
    if "x-gitlab-event" in told and _KEY.fullmatch(given):
        return given
    if "x-gitlab-event" in told and not given and _KEY.fullmatch(event):
        return f"{event}:{digest}"
    return Malformed(
        "saw a delivery without X-Gitlab-Event and one of Idempotency-Key, webhook-id and X-Gitlab-Event-UUID, wanted both; "
        "send webhooks from GitLab only, and let no proxy drop these headers"
    )


Read = tuple[Event, ...] | Ignored


def _merge_request(delivery: Delivery) -> Read:
    payload = MergeRequestPayload.model_validate_json(delivery.body)
    merge_request = payload.object_attributes
    action = merge_request.action or ""
    asked = Envelope.model_validate_json(delivery.body).external_approval_rule is not None
    if asked:
        return _asked(payload, delivery.source)
    if action in DECISIONS:
        return _decided(payload, delivery, DECISIONS[action])
    pushed = bool(merge_request.oldrev)
    if action in TOUCHING or pushed:
        sender = _account(payload.user_id, delivery.source) if pushed else ""  # who opened it did not push it by that
        return (_touched(payload, delivery.source, "push" if pushed else action, sender=sender),)
    if action != "update":
        return Ignored(f"merge_request {action[:60] or 'without an action'} changes nothing the gate looks at")
    changed = TELLING.intersection(payload.changes or ())
    if payload.changes and not changed:
        return Ignored("an update of nothing the gate looks at")
    if delivery.source.is_own(payload.user_id):
        return Ignored("the gate's own label")
    return (_touched(payload, delivery.source, f"update {' '.join(sorted(changed))}".strip()),)


def _asked(payload: MergeRequestPayload, source: Source) -> Read:
    """An external status check asks. Pressed again (Retry), it names nothing that changed, and wants the answer once more."""
    merge_request = payload.object_attributes
    retried = merge_request.action in (None, "", "update") and not merge_request.oldrev and not payload.changes
    again = f"check:{merge_request.head_sha}" if retried and merge_request.head_sha else ""
    return (_touched(payload, source, "status check asked", lost=again),)


def _decided(payload: MergeRequestPayload, delivery: Delivery, decision: str) -> Read:
    """An approval given or taken back. One that GitLab took back by itself, after a push, is no person's decision."""
    merge_request, source = payload.object_attributes, delivery.source
    if source.is_own(payload.user_id):
        return Ignored("the gate's own approval")
    if merge_request.system or not payload.user_id or not merge_request.head_sha:
        return (_touched(payload, source, f"approval {decision}"),)
    ref = ChangeRef(_repo(payload, source), merge_request.iid)
    account = _account(payload.user_id, source)
    return (ReviewGiven(ref, account, decision, merge_request.head_sha, delivery.key),)


def _touched(payload: MergeRequestPayload, source: Source, reason: str, *, sender: str = "", lost: str = "") -> ChangeTouched:
    merge_request = payload.object_attributes
    ref = ChangeRef(_repo(payload, source), merge_request.iid)
    return ChangeTouched(ref, reason, merge_request.head_sha, merge_request.target_branch, sender, lost)


def _note(delivery: Delivery) -> Read:
    """Only the gate's own note matters, and only when somebody else rewrote it; of others it counts that somebody wrote one.
    GitLab tells of no note that is deleted.

    Where the editor is not told, or the gate does not know its own account yet, the edit may be its own: it asks for a look,
    and not for the note to be written again, which would be the next edit.
    """
    payload, source = NotePayload.model_validate_json(delivery.body), delivery.source
    note, merge_request = payload.object_attributes, payload.merge_request
    ours = source.is_own(note.author_id) if source.own_id else COMMENT_MARK in (note.note or "")
    if note.action == "create" and merge_request is not None and not (ours or note.system) and payload.user_id:
        account = _account(payload.user_id, source)
        return (PersonActive(ChangeRef(_repo(payload, source), merge_request.iid), account),)
    if note.action != "update" or merge_request is None or not ours:
        return Ignored("a comment that is not the gate's")
    if source.is_own(note.updated_by_id):
        return Ignored("the gate's own comment")
    lost = "comment" if source.own_id and note.updated_by_id else ""
    return (ChangeTouched(ChangeRef(_repo(payload, source), merge_request.iid), "comment edited", lost=lost),)


def _pipeline(delivery: Delivery) -> Read:
    """A pipeline of a merge request, a train or a branch.

    One that the gate's own status made says nothing new while it waits. Once it is over it does: somebody else may have put
    a status of the same name into it. Where that was the gate itself, the look finds everything as it should be.
    """
    payload, source = PipelinePayload.model_validate_json(delivery.body), delivery.source
    pipeline, merge_request = payload.object_attributes, payload.merge_request
    status, repo = pipeline.status or "", _repo(payload, source)
    if pipeline.source == "external" and source.is_own(payload.user_id) and status in BEGUN:
        return Ignored("the gate's own status")
    if pipeline.tag:
        return Ignored("a tag's pipeline")
    if merge_request is None:
        return (CommitTouched(repo, pipeline.sha, f"pipeline {status}"),)
    if _TRAIN.fullmatch(pipeline.ref or ""):
        if status not in BEGUN:
            return Ignored("a train's pipeline that is over")
        base = pipeline.before_sha or ""
        known = "" if _GONE.fullmatch(base) else base
        return (GroupRequested(repo, pipeline.sha, pipeline.ref or "", merge_request.target_branch, known),)
    ref = ChangeRef(_target(payload, merge_request, source), merge_request.iid)
    return (ChangeTouched(ref, f"pipeline {status}", base_ref=merge_request.target_branch),)


def _target(payload: PipelinePayload, merge_request: PipelineOf, source: Source) -> RepoRef:
    """The project that the merge request is in: for a fork's pipeline another than the one it runs in."""
    home = payload.project
    if merge_request.target_project_id in (None, 0, home.id):
        return _repo(payload, source)
    root = urlsplit(home.web_url).path.removesuffix(home.path_with_namespace)
    page = urlsplit(merge_request.url or "").path.removeprefix(root).partition(_PAGE)[0]
    return RepoRef("gitlab", source.host, ProjectNamed(path_with_namespace=page.strip("/")).path_with_namespace)


def _push(delivery: Delivery) -> Read:
    """A push to a branch. GitLab does not say that one was forced; one that brought no commit is taken for that."""
    payload = PushPayload.model_validate_json(delivery.body)
    branch = payload.ref.removeprefix("refs/heads/")
    if branch == payload.ref:
        return Ignored("a push to something that is not a branch")
    if payload.after and _GONE.fullmatch(payload.after):
        return Ignored("a deleted branch")
    named = {path for commit in payload.commits for path in (*commit.added, *commit.removed, *commit.modified)}
    total = payload.total_commits_count if payload.total_commits_count is not None else COMMITS_LISTED + 1
    whole = 0 < total <= len(payload.commits) and total <= COMMITS_LISTED and len(named) <= PATHS_LIMIT
    repo, account = _repo(payload, delivery.source), _account(payload.pusher_id, delivery.source)
    moved = BaseMoved(repo, branch, tuple(sorted(named)) if whole else ())
    return (moved, BranchPushed(repo, branch, payload.after, account)) if account and payload.after else (moved,)


def _tag(_delivery: Delivery) -> Read:
    return Ignored("a tag")


def _sweeping(_delivery: Delivery) -> Read:
    return (SweepDue(),)


READERS: Mapping[str, Callable[[Delivery], Read]] = {
    "merge_request": _merge_request,
    "note": _note,
    "pipeline": _pipeline,
    "push": _push,
    "tag_push": _tag,
}


def _repo(payload: Housed, source: Source) -> RepoRef:
    return RepoRef("gitlab", source.host, payload.project.path_with_namespace)


def _account(user_id: int, source: Source) -> str:
    return ForgeAccount("gitlab", source.host, user_id, "").key if user_id else ""


def _problem(kind: str, error: ValidationError) -> str:
    first = error.errors(include_input=False, include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"]) or "the body"
    return f"saw a {kind} payload that cannot be read at {where}: {first['msg']}; wanted GitLab's documented form"
