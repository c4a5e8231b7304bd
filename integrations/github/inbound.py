"""GitHub's webhooks, read: first the signature over the raw bytes, then a small tolerant model, then an event.

Pure, and never the truth: an event says where to look. A delivery is one of three things: events to store, `Ignored` with the
reason, or `Malformed` with what to do. Nothing here looks at a clock or a network.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from bot.core.events import (
    BaseMoved,
    BranchPushed,
    ChangeTouched,
    Event,
    GroupRequested,
    PersonActive,
    ReviewGiven,
    SweepDue,
)
from bot.core.ids import ChangeRef, ForgeAccount, RepoRef
from bot.core.messages.forge_text import COMMENT_MARK
from bot.ports.inbound import PATHS_LIMIT, Ignored, Malformed, Routed, routed
from integrations.github.payloads import (
    Checked,
    CheckRunPayload,
    CheckSuitePayload,
    Envelope,
    Housed,
    IssueCommentPayload,
    MergeGroupPayload,
    PullRequestPayload,
    PushPayload,
    ReviewPayload,
)

BODY_LIMIT = 25 * 1024 * 1024
"""GitHub sends nothing larger; the web layer refuses what is above its own, lower, setting before it is read."""
COMMITS_LISTED = 2048
"""GitHub lists no more commits than this in a push, so a list this long may be cut."""

TOUCHING = frozenset(
    "opened reopened synchronize edited labeled unlabeled closed ready_for_review converted_to_draft".split()  # noqa: SIM905 # a list to read
)
DECISIONS = {"approved": "approved", "changes_requested": "changes-requested", "dismissed": "dismissed"}
"""States of a review that decide something, as webhooks (in lower case) and lists (in upper case) spell them."""
REASON_READ = 3000
_DELIVERY = re.compile(r"^[A-Za-z0-9-]{8,100}$")
_QUEUE = "gh-readonly-queue/"


@dataclass(frozen=True, slots=True)
class Source:
    """Where deliveries come from: the forge's host as the settings name it, and the bot's own login (`llmgate[bot]`).

    Labels and reviews of the bot itself come back as deliveries, and tell it nothing.
    """

    host: str
    own_login: str = ""


def verify(secret: bytes, body: bytes, signature: str) -> str | None:
    """None where the signature (`X-Hub-Signature-256`) is good, else what is wrong. Constant time; SHA-256 only."""
    if not secret:
        return "no webhook secret is set here, so no delivery can be believed; set one on both sides"
    method, _, given = signature.partition("=")
    if method != "sha256" or not given:
        saw = "no signature" if not signature else f"a signature by {method[:20]!r}"
        return f"saw {saw}, wanted X-Hub-Signature-256: sha256=…; set the webhook's secret on GitHub"
    wanted = hmac.new(secret, body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(wanted.encode(), given.lower().encode("utf-8", "replace")):
        return "the signature does not match the body; the secret differs between GitHub and this gate, or the body was altered"
    return None


def read_delivery(headers: Mapping[str, str], body: bytes, source: Source) -> tuple[Routed, ...] | Ignored | Malformed:
    """What a delivery whose signature is good asks for."""
    told = {name.lower(): value for name, value in headers.items()}
    name, delivery = told.get("x-github-event", ""), told.get("x-github-delivery", "")
    if not name or not _DELIVERY.match(delivery):
        return Malformed(
            "saw a delivery without X-GitHub-Event and X-GitHub-Delivery, wanted both; send webhooks from GitHub only"
        )
    if told.get("content-type", "application/json").partition(";")[0].strip() != "application/json":
        return Malformed("saw a body that is not JSON; set the webhook's content type to application/json")
    reader = READERS.get(name)
    if reader is None:
        return Ignored(f"the gate does not act on {name[:60]} events")
    try:
        events = reader(body, source)
    except ValidationError as error:
        return Malformed(_problem(name, error))
    if isinstance(events, Ignored):
        return events
    return routed(events, f"github:{delivery}")


def installation_of(body: bytes) -> tuple[str, int] | None:
    """Which installation a delivery came through, by repository path: saves asking GitHub for it."""
    try:
        envelope = Envelope.model_validate_json(body)
    except ValidationError:
        return None
    if envelope.repository is None or envelope.installation is None:
        return None
    return envelope.repository.full_name, envelope.installation.id


Read = tuple[Event, ...] | Ignored


def _pull_request(body: bytes, source: Source) -> Read:
    payload = PullRequestPayload.model_validate_json(body)
    action = payload.action
    if action not in TOUCHING:
        return Ignored(f"pull_request.{action[:60]} changes nothing the gate looks at")
    if action in ("labeled", "unlabeled") and source.own_login and payload.sender.login == source.own_login:
        return Ignored("the gate's own label")
    sender = ""
    if action == "synchronize" and payload.sender.id:  # who opened it did not push it by that
        sender = ForgeAccount("github", source.host, payload.sender.id, payload.sender.login).key
    return (_touched(payload, source, action, sender),)


def _review(body: bytes, source: Source) -> Read:
    """A decision, or the end of one. One that somebody else dismissed is over for its giver all the same."""
    payload = ReviewPayload.model_validate_json(body)
    if payload.action not in ("submitted", "dismissed"):
        return Ignored(f"pull_request_review.{payload.action[:60]} changes nothing the gate looks at")
    if source.own_login and payload.sender.login == source.own_login:
        return Ignored("the gate's own review")
    review = payload.review
    decision = DECISIONS.get("dismissed" if payload.action == "dismissed" else review.state.lower())
    if payload.action == "submitted" and review.state.lower() == "commented":
        return _active(ChangeRef(_repo(payload.repository.full_name, source), payload.pull_request.number), payload, source)
    touched = _touched(payload, source, f"review {payload.action}", "")
    if decision is None or review.user is None or not review.user.id:
        return (touched,)
    account = ForgeAccount("github", source.host, review.user.id, review.user.login)
    name = f"{source.host}/review/{review.id}/{decision}"
    reason = (review.body or "")[:REASON_READ]
    return (ReviewGiven(touched.change, account.key, decision, review.commit_id or touched.head_sha, name, reason),)


def _comment(body: bytes, source: Source) -> Read:
    """Only the gate's own comment matters, and only when somebody else removed or rewrote it. Of others it counts that somebody
    wrote one.

    While the gate does not know its own login, an edit may be its own: it asks for a look, and not for the comment to be
    written again, which would be the next edit.
    """
    payload = IssueCommentPayload.model_validate_json(body)
    on_change, number = payload.issue.pull_request is not None, payload.issue.number
    ours = COMMENT_MARK in (payload.comment.body or "") and on_change
    if payload.action == "created" and on_change and not ours:
        return _active(ChangeRef(_repo(payload.repository.full_name, source), number), payload, source)
    if payload.action not in ("deleted", "edited") or not ours:
        return Ignored("a comment that is not the gate's")
    if source.own_login and payload.sender.login == source.own_login:
        return Ignored("the gate's own comment")
    ref = ChangeRef(_repo(payload.repository.full_name, source), number)
    lost = "comment" if source.own_login or payload.action == "deleted" else ""
    return (ChangeTouched(ref, f"comment {payload.action}", lost=lost),)


def _active(ref: ChangeRef, payload: Housed, source: Source) -> Read:
    """Somebody is at it. A bot's word does not say that of anybody."""
    sender = payload.sender
    if not sender.id or sender.type == "Bot":
        return Ignored("a comment of no person")
    return (PersonActive(ref, ForgeAccount("github", source.host, sender.id, sender.login).key),)


