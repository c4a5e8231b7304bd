"""One GitLab host: the bot's token and account, its webhooks, and in each project what makes the verdict bind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.cli.checkup.premises import INIT
from bot.cli.checkup.repositories import rows_of_each
from bot.cli.checkup.row import Row, merged, rows_of
from bot.cli.checkup.waiting import Waiting
from bot.core.ids import RepoRef
from bot.main import Settings
from bot.main.gitlab import PATH, adapter
from bot.ports.errors import WorldError
from integrations.gitlab.carriers import Showing
from integrations.gitlab.client import Client
from integrations.gitlab.diagnosis import Here, diagnose_host, diagnose_project


def look_at_gitlab(settings: Settings, name: str, waiting: Waiting) -> Iterator[Row]:
    """Every row about a host; what follows from a token that does not sign in is left out."""
    entry = settings.gitlab[name]
    if not entry.token.get_secret_value():
        cure = f"create the bot's account (README), then {INIT}"
        yield Row("GitLab token", "problem", f"gitlab.{name}.token is not set", f"a token of the bot on {entry.host}", cure)
        return
    client, forge = adapter(entry)
    try:
        with waiting.on(f"asking {entry.host} about the token"):
            findings = diagnose_host(client, _here(settings, name))
        for finding in findings:
            yield from rows_of(finding)
        if findings[0].outcome != "pass":
            return
        with waiting.on(f"asking {entry.host} for the projects"):
            repos = forge.repositories()
    except WorldError as error:
        yield Row("Projects", "problem", str(error), "a list of them", "try again")
    else:
        yield from _projects(client, repos, (settings, name), waiting)
    finally:
        client.close()


def _projects(client: Client, repos: Sequence[RepoRef], at: tuple[Settings, str], waiting: Waiting) -> Iterator[Row]:
    settings, name = at
    entry, here = settings.gitlab[name], _here(settings, name)
    if not repos:
        where = f"a project below {entry.group}" if entry.group else "a project, or a group"
        yield Row(
            "Projects", "problem", "the bot is a Developer of none", "at least one", f"make the bot a Developer of {where}"
        )
        return
    yield Row("Projects", "ok", f"Developer of {len(repos)}")
    showing = Showing(entry.check_name, entry.carriers, entry.approve)

    def look(repo: RepoRef) -> list[Row]:
        findings = diagnose_project(client, repo, showing, here)
        return [row for finding in findings for row in rows_of(finding, (repo.path,))]

    yield from merged(rows_of_each(repos, look, waiting))


def _here(settings: Settings, name: str) -> Here:
    public_url = settings.web.public_url.rstrip("/")
    signed = bool(settings.gitlab[name].signing_token.get_secret_value())
    return Here(f"{public_url}{PATH}/{name}" if public_url else "", signed)
