"""Every row of the marker data, held against its own example, and a team's additions to it."""

from __future__ import annotations

from datetime import date

import pytest

from bot.core.detection.changes import change_signals, event_signals
from bot.core.detection.commits import commit_signals, decides
from bot.core.detection.detect import Material, detect_with
from bot.core.detection.marks.builtin import BUILTIN
from bot.core.detection.marks.exempt import NON_AI_ACCOUNTS, VENDOR_DOMAINS
from bot.core.detection.marks.extend import extend
from bot.core.detection.marks.row import Mark
from bot.core.detection.marks.table import MarkTable
from bot.core.detection.model import Signal
from bot.core.detection.paths import document_signals, file_signals
from bot.core.provenance.model import FoundDocument
from tests.core.detection.material import account, change, commit, file, person

NOTES = {
    "authorship/3.0.0": 'src/money.py\n  s_a76964380084ef::t_a3a130d3e145e3 1-4\n---\n{"schema_version":"authorship/3.0.0"}',
    "agent-trace": '{"version":"0.1.0","files":[{"path":"a.py","conversations":[{"contributor":{"type":"ai"}}]}]}',
}


def of_account(row: Mark) -> tuple[Signal, ...]:
    number = int(row.match)
    if row.name:
        return commit_signals(commit(author=person("claude[bot]", f"{number}+claude[bot]@users.noreply.github.com")))
    return change_signals(change(author=account(number)))


def on_change(row: Mark) -> tuple[Signal, ...]:
    if row.kind == "app":
        return change_signals(change(via_app=row.example))
    if row.kind == "branch":
        return change_signals(change(head_ref=row.example))
    if row.kind == "label":
        return change_signals(change(labels=(row.example,)))
    if row.kind == "title":
        return change_signals(change(title=row.example, head_ref="copilot/x"))
    if row.kind == "comment":
        return change_signals(change(f"Text\n\n<!-- {row.example} -->\n"))
    return change_signals(change(f"Fixes a bug.\n\n{row.example}\n"))


def on_commit(row: Mark) -> tuple[Signal, ...]:
    if row.kind in ("mail", "mail-domain"):
        return commit_signals(commit(f"Subject\n\nCo-authored-by: Some Agent <{row.example}>"))
    if row.kind == "name":
        return commit_signals(commit(author=person(row.example)))
    if row.kind == "subject":
        return commit_signals(commit(row.example))
    if row.kind == "note":
        return commit_signals(commit(note=NOTES[row.match]))
    return commit_signals(commit(f"Subject\n\n{row.example}"))


def on_file(row: Mark) -> tuple[Signal, ...]:
    if row.kind == "document":
        path = ".llmgate/provenance/a.json"
        return document_signals([FoundDocument(path, "00")], [file(path)])
    return file_signals(file(opening=row.example if row.kind == "header" else None, marked=row.kind == "attribute"))


def sighted(row: Mark) -> tuple[Signal, ...]:
    if row.kind == "account":
        return of_account(row)
    if row.kind == "login":
        return change_signals(change(author=account(1, row.example, forge=row.forge or "github")))
    if row.kind == "bot-login":
        return change_signals(change(author=account(1, row.example, "bot", forge=row.forge or "github")))
    if row.kind == "event":
        return event_signals([row.example])
    if row.kind in ("app", "branch", "label", "title", "comment", "body"):
        return on_change(row)
    return on_file(row) if row.kind in ("header", "attribute", "document") else on_commit(row)


@pytest.mark.parametrize("row", [row for row in BUILTIN.rows if row.kind != "tool"], ids=lambda row: row.id)
def test_each_row_is_reached_by_its_example(row: Mark) -> None:
    found = [signal for signal in sighted(row) if signal.mark == row.id]
    assert len(found) == 1
    assert row.grade == "A" or found[0].grade == row.grade
    assert decides(found[0]) is (row.grade != "E"), "an author decides even where its suggestions would not"


@pytest.mark.parametrize("row", [row for row in BUILTIN.rows if row.kind == "tool"], ids=lambda row: row.id)
def test_each_tool_name_is_understood_in_a_trailer(row: Mark) -> None:
    for value in (row.match, f"{row.match.replace('-', ' ').title()} 2.1", f"{row.match} (model-x)"):
        (signal,) = commit_signals(commit(f"Subject\n\nGenerated-by: {value}"))
        assert (signal.agent, signal.carrier) == (row.agent, "trailer")


