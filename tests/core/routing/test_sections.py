"""Sections of CODEOWNERS, each enforced for itself: who is asked, who answers for what, and what is said of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core.evaluate import evaluate
from bot.core.facts import Facts, RoleMembers
from bot.core.ids import ForgeAccount, PersonId, RoleName
from bot.core.messages.card import asked_people, render_people
from bot.core.messages.words import headline_of
from bot.core.notice import flat
from bot.core.plan import Decided, Surfaces, plan
from bot.core.verdict import Finding, SeatState, Verdict
from tests.core.build import ANN, BOB, CID, DEE, MEDIUM, SAM, SUE, approved, facts, on_gitlab

FILES = ("vendor/shim.py", "docs/use.md", "data/one.csv")
OWNERS = """\
* @bob
[Docs]
docs/ @cid
[Data][2]
data/ @dee @sam @sue
^[Taste]
*.md @lou
"""


def about(owners: str = OWNERS, *by: ForgeAccount, files: tuple[str, ...] = FILES) -> Facts:
    """A medium change on GitLab, which asks for one code owner, with the approvals of these people."""
    return on_gitlab(approved(replace(facts(*files), owners_text=owners), *by))


def seats(verdict: Verdict) -> dict[str, SeatState]:
    return {state.section: state for state in verdict.routing.seats}


def approvals(verdict: Verdict) -> dict[str, Finding]:
    (found,) = (finding for finding in verdict.findings if finding.rule == "approvals")
    return {child.title: child for child in found.children}


def test_every_required_section_that_is_touched_asks_for_its_own_approvals() -> None:
    verdict = evaluate(about())
    assert verdict.tier == "medium"
    wanted = {section: state.seat.count for section, state in seats(verdict).items()}
    assert wanted == {"": 1, "Default": 1, "Docs": 1, "Data": 2}
    assert seats(verdict)["Docs"].asked == ("cid",)
    assert len(seats(verdict)["Data"].asked) == 2
    assert set(asked_people(verdict)) == {"bob", "cid", *seats(verdict)["Data"].asked}


def test_an_approval_answers_for_every_section_of_its_giver_and_fills_a_seat_too() -> None:
    owners = "* @bob\n[Docs]\ndocs/ @bob @cid\n[Data]\ndata/ @cid @bob\n"
    verdict = evaluate(about(owners, BOB))
    assert verdict.state == "allowed"
    assert all(state.taken_by == ("bob",) for state in verdict.routing.seats)


def test_the_policys_code_owner_alone_does_not_open_the_gate() -> None:
    verdict = evaluate(about(OWNERS, BOB, CID, SAM))
    assert verdict.state == "waiting"
    data = approvals(verdict)["Approval by a code owner of Data"]
    assert (data.rule, data.outcome, data.saw) == ("approvals.section", "wait", "1 of 2 approved, by Sam")
    assert evaluate(about(OWNERS, BOB, CID, SAM, SUE)).state == "allowed"


def test_few_people_are_asked_where_one_owns_several_sections() -> None:
    owners = "* @bob @cid @dee\n[Docs]\ndocs/ @bob @dee\n[Data]\ndata/ @cid @dee\n"
    assert asked_people(evaluate(about(owners))) == ("dee",)


def test_lines_of_one_section_with_other_owners_are_asked_for_apart() -> None:
    verdict = evaluate(about("[Code]\ndocs/ @bob\n/data/ @cid\nvendor/ @bob\n", BOB))
    assert set(seats(verdict)) == {"", "Code (docs/)", "Code (/data/)"}
    assert seats(verdict)["Code (docs/)"].open == 0
    assert seats(verdict)["Code (/data/)"].asked == ("cid",)


@pytest.mark.parametrize(
    ("owners", "says"),
    [
        ("* @bob\n[Docs]\ndocs/ @ann\n", "nobody of section `Docs` can approve this change (Ann opened this change"),
        ("* @bob\n[Docs]\ndocs/ @stranger\n", "nobody of section `Docs` is known: the members of @stranger are unknown"),
        ("* @bob\n[Docs]\ndocs/ a@b.co\n", "a@b.co is an address, and an address is no identity"),
        ("* @bob\n[Docs][3]\ndocs/ @cid @ann @dee\n", "section `Docs` has too few owners who can approve (Ann opened"),
    ],
)
def test_a_section_that_nobody_can_answer_for_blocks(owners: str, says: str) -> None:
    verdict = evaluate(about(owners, BOB))
    docs = approvals(verdict)["Approval by a code owner of Docs"]
    assert (verdict.state, docs.outcome) == ("blocked", "block")
    assert says in docs.saw
    assert "name an owner in section `Docs`" in docs.cure


def test_an_optional_section_and_one_that_is_not_touched_ask_nobody() -> None:
    owners = "* @bob\n^[Docs]\ndocs/ @cid\n[Data]\ndata/ @dee\n"
    verdict = evaluate(about(owners, BOB, files=(MEDIUM, "docs/use.md")))
    assert verdict.state == "allowed"
    assert verdict.routing.roles_of(PersonId("cid")) == ("codeowner",)


def test_a_line_without_owners_asks_nobody_and_is_told() -> None:
    verdict = evaluate(about("* @bob\n[Docs]\ndocs/\n", BOB))
    assert verdict.state == "allowed"
    told = approvals(verdict)["Lines of CODEOWNERS that could not be read"]
    assert (told.outcome, told.saw) == (
        "skip",
        "line 3: `docs/`, wanted an owner beside the path or on the section's heading; it is nobody's without",
    )


def test_an_excluded_file_asks_nothing_of_its_section() -> None:
    verdict = evaluate(about("* @bob\n[Docs]\ndocs/ @cid\n!*.md\n", BOB))
    assert verdict.state == "allowed"


def test_groups_and_roles_own_a_section_through_their_members() -> None:
    roles = (
        RoleMembers(RoleName("acme/writers"), (PersonId("cid"),), "group acme/writers"),
        RoleMembers(RoleName("@@maintainer"), (PersonId("dee"),), "role"),
        RoleMembers(RoleName("data"), (PersonId("sue"),), "group data"),
    )
    given = about("* @bob\n[Docs]\ndocs/ @acme/writers\n[Data]\ndata/ @data\n[Code]\nvendor/ @@maintainers\n")
    given = replace(given, directory=replace(given.directory, roles=(*given.directory.roles, *roles)))
    asked = {section: state.asked for section, state in seats(evaluate(given)).items()}
    assert (asked["Docs"], asked["Data"], asked["Code"]) == (("cid",), ("sue",), ("dee",))


def test_without_a_named_section_nothing_is_asked_but_by_the_policy() -> None:
    verdict = evaluate(about("* @bob\ndocs/ @cid\ndata/ @dee\n", DEE))
    assert [state.section for state in verdict.routing.seats] == [""]
    assert verdict.state == "allowed"


def test_on_github_a_heading_is_no_section() -> None:
    given = approved(replace(facts(*FILES), owners_text=OWNERS), BOB)
    verdict = evaluate(given)
    assert [state.section for state in verdict.routing.seats] == [""]
    assert "line 2: `[Docs]`" in approvals(verdict)["Lines of CODEOWNERS that could not be read"].saw


def test_sections_are_named_wherever_people_are() -> None:
    given = about("* @bob\n[Docs]\ndocs/ @cid\n", BOB)
    verdict = evaluate(given)
    assert headline_of(verdict, given) == "Medium risk: waiting for a code owner of Docs"
    lines = [flat(line) for section in render_people(given, verdict) for line in section.lines]
    assert "○ code owner of Docs: asked Cid" in lines
    said = plan(given, verdict, Surfaces("C1", "t"), (Decided("id", PersonId("bob"), "approved", ""),))
    (line,) = (action.notice.summary for action in said if type(action).__name__ == "SayInThread" and hasattr(action, "notice"))
    assert line == "Bob approved as code owner and code owner of Default; still wanted: a code owner of Docs"


def test_many_sections_are_shown_in_few_lines_open_ones_first() -> None:
    owners = "".join(f"[S{number}]\nf{number}.py @bob\n" for number in range(20)) + "[Docs]\ndocs/ @cid\n"
    files = (MEDIUM, *(f"f{number}.py" for number in range(20)), "docs/use.md")
    given = about(owners, BOB, files=files)
    (people,) = render_people(given, evaluate(given))
    assert len(people.lines) == 13
    assert "code owner of Docs" in flat(people.lines[0])
    assert flat(people.lines[-1]) == "… and 10 more"


def test_the_author_never_answers_for_a_section() -> None:
    verdict = evaluate(about("* @bob\n[Docs]\ndocs/ @ann @cid\n", BOB, ANN))
    assert seats(verdict)["Docs"].taken_by == ()
    assert seats(verdict)["Docs"].asked == ("cid",)
