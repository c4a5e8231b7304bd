"""`FakeGitHub`: a whole GitHub on a loopback port, with the verbs that people have.

Three parts: *state* (`state`, `model`, `gitdir` and the verbs in `setting` and `deeds`), *face* (`face`, the routes and
GraphQL) and *voice* (webhooks). Tests, the demo and a user's first evening all run against this one object.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bot.ports.clock import Clock
from integrations.sandbox.faults import Faults
from integrations.sandbox.github.accounts import Accounts
from integrations.sandbox.github.auth import private_key
from integrations.sandbox.github.deeds import Deeds
from integrations.sandbox.github.face import Face
from integrations.sandbox.github.faults import SECONDARY
from integrations.sandbox.github.limits import RateLimits
from integrations.sandbox.github.model import App, CheckRun, Comment, PullRequest, Status
from integrations.sandbox.github.refusal import DOCS
from integrations.sandbox.github.setting import Setting
from integrations.sandbox.github.state import World
from integrations.sandbox.github.verbs import Verbs
from integrations.sandbox.github.voice import Delivery, Voice
from integrations.sandbox.serve import Served
from integrations.sandbox.stand_in import StandIn

APP_ID, SLUG = 4242, "llmgate"
PERMISSIONS: Mapping[str, str] = {
    "administration": "read",
    "attestations": "write",
    "checks": "write",
    "contents": "read",
    "issues": "write",
    "members": "read",
    "merge_queues": "read",
    "metadata": "read",
    "pull_requests": "write",
    "statuses": "write",
}
EVENTS = frozenset(
    {"check_run", "check_suite", "issue_comment", "merge_group", "pull_request", "pull_request_review", "push"}
)  # fmt: skip


class FakeGitHub(Setting, Deeds, Accounts, StandIn[PullRequest, Delivery]):
    """`url` is the site, `api_url` what githubkit takes as `base_url`. Close it when done; a `with` block does."""

    world: World
    voice: Voice

    def __init__(self, root: Path, clock: Clock, *, port: int = 0, senders: int = 1) -> None:
        self.app = App(APP_ID, SLUG, private_key(), "sandbox-webhook-secret", installation_id=42_421, hook_id=42_420)
        self.app.permissions = dict(PERMISSIONS)
        self.app.events = set(EVENTS)
        self.voice = Voice(self.app, clock.now, senders)
        self.world = World(root, clock, self.app, self.voice)
        self.app.bot = self.world.add_account(f"{SLUG}[bot]", "Bot", id=42_422)
        self.verbs = Verbs(self.world)
        self.faults = Faults()
        self.limits = RateLimits(self.world)
        self._served = Served(Face(self.verbs, self.faults, self.limits), port)
        self.url = self.world.url = self._served.url
        self.api_url = self.world.api_url

    # what is there now

    def checks(self, repo: str, sha: str) -> list[CheckRun]:
        """The newest run of each name on that commit."""
        with self.world.lock:
            return self.verbs.checks.latest(self.world.repo(repo), sha)

    def statuses(self, repo: str, sha: str) -> list[Status]:
        with self.world.lock:
            return list(self.world.repo(repo).statuses.get(sha, ()))

    def comments(self, repo: str, number: int) -> list[Comment]:
        return list(self.world.pull(repo, number).comments)

    def labels(self, repo: str, number: int) -> list[str]:
        return list(self.world.pull(repo, number).labels)

    def change(self, repo: str, number: int) -> PullRequest:
        return self.world.pull(repo, number)

    def blockers(self, repo: str, number: int) -> str | None:
        """Why the change cannot be merged now, in GitHub's words; None if it can."""
        with self.world.lock:
            refused = self.verbs.merging.refusal(self.world.pull(repo, number))
            return refused.message if refused else None

    def head(self, repo: str, branch: str) -> str:
        """The commit at the tip of the branch."""
        found = self.world.repo(repo).git.branch(branch)
        if found is None:
            raise LookupError(f"{repo} has no branch {branch!r}")
        return found

    # the wire

    def install(self, hook_url: str, *, by: str) -> None:
        """Point the app's webhook at the bot; GitHub says `ping` and `installation.created`."""
        with self.world.lock:
            self.app.hook_url = hook_url
            self.verbs.tell.ping()
            self.verbs.tell.installation("created", self.world.account(by))

    def token_for(self, login: str) -> str:
        """That person's token, for REST and as the password of `git push`."""
        return self.verbs.tokens.for_person(self.world.account(login))

    def limit_next(self, pattern: str, *, retry_after_s: int = 60, status: int = 403) -> None:
        """The next matching request runs into a secondary rate limit."""
        headers = {"Retry-After": str(retry_after_s)}
        self.fail_next(pattern, status, headers=headers, body={"message": SECONDARY, "documentation_url": DOCS})

    def exhaust_next(self, pattern: str, *, reset_in_s: int = 600) -> None:
        """The next matching request finds the hour's budget spent."""
        reset = str(int(self.world.auth_now()) + reset_in_s)
        headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}
        message = f"API rate limit exceeded for installation ID {self.app.installation_id}."
        self.fail_next(pattern, 403, headers=headers, body={"message": message, "documentation_url": DOCS})
