"""Check runs, check suites and commit statuses as REST objects."""

from __future__ import annotations

from integrations.sandbox.github.model import CheckRun, CheckSuite, PullRequest, Repository, Status
from integrations.sandbox.github.render import Json, Renderer, node_id, when
from integrations.sandbox.github.state import World


class CheckRenderer:
    def __init__(self, world: World, plain: Renderer) -> None:
        self._world = world
        self._plain = plain

    def run(self, repo: Repository, run: CheckRun) -> Json:
        api = f"{self._world.api_url}/repos/{repo.full_name}"
        page = f"{self._world.url}/{repo.full_name}/runs/{run.id}"
        output = {key: run.output.get(key) for key in ("title", "summary", "text")}
        return {
            "id": run.id,
            "name": run.name,
            "node_id": node_id("CR", run.id),
            "head_sha": run.sha,
            "external_id": run.external_id,
            "url": f"{api}/check-runs/{run.id}",
            "html_url": page,
            "details_url": run.details_url or page,
            "status": run.status,
            "conclusion": run.conclusion,
            "started_at": when(run.started_at),
            "completed_at": when(run.completed_at),
            "output": {
                **output,
                "annotations_count": len(run.output.get("annotations", ())),
                "annotations_url": f"{api}/check-runs/{run.id}/annotations",
            },
            "check_suite": {"id": run.suite.id},
            "app": self._plain.app(self._world.app),
            "pull_requests": self._pulls(repo, run.sha),
        }

    def suite(self, repo: Repository, suite: CheckSuite) -> Json:
        runs = [run for run in repo.runs.get(suite.sha, ()) if run.suite.id == suite.id]
        done = bool(runs) and all(run.status == "completed" for run in runs)
        return {
            "id": suite.id,
            "node_id": node_id("CS", suite.id),
            "head_branch": suite.branch,
            "head_sha": suite.sha,
            "status": "completed" if done else "queued",
            "conclusion": suite_conclusion(runs) if done else None,
            "url": f"{self._world.api_url}/repos/{repo.full_name}/check-suites/{suite.id}",
            "before": None,
            "after": suite.sha,
            "pull_requests": self._pulls(repo, suite.sha),
            "app": self._plain.app(self._world.app),
            "created_at": when(suite.at),
            "updated_at": when(suite.at),
            "latest_check_runs_count": len(runs),
        }

    def status(self, repo: Repository, status: Status) -> Json:
        return {
            "url": f"{self._world.api_url}/repos/{repo.full_name}/statuses/{status.sha}",
            "id": status.id,
            "node_id": node_id("SC", status.id),
            "state": status.state,
            "description": status.description,
            "target_url": status.target_url,
            "context": status.context,
            "created_at": when(status.at),
            "updated_at": when(status.at),
            "avatar_url": f"{self._world.url}/avatars/u/{status.by.id}",
            "creator": self._plain.account(status.by),
        }

    def _pulls(self, repo: Repository, sha: str) -> list[Json]:
        return [self._brief(pull) for pull in repo.pulls.values() if pull.head_sha == sha and pull.state == "open"]

    def _brief(self, pull: PullRequest) -> Json:
        api = f"{self._world.api_url}/repos"

        def repo(of: Repository) -> Json:
            return {"id": of.id, "url": f"{api}/{of.full_name}", "name": of.name}

        return {
            "url": f"{api}/{pull.repo.full_name}/pulls/{pull.number}",
            "id": pull.id,
            "number": pull.number,
            "head": {"ref": pull.head_ref, "sha": pull.head_sha, "repo": repo(pull.head_repo)},
            "base": {"ref": pull.base_ref, "sha": pull.base_sha, "repo": repo(pull.repo)},
        }


def suite_conclusion(runs: list[CheckRun]) -> str:
    """The worst of the runs, as GitHub rolls them up."""
    given = {run.conclusion for run in runs}
    order = ("failure", "timed_out", "cancelled", "action_required", "stale", "success", "neutral", "skipped")
    return next((each for each in order if each in given), "neutral")
