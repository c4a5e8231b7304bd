"""Facts for `llmgate doctor`: does the app sign in, may it do what it needs, do webhooks arrive, is the check required.

Each row is a `Finding`, rendered as any other. What cannot be looked at is a row too, never an exception.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from bot.core.ids import RepoRef
from bot.core.verdict import Finding, Outcome
from bot.ports.answers import Tolerant
from bot.ports.errors import WorldError
from integrations.github.client import Session
from integrations.github.failures import quoted
from integrations.github.hooks import HookConfig, failed_since
from integrations.github.permissions import EVENTS, PERMISSIONS, Permission
from integrations.github.protection import guard_findings
from integrations.github.reading import OwnCheck

LOOK_BACK = timedelta(hours=24)


class Granted(Tolerant):
    """What an app, or one installation of it, was given."""

    slug: str = ""
    permissions: Mapping[str, str] = {}
    events: tuple[str, ...] = ()
    suspended_at: datetime | None = None


def diagnose_app(app: Session) -> tuple[Finding, ...]:
    """The app itself: its key, its webhook, what failed lately."""
    title = "The app signs in"
    try:
        answer = app.send("GET", "/app")
        granted = Granted.model_validate_json(answer.content)
    except (WorldError, ValueError) as error:
        cure = "check github.app_id and github.private_key_file, and this machine's clock"
        return (Finding("github.app", title, "block", str(error), "an app that GitHub knows", cure),)
    signed_in = Finding("github.app", title, "pass", f"GitHub knows it as {granted.slug}")
    try:
        now = parsedate_to_datetime(answer.headers.get("date", ""))
    except ValueError:
        now = datetime.fromtimestamp(0, UTC)
    return signed_in, _events(granted), _hook(app), _deliveries(app, now)


def diagnose_repository(app: Session, session: Session, repo: RepoRef, check: OwnCheck) -> tuple[Finding, ...]:
    """One repository: what the installation was granted there, and whether the check binds."""
    granted = app.get(f"/repos/{repo.path}/installation", Granted)
    rows = [_permission_row(granted.permissions, repo)]
    try:
        rows += guard_findings(session, repo, check)
    except WorldError as error:
        rows.append(Finding("github.required", "The check is required", "block", str(error), "a look at the branch's rules"))
    return tuple(rows)


def _permission_row(granted: Mapping[str, str], repo: RepoRef) -> Finding:
    rows = tuple(_permission(wanted, granted.get(wanted.name, "none")) for wanted in PERMISSIONS)
    lacking = [row for row in rows if row.outcome != "pass"]
    worst: Outcome = "block" if any(row.outcome == "block" for row in rows) else "wait" if lacking else "pass"
    saw = f"lacks {', '.join(row.title for row in lacking)}" if lacking else "all are granted"
    return Finding("github.permissions", f"Permissions on {repo}", worst, saw, children=rows)


def _permission(wanted: Permission, has: str) -> Finding:
    name, want = f"github.permission.{wanted.name}", f"{wanted.level}, {wanted.reason}"
    if wanted.met_by(has):
        return Finding(name, wanted.name, "pass", has, want)
    saw = f"{has}; without it the gate does without {wanted.lost}" if wanted.lost else has
    cure = f"set {wanted.name}: {wanted.level} in the app's settings, then accept it in the installation"
    return Finding(name, wanted.name, "wait" if wanted.optional else "block", saw, want, cure)


def _events(granted: Granted) -> Finding:
    title = "The app is told what happens"
    missing = [event for event in EVENTS if event.name not in granted.events]
    if not missing:
        return Finding("github.events", title, "pass", f"subscribed to {len(EVENTS)} kinds of event")
    saw = "not subscribed to " + ", ".join(f"{event.name} ({event.reason})" for event in missing)
    return Finding(
        "github.events", title, "block", saw, "every one of them", "tick them in the app's settings, under Subscribe to events"
    )


def _hook(app: Session) -> Finding:
    title = "GitHub knows where to send"
    try:
        config = app.get("/app/hook/config", HookConfig)
    except WorldError as error:
        return Finding(
            "github.hook", title, "block", str(error), "an active webhook", "switch the webhook on in the app's settings"
        )
    cure = "set URL, content type application/json and SSL verification in the app's settings"
    if not config.url:
        return Finding("github.hook", title, "block", "no URL", "this gate's public address", cure)
    if config.content_type not in ("json", "application/json"):
        return Finding("github.hook", title, "block", f"content type {config.content_type or 'form'}", "json", cure)
    if str(config.insecure_ssl) != "0":
        return Finding("github.hook", title, "wait", "certificates are not verified", "SSL verification", cure)
    return Finding("github.hook", title, "pass", config.url)


def _deliveries(app: Session, now: datetime) -> Finding:
    title = "Deliveries arrive"
    try:
        failed = failed_since(app, now - LOOK_BACK)
    except (WorldError, OverflowError) as error:
        return Finding("github.deliveries", title, "skip", str(error), "a look at the last day's deliveries")
    if not failed:
        return Finding("github.deliveries", title, "pass", "none failed in the last day")
    last = failed[-1]
    answered = f"{last.status_code or 'no'} answer: {quoted(last.status, 80)}"
    saw = f"{len(failed)} failed in the last day, the last a {last.event} with {answered}"
    return Finding(
        "github.deliveries",
        title,
        "wait",
        saw,
        "an answer of 2xx",
        "check that the URL is reachable; the sweep asks for them again",
    )
