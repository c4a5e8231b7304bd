"""Whether the verdict really stands between a merge request and the merge: settings, rules and who may step around them.

A carrier that GitLab does not wait for is decoration. One that binds may still be forged or stepped around; each way is named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from bot.core.ids import RepoRef
from bot.core.verdict import Finding
from bot.ports.answers import Tolerant, listed
from bot.ports.errors import Refused, Vanished
from integrations.gitlab.access import role_name
from integrations.gitlab.carriers import WORTH, Showing
from integrations.gitlab.client import Client
from integrations.gitlab.paths import project_path

T = TypeVar("T")
SETTINGS = "Settings > Merge requests"
CARRIERS = {"status": "the commit status", "external": "the external status check", "approval": "the bot's approval"}
"""As people call them."""


class ProjectAnswer(Tolerant):
    default_branch: str | None = None
    only_allow_merge_if_pipeline_succeeds: bool | None = False
    allow_merge_on_skipped_pipeline: bool | None = False
    only_allow_merge_if_all_status_checks_passed: bool | None = False
    merge_trains_enabled: bool | None = False
    package_registry_access_level: str | None = None
    packages_enabled: bool | None = None


class PersonItem(Tolerant):
    id: int = 0
    username: str = ""


class RuleItem(Tolerant):
    name: str = ""
    approvals_required: int = 0
    users: tuple[PersonItem, ...] = ()
    eligible_approvers: tuple[PersonItem, ...] = ()


class ApprovalSettings(Tolerant):
    disable_overriding_approvers_per_merge_request: bool | None = False
    reset_approvals_on_push: bool | None = True


class AccessItem(Tolerant):
    access_level: int | None = None
    access_level_description: str | None = ""
    user_id: int | None = None
    group_id: int | None = None
    deploy_key_id: int | None = None


class ProtectedItem(Tolerant):
    name: str = ""
    push_access_levels: tuple[AccessItem, ...] = ()
    allow_force_push: bool = False


class ExternalItem(Tolerant):
    name: str = ""
    hmac: bool | None = None
    protected_branches: tuple[ProtectedItem, ...] = ()


class OpenItem(Tolerant):
    iid: int


_RULES, _PROTECTED, _CHECKS, _OPEN = listed(RuleItem), listed(ProtectedItem), listed(ExternalItem), listed(OpenItem)


@dataclass(frozen=True, slots=True)
class Examined:
    """The project that is looked at, and as whom."""

    client: Client
    repo: RepoRef
    showing: Showing
    own_id: int

    @property
    def path(self) -> str:
        return project_path(self.repo.path)


@dataclass(frozen=True, slots=True)
class Licensed:
    """What the bot sees of what the licence offers; None: nothing. GitLab says no more of a licence than what it refuses."""

    checks: tuple[ExternalItem, ...] | None
    rules: tuple[RuleItem, ...] | None

    @property
    def tier(self) -> str:
        return "Ultimate" if self.checks is not None else "Premium" if self.rules is not None else "Free"


def guard_findings(at: Examined) -> tuple[Finding, ...]:
    """Which carriers are in force, what each is worth here, and who may merge past all of them."""
    project = at.client.get(at.path, ProjectAnswer)
    licensed = Licensed(_checks(at), _seen(at, "approval_rules", _RULES))
    rows = [*_status_rows(at, project), *_external_rows(at, project, licensed), *_approval_rows(at, licensed)]
    binding = [row.rule.split(".")[1] for row in rows if row.rule.endswith(".binds") and row.outcome == "pass"]
    own = (_bound(licensed, binding), *rows, _forgeable(binding), _pushing(at, project), _trains(project))
    return (*own, *_registry(project))


def _bound(licensed: Licensed, binding: list[str]) -> Finding:
    title = "Something waits for the verdict"
    licence = f"as far as the bot sees, the licence is {licensed.tier}"
    if binding:
        names = [CARRIERS[carrier] for carrier in binding]
        carried = " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)
        return Finding("gitlab.bound", title, "pass", f"carried by {carried}; {licence}")
    cure = f"switch on Pipelines must succeed ({SETTINGS}); with the licence for it, add a status check or an approval rule"
    return Finding(
        "gitlab.bound", title, "block", f"nothing does: the verdict is decoration; {licence}", "a carrier that binds", cure
    )


def _status_rows(at: Examined, project: ProjectAnswer) -> Iterator[Finding]:
    title = "Merges wait for the commit status"
    if not at.showing.wants("status"):
        yield Finding("gitlab.status.binds", title, "skip", "the settings want no commit status")
        return
    if not project.only_allow_merge_if_pipeline_succeeds:
        saw = f"Pipelines must succeed is off, so nobody waits for {at.showing.check_name}"
        yield Finding("gitlab.status.binds", title, "wait", saw, "Pipelines must succeed", f"switch it on ({SETTINGS})")
        return
    yield Finding("gitlab.status.binds", title, "pass", f"pipelines must succeed, and {at.showing.check_name} is part of them")
    if project.allow_merge_on_skipped_pipeline:
        saw = "skipped pipelines count as successful: [skip ci] in a commit may merge before the status is there"
        yield Finding(
            "gitlab.status.skipped", "A skipped pipeline does not pass", "wait", saw, "off", f"switch it off ({SETTINGS})"
        )


def _external_rows(at: Examined, project: ProjectAnswer, licensed: Licensed) -> Iterator[Finding]:
    rule, title, name = "gitlab.external.binds", "Merges wait for the external status check", at.showing.check_name
    if licensed.checks is None or not at.showing.wants("external"):
        why = (
            "not seen: it needs Ultimate, and who is no Maintainer sees it on open merge requests only"
            if licensed.checks is None
            else "the settings want none"
        )
        yield Finding(rule, title, "skip", why)
        return
    check = next((one for one in licensed.checks if one.name == name), None)
    if check is None:
        cure = f"add one named {name} that leads to this gate's webhook address ({SETTINGS})"
        yield Finding(rule, title, "wait", f"no external status check is named {name}", "one", cure)
        return
    if not project.only_allow_merge_if_all_status_checks_passed:
        saw = "Status checks must succeed is off, so nobody waits for it"
        yield Finding(rule, title, "wait", saw, "Status checks must succeed", f"switch it on ({SETTINGS})")
    elif check.protected_branches:
        names = ", ".join(sorted(branch.name for branch in check.protected_branches))
        yield Finding(rule, title, "pass", f"for merge requests into {names}; others are not asked about")
    else:
        yield Finding(rule, title, "pass", f"{name} has to pass for every merge request")
    if check.hmac is False:
        cure = "give the check a shared secret: this host's signing_token, else its webhook_token"
        saw = "it has no shared secret, so what it sends is refused here; the verdict still comes by webhook"
        yield Finding("gitlab.external.secret", "The status check signs what it sends", "wait", saw, "a shared secret", cure)


def _approval_rows(at: Examined, licensed: Licensed) -> Iterator[Finding]:
    rule, title = "gitlab.approval.binds", "Merges wait for the bot's approval"
    if not at.showing.wants("approval") or licensed.rules is None:
        why = (
            "not seen: approval rules need Premium"
            if at.showing.wants("approval")
            else "the settings do not have the bot approve"
        )
        yield Finding(rule, title, "skip", why)
        return
    named = [one for one in licensed.rules if one.approvals_required and at.own_id in {user.id for user in one.users}]
    if not named:
        cure = "add an approval rule with the bot as its only approver and one approval required"
        yield Finding(rule, title, "wait", "no approval rule asks for the bot", "one that does", cure)
        return
    others = {user.username for one in named for user in one.eligible_approvers if user.id != at.own_id}
    if others and all(len(one.eligible_approvers) > one.approvals_required for one in named):
        saw = f"others can fill the rule in the bot's stead: {', '.join(sorted(others)[:5])}"
        yield Finding(rule, title, "wait", saw, "the bot alone", "take everybody else out of the rule")
        return
    yield Finding(rule, title, "pass", f"the rule {named[0].name} asks for the bot")
    yield from _approval_settings(at)


def _approval_settings(at: Examined) -> Iterator[Finding]:
    try:
        told = at.client.get(f"{at.path}/approvals", ApprovalSettings)
    except (Refused, Vanished) as error:
        yield Finding("gitlab.approval.fixed", "The approval rule stays as it is", "skip", str(error), "a look at the settings")
        return
    if not told.disable_overriding_approvers_per_merge_request:
        saw, cure = "authors may edit approval rules in their merge request", f"prevent editing approval rules ({SETTINGS})"
        yield Finding("gitlab.approval.fixed", "The approval rule stays as it is", "wait", saw, "not to be edited", cure)
    if not told.reset_approvals_on_push:
        saw = "a push keeps approvals, so the bot's stands until it takes it back itself"
        yield Finding(
            "gitlab.approval.reset",
            "A push voids approvals",
            "wait",
            saw,
            "approvals removed by a push",
            f"remove all approvals when commits are added ({SETTINGS})",
        )


def _forgeable(binding: list[str]) -> Finding:
    """The status, and the external check's answer, are anybody's to give who has the Developer role."""
    title = "Nobody else can give the verdict"
    if not binding:
        return Finding("gitlab.forge", title, "skip", "nothing waits for the verdict")
    if "approval" in binding:
        return Finding("gitlab.forge", title, "pass", "nobody can approve as the bot but with its token")
    saw = "; ".join(f"{CARRIERS[carrier]}: {WORTH[carrier].bypass}" for carrier in ("status", "external") if carrier in binding)
    cure = "give Developer to few; with Premium, have the bot approve (`approve`) and add an approval rule that names it alone"
    return Finding("gitlab.forge", title, "wait", saw, "a carrier that only the bot can set", cure)


def _pushing(at: Examined, project: ProjectAnswer) -> Finding:
    branch = project.default_branch or "the default branch"
    title = f"Nobody pushes past the gate to {branch}"
    try:
        listed_branches = at.client.pages(f"{at.path}/protected_branches", _PROTECTED).items
    except (Refused, Vanished):
        cure = "look in Settings > Repository > Protected branches"
        return Finding("gitlab.push", title, "skip", "the bot may not see protected branches", "a look at them", cure)
    found = next((one for one in listed_branches if one.name == branch), None)
    cure = f"protect {branch} with Allowed to push and merge: No one (Settings > Repository > Protected branches)"
    if found is None:
        saw = f"no rule protects {branch} by its name: whoever has the Developer role pushes to it"
        return Finding("gitlab.push", title, "block", saw, "a protected branch", cure)
    who = [_pusher(level) for level in found.push_access_levels if level.access_level != 0 or level.user_id or level.group_id]
    if found.allow_force_push:
        who.append("whoever of these likes, by force")
    if who:
        return Finding("gitlab.push", title, "wait", f"may push: {', '.join(who)}", "no one", cure)
    return Finding("gitlab.push", title, "pass", "no one may push; Maintainers may still change that")


def _pusher(level: AccessItem) -> str:
    if level.user_id:
        return f"user {level.user_id}"
    if level.group_id:
        return f"group {level.group_id}"
    if level.deploy_key_id:
        return f"deploy key {level.deploy_key_id}"
    return f"{role_name(level.access_level or 0)}s and above"


def _trains(project: ProjectAnswer) -> Finding:
    title = "Merge trains"
    if not project.merge_trains_enabled:
        return Finding("gitlab.trains", title, "skip", "there is none")
    saw = "on: each car has a pipeline of its own, and each merge request's verdict is posted into its car's"
    return Finding("gitlab.trains", title, "pass", saw)


def _registry(project: ProjectAnswer) -> Iterator[Finding]:
    """Said only where it is off: the gate works without."""
    if project.packages_enabled is False or project.package_registry_access_level == "disabled":
        saw = "the package registry is off; without it the gate does without publishing the verdict for others"
        cure = "switch it on (Settings > General > Visibility, Package registry)"
        yield Finding("gitlab.registry", "Verdicts can be published", "wait", saw, "the package registry", cure)


def _checks(at: Examined) -> tuple[ExternalItem, ...] | None:
    """The project's external status checks: only Maintainers see them all, a Developer those asked of a merge request."""
    found = _seen(at, "external_status_checks", _CHECKS)
    if found is not None:
        return found
    try:
        asked = next(at.client.each_page(f"{at.path}/merge_requests", _OPEN, {"state": "opened", "per_page": 1}), ())
    except (Refused, Vanished):
        return None
    return _seen(at, f"merge_requests/{asked[0].iid}/status_checks", _CHECKS) if asked else None


def _seen(at: Examined, what: str, items: Callable[[object], list[T]]) -> tuple[T, ...] | None:
    try:
        return tuple(at.client.pages(f"{at.path}/{what}", items).items)
    except (Refused, Vanished):
        return None
