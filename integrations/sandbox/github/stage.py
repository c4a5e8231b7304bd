"""GitHub as a stage: the verbs that every forge's stories are told in, done on `FakeGitHub`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Unpack

from bot.core.ids import ForgeName
from integrations.sandbox.faults import LoggedCall
from integrations.sandbox.github.changes import Edit
from integrations.sandbox.github.fake import FakeGitHub, FaultDetails
from integrations.sandbox.github.model import CheckRun, Protection, PullRequest, Status
from integrations.sandbox.github.pushes import CommitDetails
from integrations.sandbox.github.refusal import Refusal
from integrations.sandbox.mailbox import Letter
from integrations.sandbox.stage import (
    ChangeSeen,
    CheckSeen,
    CheckSeenState,
    FailDetails,
    Files,
    ForgeRefused,
    OpenDetails,
    PushDetails,
)

CHECK_NAME = "llmgate"
NOWHERE = "http://127.0.0.1:9/nobody"
PATTERNS = {
    "look": "graphql",
    "files": "GET /repos/*/pulls/*/files",
    "check": "POST */check-runs",
    "comment": "POST */issues/*/comments",
    "label": "POST */issues/*/labels",
    "review": "POST */pulls/*/reviews",
}
"""What each kind of call is called here."""
_RUN_STATES: dict[str, CheckSeenState] = {"success": "allowed", "neutral": "neutral", "skipped": "neutral"}
_STATUS_STATES: dict[str, CheckSeenState] = {"success": "allowed", "pending": "waiting"}


@contextmanager
def _people() -> Iterator[None]:
    """A person is refused in words, not in a status code."""
    try:
        yield
    except Refusal as refusal:
        raise ForgeRefused(refusal.message) from None


class GitHubStage:
    """Implements `integrations.sandbox.stage.ForgeStage`. `fake` is the stand-in itself, for what only GitHub has."""

    forge: ForgeName = "github"
    title = "GitHub"

    def __init__(self, fake: FakeGitHub, host: str = "github.sandbox") -> None:
        self.fake = fake
        self.host = host

    # what people do

    def push(self, repo: str, branch: str, files: Files, **details: Unpack[PushDetails]) -> str:
        told: CommitDetails = {}
        for name in ("by", "message", "author", "committer", "onto"):
            if name in details:
                told[name] = details[name]
        with _people():
            return self.fake.push(repo, branch, files, **told)

    def open_change(self, repo: str, head: str, *, by: str, **new: Unpack[OpenDetails]) -> ChangeSeen:
        with _people():
            return self._seen(self.fake.open_change(repo, head, by=by, **new))

    def edit(self, repo: str, number: int, *, by: str, title: str | None = None, body: str | None = None) -> None:
        new: Edit = {}
        if title is not None:
            new["title"] = title
        if body is not None:
            new["body"] = body
        with _people():
            self.fake.edit(repo, number, by=by, **new)

    def set_draft(self, repo: str, number: int, draft: bool, *, by: str) -> None:
        with _people():
            self.fake.set_draft(repo, number, draft, by=by)

    def close_change(self, repo: str, number: int, *, by: str) -> None:
        with _people():
            self.fake.close_change(repo, number, by=by)

    def label(self, repo: str, number: int, *names: str, by: str) -> None:
        with _people():
            self.fake.label(repo, number, *names, by=by)

    def unlabel(self, repo: str, number: int, name: str, *, by: str) -> None:
        with _people():
            self.fake.unlabel(repo, number, name, by=by)

    def comment(self, repo: str, number: int, body: str, *, by: str) -> int:
        with _people():
            return self.fake.comment(repo, number, body, by=by).id

    def approve(self, repo: str, number: int, *, by: str) -> None:
        with _people():
            self.fake.review(repo, number, "APPROVE", by=by)

    def take_back(self, repo: str, number: int, *, by: str) -> None:
        with _people():
            self.fake.dismiss_review(repo, number, by=by)

    def merge(self, repo: str, number: int, *, by: str) -> str:
        with _people():
            return self.fake.merge(repo, number, by=by)

    def fork(self, repo: str, *, by: str) -> str:
        """The app is not installed on it, and need not be: a pull request's check stands in the repository it goes to."""
        with _people():
            return self.fake.fork(repo, by).full_name

    def forge_green(self, repo: str, number: int, *, by: str) -> None:
        """A commit status by hand, and a check run by an app of one's own: the two ways there are."""
        sha = self.fake.change(repo, number).head_sha
        with _people():
            self.fake.forge_status(repo, sha, CHECK_NAME, by=by)
            self.fake.forge_check(repo, sha, CHECK_NAME, app_id=self.fake.app.id + 1)

    def require_queue(self, repo: str, branch: str) -> None:
        with self.fake.world.lock:
            protections = self.fake.world.repo(repo).protections
            protections[branch] = replace(protections.get(branch, Protection()), queue=True)

    def queue(self, repo: str, numbers: Sequence[int], *, by: str) -> str:
        with _people():
            return self.fake.queue_merge(repo, numbers, by=by).sha

    # what people see

    def change(self, repo: str, number: int) -> ChangeSeen:
        with self.fake.world.lock:
            return self._seen(self.fake.change(repo, number))

    def check(self, repo: str, sha: str) -> CheckSeen:
        """The app's newest run of that name; its commit status, where it could post no run."""
        mine = self.fake.app.id
        for run in self.fake.checks(repo, sha):
            if (run.name, run.suite.app) == (CHECK_NAME, mine):
                made = [each for each in self.fake.world.repo(repo).runs[sha] if each.suite.app == mine]
                return _run_seen(run, [each for each in made if each.name == CHECK_NAME])
        for status in reversed(self.fake.statuses(repo, sha)):
            if (status.context, status.app) == (CHECK_NAME, mine):
                return _status_seen(status)
        return CheckSeen("absent")

    def head(self, repo: str, branch: str) -> str:
        return self.fake.head(repo, branch)

    def blockers(self, repo: str, number: int) -> str | None:
        return self.fake.blockers(repo, number)

    def clone_url(self, repo: str, login: str) -> str:
        return self.fake.clone_url(repo, login)

    # the wire

    def connect(self, gate_url: str) -> None:
        hook_url = f"{gate_url}/webhooks/github"
        if self.fake.app.hook_url:
            self.fake.app.hook_url = hook_url
            return
        installer = next(each for each in self.fake.world.accounts.values() if each.kind == "User")
        self.fake.install(hook_url, by=installer.login)

    def disconnect(self) -> None:
        self.fake.app.hook_url = NOWHERE

    def flush(self) -> None:
        self.fake.flush()

    def fail_next(self, what: str, status: int, **details: Unpack[FailDetails]) -> None:
        told: FaultDetails = {**details}
        self.fake.fail_next(PATTERNS.get(what, what), status, **told)

    def settings(self) -> dict[str, dict[str, Any]]:
        """The App's key is written beside the repositories, as an administrator would keep it."""
        key = self.fake.world.root / "app.pem"
        key.parent.mkdir(parents=True, exist_ok=True)
        key.write_text(self.fake.app.private_key)
        key.chmod(0o600)
        return {
            "github": {
                "app_id": str(self.fake.app.id),
                "private_key_file": str(key),
                "webhook_secret": self.fake.app.webhook_secret,
                "host": self.host,
                "api_url": self.fake.api_url,
                "check_name": CHECK_NAME,
            }
        }

    @property
    def deliveries(self) -> Sequence[Letter]:
        return self.fake.deliveries

    @property
    def calls(self) -> Sequence[LoggedCall]:
        return self.fake.calls

    def on_call(self, heard: Callable[[LoggedCall], None]) -> None:
        self.fake.faults.heard = heard

    @property
    def reads(self) -> int:
        return sum(call.kind == "read" for call in self.fake.calls)

    @property
    def writes(self) -> int:
        return sum(call.kind == "write" for call in self.fake.calls)

    def clear_calls(self) -> None:
        self.fake.calls.clear()

    @property
    def unmodelled(self) -> list[str]:
        return self.fake.unmodelled

    @property
    def secrets(self) -> tuple[str, ...]:
        """`ghs_` begins every token the app is given, and the key's last line is in every PEM."""
        return (self.fake.app.webhook_secret, "ghs_", "PRIVATE KEY")

    @property
    def latency_s(self) -> float:
        return self.fake.latency_s

    @latency_s.setter
    def latency_s(self, seconds: float) -> None:
        self.fake.latency_s = seconds

    def close(self) -> None:
        self.fake.close()

    def _seen(self, pull: PullRequest) -> ChangeSeen:
        bot = self.fake.app.bot
        return ChangeSeen(
            number=pull.number,
            title=pull.title,
            author=pull.by.login,
            state="merged" if pull.merged else pull.state,
            draft=pull.draft,
            head_sha=pull.head_sha,
            head_ref=pull.head_ref,
            base_ref=pull.base_ref,
            labels=tuple(pull.labels),
            comments=tuple(comment.body for comment in pull.comments if comment.by is bot),
            reviews=tuple(review.body for review in pull.reviews if review.by is bot),
        )


def _run_seen(run: CheckRun, made: Sequence[CheckRun]) -> CheckSeen:
    texts = [str(run.output.get(part) or "") for part in ("title", "summary", "text")]
    told = tuple(f"{_run_state(each)}: {each.output.get('title') or ''}" for each in made)
    return CheckSeen(_run_state(run), texts[0], "\n".join(texts), run.started_at, told)


def _run_state(run: CheckRun) -> CheckSeenState:
    return _RUN_STATES.get(run.conclusion, "blocked") if run.conclusion else "waiting"


def _status_seen(status: Status) -> CheckSeen:
    said = status.description or ""
    return CheckSeen(_STATUS_STATES.get(status.state, "blocked"), said, said)
