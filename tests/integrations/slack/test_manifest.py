"""The Slack app's manifest asks for what the code uses, no more, within Slack's limits."""

from __future__ import annotations

from pathlib import Path

import yaml

from integrations.slack.listeners import COMMAND, EXPLAIN
from integrations.slack.payload import Payload
from integrations.slack.scopes import BOT_EVENTS, BOT_SCOPES

PATH = Path(__file__).resolve().parents[3] / "deploy" / "slack-manifest.yaml"
TEXT = PATH.read_text()
MANIFEST = Payload(yaml.safe_load(TEXT))


def test_scopes_are_the_tables_and_none_reads_what_people_write() -> None:
    scopes = MANIFEST.at("oauth_config", "scopes").texts("bot")
    assert set(scopes) == set(BOT_SCOPES)
    assert not any("history" in scope for scope in scopes)
    for scope, reason in BOT_SCOPES.items():
        assert f"- {scope} # {reason}\n" in TEXT


def test_every_event_and_control_is_one_the_listeners_hear() -> None:
    assert set(MANIFEST.at("settings", "event_subscriptions").texts("bot_events")) == set(BOT_EVENTS)
    assert [one.text("command") for one in MANIFEST.items("features", "slash_commands")] == [COMMAND]
    assert [one.text("callback_id") for one in MANIFEST.items("features", "shortcuts")] == [EXPLAIN]
    assert all(one.flag("should_escape") for one in MANIFEST.items("features", "slash_commands"))


def test_nothing_is_exposed_by_default() -> None:
    settings = MANIFEST.at("settings")
    assert settings.flag("socket_mode_enabled")
    assert settings.flag("interactivity", "is_enabled")
    assert "request_url" not in settings.at("event_subscriptions").raw


def test_slacks_limits_are_kept() -> None:
    shown = MANIFEST.at("display_information")
    assert len(shown.text("name")) <= 35
    assert len(shown.text("description")) <= 140
    assert len(MANIFEST.text("features", "bot_user", "display_name")) <= 80
    for command in MANIFEST.items("features", "slash_commands"):
        assert len(command.text("command")) <= 32
        assert len(command.text("description")) <= 2000
    for shortcut in MANIFEST.items("features", "shortcuts"):
        assert len(shortcut.text("name")) <= 24
        assert len(shortcut.text("description")) <= 150
