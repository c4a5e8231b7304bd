"""`llmgate scan` on real repositories: who wrote what, how risky it was, who would have been asked, what is missing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import bot.cli.scan
from bot.cli.main import app
from tests.integrations.git.making import Made, make

CLAUDE = "Co-authored-by: Claude <noreply@anthropic.com>"
Report = dict[str, Any]  # JSON as it comes


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return make(tmp_path / "shop")


def scan(root: Path, *options: str) -> Report:
    """The JSON report; nothing else may stand on standard output."""
    done = CliRunner().invoke(app, ["scan", str(root), "--json", *options])
    assert done.exit_code == 0, done.output
    report: Report = json.loads(done.stdout)
    return report


def page(root: Path, *options: str) -> str:
    """What people read, in one line, so that no test depends on where a line breaks."""
    done = CliRunner().invoke(app, ["scan", str(root), *options], env={"COLUMNS": "200", "NO_COLOR": "1"})
    assert done.exit_code == 0, done.output
    return " ".join(done.stdout.split())


def only(report: Report) -> Report:
    (change,) = report["changes"]
    found: Report = change
    return found


def test_a_commit_of_an_agent_is_found_with_its_files_tier_and_what_is_missing(made: Made) -> None:
    made.write("CODEOWNERS", "* @acme/everyone\nauth/ @ann @acme/security\n")
    made.commit("By hand", "src/a.py")
    sha = made.commit(f"Add login (#7)\n\nBody.\n\n{CLAUDE}", "auth/login.py", "src/b.py")
    report = scan(made.root)
    change = only(report)
    assert (change["commit"], change["name"], change["title"]) == (sha, "#7", "Add login (#7)")
    assert (change["kind"], change["agents"], change["grade"]) == ("generated", ["Claude Code"], "B")
    assert change["signals"][0]["saw"] == CLAUDE
    assert {file["path"]: file["document"] for file in change["files"]} == {"auth/login.py": None, "src/b.py": None}
    assert change["tier"] == "high"
    assert "authentication" in {reason["rule"] for reason in change["reasons"]}
    asked = {seat["role"]: seat for seat in change["asked"]}
    assert set(asked["codeowner"]["names"]) == {"@ann", "@acme/security", "@acme/everyone"}
    assert asked["security"]["problem"] == "role not configured"
    assert {"provenance.uncovered", "evidence.tests-passed"} <= {missing["rule"] for missing in change["missing"]}
    totals = report["totals"]
    assert (totals["changes"], totals["generated"], totals["undeclared"]) == (2, 1, 1)
    assert totals["agents"] == {"Claude Code": {"changes": 1, "commits": 1}}
    assert [file["path"] for file in report["files"]] == ["auth/login.py", "src/b.py"]


def test_the_page_tells_the_same_in_words(made: Made) -> None:
    made.commit("By hand", "src/a.py")
    made.commit(f"Add login (#7)\n\n{CLAUDE}", "auth/login.py")
    words = page(made.root)
    assert "2 commits in 2 changes" in words
    assert "generated 1 50.0 % 1 Claude Code 1 50.0 % 1 undeclared 1 50.0 %" in words
    assert "Undeclared is not human" in words
    assert "1 high, 0 medium, 0 low" in words
    assert "#7 Add login (#7) Claude Code (B)" in words
    assert "1 × security (role not configured)" in words
    assert "the role `security` has nobody: define `roles.security`" in words
    assert "no CODEOWNERS" in words
    assert "Files today: 1 of 2 (50.0 %)" in words


def test_a_merge_is_one_change_and_only_the_agents_files_in_it_are_generated(made: Made) -> None:
    made.commit("One", "a.py")
    made.git("checkout", "-q", "-b", "topic")
    made.commit("By hand", "hand.py")
    agent = made.commit(f"By agent\n\n{CLAUDE}", "machine.py")
    made.git("checkout", "-q", "main")
    made.merge("topic", "Merge pull request #12 from ann/topic\n\nA topic")
    change = only(scan(made.root))
    assert (change["name"], change["title"], change["merge"], change["commit_count"]) == ("#12", "A topic", True, 2)
    assert change["commits"] == [{"commit": agent, "agent": "Claude Code"}]
    assert [file["path"] for file in change["files"]] == ["machine.py"]


@pytest.mark.parametrize(
    ("message", "name"),
    [
        ("Merge pull request #12 from ann/codex/fix-rounding\n\nFix rounding", "#12"),
        ("Merge branch 'codex/fix-rounding' into 'main'\n\nFix rounding\n\nSee merge request shop/web!9", "!9"),
        ("Merged in codex/fix-rounding (pull request #3)\n\nFix rounding", "#3"),
        ("Merge branch 'codex/fix-rounding'", None),
    ],
)
def test_a_branch_name_in_a_merge_is_a_mark_of_the_weakest_grade(made: Made, message: str, name: str | None) -> None:
    made.commit("One", "a.py")
    made.git("checkout", "-q", "-b", "topic")
    made.commit("Work", "b.py")
    made.git("checkout", "-q", "main")
    made.merge("topic", message)
    change = only(scan(made.root))
    assert (change["name"], change["agents"], change["grade"]) == (name, ["OpenAI Codex"], "D")
    assert [file["path"] for file in change["files"]] == ["b.py"]


def test_an_agent_that_signs_off_is_a_violation(made: Made) -> None:
    sha = made.commit("One\n\nSigned-off-by: Claude <noreply@anthropic.com>", "a.py")
    report = scan(made.root)
    (violation,) = only(report)["violations"]
    assert (violation["name"], violation["commit"]) == ("signed-off-by-agent", sha)
    assert report["totals"]["violations"] == 1
    assert f"Violations {sha[:9]} signed-off-by-agent" in page(made.root)


def test_no_mark_is_undeclared_and_a_declaration_is_human(made: Made) -> None:
    made.commit("One", "a.py")
    made.commit("Two\n\nAuthored-by-human: Ann Example", "a.py")
    report = scan(made.root)
    assert (report["totals"]["undeclared"], report["totals"]["human_declared"], report["totals"]["generated"]) == (1, 1, 0)
    assert (only(report)["kind"], only(report)["tier"], only(report)["asked"]) == ("human-declared", None, [])


def test_git_ai_notes_are_read_and_name_the_files(made: Made) -> None:
    sha = made.commit("One", "a.py", "b.py")
    about = {
        "schema_version": "authorship/3.0.0",
        "prompts": {"0123456789abcdef": {"agent_id": {"tool": "cursor", "model": "m"}}},
    }
    made.git("notes", "--ref=ai", "add", "-m", f"b.py\n  0123456789abcdef 1-2\n---\n{json.dumps(about)}", sha)
    change = only(scan(made.root))
    assert (change["agents"], change["signals"][0]["carrier"]) == (["Cursor"], "note")
    assert [file["path"] for file in change["files"]] == ["b.py"]


def test_a_mail_map_hides_no_agent(made: Made) -> None:
    made.write(".mailmap", "Ann Example <ann@example.com> <noreply@anthropic.com>\n")
    made.commit("One", "a.py", author="Claude <noreply@anthropic.com>")
    assert only(scan(made.root))["agents"] == ["Claude Code"]


def test_headers_and_attributes_of_the_head_mark_files(made: Made) -> None:
    made.write(".gitattributes", "gen/** llmgate-generated\n")
    made.write("header.py", "# generated_by_llm: Claude Code\nx = 1\n")
    made.write("talk.md", "Words about headers.\n" * 30 + "# generated_by_llm: Claude Code\n")
    made.write("gen/client.py", "y = 1\n")
    made.commit("One")
    report = scan(made.root)
    assert [file["path"] for file in report["files"]] == ["gen/client.py", "header.py"]
    assert {signal["carrier"] for signal in only(report)["signals"]} == {"header", "attribute"}


def test_generated_files_are_followed_to_their_names_of_today(made: Made) -> None:
    made.write("old.py", "some words\n")
    made.commit(f"Agent\n\n{CLAUDE}", "old.py", "gone.py", "again.py")
    made.git("mv", "old.py", "new.py")
    made.git("rm", "-q", "gone.py", "again.py")
    made.commit("Move")
    made.commit("Other files of the old names", "old.py", "again.py")
    assert [file["path"] for file in scan(made.root)["files"]] == ["new.py"]


def test_a_provenance_document_covers_the_files_whose_digest_it_holds(made: Made) -> None:
    made.write("src/a.py", "x = 1\n")
    made.write("src/b.py", "y = 1\n")
    blob = made.line("hash-object", "src/a.py")
    files = [{"path": "src/a.py", "hash": f"gitblob:{blob}"}, {"path": "src/b.py", "hash": "gitblob:" + "0" * 40}]
    document = {
        "model_name": "claude-x", "model_version": "1", "model_provider": "vendor:anthropic",
        "prompt_hash": "hmac-sha256:" + "a" * 64, "prompt_version": "1", "user_id": "github:github.com:1",
        "agent_id": "claude-code", "timestamp": "2026-03-01T10:00:00+00:00", "retrievals": [], "files_generated": files,
        "generation_confidence": 0.5, "tooling_chain": [],
    }  # fmt: skip
    made.write(".llmgate/provenance/one.json", json.dumps(document))
    made.commit("One")
    change = only(scan(made.root))
    assert {file["path"]: file["document"] for file in change["files"]} == {
        "src/a.py": ".llmgate/provenance/one.json",
        "src/b.py": None,
    }
    assert "provenance.drifted" in {missing["rule"] for missing in change["missing"]}


def test_the_policy_at_the_head_decides_and_a_broken_one_is_told(made: Made) -> None:
    made.write(
        ".llmgate/policy.yaml",
        "version: 1\nroles: {security: {people: [sam]}}\nrisk: {api: {tier: high, paths: [api/]}}\n",
    )
    made.commit("Policy")
    made.commit(f"Agent\n\n{CLAUDE}", "api/a.py")
    report = scan(made.root)
    change = next(one for one in report["changes"] if one["agents"])
    assert report["policy"]["source"].startswith(".llmgate/policy.yaml at ")
    assert (change["tier"], change["reasons"][0]["rule"]) == ("high", "api")
    assert {"role": "security", "count": 1, "names": ["sam"], "problem": ""} in change["asked"]
    made.write(".llmgate/policy.yaml", "version: 1\nnonsense: true\n")
    made.commit("Broken")
    assert "the policy is refused" in page(made.root)
    assert scan(made.root)["policy"]["problems"][0]["line"] == 2


def test_where_policy_treats_everything_as_generated_every_change_is_judged(made: Made) -> None:
    made.write(".llmgate/policy.yaml", "version: 1\nundeclared: as-generated\n")
    made.commit("One", "a.py")
    report = scan(made.root)
    assert (only(report)["kind"], only(report)["tier"], report["totals"]["generated"]) == ("undeclared", "high", 0)


def test_many_changes_are_looked_at_in_windows_and_none_is_lost(made: Made) -> None:
    lines: list[str] = []
    for mark in range(1, 451):
        lines.append(f"commit refs/heads/main\nmark :{mark}\ncommitter Ann <ann@example.com> {1_700_000_000 + mark} +0000\n")
        message = f"Change {mark}\n\n{CLAUDE if mark % 3 == 0 else ''}\n"
        lines.append(f"data {len(message)}\n{message}\nM 100644 inline f{mark % 7}.py\ndata 4\n{mark:03}\n\n")
    made.git("fast-import", "--quiet", stdin="".join(lines).encode())
    report = scan(made.root)
    assert (report["totals"]["changes"], report["totals"]["generated"]) == (450, 150)
    assert [change["title"] for change in report["changes"]][:2] == ["Change 450", "Change 447"]


def test_progress_goes_to_standard_error_and_json_stays_alone(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    made.commit(f"One\n\n{CLAUDE}", "a.py")
    monkeypatch.setattr(bot.cli.scan, "PATIENCE_S", -1.0)  # show it at once: no test waits for a clock
    done = CliRunner().invoke(app, ["scan", str(made.root), "--json"], env={"FORCE_COLOR": "1", "TERM": "xterm"})
    assert json.loads(done.stdout)["totals"]["changes"] == 1
    assert "reading history" in done.stderr


def test_a_scan_that_is_soon_done_shows_no_progress(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    made.commit("One", "a.py")
    monkeypatch.setattr(bot.cli.scan, "PATIENCE_S", 3600.0)
    done = CliRunner().invoke(app, ["scan", str(made.root), "--json"], env={"FORCE_COLOR": "1", "TERM": "xterm"})
    assert (done.exit_code, done.stderr) == (0, "")
