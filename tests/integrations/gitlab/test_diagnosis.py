"""What `llmgate doctor` learns of GitLab: sign-in, role, webhook, and whether the verdict binds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest

from bot.core.verdict import Finding
from integrations.gitlab.access import HOOK_EVENTS, NEEDS
from integrations.gitlab.carriers import Showing
from integrations.gitlab.client import Client, Credentials, Endpoint
from integrations.gitlab.diagnosis import Here, diagnose_host, diagnose_project
from integrations.sandbox.gitlab.people import Access
from integrations.sandbox.gitlab.setting import HOOK_EVENTS as GIVEN_EVENTS
from tests.integrations.gitlab.desk import REPO, SHOP, Desk, open_desk

HOOK = "https://llmgate.test/webhooks/gitlab/work"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_desk(tmp_path) as opened:
        opened.gitlab.protect(SHOP, "main", push=Access.NONE)
        opened.gitlab.settings(SHOP).pipelines_must_succeed = True
        yield opened


def host(desk: Desk, signed: bool = False) -> dict[str, Finding]:
    return {row.rule.removeprefix("gitlab."): row for row in diagnose_host(desk.client, Here("", signed))}


def project(desk: Desk, showing: Showing | None = None, hook_url: str = HOOK, signed: bool = False) -> dict[str, Finding]:
    rows = diagnose_project(desk.client, REPO, showing or Showing(), Here(hook_url, signed))
    return {row.rule.removeprefix("gitlab."): row for row in rows}


def outcomes(rows: dict[str, Finding]) -> dict[str, str]:
    return {rule: row.outcome for rule, row in rows.items()}


def test_the_stand_in_sends_what_the_table_asks_for_and_nothing_it_does_not() -> None:
    assert {event.name for event in HOOK_EVENTS} == {f"{event}_events" for event in GIVEN_EVENTS}
    assert all(need.reason and bool(need.lost) is need.optional for need in (*NEEDS, *HOOK_EVENTS))


# the host


def test_a_sound_token_passes_every_row(desk: Desk) -> None:
    assert outcomes(host(desk)) == dict.fromkeys(("token", "scopes", "expiry", "account", "version"), "pass")
    assert host(desk)["token"].saw == "GitLab knows it as llmgate-bot"


def test_a_token_that_gitlab_does_not_know_is_one_row_with_what_to_do(desk: Desk) -> None:
    stranger = Client(Credentials("glpat-wrong-wrong-wrong"), Endpoint(desk.gitlab.url))
    (row,) = diagnose_host(stranger)
    stranger.close()
    assert (row.rule, row.outcome) == ("gitlab.token", "block")
    assert "url and token" in row.cure
    assert "wrong-wrong" not in row.saw


def test_a_token_that_ends_soon_or_can_do_too_little_is_named(desk: Desk) -> None:
    token = desk.gitlab.verbs.tokens.bearer(desk.gitlab.bot_token).token
    assert token is not None
    today = parsedate_to_datetime(desk.client.send("GET", "/version").headers["date"]).date()
    for days, outcome in ((40, "pass"), (20, "wait")):
        token.expires_on = today + timedelta(days=days)
        found = host(desk)["expiry"]
        assert (found.outcome, found.saw) == (outcome, f"it expires on {token.expires_on.isoformat()}")
    token.scopes = ("read_api",)
    found = host(desk)["scopes"]
    assert (found.outcome, found.saw, found.wanted) == ("block", "scopes read_api", "the scope api")


def test_a_persons_token_is_said_to_be_a_persons(desk: Desk) -> None:
    theirs = Client(Credentials(desk.gitlab.token_for("ann")), Endpoint(desk.gitlab.url))
    rows = {row.rule: row for row in diagnose_host(theirs)}
    theirs.close()
    assert rows["gitlab.account"].outcome == "wait"
    assert "ann is a person's account" in rows["gitlab.account"].saw


def test_an_old_gitlab_is_told_what_it_lacks(desk: Desk) -> None:
    desk.gitlab.fail_next("GET /metadata", 200, body={"version": "17.8.2-ee", "enterprise": True})
    row = host(desk)["version"]
    assert (row.outcome, row.saw, row.wanted) == ("wait", "GitLab 17.8.2-ee, Enterprise Edition", "17.9 or later")


def test_a_gitlab_that_cannot_sign_is_a_problem_where_deliveries_have_to_be_signed(desk: Desk) -> None:
    for version, outcome in (("18.11.4-ee", "block"), ("19.0.0-ee", "pass")):
        desk.gitlab.fail_next("GET /metadata", 200, body={"version": version, "enterprise": True})
        assert host(desk, signed=True)["version"].outcome == outcome
    desk.gitlab.fail_next("GET /metadata", 200, body={"version": "18.11.4-ee", "enterprise": True})
    row = host(desk, signed=True)["version"]
    assert "every delivery is refused" in row.saw
    assert "remove signing_token" in row.cure


# the project: who the bot is there, and the webhook


def test_a_bot_with_too_small_a_role_is_blocked(desk: Desk) -> None:
    desk.gitlab.grant(SHOP, desk.gitlab.bot.username, Access.REPORTER)
    row = project(desk)["role"]
    assert (row.outcome, row.saw, row.wanted) == ("block", "Reporter", "Developer or more")


def test_a_project_out_of_reach_is_one_row(desk: Desk) -> None:
    desk.gitlab.fail_next("GET /projects/*", 404)
    assert outcomes(project(desk)) == {"project": "block"}


def test_a_developer_does_not_see_webhooks_and_a_maintainer_does(desk: Desk) -> None:
    desk.gitlab.install(HOOK)
    assert project(desk)["hook"].outcome == "skip"
    desk.gitlab.grant(SHOP, desk.gitlab.bot.username, Access.MAINTAINER)
    assert project(desk)["hook"].outcome == "pass"
    assert project(desk, hook_url="")["hook"].outcome == "pass"
    assert project(desk, hook_url="https://elsewhere.test/webhooks/gitlab/work")["hook"].outcome == "wait"


@pytest.mark.parametrize(
    ("there", "here", "outcome", "said"),
    [
        (True, True, "pass", "signed"),
        (False, False, "pass", "with a secret token"),
        (False, True, "block", "no signing token, and signing_token is set here: every delivery is refused"),
        (True, False, "wait", "no signing_token is set here to hold it against"),
    ],
)
def test_a_signing_token_on_one_side_alone_is_seen(desk: Desk, there: bool, here: bool, outcome: str, said: str) -> None:
    desk.gitlab.grant(SHOP, desk.gitlab.bot.username, Access.MAINTAINER)
    desk.gitlab.install(HOOK, signed=there)
    row = project(desk, signed=here)["hook"]
    assert (row.outcome, said in row.saw) == (outcome, True)


def test_a_webhook_without_any_secret_is_seen(desk: Desk) -> None:
    desk.gitlab.grant(SHOP, desk.gitlab.bot.username, Access.MAINTAINER)
    desk.gitlab.hook_token = ""
    desk.gitlab.install(HOOK)
    assert "the webhook has no secret token: every delivery is refused" in project(desk)["hook"].saw


def test_events_that_are_not_sent_are_named_with_their_reasons(desk: Desk) -> None:
    desk.gitlab.grant(SHOP, desk.gitlab.bot.username, Access.MAINTAINER)
    desk.gitlab.install(HOOK)
    (hook,) = desk.gitlab.hooks
    hook.events.discard("pipeline")
    row = project(desk)["hook"]
    assert row.outcome == "block"
    assert "pipeline_events (a newer pipeline lacks the gate's status" in row.saw


# the project: what binds


def test_where_pipelines_must_succeed_the_status_binds_and_can_be_forged(desk: Desk) -> None:
    rows = project(desk)
    assert (rows["bound"].outcome, rows["status.binds"].outcome, rows["push"].outcome) == ("pass", "pass", "pass")
    assert "carried by the commit status" in rows["bound"].saw
    assert rows["forge"].outcome == "wait"
    assert "Developer role may post a status of the same name" in rows["forge"].saw
    assert outcomes(rows) | {"hook": "skip", "external.binds": "skip", "approval.binds": "skip", "trains": "skip"} == outcomes(
        rows
    )


def test_where_nothing_binds_the_verdict_is_said_to_be_decoration(desk: Desk) -> None:
    desk.gitlab.settings(SHOP).pipelines_must_succeed = False
    rows = project(desk)
    assert (rows["bound"].outcome, rows["status.binds"].outcome, rows["forge"].outcome) == ("block", "wait", "skip")
    assert "decoration" in rows["bound"].saw
    assert "Pipelines must succeed" in rows["bound"].cure


def test_skipped_pipelines_that_count_are_a_way_past(desk: Desk) -> None:
    desk.gitlab.settings(SHOP).skipped_pipelines_succeed = True
    assert "[skip ci]" in project(desk)["status.skipped"].saw


def test_whoever_may_push_is_named(desk: Desk) -> None:
    desk.gitlab.protect(SHOP, "main", push=Access.MAINTAINER, force_push=True)
    row = project(desk)["push"]
    assert (row.outcome, row.saw) == ("wait", "may push: Maintainers and above, whoever of these likes, by force")
    desk.gitlab.unprotect(SHOP, "main")
    assert project(desk)["push"].outcome == "block"


def test_an_external_status_check_binds_where_status_checks_must_succeed(tmp_path: Path) -> None:
    with open_desk(tmp_path, "ultimate") as desk:
        desk.gitlab.grant(SHOP, desk.gitlab.bot.username, Access.MAINTAINER)
        assert "no external status check is named llmgate" in project(desk)["external.binds"].saw
        desk.gitlab.status_check(SHOP, "llmgate", HOOK)
        assert "Status checks must succeed is off" in project(desk)["external.binds"].saw
        desk.gitlab.settings(SHOP).status_checks_must_pass = True
        rows = project(desk)
        assert (rows["external.binds"].outcome, rows["external.secret"].outcome) == ("pass", "wait")
        assert "carried by the external status check; as far as the bot sees, the licence is Ultimate" in rows["bound"].saw
        assert "answer the check through the API" in rows["forge"].saw


def test_an_approval_rule_for_the_bot_alone_cannot_be_forged(tmp_path: Path) -> None:
    approving = Showing(approve=True)
    with open_desk(tmp_path, "premium") as desk:
        assert "no approval rule asks for the bot" in project(desk, approving)["approval.binds"].saw
        rule = desk.gitlab.approval_rule(SHOP, "llmgate", ["llmgate-bot", "bo"])
        assert "others can fill the rule" in project(desk, approving)["approval.binds"].saw
        rule.users = [desk.gitlab.bot]
        desk.gitlab.settings(SHOP).rules_may_be_edited = True
        desk.gitlab.settings(SHOP).reset_approvals_on_push = False
        rows = project(desk, approving)
        assert (rows["approval.binds"].outcome, rows["forge"].outcome) == ("pass", "pass")
        assert (rows["approval.fixed"].outcome, rows["approval.reset"].outcome) == ("wait", "wait")
        desk.gitlab.settings(SHOP).rules_may_be_edited = False
        desk.gitlab.settings(SHOP).reset_approvals_on_push = True
        assert not {"approval.fixed", "approval.reset"} & project(desk, approving).keys()


def test_a_developer_sees_the_status_check_on_an_open_merge_request(tmp_path: Path) -> None:
    with open_desk(tmp_path, "ultimate") as desk:
        desk.gitlab.status_check(SHOP, "llmgate", HOOK)
        desk.gitlab.settings(SHOP).status_checks_must_pass = True
        rows = project(desk)
        assert rows["external.binds"].outcome == "pass"
        assert "external.secret" not in rows, "whether it has a secret is not told there"
        assert "the licence is Ultimate" in rows["bound"].saw
        desk.gitlab.close_change(SHOP, 1, by="ann")
        assert "sees it on open merge requests only" in project(desk)["external.binds"].saw


def test_a_merge_train_is_said_to_judge_each_member(tmp_path: Path) -> None:
    with open_desk(tmp_path, "premium") as desk:
        desk.gitlab.settings(SHOP).merged_results_pipelines = True
        desk.gitlab.settings(SHOP).merge_trains = True
        assert "posted into its car's" in project(desk)["trains"].saw


def test_every_row_that_is_not_well_says_what_to_do(tmp_path: Path) -> None:
    with open_desk(tmp_path, "ultimate") as desk:
        for row in diagnose_project(desk.client, REPO, Showing(approve=True)):
            assert row.outcome in ("pass", "skip") or (row.saw and row.cure), row
