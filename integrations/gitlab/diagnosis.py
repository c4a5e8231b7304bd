"""Facts for `llmgate doctor`: does the token sign in, may it do what is needed, do webhooks arrive, does the verdict bind.

Each row is a `Finding`, rendered as any other. What cannot be looked at is a row too, never an exception.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from bot.core.ids import RepoRef
from bot.core.verdict import Finding, Outcome
from bot.ports.answers import Tolerant, listed
from bot.ports.errors import Refused, Vanished, WorldError
from integrations.gitlab.access import DEVELOPER, HOOK_EVENTS, role_name
from integrations.gitlab.carriers import Showing
from integrations.gitlab.client import Client
from integrations.gitlab.failures import quoted
from integrations.gitlab.paths import project_path
from integrations.gitlab.protection import Examined, guard_findings

SOON = timedelta(days=30)
RAW_DIFFS = (17, 9)
"""GitLab since this version tells a merge request's diff whole, in git's own words."""
SIGNS = (19, 0)
"""GitLab since this version signs webhooks, and says of each whether it does (GitLab docs, Project webhooks API)."""


@dataclass(frozen=True, slots=True)
class Here:
    """This gate's side of the webhook: where it leads (empty: no public address is set), and whether it has to be signed."""

    hook_url: str = ""
    signed: bool = False


class TokenAnswer(Tolerant):
    name: str = ""
    scopes: tuple[str, ...] = ()
    expires_at: date | None = None


class AccountAnswer(Tolerant):
    id: int
    username: str = ""
    bot: bool | None = None


class MetadataAnswer(Tolerant):
    version: str = ""
    enterprise: bool | None = None


class MemberAnswer(Tolerant):
    access_level: int = 0
    expires_at: date | None = None


class HookAnswer(Tolerant):
    url: str = ""
    merge_requests_events: bool = False
    push_events: bool = False
    note_events: bool = False
    pipeline_events: bool = False
    enable_ssl_verification: bool = True
    alert_status: str = "executable"
    token_present: bool | None = None
    signing_token_present: bool | None = None
    """None: a GitLab that does not sign."""


_HOOKS = listed(HookAnswer)


def diagnose_host(client: Client, here: Here = Here()) -> tuple[Finding, ...]:
    """The token, its account and GitLab's version."""
    title = "The token signs in"
    try:
        answer = client.send("GET", "/personal_access_tokens/self")
        token = TokenAnswer.model_validate_json(answer.content)
        account = client.get("/user", AccountAnswer)
    except (WorldError, ValueError) as error:
        cure = "check this host's url and token: make a new group access token with the scope api, or rotate the old one"
        return (Finding("gitlab.token", title, "block", _said(error), "a token that GitLab knows", cure),)
    signed_in = Finding("gitlab.token", title, "pass", f"GitLab knows it as {account.username}")
    today = _today(answer.headers.get("date", ""))
    return signed_in, _scopes(token), _expiry(token, today), _account(account), _version(client, here)


def diagnose_project(client: Client, repo: RepoRef, showing: Showing, here: Here = Here()) -> tuple[Finding, ...]:
    """One project: the bot's role there, the webhook, and whether the verdict binds."""
    try:
        own_id = client.get("/user", AccountAnswer).id
        rows = [_role(client, repo, own_id), _hook(client, repo, here)]
    except WorldError as error:
        cure = f"make the bot a member of {repo} with the Developer role"
        return (Finding("gitlab.project", f"The bot reaches {repo}", "block", str(error), "a project it may read", cure),)
    try:
        rows += guard_findings(Examined(client, repo, showing, own_id))
    except WorldError as error:
        rows.append(Finding("gitlab.binds", "The verdict binds", "block", str(error), "a look at the project's settings"))
    return tuple(rows)


def _scopes(token: TokenAnswer) -> Finding:
    title = "The token may do what is needed"
    if "api" in token.scopes:
        return Finding("gitlab.scopes", title, "pass", f"scopes {', '.join(token.scopes)}")
    saw = f"scopes {', '.join(token.scopes) or 'none'}"
    return Finding(
        "gitlab.scopes", title, "block", saw, "the scope api", "make a token with the scope api; scopes cannot be added"
    )


def _expiry(token: TokenAnswer, today: date) -> Finding:
    title = "The token lasts"
    if token.expires_at is None:
        return Finding("gitlab.expiry", title, "pass", "it does not expire")
    saw = f"it expires on {token.expires_at.isoformat()}"
    if token.expires_at - today > SOON:
        return Finding("gitlab.expiry", title, "pass", saw)
    cure = "rotate it, and write the new one into the settings; from that day on every merge request would wait"
    return Finding("gitlab.expiry", title, "wait", saw, f"more than {SOON.days} days", cure)


def _account(account: AccountAnswer) -> Finding:
    title = "The gate writes as a bot"
    if account.bot:
        return Finding("gitlab.account", title, "pass", f"{account.username} is a bot's account")
    cure = "use a group access token or a service account, so that no person can write as the gate"
    saw = f"{quoted(account.username, 80)} is a person's account, or GitLab does not say that it is a bot's"
    return Finding("gitlab.account", title, "wait", saw, "a bot's account", cure)


