"""`llmgate init` and the log's key: made once, under a name that stays."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from bot.core.tlog.note import parse_vkey
from integrations.tlog.keys import load_key
from tests.cli.prompted import everything, run, settings_in


def test_a_log_key_is_made_under_the_address_that_the_log_is_served_at(
    tmp_path: Path, app_key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = run(tmp_path, *everything(app_key))
    assert "(the log gate.acme.example/log, key " in result.output
    settings = settings_in(tmp_path, monkeypatch).log
    assert settings.origin == "gate.acme.example/log"
    assert stat.S_IMODE(settings.key_file.stat().st_mode) == 0o600
    key = load_key(settings.key_file, settings.origin)
    assert parse_vkey((tmp_path / "llmgate-log.pem.pub").read_text().strip()) == key.vkey


def test_a_log_that_has_a_name_keeps_it_when_the_address_is_told_later(
    tmp_path: Path, app_key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(tmp_path, yes=True)
    before = {path.name: path.read_bytes() for path in tmp_path.glob("llmgate-log*")}
    result = run(tmp_path, *everything(app_key))
    assert result.exit_code == 0, result.output
    assert settings_in(tmp_path, monkeypatch).log.origin == "llmgate.local/log"
    assert {path.name: path.read_bytes() for path in tmp_path.glob("llmgate-log*")} == before


def test_a_log_key_that_others_can_read_is_left_alone_and_said(tmp_path: Path) -> None:
    run(tmp_path, yes=True)
    (tmp_path / "llmgate-log.pem").chmod(0o644)
    result = run(tmp_path, yes=True)
    assert result.exit_code == 1
    assert "chmod 600" in result.stderr


def test_a_lost_log_key_is_not_silently_replaced(tmp_path: Path) -> None:
    run(tmp_path, yes=True)
    (tmp_path / "llmgate-log.pem").unlink()
    result = run(tmp_path, yes=True)
    assert result.exit_code == 1
    assert "bring the private key back" in result.stderr
    assert not (tmp_path / "llmgate-log.pem").exists()


def test_it_says_that_the_log_must_stand_outside_until_it_does(tmp_path: Path) -> None:
    assert "log.anchor_git" in run(tmp_path, yes=True).output
    text = (tmp_path / "llmgate.toml").read_text().replace("[log]\n", '[log]\nanchor_git = "x"\naudit_channel = "C1"\n')
    (tmp_path / "llmgate.toml").write_text(text)
    assert "Name a git repository" not in run(tmp_path, yes=True).output
