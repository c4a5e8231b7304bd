"""The sandbox page's look at the stand-in of GitLab: a merge request with its pipeline, its threads and its notes."""

from __future__ import annotations

from collections.abc import Sequence

from bot.cli.layout import CHECK
from bot.cli.view import Buttons
from integrations.sandbox.gitlab.model import Job, MergeRequest, Pipeline
from integrations.sandbox.page.forge_view import ChangeShown, CheckShown, CommentShown, CommitShown


class GitLabView(Buttons):
    """Implements `integrations.sandbox.page.forge_view.ForgeView` for the playground's one project."""

    def changes(self) -> Sequence[ChangeShown]:
        gitlab, repo = self._playground.gitlab, self._playground.repo
        with gitlab.world.lock:
            known = gitlab.world.project(repo).merge_requests.values()
            return [self._shown(each) for each in sorted(known, key=lambda mr: (mr.state != "opened", -mr.iid))]

    def _shown(self, mr: MergeRequest) -> ChangeShown:
        is_open = mr.state == "opened"
        because = self._playground.blockers(mr.iid) if is_open else None
        return ChangeShown(
            repository=mr.project.path,
            number=mr.iid,
            title=mr.title,
            author=mr.by.username,
            state="open" if is_open else mr.state,
            labels=tuple(mr.labels),
            commits=self._commits(mr),
            checks=self._checks(mr),
            comments=tuple(CommentShown(note.by.username, note.body) for note in mr.notes if not note.system),
            mergeable=is_open and because is None,
            blocked_because=because or "",
        )

    def _commits(self, mr: MergeRequest) -> tuple[CommitShown, ...]:
        git = mr.source_project.git
        base = mr.versions[-1].base if mr.versions else None
        found = [(sha, git.objects.commit(sha)) for sha in git.commits_between(base, mr.sha)]
        return tuple(CommitShown(sha, commit.author.name, commit.message.split("\n", 1)[0]) for sha, commit in found)

    def _checks(self, mr: MergeRequest) -> tuple[CheckShown, ...]:
        """The head pipeline and what is in it; GitLab merges only when the pipeline as a whole has succeeded."""
        pipeline = self._playground.gitlab.verbs.pipelines.head(mr)
        if pipeline is None:
            return (CheckShown("Pipeline", "expected", "Waiting for llmgate to report", required=True),)
        return (_whole(pipeline), *(_job(job) for job in pipeline.jobs if not job.retried))


def _whole(pipeline: Pipeline) -> CheckShown:
    return CheckShown(f"Pipeline #{pipeline.id}", pipeline.status, f"for {pipeline.ref}", required=True)


def _job(job: Job) -> CheckShown:
    title = job.description or ""
    return CheckShown(job.name, job.status, title if job.name == CHECK else title or job.stage)
