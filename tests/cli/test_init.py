"""`llmgate init` at real prompts: what it asks, refuses, writes, keeps and says."""

from __future__ import annotations

import stat
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from pydantic import SecretStr

from bot.cli.init import PLAIN
from bot.cli.setup.settings_text import CannotMerge, with_values
from bot.config import GitLab, Settings
from bot.handlers.identity.people import read_people
from integrations.sigstore.keys import load_key, make_key, public_path
from tests.cli.prompted import APP, BOT, LATER, everything, run, settings_in


def test_all_answers_make_settings_that_the_gate_reads(tmp_path: Path, app_key: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = run(tmp_path / "gate", *everything(app_key))
    assert result.exit_code == 0, result.output
    settings = settings_in(tmp_path / "gate", monkeypatch)
    assert (settings.github.app_id, settings.github.private_key_file) == ("4242", app_key)
    assert settings.slack.bot_token.get_secret_value() == BOT
    assert settings.slack.app_token.get_secret_value() == APP
    assert (settings.slack.mode, settings.slack.channel) == ("socket", "C0REVIEWS")
    assert settings.web.public_url == "https://gate.acme.example"
    assert len(settings.github.webhook_secret.get_secret_value()) >= 32
    key = load_key(settings.signing.key_file)
    assert isinstance(key, EllipticCurvePrivateKey)
    assert key.key_size == 256
    assert read_people((tmp_path / "gate" / "people.yaml").read_text()) == ()


def test_no_secret_is_shown_and_every_file_with_one_is_private(tmp_path: Path, app_key: Path) -> None:
    result = run(tmp_path, *everything(app_key))
    values = tomllib.loads((tmp_path / "llmgate.toml").read_text())
    for secret in (BOT, APP, values["github"]["webhook_secret"]):
        assert secret not in result.output
    for name in ("llmgate.toml", "llmgate-signing.pem"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


def test_every_secret_setting_is_one_whose_value_is_not_shown() -> None:
    settings = Settings()
    parts = {part: getattr(settings, part) for part in Settings.model_fields} | {"gitlab.<name>": GitLab()}
    secret = {
        f"{part}.{name}"
        for part, values in parts.items()
        for name, value in (values if part != "gitlab" else ())
        if isinstance(value, SecretStr)
    }
    assert "gitlab.<name>.token" in secret
    assert not secret & PLAIN


@pytest.mark.parametrize(
    ("bad", "said", "before"),
    [
        ("http://gate.acme.example", "https://HOST", ()),
        ("12x", "wanted a number", ("", "", "")),
        ("/nowhere/app.pem", "No such file", ("", "", "", "4242")),
        ("short", "at least 16", ("", "")),
        ("https://github.com/acme", "leave out https://", ("",)),
        (APP, "an app-level token (xapp-); wanted a bot token (xoxb-)", ("", "", "", "")),
        ("carrier pigeon", "socket or http", ("", "", "", "", BOT)),
        (BOT, "a bot token (xoxb-); wanted an app-level token (xapp-)", ("", "", "", "", BOT, "")),
        ("#reviews", "a channel's id", ("", "", "", "", BOT, "", APP)),
    ],
)
def test_a_bad_answer_is_refused_and_asked_again(tmp_path: Path, bad: str, said: str, before: tuple[str, ...]) -> None:
    result = run(tmp_path, *before, bad, *[LATER] * 9)
    assert result.exit_code == 0, result.output
    assert "saw " in result.stderr
    assert said in result.stderr
    assert BOT not in result.output
    assert APP not in result.output


def test_a_key_file_of_the_wrong_kind_is_refused(tmp_path: Path, app_key: Path) -> None:
    make_key(tmp_path / "ec.pem")
    (tmp_path / "text.pem").write_text("not a key")
    wrong = [str(tmp_path / "ec.pem"), str(tmp_path / "text.pem")]
    result = run(tmp_path / "gate", "", "", "", "4242", *wrong, str(app_key), LATER)
    assert "another kind of key" in result.stderr
    assert "no private key in PEM" in result.stderr
    assert tomllib.loads((tmp_path / "gate" / "llmgate.toml").read_text())["github"]["private_key_file"] == str(app_key)


def test_a_half_answered_pair_is_left_open_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = run(tmp_path, "", "", "", "4242", LATER, BOT, "", LATER, LATER)
    assert "github.app_id is left open too" in result.output
    assert "slack.bot_token is left open too" in result.output
    settings = settings_in(tmp_path, monkeypatch)
    assert settings.github.app_id == ""
    assert settings.slack.bot_token.get_secret_value() == ""


def test_running_again_keeps_everything_and_asks_only_what_is_open(tmp_path: Path, app_key: Path) -> None:
    run(tmp_path, yes=True)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    written = tomllib.loads((tmp_path / "llmgate.toml").read_text())
    result = run(tmp_path, "", "", "4242", str(app_key), LATER)
    assert result.exit_code == 0, result.output
    assert "Webhook secret" not in result.output
    assert "kept  github.webhook_secret (not shown)" in result.output
    assert "new   github.app_id = 4242" in result.output
    after = tomllib.loads((tmp_path / "llmgate.toml").read_text())
    for section, values in written.items():
        assert values.items() <= after[section].items()
    for name in ("llmgate-signing.pem", "llmgate-signing.pem.pub", "people.yaml"):
        assert (tmp_path / name).read_bytes() == before[name]


def test_nothing_missing_changes_no_byte(tmp_path: Path, app_key: Path) -> None:
    run(tmp_path, *everything(app_key))
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    result = run(tmp_path)
    assert result.exit_code == 0, result.output
    assert "Kept" in result.output
    assert "Wrote" not in result.output
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_comments_and_other_values_of_a_file_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = '# ours\n[github] # the App\ncheck_name = "gate" # renamed\napp_id = ""\n\n[work]\nhands = 2\n'
    (tmp_path / "llmgate.toml").write_text(text)
    assert run(tmp_path, yes=True).exit_code == 0
    grown = (tmp_path / "llmgate.toml").read_text()
    for line in text.splitlines():
        assert line in grown
    settings = settings_in(tmp_path, monkeypatch)
    assert (settings.github.check_name, settings.work.hands) == ("gate", 2)


def test_an_empty_value_gives_way_to_an_answer() -> None:
    grown = with_values('[github]\napp_id = "" # from the settings page\n', {"github.app_id": "7"}, "f")
    assert grown == '[github]\napp_id = "7" # from the settings page\n'


def test_values_survive_quotes_and_backslashes() -> None:
    value = 'C:\\keys\\"mine"\x7f\ttab'
    assert tomllib.loads(with_values("", {"github.private_key_file": value}, "f"))["github"]["private_key_file"] == value


def test_a_layout_that_cannot_take_lines_is_refused_not_broken() -> None:
    with pytest.raises(CannotMerge, match="by hand"):
        with_values('github = {host = "github.com"}\n', {"github.app_id": "7"}, "llmgate.toml")


def test_settings_that_are_no_toml_stop_before_the_first_question(tmp_path: Path) -> None:
    (tmp_path / "llmgate.toml").write_text("[github\n")
    result = run(tmp_path)
    assert result.exit_code == 2
    assert "no TOML" in result.stderr
    assert "GitHub host" not in result.output
    assert [path.name for path in tmp_path.iterdir()] == ["llmgate.toml"]


def test_leaving_halfway_writes_nothing(tmp_path: Path) -> None:
    result = run(tmp_path / "gate", "https://gate.acme.example")
    assert result.exit_code == 2
    assert "nothing was written" in result.stderr
    assert not (tmp_path / "gate").exists()


def test_a_key_that_cannot_be_used_is_left_alone_and_said(tmp_path: Path) -> None:
    run(tmp_path, yes=True)
    (tmp_path / "llmgate-signing.pem").chmod(0o644)
    before = (tmp_path / "llmgate-signing.pem").read_bytes()
    result = run(tmp_path, yes=True)
    assert result.exit_code == 1
    assert "chmod 600" in result.stderr
    assert (tmp_path / "llmgate-signing.pem").read_bytes() == before


def test_a_lost_private_key_is_not_silently_replaced(tmp_path: Path) -> None:
    run(tmp_path, yes=True)
    (tmp_path / "llmgate-signing.pem").unlink()
    result = run(tmp_path, yes=True)
    assert result.exit_code == 1
    assert "bring the private key back" in result.stderr
    assert not (tmp_path / "llmgate-signing.pem").exists()


def test_a_lost_public_half_is_written_again(tmp_path: Path) -> None:
    run(tmp_path, yes=True)
    public = public_path(tmp_path / "llmgate-signing.pem")
    before = public.read_bytes()
    public.unlink()
    assert run(tmp_path, yes=True).exit_code == 0
    assert public.read_bytes() == before


def test_a_folder_inside_a_git_checkout_is_warned_of(tmp_path: Path) -> None:
    assert "git checkout" not in run(tmp_path / "here", yes=True).output
    (tmp_path / "repo" / ".git").mkdir(parents=True)
    assert "git checkout" in run(tmp_path / "repo" / "gate", yes=True).output


def test_another_host_gets_its_own_api_and_link(tmp_path: Path) -> None:
    result = run(tmp_path, "https://gate.acme.example", "git.acme.example", *[LATER] * 3)
    github = tomllib.loads((tmp_path / "llmgate.toml").read_text())["github"]
    assert github["api_url"] == "https://git.acme.example/api/v3"
    assert "https://git.acme.example/organizations/" in result.output
    assert "webhook_url=https%3A%2F%2Fgate.acme.example%2Fwebhooks%2Fgithub" in result.output
    assert "checks=write" in result.output


def test_a_process_without_settings_or_terminal_ends_with_words(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from bot.cli.main import run; run()", "init", str(tmp_path / "gate")]
    asked = subprocess.run(command, cwd=tmp_path, env={}, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert asked.returncode == 2
    assert "--yes" in asked.stderr
    assert "Traceback" not in asked.stderr
    told = subprocess.run([*command, "--yes"], cwd=tmp_path, env={}, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert told.returncode == 0, told.stderr
    assert f"export LLMGATE_CONFIG={tmp_path}/gate/llmgate.toml" in told.stdout


def test_a_folder_that_cannot_be_made_ends_with_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = run(tmp_path / "file" / "gate", yes=True)
    assert result.exit_code == 2
    assert "saw " in result.stderr
    assert result.exception is None or isinstance(result.exception, SystemExit)
