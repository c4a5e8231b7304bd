"""`llmgate doctor` on the other way to people: a mail server that is asked for real, and what the file of people lacks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.cli.layout import Layout
from bot.cli.playground import Playground, build_playground
from integrations.sandbox.clock import FakeClock
from integrations.sandbox.mail.server import MailServer
from tests.cli.checked import FLOOR, Checked, make_sound, mended, today

WAY = "Another way to people"


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


@pytest.fixture
def office() -> Iterator[MailServer]:
    with MailServer(accounts={"gate": "hunter2"}) as server:
        yield server


def set_server(checked: Checked, office: MailServer, password: str) -> None:
    secret = checked.folder / "smtp-password"
    secret.write_text(f"{password}\n")
    url = f"smtp://gate@{office.address}"
    checked.set("notify", smtp_url=url, smtp_password_file=str(secret), from_address="llmgate@acme.example")


def test_a_mail_server_that_takes_the_login_is_sound_and_gets_no_letter(checked: Checked, office: MailServer) -> None:
    set_server(checked, office, "hunter2")
    answer = checked.ask()
    assert answer.rows[WAY].saw == f"smtp://{office.address} answers and takes the login"
    assert answer.problems() == []
    assert "AUTH" in office.verbs
    assert "MAIL" not in office.verbs


def test_a_login_that_is_not_taken_is_a_problem_without_the_password(checked: Checked, office: MailServer) -> None:
    set_server(checked, office, "hunter3")
    answer = checked.ask()
    assert answer.problems() == [WAY]
    assert "535 to the login" in answer.rows[WAY].saw
    assert "hunter3" not in answer.said


def test_a_mail_server_that_does_not_answer_is_a_problem(checked: Checked, office: MailServer) -> None:
    set_server(checked, office, "hunter2")
    office.close()
    assert checked.ask().problems() == [WAY]


def test_a_password_file_that_is_not_there_is_a_problem(checked: Checked, office: MailServer) -> None:
    set_server(checked, office, "hunter2")
    (checked.folder / "smtp-password").unlink()
    assert checked.ask().problems() == [WAY]


def test_people_who_cannot_be_written_to_are_a_warning(checked: Checked, office: MailServer) -> None:
    set_server(checked, office, "hunter2")
    people = checked.folder / "people.yaml"
    kept = people.read_text()
    people.write_text(kept.replace("email: bob@acme.example", "name: Bob"))
    try:
        row = checked.ask().rows["Addresses"]
        assert (row.level, row.saw) == ("warning", "none for bob")
    finally:
        people.write_text(kept)


def test_without_any_the_doctor_says_what_that_means(checked: Checked) -> None:
    row = checked.ask().rows[WAY]
    assert row.level == "ok"
    assert "nobody is written to" in row.saw
