"""README and its promises: what it shows runs, what exists is named in it, and what it names exists."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from bot.cli.main import app
from bot.config import described
from bot.core.policy.keys import POLICY_KEYS
from bot.core.rules.catalogue import RULE_MEANINGS
from bot.handlers.identity.people import read_people
from integrations.github.permissions import EVENTS, PERMISSIONS
from integrations.sigstore.offline import Outcome
from integrations.slack.scopes import APP_SCOPES, BOT_SCOPES
from tests.administrator_deeds import DEEDS
from tests.differences import DIFFERENCES
from tests.readme_tables import PARTS, command_lines, made

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()
COMMANDS = command_lines()
RUN = {"llmgate policy check deploy/policy.example.yaml", "llmgate provenance schema"}
"""README's commands that need no service and end by themselves; of the others, the line is read and `--help` is run."""


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def shell_lines() -> list[str]:
    lines = [line.split("#", 1)[0] if " #" in line else line for block in blocks("sh") for line in block.splitlines()]
    return [line.strip() for line in lines if line.strip()]


def rows(part: str) -> dict[str, str]:
    """The table between a part's marks: what stands in the first column, and the whole row."""
    inside = README.partition(f"<!-- {part} -->")[2].partition(f"<!-- /{part} -->")[0]
    lines = [line for line in inside.splitlines() if line.startswith("| `")]
    return {line.split("`")[1]: line for line in lines}


def invoked(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(words), prog_name="llmgate")
    return result.exit_code, result.output


@pytest.mark.parametrize("path", list(made()), ids=lambda path: path.name)
def test_what_is_made_from_code_is_current(path: Path) -> None:
    assert path.read_text() == made()[path], f"{path.name} is behind the code: run `python -m tests.readme_tables`"


def test_every_setting_has_its_row() -> None:
    found = rows("settings")
    for key, _, meaning in described():
        assert meaning, f"{key} says nothing about itself"
        assert meaning.replace("|", r"\|") in found[key]


def test_every_policy_key_and_every_rule_has_its_row() -> None:
    assert set(rows("policy-keys")) == set(POLICY_KEYS)
    assert set(rows("rules")) == set(RULE_MEANINGS)


def test_every_permission_event_and_scope_has_its_reason() -> None:
    github, slack = rows("github-permissions"), rows("slack-scopes")
    for each in (*PERMISSIONS, *EVENTS):
        assert each.reason in github[each.name]
    for scope, why in {**BOT_SCOPES, **APP_SCOPES}.items():
        assert why in slack[scope]


def test_every_difference_between_the_forges_names_a_test_that_is_there() -> None:
    tests = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    for row in DIFFERENCES:
        assert f"def {row.test}(" in tests, f"{row.what}: no test is called {row.test}"


def test_every_deed_of_an_administrator_names_a_test_that_is_there() -> None:
    tests = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    for row in DEEDS:
        assert f"def {row.test}(" in tests, f"{row.what}: no test is called {row.test}"


def test_every_attack_told_names_a_test_that_is_there() -> None:
    tests = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    named = re.findall(r"`(test_\w+)`", (ROOT / "deploy" / "attacks.md").read_text())
    assert len(named) > 50
    assert [name for name in named if f"def {name}(" not in tests] == []


def test_every_command_and_option_has_its_words() -> None:
    found = {" ".join(typed.split()[: len(line.typed.split())]) for line in COMMANDS for typed in rows("commands")}
    for line in COMMANDS:
        assert line.typed in found
        assert line.does, f"{line.typed} says nothing about itself"
        row = next(row for typed, row in rows("commands").items() if typed == " ".join([line.typed, *line.words]))
        for flags, meaning in line.options:
            assert meaning, f"{line.typed} {flags} says nothing about itself"
            assert flags in row


def test_every_exit_code_of_verify_has_its_row() -> None:
    codes = {int(code) for code in re.findall(r"^\| (\d+) \| \S.*\|$", README, re.MULTILINE)}
    usage = 2
    assert codes == {int(outcome) for outcome in Outcome} | {usage}


def test_no_part_is_forgotten() -> None:
    assert set(re.findall(r"<!-- ([\w-]+) -->", README)) == set(PARTS)


@pytest.mark.parametrize("line", [line for line in shell_lines() if line.startswith("llmgate")])
def test_a_command_shown_exists_with_the_options_shown(line: str) -> None:
    words = shlex.split(line)
    command = max((each for each in COMMANDS if line.startswith(each.typed)), key=lambda each: len(each.typed))
    known = {flag for flags, _ in command.options for flag in flags.split("/")}
    for word in words:
        assert not word.startswith("--") or word in known, f"{line}: {command.typed} has no {word}"
    code, said = invoked(*command.typed.split()[1:], "--help")
    assert code == 0
    assert "Usage: llmgate" in said


@pytest.mark.parametrize("line", sorted(RUN))
def test_a_command_that_needs_nothing_runs_as_shown(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert line in README
    monkeypatch.chdir(ROOT)
    code, said = invoked(*shlex.split(line)[1:])
    assert code == 0, said


def test_every_make_target_shown_exists() -> None:
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    shown = set(re.findall(r"\bmake (\w+)", " ".join([*shell_lines(), *re.findall(r"`(make [^`]+)`", README)])))
    assert {"demo", "test", "bench", "crash"} <= shown
    assert shown <= targets


def test_every_file_linked_to_is_there() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert target.startswith("https://") or (ROOT / target).exists(), f"README links to {target}"


def test_the_mapping_shown_is_read_by_the_real_reader() -> None:
    shown = next(block for block in blocks("yaml") if block.startswith("people:"))
    (person,) = read_people(shown)
    assert person.chat is not None
    assert person.accounts[0].id == 1001
    assert yaml.safe_load(shown)


def test_the_layers_told_are_the_layers_held() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(each["layers"] for each in contracts if each["name"] == "Layers")
    told = re.search(r"`(bot\.cli >[^`]+)`", README)
    assert told
    assert " ".join(told[1].split()) == " > ".join(layers)


def test_the_picture_names_what_the_code_has() -> None:
    picture = blocks("")[0]
    places = {"jobs": "storage/jobs.py", "gather": "bot/handlers/gather.py", "verdict": "bot/core/verdict.py",
              "plan": "bot/core/plan.py", "actions": "bot/core/actions.py", "facts": "bot/core/facts.py"}  # fmt: skip
    for word, place in places.items():
        assert re.search(rf"\b{word}\b", picture), word
        assert (ROOT / place).exists(), place


def test_help_ends_with_words_in_a_real_process() -> None:
    program = [sys.executable, "-c", "from bot.cli.main import run; run()"]
    told = subprocess.run([*program, "--help"], capture_output=True, text=True, cwd=ROOT)
    assert told.returncode == 0
    for command in {line.typed.split()[1] for line in COMMANDS}:
        assert command in told.stdout
