"""`llmgate init` at its prompts: answers in, what it said out."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli.main import app
from bot.config import Settings
from bot.main import read_settings

TOKEN = "glpat-secret-of-the-bot-1234"
BOT, APP = "xoxb-1234-secret-of-the-bot", "xapp-1-secret-of-the-app"
LATER = ""
CLIENT = ("Iv23liExample", "client-secret-0123456789")


def run(folder: Path, *answers: str, yes: bool = False, forge: str = "github") -> Result:
    """With `forge` empty, the first run asks for it."""
    flags = ["--yes"] if yes else ["--forge", forge] if forge else []
    return CliRunner().invoke(app, ["init", str(folder), *flags], input="".join(f"{answer}\n" for answer in answers))


def everything(app_key: Path) -> tuple[str, ...]:
    return ("https://gate.acme.example", "", "", "4242", str(app_key), *CLIENT, BOT, "", APP, "C0REVIEWS")


def settings_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("LLMGATE_CONFIG", str(folder / "llmgate.toml"))
    return read_settings()
