"""`FakeGitLab`: a whole GitLab on a loopback port, with the verbs that people have.

Three parts: *state* (`state`, `model`, `people` and the verbs in `setting` and `deeds`), *face* (REST, GraphQL and git) and
*voice* (webhooks, and calls to external status checks). `licence` says which tier it runs on, and may change at any time.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from bot.ports.clock import Clock
from integrations.sandbox.faults import Faults
from integrations.sandbox.gitlab.accounts import Accounts
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
from integrations.sandbox.stand_in import StandIn

BOT, BOT_ID = "llmgate-bot", 9900
HOOK_TOKEN = "sandbox-webhook-token"  # noqa: S105 - guards nothing but the sandbox
SIGNING_TOKEN = "whsec_c2FuZGJveC1zaWduaW5nLXRva2VuLTMyLWJ5dGVzISE="  # noqa: S105 - the same


class FakeGitLab(Setting, Deeds, Accounts, StandIn[MergeRequest, Delivery]):
    """`url` is the site, below which both APIs and all repositories are. Close it when done; a `with` block does."""

    world: World
    voice: Voice

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

    def token_for(self, username: str) -> str:
        """That person's token, for the APIs and as the password of `git push`."""
        return self.verbs.tokens.for_person(self.world.user(username))

    def limit_next(self, pattern: str, *, retry_after_s: int = 60) -> None:
        """The next matching request runs into a rate limit."""
        self.fail_next(pattern, 429, headers={"Retry-After": str(retry_after_s)})
