"""`llmgate init` where GitLab is to be connected, alone or beside GitHub."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.handlers.identity.people import read_people
from tests.cli.prompted import APP, BOT, CLIENT, LATER, TOKEN, everything, run, settings_in

SIGNING = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="


def gitlab_alone(host: str = "") -> tuple[str, ...]:
    return ("https://gate.acme.example", host, TOKEN, *CLIENT, BOT, "", APP, "C0REVIEWS")


def test_gitlab_alone_makes_settings_that_the_gate_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = run(tmp_path, "gitlab", *gitlab_alone("git.acme.example"), forge="")
    assert result.exit_code == 0, result.output
    assert "GitHub" not in result.output.partition("Next:")[2]
    settings = settings_in(tmp_path, monkeypatch)
    assert settings.github.app_id == ""
    entry = settings.gitlab["main"]
    assert (entry.host, entry.root) == ("git.acme.example", "https://git.acme.example")
    assert entry.token.get_secret_value() == TOKEN
    for secret in (TOKEN, entry.webhook_token.get_secret_value()):
        assert len(secret) >= 16
        assert secret not in result.output


def test_the_steps_left_for_gitlab_name_the_webhook_and_what_makes_the_verdict_bind(tmp_path: Path) -> None:
    left = run(tmp_path, "gitlab", "https://gate.acme.example", *[LATER] * 6, forge="").output.partition("Next:")[2]
    for words in (
        "group access token", "scope api", "https://gate.acme.example/webhooks/gitlab/main", "gitlab.main.webhook_token",
        "merge request events", "Pipelines must succeed", "Status checks must succeed",
    ):  # fmt: skip
        assert words in left


def test_no_signing_token_is_made_which_an_older_gitlab_would_not_sign_with(tmp_path: Path) -> None:
    made = run(tmp_path, "gitlab", *gitlab_alone(), forge="")
    assert "\nsigning_token" not in (tmp_path / "llmgate.toml").read_text()
    assert "open  gitlab.main.signing_token" not in made.output
    assert "From GitLab 19.0 on, generate a signing token there too" in made.output
    path = tmp_path / "llmgate.toml"
    path.write_text(path.read_text().replace("[gitlab.main]\n", f'[gitlab.main]\nsigning_token = "{SIGNING}"\n'))
    again = run(tmp_path, forge="")
    assert "Its signing token is the one that gitlab.main.signing_token holds." in again.output
    assert SIGNING not in again.output


@pytest.mark.parametrize(
    ("answer", "host"),
    [("https://Git.acme.example/", "git.acme.example"), ("git.acme.example:8443", "git.acme.example:8443")],
)
def test_a_host_may_be_told_as_a_browser_shows_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str, host: str
) -> None:
    run(tmp_path, "gitlab", *gitlab_alone(answer), forge="")
    assert settings_in(tmp_path, monkeypatch).gitlab["main"].root == f"https://{host}"


def test_the_example_of_a_person_has_the_hosts_that_are_connected(tmp_path: Path) -> None:
    run(tmp_path, "gitlab", *gitlab_alone("git.acme.example:8443"), forge="")
    example = (tmp_path / "people.yaml").read_text()
    assert "github" not in example
    assert "https://git.acme.example:8443/api/v4/users?username=ann" in example
    assert read_people(example) == ()
    shown = example[example.index("# people:") :].removesuffix("people: {}\n")
    (ann,) = read_people("\n".join(line.removeprefix("# ") for line in shown.splitlines()))
    assert [(one.forge, one.host, one.id) for one in ann.accounts] == [("gitlab", "git.acme.example:8443", 2001)]


def test_both_forges_are_asked_for_in_one_go(tmp_path: Path, app_key: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    github, slack = everything(app_key)[:7], everything(app_key)[7:]
    result = run(tmp_path, "both", *github, "", TOKEN, *CLIENT, *slack, forge="")
    assert result.exit_code == 0, result.output
    settings = settings_in(tmp_path, monkeypatch)
    assert settings.github.app_id == "4242"
    assert settings.gitlab["main"].host == "gitlab.com"


def test_one_more_host_is_added_beside_what_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(tmp_path, "gitlab", *gitlab_alone(), forge="")
    before = (tmp_path / "llmgate.toml").read_text()
    result = run(tmp_path, "gitlab.com", "git.acme.example", TOKEN, *CLIENT, forge="gitlab.work")
    assert result.exit_code == 0, result.output
    assert "saw gitlab.com, which another section names" in result.stderr
    assert all(line in (tmp_path / "llmgate.toml").read_text() for line in before.splitlines())
    settings = settings_in(tmp_path, monkeypatch)
    assert {name: entry.host for name, entry in settings.gitlab.items()} == {"main": "gitlab.com", "work": "git.acme.example"}
    main, work = settings.gitlab["main"], settings.gitlab["work"]
    assert main.webhook_token.get_secret_value() != work.webhook_token.get_secret_value()


def test_nothing_missing_of_gitlab_changes_no_byte(tmp_path: Path) -> None:
    run(tmp_path, "gitlab", *gitlab_alone(), forge="")
    before = (tmp_path / "llmgate.toml").read_bytes()
    result = run(tmp_path, forge="")
    assert result.exit_code == 0, result.output
    assert "kept  gitlab.main.token (not shown)" in result.output
    assert (tmp_path / "llmgate.toml").read_bytes() == before


@pytest.mark.parametrize(
    ("bad", "said", "before"),
    [
        ("bitbucket", "github, gitlab, both, or gitlab.NAME", ()),
        ("gitlab.My_Host", "a name has small letters", ()),
        ("gldt-secret-of-a-deployment", "a deploy token (gldt-); wanted an access token", ("gitlab", "", "")),
        ("glpat-", "6 characters that are no token", ("gitlab", "", "")),
        ("http://git.acme.example/code", "if GitLab is not at https://NAME, add its url", ("gitlab", "")),
    ],
)
def test_a_bad_answer_about_gitlab_is_refused_and_asked_again(
    tmp_path: Path, bad: str, said: str, before: tuple[str, ...]
) -> None:
    result = run(tmp_path, *before, bad, *[LATER] * 9, forge="")
    assert result.exit_code == 0, result.output
    assert said in result.stderr
    assert TOKEN not in result.output
    assert "secret-of" not in result.output


def test_a_forge_that_nobody_knows_stops_before_the_first_question(tmp_path: Path) -> None:
    result = run(tmp_path, forge="bitbucket")
    assert result.exit_code == 2
    assert "wanted github, gitlab, both, or gitlab.NAME" in result.stderr
    assert list(tmp_path.iterdir()) == []
