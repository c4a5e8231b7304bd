"""`llmgate doctor` against the stand-ins: all good, and each fault by itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.cli.layout import CHANNEL, CHECK, REPO, Layout
from bot.cli.playground import Playground, build_playground
from integrations.sandbox.clock import FakeClock
from tests.cli.checked import FLOOR, Checked, doctor, make_sound, mended, today


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Playground]:
    """One for all these tests: each mends what it broke."""
    playground = build_playground(Layout(tmp_path_factory.mktemp("world"), floor=FLOOR), FakeClock(today()))
    make_sound(playground)
    try:
        yield playground
    finally:
        playground.close()


@pytest.fixture
def checked(world: Playground, monkeypatch: pytest.MonkeyPatch) -> Iterator[Checked]:
    with mended(world):
        yield Checked(world, monkeypatch)


def test_all_good(checked: Checked) -> None:
    answer = checked.ask()
    assert {row.level for row in answer.rows.values()} == {"ok"}, answer.said
    assert answer.exit_code == 0
    shown = doctor()
    assert shown.exit_code == 0
    assert shown.stdout.endswith(f"0 problems, 0 warnings, {len(answer.rows)} ok\n")


def test_it_only_looks(checked: Checked) -> None:
    sent = len(checked.playground.slack.messages(CHANNEL))
    calls = len(checked.playground.github.calls)
    checked.ask()
    assert len(checked.playground.slack.messages(CHANNEL)) == sent
    made = checked.playground.github.calls[calls:]
    assert {call.method for call in made if not call.path.endswith("/access_tokens")} == {"GET"}


def test_a_missing_permission_is_a_problem(checked: Checked) -> None:
    checked.playground.github.app.permissions["checks"] = "read"
    answer = checked.ask()
    assert answer.problems() == ["Permission checks"]
    assert answer.rows["Permission checks"].saw == "read"
    assert answer.exit_code == 1


def test_a_missing_optional_permission_is_a_warning(checked: Checked) -> None:
    del checked.playground.github.app.permissions["members"]
    answer = checked.ask()
    assert answer.level("Permission members") == "warning"
    assert "roles that are teams" in answer.rows["Permission members"].saw
    assert answer.exit_code == 0


def test_a_missing_event_is_a_problem(checked: Checked) -> None:
    checked.playground.github.app.events.discard("merge_group")
    answer = checked.ask()
    assert answer.problems() == ["The app is told what happens"]


def test_a_check_that_is_not_required_is_a_problem(checked: Checked) -> None:
    checked.playground.github.unprotect(REPO, "main")
    answer = checked.ask()
    assert answer.problems() == ["The check is required on main"]
    assert answer.rows["The check is required on main"].repositories == [REPO]


def test_a_check_that_any_app_may_post_is_a_problem(checked: Checked) -> None:
    checked.playground.github.protect(REPO, "main", required_checks=[(CHECK, None)], enforce_admins=True)
    assert checked.ask().problems() == ["Only this app may set the check"]


def test_administrators_who_may_bypass_are_a_warning(checked: Checked) -> None:
    checked.playground.github.protect(REPO, "main", required_checks=[(CHECK, checked.playground.github.app.id)])
    answer = checked.ask()
    assert answer.level("Nobody may merge past the check") == "warning"
    assert answer.exit_code == 0


def test_repositories_with_the_same_fault_share_a_row(checked: Checked) -> None:
    for name in ("acme/pay", "acme/web"):
        checked.playground.github.repository(name)
    row = checked.ask().rows["The check is required on main"]
    assert row.repositories == ["acme/pay", "acme/web"]


def test_an_app_without_repositories_is_a_problem(checked: Checked) -> None:
    checked.playground.github.world.repo(REPO).installed = False
    assert checked.ask().problems() == ["Repositories"]


def test_a_key_of_another_app_is_one_problem_not_many(checked: Checked) -> None:
    key = rsa.generate_private_key(65537, 2048)
    path = checked.folder / "other.pem"
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(key.private_bytes(*form))
    path.chmod(0o600)
    checked.set("github", private_key_file=str(path))
    assert checked.ask().problems() == ["The app signs in"]


@pytest.mark.parametrize("content", [None, b"not a key", b"\xff\xfe"])
def test_an_app_key_that_cannot_be_read_is_a_problem(checked: Checked, content: bytes | None) -> None:
    path = checked.folder / "odd.pem"
    if content is not None:
        path.write_bytes(content)
        path.chmod(0o600)
    checked.set("github", private_key_file=str(path))
    assert len(checked.ask().problems()) == 1


def test_an_app_key_that_others_may_read_is_a_warning(checked: Checked) -> None:
    path = Path(str(checked.values["github"]["private_key_file"]))
    path.chmod(0o640)
    try:
        assert checked.ask().level("App's private key") == "warning"
    finally:
        path.chmod(0o600)


def test_an_app_id_that_is_no_number_is_a_problem(checked: Checked) -> None:
    checked.set("github", app_id="Iv1.abc")
    assert checked.ask().problems() == ["GitHub App"]


def test_a_webhook_secret_that_differs_shows_in_refused_deliveries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    playground = build_playground(Layout(tmp_path), FakeClock(today()))
    try:
        make_sound(playground)
        checked = Checked(playground, monkeypatch)
        playground.github.app.webhook_secret = "another secret than the gate's"
        playground.open_generated()
        playground.github.flush()
        answer = checked.ask()
        assert answer.problems() == ["Webhook secret"]
        assert answer.level("Deliveries arrive") == "warning"
    finally:
        playground.close()


def test_a_webhook_that_leads_elsewhere_is_a_warning(checked: Checked) -> None:
    checked.playground.github.app.hook_url = "https://old.acme.example/webhooks/github"
    assert checked.ask().level("Webhook URL") == "warning"


def test_a_channel_without_the_bot_is_a_problem(checked: Checked) -> None:
    checked.playground.slack.leave(CHANNEL, checked.playground.slack.bot_user)
    answer = checked.ask()
    assert answer.problems() == [f"Slack channel {CHANNEL}"]
    assert "/invite" in answer.rows[f"Slack channel {CHANNEL}"].cure


def test_a_channel_of_one_repository_is_looked_at_too(checked: Checked) -> None:
    checked.monkeypatch.setenv("LLMGATE_SLACK__CHANNELS", '{"acme/shop": "C0NOWHERE"}')
    assert checked.ask().problems() == ["Slack channel C0NOWHERE"]


def test_no_channel_at_all_is_a_warning(checked: Checked) -> None:
    checked.set("slack", channel="")
    assert checked.ask().level("Slack channel") == "warning"


def test_a_missing_scope_is_a_problem_with_its_reason(checked: Checked) -> None:
    checked.playground.slack.scopes.discard("users:read")
    answer = checked.ask()
    assert answer.problems() == ["Slack scopes"]
    assert "users:read (to see" in answer.rows["Slack scopes"].saw


def test_a_revoked_token_is_a_problem(checked: Checked) -> None:
    checked.playground.slack.revoked = True
    assert "Slack bot token" in checked.ask().problems()


def test_people_mapped_in_another_workspace_are_a_problem(checked: Checked) -> None:
    other = checked.folder / "other.yaml"
    text = Path(str(checked.values["people"]["file"])).read_text()
    other.write_text(text.replace("T0SANDBOX/U0BOB", "T0ELSEWHERE/U0BOB"))
    checked.set("people", file=str(other))
    answer = checked.ask()
    assert answer.problems() == ["Slack accounts"]
    assert "bob" in answer.rows["Slack accounts"].saw


def test_a_wrong_app_level_token_is_a_problem(checked: Checked) -> None:
    checked.set("slack", app_token="xapp-of-another-app")
    assert checked.ask().problems() == ["Slack Socket Mode"]


def test_over_http_the_signing_secret_is_looked_at(checked: Checked) -> None:
    checked.set("slack", mode="http", signing_secret="too-short-a-secret")
    assert checked.ask().problems() == ["Slack signing secret"]


def test_an_address_where_nobody_answers_is_a_problem(checked: Checked) -> None:
    checked.set("web", public_url="http://127.0.0.1:9")
    assert checked.ask().problems() == ["Public address"]


def test_an_address_where_somebody_else_answers_is_a_problem(checked: Checked) -> None:
    checked.set("web", public_url=checked.playground.github.url)
    answer = checked.ask()
    assert answer.problems() == ["Public address"]
    assert "answered 404" in answer.rows["Public address"].saw
    checked.playground.github.unmodelled.clear()


def test_without_an_address_it_says_what_was_not_tested(checked: Checked) -> None:
    checked.set("github", client_id="", client_secret="")
    checked.set("web", public_url="")
    row = checked.ask().rows["Public address"]
    assert row.level == "warning"
    assert "was not tested" in row.saw
