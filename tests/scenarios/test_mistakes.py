"""Mistakes that a gate must not allow, each made on purpose: what the gate says to it, and that the merge stays shut.

Those about marks, greens, makers, robots and outages follow in `test_mistakes_of_trust`.

Prompts in logs, the plain cases of a marker edited away and of a maker's approval stand in `test_bad_documents`,
`test_forge_stories` and `test_main_story`.
"""

from __future__ import annotations

import json

from bot.cli.hands import Hands
from bot.cli.layout import POLICY
from bot.cli.playground import BRANCH, Playground
from bot.cli.specimen import EVIDENCE, LOGIN, PROVENANCE, document, login_change, small_change
from tests.scenarios.deeds import (
    approved,
    assert_shut,
    decisions,
    notified,
    opened,
    summary,
)
from tests.scenarios.forges import is_gitlab
from tests.scenarios.traces import overheard
from tests.scenarios.wire import Wire

MUTANTS, JUNIT, COVERAGE = f"{EVIDENCE}/mutation.json", f"{EVIDENCE}/junit.xml", f"{EVIDENCE}/coverage.json"


def login_files(world: Playground) -> dict[str, bytes]:
    return dict(login_change(world.clock.now()).files)


def login_opened(world: Playground, **files: bytes | None) -> int:
    """The usual high-risk change with some of its reports replaced or left out; its number."""
    places = {"mutants": MUTANTS, "junit": JUNIT, "coverage": COVERAGE}
    whole = {**login_files(world), **{places[name]: content for name, content in files.items()}}
    kept = {path: content for path, content in whole.items() if content is not None}
    return opened(world, kept, login_change(world.clock.now()).message).number


# generated tests are not trusted blindly


def test_tests_that_run_everything_and_would_notice_nothing_do_not_pass(one_world: Playground) -> None:
    report = json.loads(login_files(one_world)[MUTANTS])
    for mutant in report["files"]["auth/login.py"]["mutants"]:
        mutant["status"] = "Survived"
    number = login_opened(one_world, mutants=json.dumps(report).encode())
    assert_shut(one_world, number)
    said = summary(one_world, number)
    assert "0 % (0 of 10, cosmic-ray 8.7.0)" in said
    assert "at least 75 %" in said
    assert "write tests that fail for the surviving mutants" in said


def test_tests_without_a_mutation_report_are_insufficient_and_never_passed(one_world: Playground) -> None:
    number = login_opened(one_world, mutants=None)
    assert_shut(one_world, number)
    assert "insufficient" in summary(one_world, number)
    assert notified(one_world) == set()


def test_two_killed_mutants_are_too_few_to_be_a_score(one_world: Playground) -> None:
    report = json.loads(login_files(one_world)[MUTANTS])
    file = report["files"]["auth/login.py"]
    file["mutants"] = file["mutants"][:2]
    number = login_opened(one_world, mutants=json.dumps(report).encode())
    assert_shut(one_world, number)
    assert "insufficient" in summary(one_world, number)


def test_a_reports_own_summary_is_not_believed(one_world: Playground) -> None:
    """The suite counts no failure, and one of its cases holds one."""
    case = '<testcase classname="t" name="locks"><failure message="still open"/></testcase>'
    suite = f'<testsuites><testsuite name="pytest" tests="1" failures="0" errors="0">{case}</testsuite></testsuites>'
    number = login_opened(one_world, junit=suite.encode())
    assert_shut(one_world, number)
    said = summary(one_world, number)
    assert "0 of 1 passed" in said
    assert "mend t::locks" in said or "mend t.locks" in said


def test_a_coverage_of_a_hundred_percent_in_the_totals_covers_no_line(one_world: Playground) -> None:
    report = json.loads(login_files(one_world)[COVERAGE])
    file = report["files"]["auth/login.py"]
    file["executed_lines"], file["missing_lines"] = file["executed_lines"][:2], file["executed_lines"][2:]
    file["summary"] = report["totals"] = {"percent_covered": 100.0, "covered_lines": 14, "num_statements": 14}
    number = login_opened(one_world, coverage=json.dumps(report).encode())
    assert_shut(one_world, number)
    assert "test the lines that no test executes" in summary(one_world, number)


def test_lines_that_generated_code_hides_from_coverage_raise_the_tier_and_count_as_missed(one_world: Playground) -> None:
    part = "shop/part_1.py"
    content = b'"""Part 1."""\n\n\ndef part_1() -> int:\n    return 1  # pragma: no cover\n'
    files = dict(small_change(one_world.clock.now(), 1).files)
    report = json.loads(files[COVERAGE])
    report["files"][part] |= {"executed_lines": [1, 4], "excluded_lines": [5]}
    files |= {part: content, f"{PROVENANCE}/part_1.json": document({part: content}, one_world.clock.now())}
    change = opened(one_world, {**files, COVERAGE: json.dumps(report).encode()}, small_change(one_world.clock.now(), 1).message)
    assert_shut(one_world, change.number)
    assert one_world.card(change.number).text.startswith("Medium risk, blocked")
    said = summary(one_world, change.number)
    assert "no cover in `shop/part_1.py` line 5" in said
    assert "66.6 % (2 of 3" in said


