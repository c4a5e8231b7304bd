"""Settings as a person writes them: a section for each GitLab host, and what is refused before anything starts."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from bot.config import BadSettings, Settings, read_settings
from bot.core.hours.calendar import Hours
from bot.main.machine import SystemClock
from bot.main.notify import connect_notifier
from bot.main.webhooks import connect_webhooks

SECRETS = 'token = "glpat-of-the-bot"\nwebhook_token = "of-the-webhook"\n'


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "llmgate.toml"
    monkeypatch.setenv("LLMGATE_CONFIG", str(path))
    return path


def read(file: Path, text: str) -> Settings:
    file.write_text(text)
    return read_settings()


def refusal(file: Path, text: str) -> str:
    with pytest.raises(BadSettings) as refused:
        read(file, text)
    return str(refused.value)


def test_each_gitlab_host_has_a_section_by_a_name_of_its_own(file: Path) -> None:
    work = f'[gitlab.work]\nhost = "git.acme.example"\nurl = "https://git.acme.example/gitlab/"\n{SECRETS}'
    settings = read(file, f"[gitlab.main]\n{SECRETS}\n{work}")
    assert {name: entry.root for name, entry in settings.gitlab.items()} == {
        "main": "https://gitlab.com",
        "work": "https://git.acme.example/gitlab",
    }


def test_the_environment_goes_before_the_file_for_one_key_of_one_host(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLMGATE_GITLAB__WORK__TOKEN", "glpat-from-the-environment")
    monkeypatch.setenv("LLMGATE_GITLAB__WORK__CARRIERS", '["status", "approval"]')
    monkeypatch.setenv("LLMGATE_GITLAB__WORK__APPROVE", "true")
    entry = read(file, f'[gitlab.work]\nhost = "git.acme.example"\n{SECRETS}').gitlab["work"]
    assert entry.token.get_secret_value() == "glpat-from-the-environment"
    assert (entry.host, entry.carriers, entry.approve) == ("git.acme.example", ("status", "approval"), True)


def test_no_secret_of_a_host_shows(file: Path) -> None:
    signing = f"whsec_{base64.b64encode(b'k' * 32).decode()}"
    settings = read(file, f'[gitlab.work]\n{SECRETS}signing_token = "{signing}"\n')
    assert not [secret for secret in ("glpat-of-the-bot", "of-the-webhook", signing) if secret in repr(settings)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[gitlab.a]\n[gitlab.b]\n", "gitlab.a and gitlab.b name the same host, gitlab.com; wanted one entry a host"),
        ("[gitlab.My_Host]\n", "saw the name gitlab.My_Host; wanted small letters, digits and -"),
        ('[gitlab]\ntoken = "glpat-1"\n', "gitlab.token: "),
        ('[gitlab.a]\ntokn = "glpat-1"\n', "gitlab.a.tokn: Extra inputs are not permitted"),
        ('[gitlab.a]\ntoken = "glpat-1"\n', "without webhook_token or signing_token: no webhook could be believed"),
        ('[gitlab.a]\nhost = "https://gitlab.com"\n', "wanted a host name in small letters"),
        ('[gitlab.a]\nurl = "https://gitlab.com/api/v4"\n', "wanted https://HOST, without user, query and /api/v4"),
        ('[gitlab.a]\nurl = "https://ann:hunter2@gitlab.com"\n', "saw a url that is no root"),
        ('[gitlab.a]\ncarriers = ["status", "pigeon"]\n', "wanted auto, or a list of status, external, approval"),
        ("[gitlab.a]\ncarriers = []\n", "wanted auto, or a list of status, external, approval"),
        ('[gitlab.a]\nsigning_token = "whsec_abc"\n', "saw a signing_token that is no whsec_ and base64"),
    ],
)
def test_what_could_not_work_is_refused_by_name(file: Path, text: str, said: str) -> None:
    told = refusal(file, text)
    assert said in told
    assert "hunter2" not in told
    assert "whsec_abc" not in told


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('url = "http://pager.example/"\nsecret_file = "s"', "saw a url that is not https"),
        ('url = "https://pager.example/?token=1"\nsecret_file = "s"', "saw a url that is not https"),
        ('url = "https://pager.example/"', "saw a url without secret_file"),
    ],
)
def test_a_webhook_goes_over_https_and_under_a_secret(file: Path, text: str, said: str) -> None:
    assert said in refusal(file, f"[webhooks.pager]\n{text}\n")


def test_a_webhooks_secret_is_read_from_its_file(file: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    settings = read(file, f'[webhooks.pager]\nurl = "http://localhost:9/"\nsecret_file = "{secret}"\n')
    with pytest.raises(BadSettings, match=r"webhooks\.pager\.secret_file"):
        connect_webhooks(settings.webhooks, SystemClock())
    secret.write_text("hunter2")
    with pytest.raises(BadSettings, match="wanted whsec_") as refused:
        connect_webhooks(settings.webhooks, SystemClock())
    assert "hunter2" not in str(refused.value)
    secret.write_text(f"whsec_{base64.b64encode(b'k' * 32).decode()}\n")
    connect_webhooks(settings.webhooks, SystemClock()).close()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('smtp_url = "smtps://mail.example"', "smtp_url is set without from_address"),
        ('smtp_password_file = "x"', "smtp_password_file is set without smtp_url"),
        ("after_minutes = 5", "greater than or equal to 15"),
    ],
)
def test_half_a_mail_server_is_refused_by_name(file: Path, text: str, said: str) -> None:
    assert said in refusal(file, f"[notify]\n{text}\n")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('smtp_url = "smtps://gate:hunter2@mail.example"\nfrom_address = "a@b.example"', "wanted it in a file"),
        ('smtp_url = "smtps://gate@mail.example"\nfrom_address = "a@b.example"', "wanted both, or neither"),
        ('smtp_url = "smtps://mail.example"\nfrom_address = "somebody"', "no e-mail address"),
        (
            'smtp_url = "smtps://a@b.example"\nfrom_address = "a@b.example"\nsmtp_password_file = "none/here"',
            "saw none/here: No such",
        ),
        ('smtp_url = "smtps://a.b"\nfrom_address = "a@b.example"\napprise_url_file = "x"', "saw both smtp_url and apprise_url"),
        ('apprise_url_file = "none/here"', "notify.apprise_url_file: saw none/here"),
    ],
)
def test_a_notifier_that_could_not_work_is_refused_when_it_is_connected(file: Path, text: str, said: str) -> None:
    settings = read(file, f"[notify]\n{text}\n")
    with pytest.raises(BadSettings, match=said) as refused:
        connect_notifier(settings.notify, SystemClock())
    assert "hunter2" not in str(refused.value)


def test_a_mail_server_is_connected_with_the_password_of_its_file(file: Path, tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("hunter2\n")
    lines = f'smtp_url = "smtps://gate@mail.example"\nfrom_address = "a@b.example"\nsmtp_password_file = "{secret}"'
    notifier = connect_notifier(read(file, f"[notify]\n{lines}\n").notify, SystemClock())
    assert notifier is not None
    assert notifier.name == "smtps://mail.example:465"
    assert connect_notifier(read(file, "").notify, SystemClock()) is None


def test_hours_that_nobody_chose_are_office_hours(file: Path) -> None:
    assert read(file, "").hours.hours == Hours("UTC", 540, 1050, (0, 1, 2, 3, 4))
    said = read(file, '[hours]\nzone = "Europe/Berlin"\nstart = "22:00"\nend = "6:00"\ndays = "sun-thu"\n').hours
    assert said.hours == Hours("Europe/Berlin", 1320, 360, (0, 1, 2, 3, 6))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('zone = "Mars/Olympus"', "saw “Mars/Olympus”"),
        ('zone = "Berlin"', "saw “Berlin”"),
        ('zone = ""', "wanted one of the IANA database"),
        ('start = "9:75"', "wanted two different times of a day"),
        ('days = "someday"', "saw “someday”"),
        ('holidays = {default = "http://calendar.example/a.ics"}', "holidays.default: saw an address that is not https"),
        ('holidays = "a.ics"', "hours.holidays: Input should be a valid dictionary"),
    ],
)
def test_hours_that_are_none_are_refused_with_what_was_seen(file: Path, text: str, said: str) -> None:
    assert said in refusal(file, f"[hours]\n{text}\n")


def test_holidays_go_by_person_zone_or_default(file: Path) -> None:
    text = '[hours.holidays]\ndefault = "all.ics"\n"Asia/Tokyo" = "https://calendar.example/japan.ics"\nbob = "bob.ics"\n'
    assert set(read(file, text).hours.holidays) == {"default", "Asia/Tokyo", "bob"}
