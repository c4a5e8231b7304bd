"""GitHub: the app, its webhook, and each repository it is installed on."""

from __future__ import annotations

import stat
from collections.abc import Callable, Generator, Iterator
from datetime import timedelta
from pathlib import Path

from bot.cli.checkup.premises import INIT
from bot.cli.checkup.repositories import rows_of_each
from bot.cli.checkup.row import Row, merged, rows_of
from bot.cli.checkup.waiting import Waiting
from bot.core.ids import RepoRef
from bot.main import Settings, SystemClock
from bot.ports.errors import WorldError
from integrations.github.client import AppCredentials, Endpoint, Session, Sessions
from integrations.github.diagnosis import diagnose_app, diagnose_repository
from integrations.github.hooks import HookConfig, failed_since
from integrations.github.installations import Installations
from integrations.github.reading import OwnCheck

PATH = "/webhooks/github"
DAY = timedelta(hours=24)


class SecretConfig(HookConfig):
    """GitHub shows asterisks for a secret that is set, and nothing for none."""

    secret: str = ""


def look_at_github(settings: Settings, waiting: Waiting) -> Iterator[Row]:
    """Every row about GitHub; what follows from an app that cannot sign in is left out."""
    github = settings.github
    if not github.app_id:
        yield Row("GitHub App", "problem", "github.app_id is not set", "the App's id", f"create the App (README), then {INIT}")
        return
    key = yield from _private_key(github.private_key_file)
    if not github.app_id.isdecimal():
        yield Row(
            "GitHub App", "problem", f"github.app_id {github.app_id!r}", "a number", "copy it from the App's settings page"
        )
    elif key:
        credentials = AppCredentials(int(github.app_id), key)
        sessions = Sessions(credentials, Endpoint(github.api_url))
        try:
            yield from _connected(sessions, settings, waiting)
        finally:
            sessions.close()


def _private_key(path: Path | None) -> Generator[Row, None, str]:
    """The key's text; empty where there is none."""
    wanted, cure = (
        "the App's private key (PEM), mode 0600",
        "generate one on the App's settings page, and correct github.private_key_file",
    )
    try:
        mode = stat.S_IMODE(path.stat().st_mode) if path else 0
        key = path.read_text() if path else ""
    except (OSError, UnicodeDecodeError) as error:
        yield Row("App's private key", "problem", f"{path}: {error}", wanted, cure)
        return ""
    if mode & 0o077:
        yield Row("App's private key", "warning", f"{path} with mode {mode:04o}", wanted, f"run `chmod 600 {path}`")
    return key


def _connected(sessions: Sessions, settings: Settings, waiting: Waiting) -> Iterator[Row]:
    app, github = sessions.app(), settings.github
    with waiting.on("asking GitHub about the app"):
        findings = diagnose_app(app)
    for finding in findings:
        yield from rows_of(finding)
    if findings[0].outcome != "pass":
        return
    with waiting.on("asking GitHub about its webhook"):
        yield from _hook(app, settings.web.public_url)
    installations = Installations(sessions, github.host)
    try:
        with waiting.on("asking GitHub for the repositories"):
            repos = installations.repositories()
    except WorldError as error:
        yield Row("Repositories", "problem", str(error), "a list of them", "try again")
        return
    if not repos:
        cure = "install the App on the repositories to guard: its settings page, Install App"
        yield Row("Repositories", "problem", "the app is installed on none", "at least one", cure)
        return
    yield Row("Repositories", "ok", f"installed on {len(repos)}")
    look = _look(sessions, installations, OwnCheck(sessions.app_id, github.check_name))
    yield from merged(rows_of_each(repos, look, waiting))


def _hook(app: Session, public_url: str) -> Iterator[Row]:
    """What the app's own settings say of our address and of the secret."""
    try:
        config = app.get("/app/hook/config", SecretConfig)
        failed = failed_since(app, SystemClock().now() - DAY)
    except WorldError:
        return  # said already by the rows about the app
    ours = f"{public_url.rstrip('/')}{PATH}"
    if public_url and config.url.rstrip("/") != ours:
        cure = f"set the webhook URL to {ours} in the App's settings, unless a relay stands between"
        yield Row("Webhook URL", "warning", f"GitHub sends to {config.url or 'nowhere'}", ours, cure)
    if not config.secret:
        cure = "set it in the App's settings to the value of github.webhook_secret"
        yield Row("Webhook secret", "problem", "GitHub has none", "the same secret on both sides", cure)
    elif refused := [item for item in failed if item.status_code == 401]:
        cure = "set the secret in the App's settings to the value of github.webhook_secret"
        saw = f"{len(refused)} deliveries of the last day answered 401"
        yield Row("Webhook secret", "problem", saw, "the same secret on both sides", cure)
    else:
        yield Row("Webhook secret", "ok", "set on both sides, and no delivery of the last day was refused for it")


def _look(sessions: Sessions, installations: Installations, check: OwnCheck) -> Callable[[RepoRef], list[Row]]:
    def look(repo: RepoRef) -> list[Row]:
        try:
            with installations.session(repo) as session:
                findings = diagnose_repository(sessions.app(), session, repo, check)
        except WorldError as error:
            wanted, cure = "an installation that may read it", "accept the App's permissions"
            return [Row("Repository", "problem", str(error), wanted, cure, (repo.path,))]
        return [row for finding in findings for row in rows_of(finding, (repo.path,))]

    return look
