"""Repositories, refs and the merge queue as GraphQL sees them, and the fields of the query itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar, Unpack

from integrations.sandbox.github.graphql_check import CheckRunView
from integrations.sandbox.github.graphql_git import CommitView, ObjectView, by_expression, object_view
from integrations.sandbox.github.graphql_paging import Connection, refused
from integrations.sandbox.github.graphql_pull import PullRequestView
from integrations.sandbox.github.graphql_view import AccountView, CommitUserView, Gaze, LabelView
from integrations.sandbox.github.limits import RateLimits
from integrations.sandbox.github.model import Account, Label, PullRequest, Repository
from integrations.sandbox.github.render import node_id, when
from integrations.sandbox.graphql.connection import Paging
from integrations.sandbox.graphql.documents import View


class RepositoryView(View):
    typename = "Repository"

    def __init__(self, gaze: Gaze, repo: Repository) -> None:
        self._gaze = gaze
        self._repo = repo
        self.id = node_id("R", repo.id)
        self.database_id = repo.id
        self.name = repo.name
        self.name_with_owner = repo.full_name
        self.url = f"{gaze.world.url}/{repo.full_name}"
        self.is_private = repo.private
        self.is_fork = repo.fork_of is not None
        self.is_archived = False
        self.created_at = when(repo.created_at)

    @property
    def owner(self) -> AccountView:
        return AccountView(self._gaze, self._repo.owner)

    @property
    def parent(self) -> RepositoryView | None:
        return RepositoryView(self._gaze, self._repo.fork_of) if self._repo.fork_of else None

    @property
    def default_branch_ref(self) -> RefView | None:
        return self.ref(f"refs/heads/{self._repo.default_branch}")

    def ref(self, qualified_name: str) -> RefView | None:
        self._gaze.need("contents:read")
        name = qualified_name if qualified_name.startswith("refs/") else f"refs/heads/{qualified_name}"
        return RefView(self._gaze, self._repo, name) if name in self._repo.git.refs else None

    def object(self, expression: str | None = None, oid: str | None = None) -> ObjectView | None:
        self._gaze.need("contents:read")
        if (expression is None) == (oid is None):
            raise refused("ARGUMENT_ERROR", "Exactly one of `expression` and `oid` is needed to find an object.")
        if oid is not None:
            return object_view(self._gaze, self._repo, oid)
        return by_expression(self._gaze, self._repo, expression or "")

    def pull_request(self, number: int) -> PullRequestView:
        self._gaze.need("pull_requests:read")
        pull = self._repo.pulls.get(number)
        if pull is None:
            raise refused("NOT_FOUND", f"Could not resolve to a PullRequest with the number of {number}.")
        return PullRequestView(self._gaze, pull)

    def pull_requests(self, **wanted: Any) -> Connection[PullRequest]:
        self._gaze.need("pull_requests:read")
        paging: Paging = {}
        for name in ("first", "after", "last", "before"):
            paging[name] = wanted.pop(name, None)
        order = wanted.get("order_by") or {"field": "CREATED_AT", "direction": "ASC"}
        found = [pull for pull in self._repo.pulls.values() if _fits(pull, wanted)]
        by_update = order["field"] == "UPDATED_AT"
        found.sort(key=lambda pull: (pull.updated_at if by_update else pull.created_at, pull.number))
        if order["direction"] == "DESC":
            found.reverse()
        return Connection("pullRequests", found, lambda each: PullRequestView(self._gaze, each), paging)

    def label(self, name: str) -> LabelView | None:
        found = self._repo.labels.get(name.lower())
        return LabelView(found) if found else None

    def labels(self, **paging: Unpack[Paging]) -> Connection[Label]:
        return Connection("labels", list(self._repo.labels.values()), LabelView, paging)

    def collaborators(
        self, login: str | None = None, query: str | None = None, **paging: Unpack[Paging]
    ) -> Connection[Account]:
        world, text = self._gaze.world, (query or "").lower()
        people = [each for each in world.accounts.values() if world.may(self._repo, each, "read")]
        found = [each for each in people if login in (None, each.login) and text in each.login.lower()]
        return Connection("collaborators", found, lambda each: CollaboratorView(self._gaze, self._repo, each), paging)

    def merge_queue(self, branch: str | None = None) -> dict[str, Any] | None:
        self._gaze.need("merge_queues:read")
        name = branch or self._repo.default_branch
        protection = self._repo.protections.get(name)
        if not (protection and protection.queue) and not any(group.base_ref == name for group in self._repo.groups):
            return None

        def entries(**paging: Unpack[Paging]) -> Connection[QueueEntryView]:
            return Connection("entries", queue_entries(self._gaze, self._repo, name), lambda each: each, paging)

        return {"id": f"MQ_{self._repo.id}_{name}", "entries": entries}


class CollaboratorView(CommitUserView):
    """Both the edge and its node: a user with the permission they hold."""

    def __init__(self, gaze: Gaze, repo: Repository, account: Account) -> None:
        super().__init__(gaze, account)
        self.permission = gaze.world.permission(repo, account).upper()
        self.cursor = self.id
        self.node = self


class RefView(View):
    typename = "Ref"

    def __init__(self, gaze: Gaze, repo: Repository, ref: str) -> None:
        self._gaze = gaze
        self._repo = repo
        self._ref = ref
        self.id = f"REF_{repo.id}_{ref}"
        kind, _, name = ref.removeprefix("refs/").partition("/")
        self.prefix, self.name = f"refs/{kind}/", name

    @property
    def repository(self) -> RepositoryView:
        return RepositoryView(self._gaze, self._repo)

    @property
    def target(self) -> ObjectView | None:
        """Checks on a fork's commit are kept where the pull request is: look there when the commit is there."""
        self._gaze.need("contents:read")
        oid, upstream = self._repo.git.refs[self._ref], self._repo.fork_of
        if upstream and upstream.git.resolve(oid):
            return object_view(self._gaze, upstream, oid)
        return object_view(self._gaze, self._repo, oid)


