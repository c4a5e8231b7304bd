"""The forges that the settings connect, or mean to: a part each. A client is loaded only where there is something to ask."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bot.cli.checkup.premises import INIT
from bot.cli.checkup.row import Look, Row
from bot.cli.checkup.waiting import Waiting
from bot.main import Settings


def forge_parts(settings: Settings, waiting: Waiting) -> Iterator[tuple[str, Look]]:
    """Title and look of each. A section that was begun counts: `llmgate init` writes a secret before there is an account."""
    github = settings.github.app_id or settings.github.webhook_secret.get_secret_value()
    if github:
        yield "GitHub", lambda: _github(settings, waiting)
    for name in settings.gitlab:
        yield f"GitLab {name}", lambda name=name: _gitlab(settings, name, waiting)  # type: ignore[misc]  # binds this turn's name
    if not (github or settings.gitlab):
        wanted = "github.app_id, or a gitlab.<name>.token"
        yield (
            "Forge",
            lambda: [Row("Forge", "problem", "none is connected", wanted, f"create the App or the bot (README), then {INIT}")],
        )


def _github(settings: Settings, waiting: Waiting) -> Iterable[Row]:
    from bot.cli.checkup.github import look_at_github

    return look_at_github(settings, waiting)


def _gitlab(settings: Settings, name: str, waiting: Waiting) -> Iterable[Row]:
    from bot.cli.checkup.gitlab import look_at_gitlab

    return look_at_gitlab(settings, name, waiting)