def _touched(payload: PullRequestPayload, source: Source, reason: str, sender: str) -> ChangeTouched:
    pull = payload.pull_request
    ref = ChangeRef(_repo(payload.repository.full_name, source), pull.number)
    return ChangeTouched(ref, reason, pull.head.sha, pull.base.ref, sender)


def _push(body: bytes, source: Source) -> Read:
    payload = PushPayload.model_validate_json(body)
    branch = payload.ref.removeprefix("refs/heads/")
    if branch == payload.ref:
        return Ignored("a push to something that is not a branch")
    if payload.deleted:
        return Ignored("a deleted branch")
    if branch.startswith(_QUEUE):
        return Ignored("a merge queue's own branch: its merge_group event follows")
    named = {path for commit in payload.commits for path in (*commit.added, *commit.removed, *commit.modified)}
    whole = not payload.forced and len(payload.commits) < COMMITS_LISTED and len(named) <= PATHS_LIMIT
    repo, sender = _repo(payload.repository.full_name, source), payload.sender
    moved = BaseMoved(repo, branch, tuple(sorted(named)) if whole else ())
    if not sender.id or not payload.after:
        return (moved,)
    account = ForgeAccount("github", source.host, sender.id, sender.login).key
    return (moved, BranchPushed(repo, branch, payload.after, account))


def _check_run(body: bytes, source: Source) -> Read:
    payload = CheckRunPayload.model_validate_json(body)
    if payload.action not in ("rerequested", "requested_action"):
        return Ignored(f"check_run.{payload.action[:60]} asks for nothing")
    return _asked_again(payload.check_run, _repo(payload.repository.full_name, source))


def _check_suite(body: bytes, source: Source) -> Read:
    payload = CheckSuitePayload.model_validate_json(body)
    if payload.action != "rerequested":
        return Ignored(f"check_suite.{payload.action[:60]} asks for nothing")
    return _asked_again(payload.check_suite, _repo(payload.repository.full_name, source))


def _asked_again(checked: Checked, repo: RepoRef) -> Read:
    """GitHub names no pull request from a fork here, so where none is named every open change is looked at."""
    if not checked.pull_requests:
        return (SweepDue(),)
    return tuple(
        ChangeTouched(ChangeRef(repo, pull.number), "re-check requested", checked.head_sha, pull.base.ref if pull.base else "")
        for pull in checked.pull_requests
    )


def _merge_group(body: bytes, source: Source) -> Read:
    payload = MergeGroupPayload.model_validate_json(body)
    if payload.action != "checks_requested":
        return Ignored(f"merge_group.{payload.action[:60]} asks for nothing")
    group = payload.merge_group
    repo = _repo(payload.repository.full_name, source)
    base = group.base_ref.removeprefix("refs/heads/")
    return (GroupRequested(repo, group.head_sha, group.head_ref, base, group.base_sha),)


def _installed(body: bytes, _source: Source) -> Read:
    Envelope.model_validate_json(body)
    return (SweepDue(),)


def _ping(_body: bytes, _source: Source) -> Read:
    return Ignored("ping")


READERS: Mapping[str, Callable[[bytes, Source], Read]] = {
    "pull_request": _pull_request,
    "pull_request_review": _review,
    "issue_comment": _comment,
    "push": _push,
    "check_run": _check_run,
    "check_suite": _check_suite,
    "merge_group": _merge_group,
    "installation": _installed,
    "installation_repositories": _installed,
    "ping": _ping,
}


def _repo(path: str, source: Source) -> RepoRef:
    return RepoRef("github", source.host, path)


def _problem(name: str, error: ValidationError) -> str:
    first = error.errors(include_input=False, include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"]) or "the body"
    return f"saw a {name} payload that cannot be read at {where}: {first['msg']}; wanted GitHub's documented form"