def test_a_change_that_rewrites_what_its_tests_run_under_is_shown_to_do_so(one_world: Playground) -> None:
    made = small_change(one_world.clock.now(), 1)
    conftest = b"import pytest\n"
    files = {
        **made.files,
        "conftest.py": conftest,
        f"{PROVENANCE}/conf.json": document({"conftest.py": conftest}, one_world.clock.now()),
    }
    change = opened(one_world, files, made.message)
    assert one_world.card(change.number).text.startswith("Medium risk: waiting for a code owner")
    assert "settings that tests run under: conftest.py in `conftest.py`" in summary(one_world, change.number)


# prompts stand in no log


def test_a_prompt_in_a_delivery_that_cannot_be_read_stands_in_no_log(one_world: Playground) -> None:
    one_world.settle()
    wire, prompt = Wire(one_world), "Write a login whose back door is called Zwetschge"
    whole = json.loads(wire.opened("seven"))
    whole["object_attributes" if is_gitlab(one_world) else "pull_request"] |= {
        "body": prompt,
        "description": prompt,
        "title": prompt,
    }
    with overheard() as ears:
        answer = wire.hook(json.dumps(whole).encode())
    assert answer.status_code == 400
    assert "Zwetschge" not in ears.all + answer.text
    assert wire.stored == 0


# if everything needs Security, nobody reads


def test_what_is_of_low_risk_asks_one_person_and_never_security(one_world: Playground) -> None:
    change = one_world.open_generated(specimen=small_change(one_world.clock.now(), 1))
    one_world.settle()
    assert one_world.card(change.number).text == f"Low risk: waiting for an approval — {one_world.ref(change.number)}"
    (asked,) = notified(one_world)
    assert asked not in ("sam", "sue", "ann")
    assert Hands(one_world, asked).approve(change.number).taken
    assert one_world.blockers(change.number) is None


def test_a_large_change_of_plain_code_is_the_code_owners_and_not_securitys(one_world: Playground) -> None:
    """Size is no territory: it asks for a person who knows the code, not for one who is asked about everything."""
    content = b'"""Many parts."""\n' + b"".join(b"PART_%d = %d\n" % (n, n) for n in range(500))
    made = small_change(one_world.clock.now(), 1)
    files = {
        **made.files,
        "shop/parts.py": content,
        f"{PROVENANCE}/parts.json": document({"shop/parts.py": content}, one_world.clock.now()),
    }
    change = opened(one_world, files, made.message)
    assert one_world.card(change.number).text.startswith("Medium risk")
    said = summary(one_world, change.number)
    assert "Approval by a code owner" in said
    assert "Approval by security" not in said


def test_nobody_is_called_while_the_author_has_still_something_to_do(one_world: Playground) -> None:
    number = login_opened(one_world, junit=None)
    assert notified(one_world) == set()
    assert "will be asked" in Hands(one_world, "ann").say(f"/llmgate status {one_world.ref(number)}")
    one_world.forge.push(one_world.repo, BRANCH, {JUNIT: login_files(one_world)[JUNIT]}, by="ann", message="Add the report")
    one_world.settle()
    assert notified(one_world) == {"bob", "sue"}


def test_another_look_calls_nobody_a_second_time(one_world: Playground) -> None:
    change = one_world.open_generated()
    one_world.settle()
    called = [message.ts for message in one_world.slack.workspace.messages if message.notified]
    for title in ("Add a password login", "Add a login by password"):
        one_world.forge.edit(one_world.repo, change.number, by="ann", title=title)
        one_world.settle()
    assert [message.ts for message in one_world.slack.workspace.messages if message.notified] == called


def test_what_the_policy_approves_by_itself_calls_nobody_and_says_that_nobody_looked(one_world: Playground) -> None:
    one_world.push_policy(POLICY + "tiers:\n  low:\n    auto_approve: true\n")
    change = one_world.open_generated(specimen=small_change(one_world.clock.now(), 1))
    one_world.settle()
    assert one_world.blockers(change.number) is None
    assert notified(one_world) == set()
    assert "no human looked" in one_world.check_on(change.head_sha).title
    assert decisions(one_world, change.number) == ()


# provenance that drifts from the code


def test_a_hand_edit_after_the_approval_is_drift_and_names_file_document_and_cure(one_world: Playground) -> None:
    change = approved(one_world)
    one_world.forge.push(
        one_world.repo, BRANCH, {"auth/login.py": LOGIN.replace("5", "50")}, by="dee", message="Allow more tries"
    )
    one_world.settle()
    assert_shut(one_world, change.number)
    said = summary(one_world, change.number)
    assert "1 changed since: `auth/login.py` (in `.llmgate/provenance/login.json`)" in said
    assert "attest them again: `llmgate provenance emit FILES`" in said


def test_a_renamed_file_takes_no_provenance_along(one_world: Playground) -> None:
    change = approved(one_world)
    moved = {"auth/login.py": None, "auth/entry.py": LOGIN.encode()}
    one_world.forge.push(one_world.repo, BRANCH, moved, by="ann", message="Rename")
    one_world.settle()
    assert_shut(one_world, change.number)
    assert "1 without: `auth/entry.py`" in summary(one_world, change.number)


def test_a_document_removed_after_the_approval_leaves_its_files_uncovered(one_world: Playground) -> None:
    change = approved(one_world)
    one_world.forge.push(one_world.repo, BRANCH, {f"{PROVENANCE}/login.json": None}, by="ann", message="Tidy up")
    one_world.settle()
    assert_shut(one_world, change.number)
    assert "2 without: `auth/login.py`, `tests/test_login.py`" in summary(one_world, change.number)
