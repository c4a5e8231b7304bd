"""The sandbox page's look at the playground's forge."""

from __future__ import annotations

from collections.abc import Sequence

from bot.cli.layout import CHECK
from bot.cli.playground import BRANCH, Playground
from bot.cli.specimen import login_change, small_change
from bot.core.ids import ForgeName
from integrations.sandbox.github.model import PullRequest
from integrations.sandbox.page.forge_view import ChangeShown, CheckShown, CommentShown, CommitShown
from integrations.sandbox.stage import ForgeRefused


class Buttons:
    """What the page's two buttons do, on every forge."""

    def __init__(self, playground: Playground) -> None:
        self._playground = playground
        self._pushes = 0

    @property
    def forge(self) -> ForgeName:
        return self._playground.forge.forge

    def merge(self, number: int) -> str:
        forge = self._playground.forge
        try:
            sha = forge.merge(self._playground.repo, number, by="ann")
        except ForgeRefused as refused:
            because = forge.blockers(self._playground.repo, number)
            return f"{forge.title} refused the merge: {because or refused.message}"
        return f"Merged as {sha[:12]}"

    def push(self, number: int) -> str:
        self._pushes += 1
        playground = self._playground
        head_ref = playground.seen(number).head_ref
        note = f"revision {self._pushes}"
        now = playground.clock.now()
        made = login_change(now, note) if head_ref == BRANCH else small_change(now, number, note)
        sha = playground.push_generated(head_ref, made)
        return f"Ann's agent pushed {sha[:12]} to {head_ref}"


class GitHubView(Buttons):
    """Implements `integrations.sandbox.page.forge_view.ForgeView` for the playground's one repository."""

    def changes(self) -> Sequence[ChangeShown]:
        github, repo = self._playground.github, self._playground.repo
        with github.world.lock:
            pulls = sorted(github.world.repo(repo).pulls.values(), key=lambda pull: (pull.state != "open", -pull.number))
            return [self._shown(pull) for pull in pulls]

    def _shown(self, pull: PullRequest) -> ChangeShown:
        because = self._playground.blockers(pull.number) if pull.state == "open" else None
        return ChangeShown(
            repository=self._playground.repo,
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
        runs = self._playground.github.checks(self._playground.repo, pull.head_sha)
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
