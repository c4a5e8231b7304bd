"""`llmgate doctor` against GitLab's stand-in: what binds on which licence, and each fault by itself."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.cli.layout import CHECK, SITES, Layout
from bot.cli.playground import Playground, build_playground
from integrations.sandbox.clock import FakeClock
from integrations.sandbox.gitlab.people import Access
from tests.cli.checked import FLOOR, Checked, doctor, today

PROJECT = SITES["gitlab"].repo
SECTION = "gitlab.work"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Playground]:
    """One for all these tests, on the tier that has everything: each mends what it broke."""
    layout = Layout(tmp_path_factory.mktemp("world"), forge="gitlab", licence="ultimate", gitlab={"approve": True}, floor=FLOOR)
    playground = build_playground(layout, FakeClock(today()))
    gitlab, settings = playground.gitlab, playground.gitlab.settings(PROJECT)
    gitlab.protect(PROJECT, "main", push=Access.NONE)
    gitlab.grant(PROJECT, gitlab.bot.username, Access.MAINTAINER)
    gitlab.approval_rule(PROJECT, "llmgate", [gitlab.bot.username])
    gitlab.status_check(PROJECT, CHECK, playground.hook_url, gitlab.hook_token)
    settings.status_checks_must_pass, settings.rules_may_be_edited = True, False
    playground.settle()
    try:
        yield playground
    finally:
        playground.close()


@pytest.fixture
def checked(world: Playground, monkeypatch: pytest.MonkeyPatch) -> Iterator[Checked]:
    gitlab = world.gitlab
    project = gitlab.world.project(PROJECT)
    kept = copy.copy((project.settings, project.protected, project.approval_rules, project.members))
    project.settings = copy.copy(project.settings)
    project.protected, project.approval_rules = dict(project.protected), list(project.approval_rules)
    project.members = dict(project.members)
    try:
        yield Checked(world, monkeypatch)
        assert gitlab.unmodelled == []
    finally:
        project.settings, project.protected, project.approval_rules, project.members = kept
        gitlab.licence = "ultimate"


def test_all_good_where_only_the_bot_can_give_the_verdict(checked: Checked) -> None:
    answer = checked.ask()
    assert {row.level for row in answer.rows.values()} == {"ok"}, answer.said
    assert answer.exit_code == 0
    assert {row.part for row in answer.rows.values()} >= {"GitLab work"}
    assert "GitHub" not in {row.part for row in answer.rows.values()}


def test_it_only_looks_at_gitlab(checked: Checked) -> None:
    before = len(checked.playground.gitlab.calls)
    checked.ask()
    made = checked.playground.gitlab.calls[before:]
    assert made
    assert {call.kind for call in made} == {"read"}


def test_free_without_pipelines_that_must_succeed_is_decoration_and_a_problem(checked: Checked) -> None:
    checked.playground.gitlab.licence = "free"
    checked.playground.gitlab.settings(PROJECT).pipelines_must_succeed = False
    answer = checked.ask()
    assert answer.problems() == ["Something waits for the verdict"]
    assert "decoration" in answer.rows["Something waits for the verdict"].saw
    assert answer.rows["Something waits for the verdict"].repositories == [PROJECT]


def test_free_binds_by_the_status_and_says_who_may_forge_it(checked: Checked) -> None:
    checked.playground.gitlab.licence = "free"
    answer = checked.ask()
    assert answer.problems() == []
    assert "carried by the commit status" in answer.rows["Something waits for the verdict"].saw
    assert "Developer" in answer.rows["Nobody else can give the verdict"].saw
    assert answer.level("Nobody else can give the verdict") == "warning"


def test_an_approval_rule_that_others_can_fill_is_a_warning(checked: Checked) -> None:
    project = checked.playground.gitlab.world.project(PROJECT)
    project.approval_rules = []
    checked.playground.gitlab.approval_rule(PROJECT, "llmgate", [checked.playground.gitlab.bot.username, "sam"])
    assert checked.ask().level("Merges wait for the bot's approval") == "warning"


def test_a_branch_that_anybody_pushes_to_is_a_problem(checked: Checked) -> None:
    checked.playground.gitlab.unprotect(PROJECT, "main")
    assert checked.ask().problems() == ["Nobody pushes past the gate to main"]


def test_a_role_below_developer_leaves_no_project(checked: Checked) -> None:
    gitlab = checked.playground.gitlab
    gitlab.grant(PROJECT, gitlab.bot.username, Access.REPORTER)
    assert checked.ask().problems() == ["Projects"]


def test_a_token_without_the_scope_is_a_problem(checked: Checked) -> None:
    gitlab = checked.playground.gitlab
    checked.set(SECTION, token=gitlab.verbs.tokens.mint(gitlab.bot, kind="group", scopes=["read_api"]).value)
    assert "The token may do what is needed" in checked.ask().problems()


def test_a_token_that_soon_expires_is_a_warning(checked: Checked) -> None:
    gitlab = checked.playground.gitlab
    soon: date = today().date() + timedelta(days=7)
    checked.set(SECTION, token=gitlab.verbs.tokens.mint(gitlab.bot, kind="group", expires_on=soon).value)
    answer = checked.ask()
    assert answer.level("The token lasts") == "warning"
    assert soon.isoformat() in answer.rows["The token lasts"].saw


def test_a_persons_token_is_a_warning(checked: Checked) -> None:
    checked.set(SECTION, token=checked.playground.gitlab.token_for("sam"))
    assert checked.ask().level("The gate writes as a bot") == "warning"


def test_a_revoked_token_is_one_problem_not_many(checked: Checked) -> None:
    checked.set(SECTION, token="glpat-0000000000000000revoked")
    assert checked.ask().problems() == ["The token signs in"]


def test_a_section_without_a_token_says_so(checked: Checked) -> None:
    checked.set(SECTION, token="")
    row = checked.ask().rows["GitLab token"]
    assert (row.level, row.part) == ("problem", "GitLab work")
    assert "gitlab.work.token is not set" in row.saw


def test_a_webhook_that_leads_elsewhere_is_a_warning(checked: Checked) -> None:
    checked.set("web", public_url="https://gate.acme.example")
    answer = checked.ask()
    assert answer.level("GitLab knows where to send") == "warning"
    assert "https://gate.acme.example/webhooks/gitlab/work" in answer.rows["GitLab knows where to send"].wanted


def test_projects_outside_the_group_are_not_looked_at(checked: Checked) -> None:
    checked.set(SECTION, group="elsewhere")
    answer = checked.ask()
    assert answer.problems() == ["Projects"]
    assert "elsewhere" in answer.rows["Projects"].cure


def test_an_address_where_nobody_answers_is_a_problem(checked: Checked) -> None:
    checked.set(SECTION, url="http://127.0.0.1:9")
    assert checked.ask().problems() == ["The token signs in"]


def test_the_table_names_each_host(checked: Checked) -> None:
    assert "\nGitLab work\n" in doctor().stdout


def test_a_person_without_an_account_on_any_connected_host_is_a_warning(checked: Checked) -> None:
    people = checked.folder / "people.yaml"
    text = people.read_text()
    other: Path = checked.folder / "other.yaml"
    other.write_text(text + "  zoe:\n    name: Zoe\n    slack: T0SANDBOX/U0ZOE\n    github: {host: github.com, id: 9}\n")
    checked.set("people", file=str(other))
    answer = checked.ask()
    assert "gitlab.sandbox for zoe" in answer.rows["Forge accounts"].saw
