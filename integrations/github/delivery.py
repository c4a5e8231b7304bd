"""Performing actions on GitHub, so that doing one twice shows it once.

What an earlier delivery returned is edited; what is gone is made anew. A delivery in doubt (a crash may have performed it)
looks for its own trace first: the key in a check's external id, a hidden mark in a comment or a review. A completed check
run cannot be opened again, GitHub keeps its conclusion: where the answer shows that, a new run replaces it. The commit
status stands in where the app may not write checks.

A reviewer's request for changes is posted as a comment, not as the app's own "changes requested": the check blocks already,
and an app's review would go on blocking after the reviewer approved, with nobody there to lift it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import assert_never
from urllib.parse import quote

from bot.core.actions import ForgeAction, PostReview, PublishSummary, SetCheck, SetComment, SetLabels
from bot.core.ids import ChangeRef
from bot.core.labels import LABELS, OTHER_LABEL
from bot.ports.answers import Tolerant, listed
from bot.ports.errors import Refused, Vanished
from bot.ports.forge import IN_DOUBT
from integrations.github.attestations import publish
from integrations.github.client import Session
from integrations.github.reading import OwnCheck
from integrations.github.surfaces import marked, run_body, status_body, wanted_state

STICKY = "<!-- llmgate: the sticky comment; it is rewritten, do not edit -->"
_RUN, _STATUS = "run:", "status:"


class Numbered(Tolerant):
    id: int


class RunItem(Tolerant):
    id: int
    external_id: str | None = None
    status: str = ""
    conclusion: str | None = None


class RunList(Tolerant):
    check_runs: list[RunItem]


class AppItem(Tolerant):
    id: int = 0


class CommentItem(Tolerant):
    id: int
    body: str | None = None
    performed_via_github_app: AppItem | None = None


class WriterItem(Tolerant):
    login: str = ""


class ReviewItem(Tolerant):
    id: int
    body: str | None = None
    user: WriterItem | None = None


class LabelItem(Tolerant):
    name: str
    description: str | None = None
    color: str = ""


_COMMENTS, _REVIEWS, _LABELS = listed(CommentItem), listed(ReviewItem), listed(LabelItem)


@dataclass(frozen=True, slots=True)
class Deliverer:
    """Performs actions through the session of the installation that the repository belongs to.

    `statuses` has it write commit statuses instead of check runs; `own_login` says the bot's login (`llmgate[bot]`).
    """

    check: OwnCheck
    own_login: Callable[[], str]
    statuses: bool = False

    def deliver(self, session: Session, action: ForgeAction, external_id: str | None, key: str) -> str:
        """What is known by its id is edited, in doubt or not: only without an id a trace is looked for."""
        if external_id:
            external_id = external_id.removeprefix(IN_DOUBT) or IN_DOUBT
        match action:
            case SetCheck():
                return self._check(session, action, external_id, key)
            case SetLabels():
                return self._labels(session, action)
            case SetComment():
                return self._comment(session, action, external_id)
            case PostReview():
                return self._review(session, action, external_id)
            case PublishSummary():
                return publish(session, action, external_id)
        assert_never(action)

    def _check(self, session: Session, action: SetCheck, external_id: str | None, key: str) -> str:
        if self.statuses or (external_id and external_id.startswith(_STATUS)):
            return self._status(session, action)
        try:
            if external_id == IN_DOUBT:
                done, external_id = self._trace(session, action, key)
                if done and external_id:
                    return external_id
            return self._run(session, action, external_id, key)
        except Refused as refused:
            try:
                return self._status(session, action)
            except (Refused, Vanished):
                raise refused from None

    def _run(self, session: Session, action: SetCheck, external_id: str | None, key: str) -> str:
        body = run_body(action, self.check.name, key)
        runs = f"/repos/{action.repo.path}/check-runs"
        if external_id and external_id.startswith(_RUN):
            changed = {field: value for field, value in body.items() if field != "head_sha"}
            try:
                run = session.write("PATCH", f"{runs}/{external_id.removeprefix(_RUN)}", changed, RunItem)
            except Vanished:
                run = None
            if run and (run.status, run.conclusion) == wanted_state(action):
                return f"{_RUN}{run.id}"
            done, newest = self._trace(session, action, key)
            if done and newest:  # an earlier try replaced the run and was cut off
                return newest
        return f"{_RUN}{session.write('POST', runs, body, RunItem).id}"

    def _trace(self, session: Session, action: SetCheck, key: str) -> tuple[bool, str | None]:
        """Whether this very delivery was performed, and the newest run of ours that there is."""
        asked: dict[str, str | int] = {"check_name": self.check.name, "app_id": self.check.app_id, "filter": "latest"}
        runs = session.get(f"/repos/{action.repo.path}/commits/{action.head_sha}/check-runs", RunList, asked).check_runs
        if not runs:
            return False, None
        run = max(runs, key=lambda found: found.id)
        return run.external_id == key and (run.status, run.conclusion) == wanted_state(action), f"{_RUN}{run.id}"

    def _status(self, session: Session, action: SetCheck) -> str:
        body = status_body(action, self.check.name)
        made = session.write("POST", f"/repos/{action.repo.path}/statuses/{action.head_sha}", body, Numbered)
        return f"{_STATUS}{made.id}"

    def _labels(self, session: Session, action: SetLabels) -> str:
        path = f"{_issue(action.change)}/labels"
        if action.add:
            shown = session.send("POST", path, {"labels": list(action.add)}).json()
            for label in _LABELS(shown):
                if label.name in action.add and not label.description:
                    _dress(session, action.change, label.name)
        for name in action.remove:
            try:
                session.send("DELETE", f"{path}/{quote(name, safe='')}")
            except Vanished:
                continue  # it is not on the change: that is what was wanted
        return "labels"

    def _comment(self, session: Session, action: SetComment, external_id: str | None) -> str:
        body = {"body": marked(action.body, STICKY)}
        repo = f"/repos/{action.change.repo.path}"
        number = external_id if external_id and external_id != IN_DOUBT else self._sticky(session, action.change)
        if number:
            try:
                return str(session.write("PATCH", f"{repo}/issues/comments/{number}", body, Numbered).id)
            except Vanished:
                number = self._sticky(session, action.change)
        if number:
            return str(session.write("PATCH", f"{repo}/issues/comments/{number}", body, Numbered).id)
        return str(session.write("POST", f"{_issue(action.change)}/comments", body, Numbered).id)

    def _sticky(self, session: Session, change: ChangeRef) -> str | None:
        """The comment that carries our mark and that GitHub says our app wrote: anybody can copy a mark."""
        for comment in session.pages(f"{_issue(change)}/comments", _COMMENTS).items:
            app = comment.performed_via_github_app
            if app and app.id == self.check.app_id and STICKY in (comment.body or ""):
                return str(comment.id)
        return None

    def _review(self, session: Session, action: PostReview, external_id: str | None) -> str:
        path = f"/repos/{action.change.repo.path}/pulls/{action.change.number}/reviews"
        mark = f"<!-- llmgate: review {action.key} -->"
        if external_id == IN_DOUBT:
            own = self.own_login()
            for review in session.pages(path, _REVIEWS).items:
                if review.user and review.user.login == own and mark in (review.body or ""):
                    return str(review.id)
        elif external_id:
            return external_id
        body = {"commit_id": action.head_sha, "event": "COMMENT", "body": marked(action.body, mark)}
        return str(session.write("POST", path, body, Numbered).id)


def _dress(session: Session, change: ChangeRef, name: str) -> None:
    """GitHub makes an unknown label grey and without a word; say what it means."""
    look = LABELS.get(name, OTHER_LABEL)
    body = {"color": look.colour, "description": look.description}
    try:
        session.send("PATCH", f"/repos/{change.repo.path}/labels/{quote(name, safe='')}", body)
    except (Refused, Vanished):
        return  # the label is there and that is what counts


def _issue(change: ChangeRef) -> str:
    return f"/repos/{change.repo.path}/issues/{change.number}"
