"""`llmgate doctor` about this machine: settings, database, keys, people, policy. No service is asked."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest

from bot.cli.checkup.report import part_lines
from bot.cli.checkup.row import Row, parted
from bot.cli.checkup.waiting import Waiting
from bot.cli.init import run_init
from tests.cli.checked import Answer, asked, doctor


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What `llmgate init --yes` leaves, and the working directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LLMGATE_CONFIG", raising=False)
    run_init(Path(), yes=True)
    return tmp_path


@pytest.fixture
def database(folder: Path, sqlite_template: Path) -> sqlite3.Connection:
    """The database a first start would have made."""
    (folder / "llmgate.sqlite3").write_bytes(sqlite_template.read_bytes())
    return sqlite3.connect(folder / "llmgate.sqlite3")


def problems_but_unconnected(answer: Answer) -> list[str]:
    unconnected = {"GitHub App", "Slack bot token", "People's mapping"}
    return [check for check in answer.problems() if check not in unconnected]


def test_after_init_only_what_a_person_must_do_is_open(folder: Path) -> None:
    answer = asked()
    assert answer.problems() == ["People's mapping", "GitHub App", "Slack bot token"]
    assert problems_but_unconnected(answer) == []
    assert "first `llmgate serve` makes it" in answer.rows["Database"].cure
    assert not (folder / "llmgate.sqlite3").exists()


def test_without_settings_every_cure_is_init(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    answer = asked()
    assert answer.exit_code == 1
    wanted = ["Settings file", "Signing key", "Log key", "People's mapping", "Forge", "Slack bot token"]
    assert answer.problems() == wanted
    for check in answer.problems():
        assert "llmgate init" in answer.rows[check].cure
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "check", "said"),
    [
        ("[github\n", "Settings file", "line 1"),
        ("[github]\napp_idd = '7'\n", "Setting github.app_idd", "not permitted"),
        ("[github]\napp_id = '7'\n", "Settings together", "private_key_file"),
        ("[web]\nport = 'eighty'\n", "Setting web.port", "integer"),
    ],
)
def test_settings_that_cannot_be_used_are_rows(folder: Path, text: str, check: str, said: str) -> None:
    (folder / "llmgate.toml").write_text(text)
    answer = asked()
    assert answer.problems() == [check]
    assert said in answer.rows[check].saw
    assert "llmgate.toml" in answer.rows[check].cure or "init" in answer.rows[check].cure


def test_a_named_file_that_is_not_there_is_a_row(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLMGATE_CONFIG", str(folder / "gone.toml"))
    answer = asked()
    assert answer.problems() == ["Settings file"]
    assert "gone.toml" in answer.rows["Settings file"].saw


def test_settings_that_others_may_read_are_a_warning(folder: Path) -> None:
    (folder / "llmgate.toml").chmod(0o644)
    assert asked().rows["Settings file"].level == "warning"


def test_settings_from_the_environment_alone_are_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LLMGATE_SLACK__BOT_TOKEN", "xoxb-1")
    monkeypatch.setenv("LLMGATE_SLACK__APP_TOKEN", "xapp-1")
    monkeypatch.setenv("LLMGATE_SLACK__API_URL", "http://127.0.0.1:9/api/")
    assert asked().level("Settings file") == "ok"


def test_a_signing_key_that_others_may_read_is_a_problem(folder: Path) -> None:
    (folder / "llmgate-signing.pem").chmod(0o644)
    answer = asked()
    assert problems_but_unconnected(answer) == ["Signing key"]
    assert "0644" in answer.rows["Signing key"].saw
    assert answer.rows["Signing key"].cure.startswith("run `chmod 600")


def test_a_public_half_of_another_key_is_a_warning(folder: Path, tmp_path: Path) -> None:
    run_init(tmp_path / "other", yes=True)
    other = tmp_path / "other" / "llmgate-signing.pem.pub"
    (folder / "llmgate-signing.pem.pub").write_bytes(other.read_bytes())
    assert asked().level("Public key") == "warning"


def test_a_retired_key_that_is_not_there_is_a_problem(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLMGATE_SIGNING__RETIRED_KEYS", '["gone.pub"]')
    assert "signing.retired_keys" in asked().problems()
    monkeypatch.setenv("LLMGATE_SIGNING__RETIRED_KEYS", '["llmgate-signing.pem.pub"]')
    assert asked().level("signing.retired_keys") == "ok"


def test_a_broken_people_file_is_a_problem(folder: Path) -> None:
    (folder / "people.yaml").write_text("people:\n  ann: {slack: Ann}\n")
    answer = asked()
    assert "TEAM/USER" in answer.rows["People's mapping"].saw
    (folder / "people.yaml").write_bytes(b"\xff")
    assert asked().level("People's mapping") == "problem"


def test_people_who_cannot_act_on_one_side_are_a_warning(folder: Path) -> None:
    ann, bob = "ann: {github: [{host: github.com, id: 1}]}", "bob: {slack: T0A/U0B, github: [{host: else.example, id: 2}]}"
    text = f"people:\n  {ann}\n  {bob}\n"
    (folder / "people.yaml").write_text(text)
    answer = asked()
    assert "ann" in answer.rows["Chat accounts"].saw
    assert "bob" in answer.rows["Forge accounts"].saw
    assert {answer.level("Chat accounts"), answer.level("Forge accounts")} == {"warning"}


def test_no_floor_is_a_warning_since_a_branch_may_bring_a_loose_policy() -> None:
    answer = asked()
    assert answer.level("Policy floor") == "warning"
    assert "whoever may push" in answer.rows["Policy floor"].saw
    assert "policy.floor_file" in answer.rows["Policy floor"].cure


def test_a_floor_with_an_error_is_a_problem_with_its_line(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "floor.yaml").write_text("version: 1\nmode: strict\n")
    monkeypatch.setenv("LLMGATE_POLICY__FLOOR_FILE", "floor.yaml")
    answer = asked()
    assert "floor.yaml:2" in answer.rows["Policy floor"].saw
    (folder / "floor.yaml").write_text("version: 1\nmode: warn\n")
    assert asked().level("Policy floor") == "ok"
    (folder / "floor.yaml").unlink()
    assert asked().level("Policy floor") == "problem"


def test_a_step_that_calls_an_unknown_webhook_is_a_problem(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = "tiers:\n  high:\n    escalation: [{after: 1h, do: webhook, role: pager}]\n"
    (folder / "floor.yaml").write_text("version: 1\n" + steps)
    monkeypatch.setenv("LLMGATE_POLICY__FLOOR_FILE", "floor.yaml")
    answer = asked()
    assert answer.level("Policy floor") == "problem"
    assert "calls the webhook `pager`" in answer.rows["Policy floor"].saw
    assert "webhooks.pager.url" in answer.rows["Policy floor"].cure


def test_a_database_at_head_is_ok(database: sqlite3.Connection) -> None:
    answer = asked()
    for check in ("Database", "Tables", "Writable", "Backlog"):
        assert answer.level(check) == "ok"


def test_a_database_of_a_newer_release_is_a_problem(database: sqlite3.Connection) -> None:
    with database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    answer = asked()
    assert problems_but_unconnected(answer) == ["Tables"]
    assert "9999" in answer.rows["Tables"].saw


def test_an_empty_database_is_a_warning_and_stays_empty(folder: Path) -> None:
    (folder / "llmgate.sqlite3").touch()
    assert asked().level("Tables") == "warning"
    with sqlite3.connect(folder / "llmgate.sqlite3") as connection:
        assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)


def test_a_file_that_is_no_database_is_a_problem(folder: Path) -> None:
    (folder / "llmgate.sqlite3").write_bytes(b"not a database, but long enough to be looked at as one")
    assert "Database" in asked().problems()


@pytest.mark.parametrize(
    "url", ["mysql://ann:hunter2@db/x", "postgresql://ann:hunter2@127.0.0.1:9/x", "sqlite:////nowhere/x.db"]
)
def test_a_database_that_cannot_be_opened_is_a_problem_without_its_password(
    folder: Path, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("LLMGATE_DATABASE__URL", url)
    answer = asked()
    assert problems_but_unconnected(answer) == ["Database"]
    assert "hunter2" not in answer.said


def test_postgresql_is_looked_at_as_well(folder: Path, postgresql_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLMGATE_DATABASE__URL", postgresql_url)
    answer = asked()
    assert [answer.level(check) for check in ("Database", "Tables", "Writable", "Backlog")] == ["ok"] * 4
    assert answer.rows["Database"].saw.startswith("postgresql ")


def put_job(database: sqlite3.Connection, state: str, attempts: int, error: str) -> None:
    with database:
        database.execute(
            "INSERT INTO jobs (dedupe_key, lane, kind, event, state, attempts, received_at, due_at, error) "
            "VALUES ('d', 'acme/shop#7', 'ChangeTouched', '{}', ?, ?, '2026-03-03', '2026-03-03', ?)",
            (state, attempts, error),
        )


def test_dead_jobs_are_a_warning_that_names_the_last(database: sqlite3.Connection) -> None:
    put_job(database, "dead", 12, "GitHub said 500")
    answer = asked()
    assert answer.level("Dead jobs") == "warning"
    assert "acme/shop#7: GitHub said 500" in answer.rows["Dead jobs"].saw


def test_a_backlog_that_nobody_works_on_is_a_warning(database: sqlite3.Connection) -> None:
    put_job(database, "pending", 0, "")
    assert "llmgate serve" in asked().rows["Backlog"].cure


def test_the_table_is_aligned_and_no_wider_than_the_terminal(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    lines = doctor().stdout.splitlines()
    assert max(len(line) for line in lines) <= 100
    rows = [line for line in lines if line.startswith(("  ok ", "  warning ", "  problem "))]
    assert {line[44] for line in rows} == {" "}
    assert all(line[45] != " " for line in rows)


def test_a_long_word_is_broken_rather_than_cut() -> None:
    word = "x" * 300
    told = "".join(line[45:] for line in part_lines("Part", [Row("check", "problem", word, "w", "c")], 100))
    assert word in told


def test_a_sentence_of_an_error_is_taken_apart() -> None:
    assert parted(Row("c", "problem", "saw a; wanted b; do c", "-", "-")) == Row("c", "problem", "a", "b", "do c")
    assert parted(Row("c", "problem", "saw a; wanted b", "-", "keep")) == Row("c", "problem", "a", "b", "keep")
    assert parted(Row("c", "problem", "no such form", "w", "k")) == Row("c", "problem", "no such form", "w", "k")


def test_what_takes_long_is_said_while_it_takes_long() -> None:
    said, spoken = [], threading.Event()

    def say(words: str) -> None:
        said.append(words)
        spoken.set()

    with Waiting(say, 0.01).on("asking GitHub"):
        assert spoken.wait(5)
    assert said[0] == "asking GitHub"


def test_what_is_quick_is_not_mentioned() -> None:
    said: list[str] = []
    with Waiting(said.append, 3600).on("asking GitHub"):
        pass
    assert said == []