def _version(client: Client, here: Here) -> Finding:
    title = "GitLab is recent enough"
    try:
        told = client.get("/metadata", MetadataAnswer)
    except WorldError as error:
        return Finding("gitlab.version", title, "skip", str(error), "a look at the version")
    numbers = told.version.split(".")
    known = tuple(int(part) for part in numbers[:2] if part.isascii() and part.isdigit())
    edition = {True: ", Enterprise Edition", False: ", Community Edition", None: ""}[told.enterprise]
    saw = f"GitLab {quoted(told.version, 40)}{edition}"
    if here.signed and known and known < SIGNS:
        said = f"{saw} signs no webhook, and signing_token is set here: every delivery is refused"
        cure = "remove signing_token from this host's settings, or upgrade GitLab and generate one there"
        return Finding("gitlab.version", title, "block", said, f"{SIGNS[0]}.{SIGNS[1]} or later, for the signature", cure)
    if known >= RAW_DIFFS:
        return Finding("gitlab.version", title, "pass", saw)
    wanted = f"{RAW_DIFFS[0]}.{RAW_DIFFS[1]} or later"
    cure = "upgrade; until then diffs are read in pages, and a file that GitLab cuts is fetched whole or blocks"
    return Finding("gitlab.version", title, "wait", saw, wanted, cure)


def _role(client: Client, repo: RepoRef, own_id: int) -> Finding:
    title = "The bot's role"
    client.send("GET", project_path(repo.path))
    try:
        level = client.get(f"{project_path(repo.path)}/members/all/{own_id}", MemberAnswer).access_level
    except Vanished:
        level = 0
    if level >= DEVELOPER:
        return Finding("gitlab.role", title, "pass", role_name(level))
    cure = f"make the bot a Developer of {repo} or of a group above it"
    return Finding("gitlab.role", title, "block", role_name(level), "Developer or more", cure)


def _hook(client: Client, repo: RepoRef, here: Here) -> Finding:
    title = "GitLab knows where to send"
    try:
        hooks = client.pages(f"{project_path(repo.path)}/hooks", _HOOKS).items
    except (Refused, Vanished):
        cure = "look under Webhooks in the settings of the project or a group above it; or make the bot a Maintainer"
        return Finding("gitlab.hook", title, "skip", "only Maintainers see webhooks", "a look at the webhooks", cure)
    hook = next((one for one in hooks if _leads_here(one.url, here.hook_url)), None)
    if hook is None:
        saw = "no webhook of the project leads here; one of a group above or of the whole instance is not seen"
        return Finding("gitlab.hook", title, "wait", saw, here.hook_url or "this gate's public address", _HOOK_CURE)
    fault = _not_sent(hook) or _not_believed(hook, here)
    if fault:
        return Finding("gitlab.hook", title, *fault)
    how = {None: "GitLab does not say with which secret", True: "signed", False: "with a secret token"}[
        hook.signing_token_present
    ]
    return Finding("gitlab.hook", title, "pass", f"{quoted(hook.url, 120)}, {how}")


_HOOK_CURE = "send merge request, push, comment and pipeline events to it, with SSL verification and its secret token"
Fault = tuple[Outcome, str, str, str]
"""Outcome, what was seen, wanted, and the cure."""


def _not_sent(hook: HookAnswer) -> Fault | None:
    """What keeps deliveries from being sent, or from being sent safely."""
    missing = [f"{event.name} ({event.reason})" for event in HOOK_EVENTS if not getattr(hook, event.name)]
    if hook.alert_status != "executable":
        saw = f"{quoted(hook.url, 120)} was switched off by GitLab ({quoted(hook.alert_status, 40)}), as deliveries failed"
        return "block", saw, "a webhook that is on", "make it reachable, then press Test"
    if missing:
        return "block", f"not sent: {', '.join(missing)}", "every one of them", _HOOK_CURE
    if not hook.enable_ssl_verification:
        return "wait", "certificates are not verified", "SSL verification", _HOOK_CURE
    return None


def _not_believed(hook: HookAnswer, here: Here) -> Fault | None:
    """Whether both sides have the same kind of secret. What it is GitLab never tells."""
    if here.signed and not hook.signing_token_present:
        saw = "the webhook has no signing token, and signing_token is set here: every delivery is refused"
        cure = "generate one in the webhook's form and set signing_token to it; or remove signing_token from the settings"
        return "block", saw, "a webhook that signs", cure
    if not here.signed and hook.signing_token_present:
        saw = "the webhook signs, but no signing_token is set here to hold it against"
        return "wait", saw, "the same token on both sides", "set signing_token to the one that GitLab made"
    if not here.signed and hook.token_present is False:
        saw = "the webhook has no secret token: every delivery is refused"
        return "block", saw, "webhook_token as its secret token", "set it in the webhook's form"
    return None


def _leads_here(url: str, hook_url: str) -> bool:
    if hook_url:
        return url.rstrip("/") == hook_url.rstrip("/")
    return urlsplit(url).path.startswith("/webhooks/gitlab")


def _today(told: str) -> date:
    """By GitLab's own clock."""
    try:
        return parsedate_to_datetime(told).date()
    except ValueError:
        return datetime.fromtimestamp(0, UTC).date()


def _said(error: Exception) -> str:
    return str(error) if isinstance(error, WorldError) else "GitLab's answer could not be read"
