"""Whether the gate's check really stands between a change and the merge: branch protection and rulesets of the default branch.

A check that is not required, that any app may post, or that some people may step around, is decoration; this module finds that.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import quote

from bot.core.ids import RepoRef
from bot.core.verdict import Finding
from bot.ports.answers import Tolerant, listed
from bot.ports.errors import Refused, Vanished
from integrations.github.client import Session
from integrations.github.reading import OwnCheck


class RepositoryAnswer(Tolerant):
    default_branch: str


class RequiredCheck(Tolerant):
    context: str = ""
    app_id: int | None = None
    integration_id: int | None = None


class RequiredChecks(Tolerant):
    checks: tuple[RequiredCheck, ...] = ()


class RuleParameters(Tolerant):
    required_status_checks: tuple[RequiredCheck, ...] = ()


class Rule(Tolerant):
    type: str
    ruleset_id: int | None = None
    parameters: RuleParameters | None = None


class Switch(Tolerant):
    enabled: bool = False


class Protection(Tolerant):
    required_status_checks: RequiredChecks | None = None
    enforce_admins: Switch = Switch()


class BypassActor(Tolerant):
    actor_id: int | None = None
    actor_type: str = ""
    bypass_mode: str = ""


class Ruleset(Tolerant):
    name: str = ""
    bypass_actors: list[BypassActor] | None = None


_RULES = listed(Rule)


@dataclass(slots=True)
class Guard:
    """What was found on one branch. `unseen` names what the app may not look at."""

    branch: str
    pinned: list[bool] = field(default_factory=list)
    """One entry for each place that requires the check: whether it must come from this app."""
    bypass: list[str] = field(default_factory=list)
    unseen: list[str] = field(default_factory=list)


def guard_findings(session: Session, repo: RepoRef, check: OwnCheck) -> tuple[Finding, ...]:
    """Required, pinned, and who may bypass: a finding each."""
    guard = Guard(session.get(f"/repos/{repo.path}", RepositoryAnswer).default_branch)
    _look_at_rules(session, repo, check, guard)
    _look_at_protection(session, repo, check, guard)
    return _required(guard, check), _pinned(guard, check), _bypass(guard)


def _look_at_rules(session: Session, repo: RepoRef, check: OwnCheck, guard: Guard) -> None:
    try:
        rules = session.pages(f"/repos/{repo.path}/rules/branches/{quote(guard.branch, safe='')}", _RULES).items
    except (Refused, Vanished):
        guard.unseen.append("rulesets")
        return
    for rule in rules:
        if rule.type != "required_status_checks" or rule.parameters is None:
            continue
        ours = [found for found in rule.parameters.required_status_checks if found.context == check.name]
        guard.pinned += [found.integration_id == check.app_id for found in ours]
        if ours and rule.ruleset_id:
            _look_at_ruleset(session, repo, rule.ruleset_id, guard)


def _look_at_ruleset(session: Session, repo: RepoRef, number: int, guard: Guard) -> None:
    try:
        ruleset = session.get(f"/repos/{repo.path}/rulesets/{number}", Ruleset)
    except (Refused, Vanished):
        guard.unseen.append(f"who may bypass ruleset {number}")
        return
    if ruleset.bypass_actors is None:
        guard.unseen.append(f"who may bypass the ruleset {ruleset.name}")
    for actor in ruleset.bypass_actors or []:
        guard.bypass.append(f"{actor.actor_type} {actor.actor_id or ''} by the ruleset {ruleset.name}".replace("  ", " "))


def _look_at_protection(session: Session, repo: RepoRef, check: OwnCheck, guard: Guard) -> None:
    try:
        protection = session.get(f"/repos/{repo.path}/branches/{quote(guard.branch, safe='')}/protection", Protection)
    except Vanished:
        return
    except Refused:
        guard.unseen.append("branch protection (permission administration: read)")
        return
    checks = protection.required_status_checks.checks if protection.required_status_checks else ()
    ours = [found for found in checks if found.context == check.name]
    guard.pinned += [found.app_id == check.app_id for found in ours]
    if ours and not protection.enforce_admins.enabled:
        guard.bypass.append("administrators, by branch protection")


def _required(guard: Guard, check: OwnCheck) -> Finding:
    title = f"The check is required on {guard.branch}"
    if guard.pinned:
        return Finding("github.required", title, "pass", f"{check.name} is required in {len(guard.pinned)} place(s)")
    saw = f"no rule requires {check.name}" + (f"; not seen: {', '.join(guard.unseen)}" if guard.unseen else "")
    cure = f"add {check.name} to the required status checks of {guard.branch}, with this app as its source"
    return Finding("github.required", title, "wait" if guard.unseen else "block", saw, "a required status check", cure)


def _pinned(guard: Guard, check: OwnCheck) -> Finding:
    title = "Only this app may set the check"
    if not guard.pinned:
        return Finding("github.pinned", title, "skip", "the check is not known to be required")
    if any(guard.pinned):
        return Finding("github.pinned", title, "pass", f"a rule takes {check.name} from app {check.app_id} only")
    cure = "choose this app as the check's source in the rule"
    return Finding(
        "github.pinned", title, "block", f"any app or person with write access may post {check.name}", "one source", cure
    )


def _bypass(guard: Guard) -> Finding:
    title = "Nobody may merge past the check"
    if guard.bypass:
        cure = "remove them from the bypass list, or accept that their merges are not gated"
        return Finding("github.bypass", title, "wait", "; ".join(guard.bypass), "an empty bypass list", cure)
    if guard.unseen:
        cure = "grant the app administration: read, or look in the repository's settings"
        return Finding("github.bypass", title, "skip", f"not seen: {', '.join(guard.unseen)}", "a look at it", cure)
    if not guard.pinned:
        return Finding("github.bypass", title, "skip", "the check is not required, so everybody merges past it")
    return Finding("github.bypass", title, "pass", "no bypass is configured")
