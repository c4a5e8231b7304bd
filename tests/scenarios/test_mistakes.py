"""Mistakes that a gate must not allow, each made on purpose: what the gate says to it, and that the merge stays shut.

Prompts in logs, the plain cases of a marker edited away and of a maker's approval stand in `test_bad_documents`,
`test_forge_stories` and `test_main_story`.
"""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from bot.cli.hands import Hands
from bot.cli.layout import NUMBERS, POLICY
from bot.cli.playground import BRANCH, Playground
from bot.cli.specimen import AGENT_TRAILER, EVIDENCE, LOGIN, PROVENANCE, TESTS, document, login_change, small_change
from integrations.sandbox.details import PushDetails
from integrations.sandbox.stage import ChangeSeen
from tests.scenarios.deeds import (
    approve,
    approved,
    assert_shut,
    decisions,
    notified,
    opened,
    put_back,
    retarget,
    robot,
    summary,
    thread,
)
from tests.scenarios.forges import checks_posted, is_gitlab
from tests.scenarios.traces import overheard
from tests.scenarios.wire import Wire

MUTANTS, JUNIT, COVERAGE = f"{EVIDENCE}/mutation.json", f"{EVIDENCE}/junit.xml", f"{EVIDENCE}/coverage.json"
TAKEN = POLICY + "tiers:\n" + "".join(f"  {tier}: {{forge_approvals: true}}\n" for tier in ("low", "medium", "high"))


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
    assert "attest them again" in said


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


# a marker removed to escape the gate


def test_a_history_rewritten_without_any_mark_is_still_generated(one_world: Playground) -> None:
    """Trailer, document and label: all of them go with one forced push, and the branch's name says nothing."""
    files = login_files(one_world)
    change = opened(one_world, files, login_change(one_world.clock.now()).message, "feature")
    bare = {"auth/login.py": files["auth/login.py"], "tests/test_login.py": files["tests/test_login.py"]}
    one_world.forge.push(one_world.repo, "feature", bare, by="ann", message="Add password login", onto="main")
    one_world.forge.unlabel(one_world.repo, change.number, "llm-generated", by="ann")
    one_world.settle()
    assert_shut(one_world, change.number)
    assert one_world.seen(change.number).labels == ("llm-generated",)
    assert "generated by Claude Code" in summary(one_world, change.number)
    assert "2 without: `auth/login.py`, `tests/test_login.py`" in summary(one_world, change.number)


def test_a_label_that_says_a_person_wrote_it_does_not_outweigh_a_mark(one_world: Playground) -> None:
    change = one_world.open_generated()
    one_world.forge.label(one_world.repo, change.number, "human-authored", by="ann")
    one_world.settle()
    assert_shut(one_world, change.number, "waiting")
    assert "llm-generated" in one_world.seen(change.number).labels


def test_a_change_closed_and_opened_again_remembers_its_marks(one_world: Playground) -> None:
    change = opened(one_world, login_files(one_world), login_change(one_world.clock.now()).message, "feature")
    one_world.forge.close_change(one_world.repo, change.number, by="ann")
    one_world.settle()
    stand_in = one_world.gitlab if is_gitlab(one_world) else one_world.github
    stand_in.reopen(one_world.repo, change.number, by="ann")
    bare = {"auth/login.py": LOGIN.encode(), "tests/test_login.py": TESTS.encode()}
    one_world.forge.push(one_world.repo, "feature", bare, by="ann", message="Add password login", onto="main")
    one_world.settle()
    assert_shut(one_world, change.number)
    assert "generated by Claude Code" in summary(one_world, change.number)


# a green that outlives the commit it was given for


def test_a_head_that_comes_back_brings_neither_its_green_nor_its_approvals(one_world: Playground) -> None:
    change = approved(one_world)
    one_world.push_generated(specimen=login_change(one_world.clock.now(), "second"))
    one_world.settle()
    put_back(one_world, change.head_sha, by="ann")
    one_world.settle()
    assert one_world.seen(change.number).head_sha == change.head_sha
    assert_shut(one_world, change.number, "waiting")
    assert "it was voided: a push replaced" in Hands(one_world, "bob").say(f"/llmgate why {one_world.ref(change.number)}")


def test_a_green_for_a_small_difference_is_none_for_a_large_one(one_world: Playground) -> None:
    """The head stays; in another target branch, more of it is new than anybody saw."""
    one_world.forge.push(
        one_world.repo, "staging", {"README.md": None}, by="ann", message="Remove what nobody saw", onto="main"
    )
    made = login_change(one_world.clock.now())
    one_world.forge.push(one_world.repo, BRANCH, made.files, by="ann", message=made.message, onto="staging")
    change = one_world.forge.open_change(one_world.repo, BRANCH, by="ann", base="staging", title="A login")
    one_world.settle()
    approve(one_world, change.number)
    assert one_world.verdict_on(change.head_sha) == "allowed"
    retarget(one_world, change.number, "main")
    one_world.settle()
    assert_shut(one_world, change.number, "waiting")
    assert "it was given for a merge into `staging`, where the difference is another" in summary(one_world, change.number)


def test_the_old_green_stays_on_the_old_commit_alone(one_world: Playground) -> None:
    change = approved(one_world)
    new = one_world.push_generated(specimen=login_change(one_world.clock.now(), "second"))
    one_world.settle()
    assert "allowed" not in checks_posted(one_world, new)
    assert_shut(one_world, change.number, "waiting")
    assert "LLM Review: approved" not in one_world.seen(change.number).labels
    assert any(
        f"A push voided the decisions of Bob and Sue, given for commit {change.head_sha[:12]}" in line
        for line in thread(one_world, change.number)
    )


