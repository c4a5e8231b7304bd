"""The sandbox page's look at the stand-in of GitHub."""

from __future__ import annotations

from collections.abc import Sequence

from bot.cli.playground import CHECK, REPO, Playground
from bot.cli.specimen import login_change, small_change
from integrations.sandbox.github.model import PullRequest
from integrations.sandbox.github.refusal import Refusal
from integrations.sandbox.page.forge_view import ChangeShown, CheckShown, CommentShown, CommitShown


class GitHubView:
    """Implements `integrations.sandbox.page.forge_view.ForgeView` for the playground's one repository."""

    def __init__(self, playground: Playground) -> None:
        self._playground = playground
        self._pushes = 0

    def changes(self) -> Sequence[ChangeShown]:
        github = self._playground.github
        with github.world.lock:
            pulls = sorted(github.world.repo(REPO).pulls.values(), key=lambda pull: (pull.state != "open", -pull.number))
            return [self._shown(pull) for pull in pulls]

    def merge(self, number: int) -> str:
        try:
            sha = self._playground.github.merge(REPO, number, by="ann")
        except Refusal as refusal:
            return f"GitHub refused the merge: {refusal.message}"
        return f"Merged as {sha[:12]}"

    def push(self, number: int) -> str:
        self._pushes += 1
        playground = self._playground
        pull = playground.github.change(REPO, number)
        note = f"revision {self._pushes}"
        now = playground.clock.now()
        made = login_change(now, note) if pull.head_ref == "agent/login" else small_change(now, number, note)
        sha = playground.push_generated(pull.head_ref, made)
        return f"Ann's agent pushed {sha[:12]} to {pull.head_ref}"

    def _shown(self, pull: PullRequest) -> ChangeShown:
        github = self._playground.github
        because = github.blockers(REPO, pull.number) if pull.state == "open" else None
        return ChangeShown(
            repository=REPO,
            number=pull.number,
            title=pull.title,
            author=pull.by.login,
            state="merged" if pull.merged else pull.state,
            labels=tuple(pull.labels),
            commits=self._commits(pull),
            checks=self._checks(pull),
            comments=tuple(CommentShown(comment.by.login, comment.body) for comment in pull.comments),
            mergeable=pull.state == "open" and because is None,
            blocked_because=because or "",
        )

    def _commits(self, pull: PullRequest) -> tuple[CommitShown, ...]:
        git = pull.head_repo.git
        found = [(sha, git.objects.commit(sha)) for sha in git.commits_between(pull.base_sha, pull.head_sha)]
        return tuple(CommitShown(sha, commit.author.name, commit.message.split("\n", 1)[0]) for sha, commit in found)

    def _checks(self, pull: PullRequest) -> tuple[CheckShown, ...]:
        runs = self._playground.github.checks(REPO, pull.head_sha)
        shown = tuple(
            CheckShown(
                run.name,
                run.conclusion or run.status,
                str(run.output.get("title", "")),
                str(run.output.get("summary", "")),
                str(run.output.get("text", "")),
                required=run.name == CHECK,
            )
            for run in runs
        )
        return shown or (CheckShown(CHECK, "expected", "Waiting for llmgate to report", required=True),)
