"""A world with settings on disk as a person would keep them, and the doctor's answer about it."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import BaseModel, SecretStr
from typer.testing import CliRunner, Result

from bot.cli.layout import CHANNEL, CHECK, REPO
from bot.cli.main import app
from bot.cli.playground import Playground
from bot.config import Settings


class Shown(BaseModel):
    """A row as JSON has it."""

    part: str
    check: str
    level: str
    saw: str
    wanted: str
    cure: str
    repositories: list[str]


FLOOR = "version: 1\nmode: enforce\n"
"""An organisation's policy that asks no more than the defaults: without one the doctor warns."""


def doctor(*flags: str) -> Result:
    result = CliRunner().invoke(app, ["doctor", *flags])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@dataclass
class Answer:
    """What the doctor said: its exit code and its rows by check."""

    exit_code: int
    rows: dict[str, Shown]
    said: str

    def level(self, check: str) -> str:
        return self.rows[check].level

    def problems(self) -> list[str]:
        return [check for check, row in self.rows.items() if row.level == "problem"]


def asked() -> Answer:
    result = doctor("--json")
    rows = {row["check"]: Shown.model_validate(row) for row in json.loads(result.stdout)["rows"]}
    for row in rows.values():
        assert row.level == "ok" or (row.wanted and row.cure), f"{row} leaves the reader alone"
    return Answer(result.exit_code, rows, result.output)


@dataclass
class Checked:
    """A playground in which all is well, until a test breaks one thing."""

    playground: Playground
    monkeypatch: pytest.MonkeyPatch
    values: dict[str, dict[str, object]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.values = plain(self.playground.gate.settings)
        self.values["web"]["public_url"] = self.playground.served.url
        self.write()

    @property
    def folder(self) -> Path:
        return self.playground.layout.folder

    def write(self) -> None:
        """The settings as a file, where the doctor finds it."""
        path = self.folder / "llmgate.toml"
        lines: list[str] = []
        for part, values in self.values.items():
            lines.append(f"[{part}]")
            lines += [f"{key} = {json.dumps(value)}" for key, value in values.items() if value is not None and value != {}]
        path.write_text("\n".join(lines))
        path.chmod(0o600)
        self.monkeypatch.setenv("LLMGATE_CONFIG", str(path))

    def set(self, part: str, **values: object) -> None:
        self.values[part] |= values
        self.write()

    def ask(self) -> Answer:
        answer = asked()
        for secret in self.playground.forge.secrets:
            assert secret not in answer.said
        for key in ("bot_token", "app_token", "signing_secret"):
            assert str(self.values["slack"][key]) not in answer.said
        return answer


def plain(settings: Settings) -> dict[str, dict[str, object]]:
    """Settings as TOML could hold them."""
    found: dict[str, dict[str, object]] = {}
    for name in Settings.model_fields:
        part: BaseModel | dict[str, BaseModel] = getattr(settings, name)
        inside = {f"{name}.{one}": each for one, each in part.items()} if isinstance(part, dict) else {name: part}
        found |= {section: {key: _plain(value) for key, value in each} for section, each in inside.items()}
    return found


def _plain(value: object) -> object:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, tuple):
        return [str(item) for item in value]
    return str(value) if isinstance(value, Path) else value


def today() -> datetime:
    """GitHub answers with the machine's date, so the stand-in's deliveries must be of today to count as recent."""
    return datetime.now(UTC)  # noqa: TID251 - see above


def make_sound(playground: Playground) -> None:
    """Nobody bypasses the check, and nothing waits."""
    playground.github.protect(REPO, "main", required_checks=[(CHECK, playground.github.app.id)], enforce_admins=True)
    playground.settle()


@contextmanager
def mended(playground: Playground) -> Iterator[None]:
    """What a test breaks of the services inside this block is whole again after it."""
    github, slack = playground.github, playground.slack
    app, repo, channel = github.app, github.world.repo(REPO), slack.workspace.channels[CHANNEL]
    kept = copy.deepcopy((app.permissions, app.events, repo.protections, slack.scopes, channel.members))
    hook_url, repositories = app.hook_url, dict(github.world.repositories)
    try:
        yield
        assert (github.unmodelled, slack.unmodelled) == ([], [])
    finally:
        app.permissions, app.events, repo.protections, slack.scopes, channel.members = kept
        app.hook_url, github.world.repositories = hook_url, repositories
        repo.installed, slack.revoked = True, False