# an approval by whoever made the code


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("author", "is the author of commit"),
        ("committer", "is the committer of commit"),
        ("co-author", "is a co-author of commit"),
        ("pusher", "made the last push"),
        ("operator", "ran the agent"),
    ],
)
def test_nobody_approves_what_they_had_a_hand_in(one_world: Playground, part: str, said: str) -> None:
    """Dee owns this code, and had a part in it that the page of the change does not show at first sight."""
    change = with_a_part_of_dees(one_world, part)
    seen = Hands(one_world, "dee").approve(change.number)
    assert not seen.taken
    assert seen.text.startswith(f"You may not decide about {one_world.ref(change.number)}: Dee ")
    assert said in seen.text
    assert decisions(one_world, change.number) == ()
    assert notified(one_world) == {"bob", "sue"}
    assert Hands(one_world, "bob").approve(change.number).taken


def with_a_part_of_dees(world: Playground, part: str) -> ChangeSeen:
    """Ann's generated change in two commits, in which Dee did this."""
    made = login_change(world.clock.now())
    reports = {path: content for path, content in made.files.items() if path.startswith(EVIDENCE)}
    files, message = {path: content for path, content in made.files.items() if path not in reports}, made.message
    first, last = PushDetails(by="ann"), PushDetails(by="ann")
    if part == "author":
        first = PushDetails(by="ann", author="dee", committer="ann")
    elif part == "committer":
        first = PushDetails(by="ann", author="ann", committer="dee")
    elif part == "co-author":
        address = f"{NUMBERS['dee']}{'-' if is_gitlab(world) else '+'}dee@users.noreply.{world.forge.host}"
        message = f"{message.rstrip()}\nCo-authored-by: Dee <{address}>\n"
    elif part == "pusher":
        last = PushDetails(by="dee", author="ann", committer="ann")
    else:
        generated = {path: files[path] for path in ("auth/login.py", "tests/test_login.py")}
        user = f"{world.forge.forge}:{world.forge.host}:{NUMBERS['dee']}"
        files[f"{PROVENANCE}/login.json"] = document(generated, world.clock.now(), user=user)
    world.forge.push(world.repo, BRANCH, reports, message=f"Add reports\n\n{AGENT_TRAILER}\n", **first)
    change = world.forge.open_change(world.repo, BRANCH, by="ann", title="Add password login")
    world.forge.push(world.repo, BRANCH, files, message=message, **last)
    world.settle()
    return change


def test_whoever_joins_in_after_approving_takes_their_approval_with_them(one_world: Playground) -> None:
    """Sue approved; then she pushed to the branch. Neither what she said before nor what she says now counts."""
    change = one_world.open_generated()
    one_world.settle()
    assert Hands(one_world, "sue").approve(change.number).taken
    one_world.push_generated(specimen=login_change(one_world.clock.now(), "by sue"), by="sue")
    one_world.settle()
    seen = Hands(one_world, "sue").approve(change.number)
    assert "Sue made the last push" in seen.text
    assert Hands(one_world, "bob").approve(change.number).taken
    assert_shut(one_world, change.number, "waiting")
    assert one_world.card(change.number).text == f"High risk: waiting for security — {one_world.ref(change.number)}"


# a bot that approves


def test_a_robots_approval_on_the_forge_counts_for_nobody(one_world: Playground) -> None:
    one_world.push_policy(TAKEN)
    change = one_world.open_generated()
    one_world.settle()
    for login in (robot(one_world, "reviewer"), robot(one_world, "rubber-stamp")):
        one_world.forge.approve(one_world.repo, change.number, by=login)
    one_world.settle()
    assert decisions(one_world, change.number) == ()
    assert_shut(one_world, change.number, "waiting")
    assert one_world.card(change.number).text.startswith("High risk: waiting for security and a code owner")


# a gate that opens because a service was down


def test_a_team_that_cannot_be_read_seats_nobody(one_world: Playground) -> None:
    """Security is a team of the forge: while it does not say who is in it, nobody is."""
    one_world.settle()
    teams = "GET */groups/*/members*" if is_gitlab(one_world) else "GET */teams/*"
    one_world.forge.fail_next(teams, 500, times=50)
    change = one_world.open_generated()
    one_world.settle()
    assert one_world.verdict_on(change.head_sha) != "allowed"
    Hands(one_world, "bob").approve(change.number)
    Hands(one_world, "sue").approve(change.number)
    assert_shut(one_world, change.number)
    assert "could not read team acme/security" in summary(one_world, change.number)


def test_people_who_cannot_be_read_approve_nothing(one_world: Playground) -> None:
    change = one_world.open_generated()
    one_world.settle()
    assert Hands(one_world, "bob").approve(change.number).taken
    people = one_world.layout.folder / "people.yaml"
    whole = people.read_text()
    people.write_text(whole + "\nmallory: [")
    one_world.forge.edit(one_world.repo, change.number, by="ann", title="Look again")
    one_world.settle()
    assert_shut(one_world, change.number)
    assert "mend the people file" in summary(one_world, change.number)
    people.write_text(whole)
    one_world.forge.edit(one_world.repo, change.number, by="ann", title="Look once more")
    one_world.settle()
    assert_shut(one_world, change.number, "waiting")


def test_a_forge_that_answers_nothing_for_a_day_turns_nothing_green(one_world: Playground) -> None:
    change = one_world.open_generated()
    one_world.settle()
    assert Hands(one_world, "bob").approve(change.number).taken
    one_world.forge.fail_next("*", 503, times=400)
    Hands(one_world, "sue").approve(change.number)
    for _ in range(4):
        one_world.clock.advance(timedelta(hours=6))
        one_world.gate.request_sweep()
        one_world.settle()
        assert_shut(one_world, change.number, "waiting")
    assert len(decisions(one_world, change.number)) == 1