@dataclass(frozen=True, slots=True)
class QueueEntryView:
    typename: ClassVar[str] = "MergeQueueEntry"
    id: str
    position: int
    pull: PullRequest
    pull_request: PullRequestView
    head_commit: CommitView
    base_commit: CommitView
    enqueued_at: str | None
    state: str = "AWAITING_CHECKS"


def queue_entries(gaze: Gaze, repo: Repository, branch: str) -> list[QueueEntryView]:
    """The pull requests that wait in the branch's queue, in order."""
    waiting = [group for group in repo.groups if group.state == "pending" and group.base_ref == branch]
    pairs = [(group, repo.pulls[number]) for group in waiting for number in group.numbers]
    return [
        QueueEntryView(
            id=f"MQE_{pull.id}", position=position, pull=pull, pull_request=PullRequestView(gaze, pull),
            head_commit=CommitView(gaze, repo, group.sha), base_commit=CommitView(gaze, repo, group.base_sha),
            enqueued_at=when(group.at),
        )
        for position, (group, pull) in enumerate(pairs, 1)
    ]  # fmt: skip


def _fits(pull: PullRequest, wanted: dict[str, Any]) -> bool:
    state = "MERGED" if pull.merged else pull.state.upper()
    names = {name.lower() for name in pull.labels}
    return (
        state in (wanted.get("states") or [state])
        and wanted.get("base_ref_name") in (None, pull.base_ref)
        and wanted.get("head_ref_name") in (None, pull.head_ref)
        and (not wanted.get("labels") or bool(names & {name.lower() for name in wanted["labels"]}))
    )


class QueryView(View):
    typename = "Query"

    def __init__(self, gaze: Gaze, limits: RateLimits) -> None:
        self._gaze = gaze
        self._limits = limits

    def repository(self, owner: str, name: str, follow_renames: bool = True) -> RepositoryView:
        del follow_renames  # nothing here was ever renamed
        found = self._gaze.world.repositories.get(f"{owner}/{name}".lower())
        if found is None or not self._gaze.sees(found):
            raise refused("NOT_FOUND", f"Could not resolve to a Repository with the name '{owner}/{name}'.")
        return RepositoryView(self._gaze, found)

    @property
    def viewer(self) -> CommitUserView:
        if self._gaze.caller.account is None:
            raise refused("FORBIDDEN", "Requires authentication")
        return CommitUserView(self._gaze, self._gaze.caller.account)

    def user(self, login: str) -> AccountView:
        return self._account(login, "User")

    def organization(self, login: str) -> AccountView:
        return self._account(login, "Organization")

    def repository_owner(self, login: str) -> AccountView | None:
        found = self._gaze.world.accounts.get(login.lower())
        return AccountView(self._gaze, found) if found and found.kind != "Bot" else None

    def node(self, id: str) -> View:
        """Pull requests, repositories, accounts and check runs can be looked up by their global id."""
        for repo in self._gaze.world.repositories.values():
            if self._gaze.sees(repo) and (view := self._in(repo, id)):
                return view
        for account in self._gaze.world.accounts.values():
            if AccountView(self._gaze, account).id == id:
                return AccountView(self._gaze, account)
        raise refused("NOT_FOUND", f"Could not resolve to a node with the global id of '{id}'")

    def nodes(self, ids: list[str]) -> list[View]:
        return [self.node(each) for each in ids]

    def rate_limit(self, dry_run: bool = False) -> dict[str, Any]:
        del dry_run
        told = self._limits.told(self._gaze.caller, "/graphql")
        reset = when(datetime.fromtimestamp(int(told["reset"]), UTC))
        kept = {name: told[name] for name in ("limit", "remaining", "used")}
        return {"cost": 1, "nodeCount": 0, "resetAt": reset, **kept}

    def _in(self, repo: Repository, wanted: str) -> View | None:
        if node_id("R", repo.id) == wanted:
            return RepositoryView(self._gaze, repo)
        for pull in repo.pulls.values():
            if node_id("PR", pull.id) == wanted:
                self._gaze.need("pull_requests:read")
                return PullRequestView(self._gaze, pull)
        run = repo.run(int(wanted.removeprefix("CR_"))) if wanted.removeprefix("CR_").isdigit() else None
        return CheckRunView(self._gaze, repo, run) if run else None

    def _account(self, login: str, kind: str) -> AccountView:
        found = self._gaze.world.accounts.get(login.lower())
        if found is None or found.kind != kind:
            raise refused(
                "NOT_FOUND", f"Could not resolve to {'a' if kind == 'User' else 'an'} {kind} with the login of '{login}'."
            )
        return AccountView(self._gaze, found)
