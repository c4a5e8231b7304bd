"""What lies under `deploy/` is true of the program: files parse with the real readers, and commands and settings in them exist.

No container engine is asked: the image is not built here, its instructions are read.
"""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from bot.cli.setup.app_manifest import manifest, registration_link
from bot.cli.setup.forges import setting
from bot.config import described
from bot.core.policy.file import PolicyFile
from bot.core.policy.join import join
from bot.core.policy.text import parse_policy
from bot.main import read_settings
from integrations.github.permissions import EVENTS, PERMISSIONS
from integrations.slack.scopes import BOT_EVENTS, BOT_SCOPES
from tests.readme_tables import command_lines

ROOT = Path(__file__).resolve().parent.parent.parent
DEPLOY = ROOT / "deploy"
SETTINGS = {key for key, _, _ in described()}


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions in order, continued lines joined, comments left out."""
    text = "\n".join(line for line in (DEPLOY / "Dockerfile").read_text().splitlines() if not line.lstrip().startswith("#"))
    joined = re.sub(r"\\\n\s*", " ", text)
    return [(line.split(maxsplit=1)[0], line.split(maxsplit=1)[1]) for line in joined.splitlines() if line.strip()]


def said(name: str) -> list[str]:
    return [rest for instruction, rest in instructions() if instruction == name]


def last_stage() -> list[tuple[str, str]]:
    found = instructions()
    begins = [index for index, (name, _) in enumerate(found) if name == "FROM"]
    return found[begins[-1] :]


def compose() -> dict[str, dict[str, dict[str, object]]]:
    whole: dict[str, dict[str, dict[str, object]]] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    return whole


def setting_of(variable: str) -> str:
    return variable.removeprefix("LLMGATE_").lower().replace("__", ".")


def test_the_app_manifest_asks_for_exactly_what_the_table_says() -> None:
    told = json.loads((DEPLOY / "github-app.json").read_text())
    assert told == manifest()
    assert told["default_permissions"] == {each.name: each.level for each in PERMISSIONS}
    assert told["default_events"] == [event.name for event in EVENTS]
    assert told["public"] is False


def test_the_registration_link_asks_for_the_same() -> None:
    link = urlsplit(registration_link("github.com", "acme", "https://gate.acme.example/"))
    fields = parse_qs(link.query)
    assert (link.netloc, link.path) == ("github.com", "/organizations/acme/settings/apps/new")
    assert {each.name: [each.level] for each in PERMISSIONS}.items() <= fields.items()
    assert fields["events[]"] == [event.name for event in EVENTS]
    assert fields["webhook_url"] == ["https://gate.acme.example/webhooks/github"]
    assert "webhook_secret" not in fields


def test_the_slack_manifest_asks_for_exactly_what_the_table_says() -> None:
    told = yaml.safe_load((DEPLOY / "slack-manifest.yaml").read_text())
    assert set(told["oauth_config"]["scopes"]["bot"]) == set(BOT_SCOPES)
    assert set(told["settings"]["event_subscriptions"]["bot_events"]) == set(BOT_EVENTS)


def test_the_example_policy_is_read_by_the_real_reader() -> None:
    parsed = parse_policy((DEPLOY / "policy.example.yaml").read_text(), "policy.example.yaml")
    assert isinstance(parsed, PolicyFile), parsed
    assert join(None, parsed, "example").problems == ()


def test_the_example_settings_are_read_by_the_real_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLMGATE_CONFIG", str(DEPLOY / "llmgate.example.toml"))
    settings = read_settings()
    assert settings.github.app_id == "123456"
    assert settings.gitlab["work"].host == "gitlab.com"
    assert settings.slack.mode == "socket"


def test_the_example_settings_hold_every_setting_and_the_commented_ones_are_good_too(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    text = (DEPLOY / "llmgate.example.toml").read_text()
    whole = re.sub(r"^# (\w+ = |\[)", r"\1", text, flags=re.MULTILINE)
    parts = tomllib.loads(whole)
    parts |= {f"gitlab.{name}": values for name, values in parts.pop("gitlab").items()}
    (parts["webhooks.<name>"],) = parts.pop("webhooks").values()
    assert {setting(f"{part}.{key}") for part, values in parts.items() for key in values} == SETTINGS
    (tmp_path / "all.toml").write_text(whole)
    monkeypatch.setenv("LLMGATE_CONFIG", str(tmp_path / "all.toml"))
    assert read_settings().work.hands == 4


def test_the_image_starts_a_command_that_exists() -> None:
    entry = json.loads(said("ENTRYPOINT")[-1])
    command = json.loads(said("CMD")[-1])
    assert " ".join([*entry, *command]) in {line.typed for line in command_lines()}


def test_the_image_copies_what_there_is_and_all_that_is_imported() -> None:
    sources = [word for rest in said("COPY") if not rest.startswith("--from") for word in rest.split()[:-1]]
    for source in sources:
        assert (ROOT / source).exists(), f"COPY {source}: no such thing"
    assert {"bot", "integrations", "storage", "uv.lock"} <= set(sources)
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
    assert ignored[0] == "*"
    assert {f"!{source}" for source in sources} == {line for line in ignored if line.startswith("!")}


def test_the_image_runs_locked_without_development_tools_and_without_rights() -> None:
    for sync in (rest for rest in said("RUN") if "uv sync" in rest):
        assert {"--frozen", "--no-dev"} <= set(shlex.split(sync))
    users = [rest for name, rest in last_stage() if name == "USER"]
    assert users
    assert users[-1].split(":")[0] not in ("root", "0")
    assert not any("uv" in shlex.split(rest) for name, rest in last_stage() if name == "COPY")


def test_the_health_check_asks_a_page_that_exists(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LLMGATE_CONFIG", raising=False)
    path = re.search(r"127\.0\.0\.1:(\d+)(/\w+)", said("HEALTHCHECK")[-1] + said("CMD")[0])
    assert path
    assert int(path[1]) == read_settings().web.port == int(said("EXPOSE")[-1])
    assert f'"{path[2]}"' in (ROOT / "bot" / "web" / "app.py").read_text()


def test_every_setting_in_image_and_compose_exists() -> None:
    words = " ".join(said("ENV"))
    image = re.findall(r"(LLMGATE_\w+)=", words)
    environment = compose()["services"]["gate"]["environment"]
    assert isinstance(environment, dict)
    for variable in {*image, *environment} - {"LLMGATE_CONFIG"}:
        assert setting_of(variable) in SETTINGS, variable


def test_the_services_wait_for_each_other_and_say_how_they_are() -> None:
    services = compose()["services"]
    assert services["gate"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    assert "healthcheck" in services["postgres"]
    named = {str(mount).partition(":")[0] for each in services.values() for mount in _list(each["volumes"])}
    assert named == set(compose()["volumes"])
    assert services["gate"]["read_only"] is True


def test_the_gate_may_write_where_the_image_says_and_nowhere_else() -> None:
    mounted = {str(mount).partition(":")[2] for mount in _list(compose()["services"]["gate"]["volumes"])}
    assert mounted == set(json.loads(said("VOLUME")[-1]))


def test_the_password_is_asked_for_and_not_written_down() -> None:
    text = (DEPLOY / "compose.yaml").read_text()
    for line in text.splitlines():
        if "POSTGRES_PASSWORD" in line and not line.lstrip().startswith("#"):
            assert "${POSTGRES_PASSWORD:?" in line


@pytest.mark.parametrize("name", ["runbook.md", "compose.yaml"])
def test_commands_that_documents_name_exist(name: str) -> None:
    text = (DEPLOY / name).read_text()
    known = {line.typed for line in command_lines()}
    for typed in re.findall(r"llmgate (serve|init|doctor|approvals export|verify|scan|policy \w+)", text):
        assert f"llmgate {typed}" in known
    for key in re.findall(r"`((?:work|signing|github|gitlab\.<name>|slack|web|people|policy|database)\.(?!yaml)\w+)`", text):
        assert key in SETTINGS, key


def test_the_runbook_says_what_to_do_on_each_bad_day() -> None:
    headings = re.findall(r"^## (.+)$", (DEPLOY / "runbook.md").read_text(), re.MULTILINE)
    wanted = (
        "Start",
        "Upgrade",
        "restore",
        "Rotate",
        "Dead jobs",
        "GitHub is down, or GitLab",
        "GitLab's tokens",
        "Slack is down",
        "disk is full",
    )
    for word in wanted:
        assert any(word in heading for heading in headings), word


def _list(value: object) -> list[object]:
    assert isinstance(value, list)
    return value
