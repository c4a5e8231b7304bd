"""`FakeGitLab`: a whole GitLab on a loopback port, with the verbs that people have.

Three parts: *state* (`state`, `model`, `people` and the verbs in `setting` and `deeds`), *face* (REST, GraphQL and git) and
*voice* (webhooks, and calls to external status checks). `licence` says which tier it runs on, and may change at any time.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, TypedDict, Unpack

from bot.ports.clock import Clock
from integrations.sandbox.faults import Fault, Faults, LoggedCall
from integrations.sandbox.gitlab.deeds import Deeds
from integrations.sandbox.gitlab.face import Face
from integrations.sandbox.gitlab.limits import RateLimits
from integrations.sandbox.gitlab.model import Job, Licence, MergeRequest, Note
from integrations.sandbox.gitlab.people import Hook
from integrations.sandbox.gitlab.setting import Setting
from integrations.sandbox.gitlab.state import World
from integrations.sandbox.gitlab.verbs import Verbs
from integrations.sandbox.gitlab.voice import Delivery, Voice
from integrations.sandbox.serve import Served

BOT, BOT_ID = "llmgate-bot", 9900
HOOK_TOKEN = "sandbox-webhook-token"  # noqa: S105 - guards nothing but the sandbox
SIGNING_TOKEN = "whsec_c2FuZGJveC1zaWduaW5nLXRva2VuLTMyLWJ5dGVzISE="  # noqa: S105 - the same


class FaultDetails(TypedDict, total=False):
    times: int
    headers: Mapping[str, str]
    body: Mapping[str, Any]
    after: bool
    """The request is carried out, and only its answer is lost."""


class FakeGitLab(Setting, Deeds):
    """`url` is the site, below which both APIs and all repositories are. Close it when done; a `with` block does."""

    def __init__(self, root: Path, clock: Clock, *, port: int = 0, senders: int = 1, licence: Licence = "free") -> None:
        self.voice = Voice(clock.now, senders)
        self.world = World(root, clock, licence, self.voice)
        self.bot = self.world.bot = self.world.add_user(BOT, "project_bot", id=BOT_ID)
        self.bot.name = "llmgate"
        self.verbs = Verbs(self.world)
        self.bot_token = self.verbs.tokens.mint(self.bot, kind="group").value
        self.hook_token = HOOK_TOKEN
        self.signing_token = SIGNING_TOKEN
        self.check_name = "llmgate"
        self.faults = Faults()
        self.limits = RateLimits(self.world)
        self._served = Served(Face(self.verbs, self.faults, self.limits), port)
        self.url = self.world.url = self._served.url
        self.api_url = self.world.api_url

    def close(self) -> None:
        self.voice.close()
        self._served.close()
        self.world.close()

    def __enter__(self) -> FakeGitLab:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    @property
    def licence(self) -> Licence:
        return self.world.licence

    @licence.setter
    def licence(self, licence: Licence) -> None:
        self.world.licence = licence

    # what is there now

    def statuses(self, project: str, sha: str) -> list[Job]:
        """What was posted on that commit from outside and was not retried since, oldest first."""
        with self.world.lock:
            return self.verbs.statuses.latest(self.world.project(project), sha)

    def notes(self, project: str, iid: int) -> list[Note]:
        """What somebody wrote; GitLab's own lines are not among them."""
        return [note for note in self.world.merge_request(project, iid).notes if not note.system]

    def labels(self, project: str, iid: int) -> list[str]:
        return list(self.world.merge_request(project, iid).labels)

    def change(self, project: str, iid: int) -> MergeRequest:
        return self.world.merge_request(project, iid)

    def blockers(self, project: str, iid: int) -> str | None:
        """Why it cannot be merged now, in GitLab's words and with `detailed_merge_status`; None if it can."""
        with self.world.lock:
            return self.verbs.merging.blockers(self.world.merge_request(project, iid))

    def head(self, project: str, branch: str) -> str:
        """The commit at the tip of the branch."""
        found = self.world.project(project).git.branch(branch)
        if found is None:
            raise LookupError(f"{project} has no branch {branch!r}")
        return found

    # the wire

    def install(self, hook_url: str, level: Literal["project", "group", "system"] = "project", *, signed: bool = False) -> None:
        """Send events there: from every project that is no fork, from every top-level group, or from the instance.

        Projects and groups made later get the hook, too. It takes the place of the one installed before.
        """
        with self.world.lock:
            signing = self.signing_token if signed else ""
            self._installed = Hook(0, hook_url, level, self.hook_token, signing)
            self.verbs.tell.system_hooks[:] = [self._new_hook(self._installed)] if level == "system" else []
            for group in self.world.groups.values():
                group.hooks.clear()
            self._hook_groups()
            for project in self.world.projects.values():
                project.hooks.clear()
                if project.fork_of is None:
                    self._hook_project(project)

    @property
    def hooks(self) -> list[Hook]:
        """All there are, of whatever level."""
        of_projects = [hook for project in self.world.projects.values() for hook in project.hooks]
        of_groups = [hook for group in self.world.groups.values() for hook in group.hooks]
        return [*self.verbs.tell.system_hooks, *of_groups, *of_projects]

    @property
    def deliveries(self) -> list[Delivery]:
        return self.voice.deliveries

    def redeliver(self, delivery_id: int) -> Delivery:
        return self.voice.redeliver(delivery_id)

    def flush(self) -> None:
        """Wait until no webhook is on its way."""
        self.voice.flush()

    def token_for(self, username: str) -> str:
        """That person's token, for the APIs and as the password of `git push`."""
        return self.verbs.tokens.for_person(self.world.user(username))

    def clone_url(self, project: str, username: str) -> str:
        """A URL that git can clone from and push to as that person."""
        return f"{self.url.replace('://', f'://{username}:{self.token_for(username)}@')}/{project}.git"

    def fail_next(self, pattern: str, status: int, **details: Unpack[FaultDetails]) -> None:
        """The next matching requests are answered with `status` and not carried out.

        Patterns are shell-like, over `METHOD /path` below `/api/v4`, over the path, or over `graphql` and
        `graphql:Operation`: `POST /projects/*/statuses/*`, `*/notes`, `graphql:Change`.
        """
        times, headers = details.get("times", 1), details.get("headers", {})
        self.faults.plan(Fault(pattern, status, times, headers, details.get("body"), details.get("after", False)))

    def limit_next(self, pattern: str, *, retry_after_s: int = 60) -> None:
        """The next matching request runs into a rate limit."""
        self.fail_next(pattern, 429, headers={"Retry-After": str(retry_after_s)})

    @property
    def calls(self) -> list[LoggedCall]:
        """Every API request so far."""
        return self.faults.calls

    @property
    def unmodelled(self) -> list[str]:
        """What was asked that GitLab may know and this does not. A story should end with none."""
        return self.faults.unmodelled

    @property
    def latency_s(self) -> float:
        return self.faults.latency_s

    @latency_s.setter
    def latency_s(self, seconds: float) -> None:
        self.faults.latency_s = seconds
