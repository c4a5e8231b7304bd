"""GitHub as a stage: the verbs that every forge's stories are told in, done on `FakeGitHub`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Unpack

from bot.core.ids import ForgeName
from integrations.sandbox.details import CommitDetails, Files, PushDetails
from integrations.sandbox.github.fake import FakeGitHub
from integrations.sandbox.github.model import CheckRun, Protection, PullRequest, Status
from integrations.sandbox.played import NOWHERE, PlayedStage
from integrations.sandbox.stage import ChangeSeen, CheckSeen, CheckSeenState

CHECK_NAME = "llmgate"
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


class GitHubStage(PlayedStage[PullRequest]):
    """Implements `integrations.sandbox.stage.ForgeStage`. `fake` is the stand-in itself, for what only GitHub has."""

    forge: ForgeName = "github"
    patterns = PATTERNS
    title = "GitHub"

    def __init__(self, fake: FakeGitHub, host: str = "github.sandbox") -> None:
        super().__init__(fake, host)
        self.fake = fake

    # what people do

    def push(self, repo: str, branch: str, files: Files, **details: Unpack[PushDetails]) -> str:
        told: CommitDetails = {}
        for name in ("by", "message", "author", "committer", "onto"):
            if name in details:
                told[name] = details[name]
        return self.fake.push(repo, branch, files, **told)

    def approve(self, repo: str, number: int, *, by: str) -> None:
        self.fake.review(repo, number, "APPROVE", by=by)

    def take_back(self, repo: str, number: int, *, by: str) -> None:
        self.fake.dismiss_review(repo, number, by=by)

    def fork(self, repo: str, *, by: str) -> str:
        """The app is not installed on it, and need not be: a pull request's check stands in the repository it goes to."""
        return self.fake.fork(repo, by).full_name

    def forge_green(self, repo: str, number: int, *, by: str) -> None:
        """A commit status by hand, and a check run by an app of one's own: the two ways there are."""
        sha = self.fake.change(repo, number).head_sha
        self.fake.forge_status(repo, sha, CHECK_NAME, by=by)
        self.fake.forge_check(repo, sha, CHECK_NAME, app_id=self.fake.app.id + 1)

    def require_queue(self, repo: str, branch: str) -> None:
        with self.fake.world.lock:
            protections = self.fake.world.repo(repo).protections
            protections[branch] = replace(protections.get(branch, Protection()), queue=True)

    def queue(self, repo: str, numbers: Sequence[int], *, by: str) -> str:
        return self.fake.queue_merge(repo, numbers, by=by).sha

    # what people see

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
                "web_url": self.fake.url,
                "check_name": CHECK_NAME,
                **self._application,
            }
        }

    @property
    def secrets(self) -> tuple[str, ...]:
        """`ghs_` begins every token the app is given, `ghu_` a person's, and the key's last line is in every PEM."""
        return (self.fake.app.webhook_secret, self.fake.client_secret, "ghs_", "ghu_", "PRIVATE KEY")

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