def test_every_row_is_dated_and_sourced() -> None:
    assert len(BUILTIN.rows) > 250
    for row in BUILTIN.rows:
        assert row.source, row.id
        assert date(2026, 1, 1) < row.last_checked <= date(2026, 11, 23), row.id
        assert row.example or row.kind in ("note", "document"), row.id


def test_no_row_claims_a_robot_or_a_whole_vendor() -> None:
    for row in BUILTIN.rows:
        if row.kind == "account" and int(row.match) in NON_AI_ACCOUNTS:
            assert row.name, row.id
        assert row.kind != "mail-domain" or row.match not in VENDOR_DOMAINS, row.id


TEAM = {
    "id": "team.house-agent",
    "agent": "House Agent",
    "kind": "mail",
    "match": "agent@acme.example",
    "grade": "B",
    "last_checked": "2026-10-01",
}


def extended(**changes: object) -> MarkTable:
    row = {key: value for key, value in {**TEAM, **changes}.items() if value is not None}
    return extend(BUILTIN, [row])


def test_a_team_adds_its_own_agent() -> None:
    message = "Subject\n\nCo-authored-by: House <agent@acme.example>"
    table = extended()
    assert [signal.agent for signal in commit_signals(commit(message), table)] == ["House Agent"]
    assert commit_signals(commit(message)) == ()
    assert detect_with(table, Material(change(), [commit(message)], [])).agents == ("House Agent",)


def test_a_team_adds_a_pattern_and_a_tool_and_a_number() -> None:
    table = extended(kind="branch", match=r"^bot42/", example="bot42/x", needle="bot42/")
    assert [signal.agent for signal in change_signals(change(head_ref="bot42/x"), table)] == ["House Agent"]
    table = extended(kind="tool", match="house")
    assert [signal.agent for signal in commit_signals(commit("S\n\nAssisted-by: House 3"), table)] == ["House Agent"]
    table = extended(kind="account", match=77001001)
    assert [signal.grade for signal in change_signals(change(author=account(77001001)), table)] == ["B"]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"colour": "red"}, "'team.house-agent': unknown key 'colour'; use id, agent"),
        ({"agent": None}, "'team.house-agent': 'agent' is missing; every row needs"),
        ({"id": None}, "mark row 1: 'id' is missing"),
        ({"kind": "smell"}, "'kind' is 'smell'; choose one of account, login"),
        ({"grade": "F"}, "'grade' is 'F'; choose one of A, B"),
        ({"last_checked": "lately"}, "'last_checked' is 'lately'; write a day"),
        ({"assisted": "yes"}, "'assisted' is 'yes'; write true or false"),
        ({"agent": 7}, "'agent' is 7; write a text"),
        ({"kind": "body", "match": "(agent"}, "'(agent' is not a regular expression"),
        ({"kind": "trailer", "match": "Made-by", "value": "["}, "'[' is not a regular expression"),
        ({"kind": "branch", "match": "x*"}, "matches an empty text, hence every change"),
        ({"kind": "branch", "match": "^bot/", "example": "feature/x"}, "the example 'feature/x' is not matched"),
        ({"kind": "branch", "match": "^bot", "example": "bot/x", "needle": "zz"}, "the needle 'zz' is not in the example"),
        ({"kind": "account", "match": "claude"}, "account 'claude' is not a number"),
        ({"kind": "account", "match": 41898282}, "is github-actions[bot], no AI"),
        ({"kind": "login", "match": "dependabot[bot]"}, "is a robot and no AI"),
        ({"kind": "mail", "match": "noreply@github.com"}, "is not an agent's address"),
        ({"kind": "mail-domain", "match": "anthropic.com"}, "people commit from anthropic.com"),
        ({"match": "noreply@anthropic.com"}, "both claim mail 'noreply@anthropic.com'"),
        ({"id": "claude-code.branch.claude-fix-rounding"}, "is there twice"),
    ],
)
def test_a_bad_row_is_refused_by_name_with_its_cure(changes: dict[str, object], told: str) -> None:
    with pytest.raises(ValueError, match="mark") as refusal:
        extended(**changes)
    assert told in str(refusal.value)
