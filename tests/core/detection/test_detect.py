"""What signals add up to: per commit and per file, sticky, with the people who ran the agent."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.detection.commits import commit_signals
from bot.core.detection.detect import detect, join
from bot.core.detection.model import Signal
from bot.core.facts import Change, ChangedFile, Commit
from bot.core.ids import ForgeAccount
from bot.core.provenance.model import FoundDocument, GeneratedFile, ProvenanceDocument, Refusal
from tests.core.detection.material import ADA, BEA, WHEN, account, change, commit, file, person, sha

COPILOT = account(198982749, "Copilot")
COPILOT_MAIL = "198982749+Copilot@users.noreply.github.com"
CLAUDE = "Co-Authored-By: Claude <noreply@anthropic.com>"
FILES = [file("a.py"), file("b.py"), file("c.py")]


def by_copilot(number: int, files: tuple[str, ...] | None, message: str = "Fix") -> Commit:
    who = person("copilot-swe-agent[bot]", COPILOT_MAIL, COPILOT)
    return commit(message, who, sha=sha(number), files=files)


def by_ada(number: int, files: tuple[str, ...] | None, message: str = "Fix") -> Commit:
    return commit(message, person(who=ADA), sha=sha(number), files=files)


def document(*paths: str, agent: str = "claude-code/2.1", user: str = "u-1") -> ProvenanceDocument:
    generated = tuple(GeneratedFile(path, ("sha256:00",)) for path in paths)
    return ProvenanceDocument("model-x", "7", "vendor", "hmac-sha256:00", "1", user, agent, WHEN, generated)


def test_commits_and_files_of_a_mixed_change_are_told_apart() -> None:
    found = detect(
        change(author=COPILOT), [by_copilot(1, ("a.py",)), by_ada(2, ("b.py",)), by_ada(3, ("c.py",), f"x\n\n{CLAUDE}")], FILES
    )
    assert found.commits == ((sha(1), "GitHub Copilot"), (sha(3), "Claude Code"))
    assert found.paths == (("a.py", "GitHub Copilot"), ("c.py", "Claude Code"))
    assert (found.covers_all, found.best, found.agents) == (False, "A", ("GitHub Copilot", "Claude Code"))


def test_a_signal_of_the_change_alone_covers_all_files() -> None:
    found = detect(change(head_ref="codex/x"), [by_ada(1, ("a.py",))], FILES)
    assert (found.kind, found.best, found.covers_all, found.commits) == ("generated", "D", True, ())


def test_a_commit_whose_files_nobody_knows_covers_all() -> None:
    found = detect(change(), [by_ada(1, None, f"x\n\n{CLAUDE}"), by_ada(2, None)], FILES)
    assert (found.covers_all, found.commits) == (True, ((sha(1), "Claude Code"),))


def test_an_authors_own_document_or_header_does_not_narrow_the_change() -> None:
    marked = [file("a.py", opening="# generated_by_llm: codex"), file("b.py")]
    found = detect(change(head_ref="codex/x"), [by_ada(1, ("a.py", "b.py"))], marked)
    assert (found.paths, found.covers_all) == ((("a.py", "OpenAI Codex"),), True)
    found = detect(change(), [by_ada(1, ("a.py", "b.py"))], marked)
    assert (found.paths, found.covers_all) == ((("a.py", "OpenAI Codex"),), False)


def test_once_seen_a_signal_stays() -> None:
    first = detect(change(head_ref="codex/x", labels=("codex",)), [], FILES)
    later = detect(change(), [by_ada(1, ("a.py",))], FILES, [], first.signals)
    assert (later.kind, later.agents, later.covers_all) == ("generated", ("OpenAI Codex",), True)
    assert later.signals == first.signals
    assert detect(change(), [], FILES, [], later.signals).signals == first.signals


def test_an_amended_trailer_leaves_everything_covered() -> None:
    first = detect(change(), [by_ada(1, ("a.py",), f"x\n\n{CLAUDE}")], FILES)
    assert first.paths == (("a.py", "Claude Code"),)
    later = detect(change(), [by_ada(2, ("a.py",))], FILES, [], first.signals)
    assert (later.kind, later.commits, later.covers_all) == ("generated", (), True)


def test_a_rebase_that_keeps_its_marks_widens_nothing() -> None:
    first = detect(change(), [by_ada(1, ("a.py",), f"x\n\n{CLAUDE}")], FILES)
    later = detect(change(), [by_ada(2, ("a.py",), f"x\n\n{CLAUDE}")], FILES, [], first.signals)
    assert (later.commits, later.paths, later.covers_all) == (((sha(2), "Claude Code"),), (("a.py", "Claude Code"),), False)


def test_a_removed_header_leaves_its_file_covered_and_a_moved_file_all() -> None:
    first = detect(change(), [], [file("a.py", opening="// @generated_by_llm")])
    assert (first.paths, first.covers_all) == ((("a.py", "unnamed agent"),), False)
    assert detect(change(), [], [file("a.py"), file("b.py")], [], first.signals).paths == (("a.py", "unnamed agent"),)
    assert detect(change(), [], [file("z.py")], [], first.signals).covers_all


@pytest.mark.parametrize(
    ("opening", "agent"),
    [
        ("# generated_by_llm", "unnamed agent"),
        ("#!/bin/sh\n# generated_by_llm: true", "unnamed agent"),
        ("/*\n * @generated_by_llm: cursor\n */", "Cursor"),
        ("<!-- generated-by-llm: Claude Code 2 -->", "Claude Code"),
        ('"""generated_by_llm"""', "unnamed agent"),
        ("-- generated_by_llm = House Agent", "House Agent"),
        ("REM Generated by LLM: codex", "OpenAI Codex"),
        ("generated_by_llm = True", None),
        ("# generated_by_llm: false", None),
        ("# not generated_by_llm", None),
        ("\n" * 30 + "# generated_by_llm", None),
    ],
)
def test_headers_in_the_comment_styles_of_languages(opening: str, agent: str | None) -> None:
    assert detect(change(), [], [file(opening=opening)]).agents == ((agent,) if agent else ())


def test_a_removed_file_is_not_generated_by_its_attribute() -> None:
    assert detect(change(), [], [file(status="removed", marked=True)]).kind == "undeclared"
    assert detect(change(), [], [file(marked=True)]).paths == (("src/money.py", "unnamed agent"),)


def test_a_document_marks_the_files_it_names() -> None:
    moved = file("new.py", previous_path="a.py", status="renamed")
    entry = FoundDocument(".llmgate/provenance/x.json", "00", document("a.py", "gone.py", user="Ada@Acme.example"))
    found = detect(change(), [], [moved, file("b.py")], [entry])
    assert (found.paths, found.covers_all, found.best) == ((("new.py", "Claude Code"),), False, "B")
    assert found.operators == ("ada@acme.example",)


def test_an_attested_document_is_beyond_the_authors_reach() -> None:
    entry = FoundDocument("p.json", "00", document("a.py"), attested="keyless")
    assert detect(change(), [], FILES, [entry]).best == "A"
    assert detect(change(), [], FILES, [FoundDocument("p.json", "00", document("a.py"), attested="invalid")]).best == "B"


def test_a_refused_document_still_declares_something_generated() -> None:
    entry = FoundDocument(".llmgate/provenance/x.json", "00", refusal=Refusal("a prompt", "a digest", "remove it"))
    found = detect(change(), [], FILES, [entry])
    assert (found.kind, found.covers_all) == ("generated", True)


def test_a_document_of_other_files_says_nothing_of_this_change() -> None:
    assert detect(change(), [], FILES, [FoundDocument("p.json", "00", document("elsewhere.py"))]).kind == "undeclared"


def test_the_requester_of_an_agents_commit_is_its_operator() -> None:
    message = "Fix\n\nCo-authored-by: ada <12001001+ada@users.noreply.github.com>"
    found = detect(change(author=COPILOT), [by_copilot(1, ("a.py",), message)], FILES)
    assert found.operators == (ADA.key,)


def test_the_author_beside_an_agent_is_its_operator_and_robots_are_none() -> None:
    who = commit(f"x\n\n{CLAUDE}", person(), committer=person("GitHub", "noreply@github.com"))
    assert detect(change(), [who], []).operators == ("ada@acme.example",)
    renovate = person("renovate[bot]", "29139614+renovate[bot]@users.noreply.github.com")
    assert detect(change(), [commit(f"x\n\n{CLAUDE}", renovate)], []).operators == ()


@pytest.mark.parametrize(
    ("line", "operators"),
    [
        ("Requested by: @ada", (ADA.key,)),
        ("**Requested by:** @Stranger", ("@stranger",)),
        ("Requested by: Ada Example (ada@acme.example)", ("ada@acme.example",)),
        ("*PR created automatically by Jules for task [1](https://jules.google.com/task/1) started by @ada*", (ADA.key,)),
        ("> Requested by: @ada", ()),
        ("This was requested by @ada", ()),
    ],
)
def test_the_body_names_who_asked(line: str, operators: tuple[str, ...]) -> None:
    found = detect(change(line, author=account(158243242, "devin-ai-integration[bot]")), [by_ada(1, ())], FILES)
    assert found.operators == operators


def test_without_an_agent_nobody_ran_one() -> None:
    assert detect(change("Requested by: @ada"), [by_ada(1, ("a.py",))], FILES).operators == ()


def test_people_declare_by_label_or_by_a_trailer_on_every_commit() -> None:
    own = by_ada(1, ("a.py",), "x\n\nAuthored-by-human: yes")
    merge = commit("Merge main", sha=sha(3), parents=(sha(8), sha(9)))
    found = detect(change(labels=("Human-Written",)), [by_ada(1, ("a.py",))], FILES)
    assert (found.kind, found.declarations) == ("human-declared", ("label Human-Written",))
    assert detect(change(), [own, merge], FILES).kind == "human-declared"
    assert detect(change(), [own, by_ada(2, ("b.py",))], FILES).kind == "undeclared"
    assert detect(change(), [by_ada(1, (), "x\n\nAuthored-by-human: no")], FILES).kind == "undeclared"
    assert detect(change(), [merge], FILES).kind == "undeclared"
    assert detect(change(), [by_ada(1, ("a.py",), f"x\n\nAuthored-by-human: yes\n{CLAUDE}")], FILES).kind == "generated"


def test_only_a_signature_out_of_the_authors_hands_lifts_a_commit_to_grade_a() -> None:
    agent, flow = person("copilot-swe-agent[bot]", COPILOT_MAIL, COPILOT), person("GitHub", "noreply@github.com")
    grades = {
        "unsigned": commit_signals(commit("x", agent, committer=flow))[0].grade,
        "by the forge": commit_signals(commit("x", agent, committer=flow, verified=True))[0].grade,
        "by the agent": commit_signals(commit("x", agent, verified=True))[0].grade,
        "by a person": commit_signals(commit("x", agent, committer=person(who=BEA), verified=True))[0].grade,
    }
    assert grades == {"unsigned": "B", "by the forge": "A", "by the agent": "A", "by a person": "B"}


def test_accounts_that_the_forge_tied_to_co_authors_count() -> None:
    found = detect(change(), [commit("x", co_author_accounts=(account(223556219, "Copilot"), BEA))], [])
    assert [signal.carrier for signal in found.signals] == ["co-author"]
    assert found.operators == ("ada@acme.example", BEA.key)


def test_the_last_pusher_may_be_an_agent() -> None:
    assert detect(change(last_pusher=COPILOT), [], []).best == "A"


def test_gitlab_has_its_own_agents() -> None:
    duo = ForgeAccount("gitlab", "gitlab.acme.example", 12, "duo-developer", "bot")
    assert detect(change(author=duo), [], []).agents == ("GitLab Duo",)
    assert detect(change(author=account(12345678, "duo-developer", "human")), [], []).kind == "undeclared"


@pytest.mark.parametrize(
    ("login", "agent"),
    [
        ("duo-developer-acme", "GitLab Duo"),
        ("ai-fix-pipeline-acme", "GitLab Duo"),
        ("GitLabDuo", "GitLab Duo"),
        ("project_12_bot_ab", ""),
        ("ai-lab", ""),
    ],
)
def test_gitlabs_service_accounts_are_agents_by_their_names_and_people_never(login: str, agent: str) -> None:
    bot = ForgeAccount("gitlab", "gitlab.acme.example", 12, login, "bot")
    assert detect(change(author=bot), [], []).agents == ((agent,) if agent else ())
    if "-" in login:
        assert detect(change(author=replace(bot, kind="human")), [], []).kind == "undeclared"
    assert detect(change(author=replace(bot, forge="github", login=login)), [], []).kind == "undeclared"


def test_whoever_an_agents_own_change_is_assigned_to_ran_the_agent() -> None:
    duo = ForgeAccount("gitlab", "gitlab.com", 12, "duo-developer", "bot")
    ann = ForgeAccount("gitlab", "gitlab.com", 13, "ann", "human")
    assert detect(change(author=duo, assignees=(duo, ann)), [], []).operators == (ann.key,)
    assert detect(change(author=ann, last_pusher=duo, assignees=(ann,)), [], []).operators == ()


def test_numbers_and_names_of_githubs_robots_say_nothing_on_gitlab() -> None:
    for number, login in ((41898282, "ann"), (19864447, "bob"), (7, "weblate"), (8, "renovate-bot")):
        person = ForgeAccount("gitlab", "gitlab.com", number, login, "human")
        found = detect(change("Requested by @" + login, author=COPILOT, last_pusher=person), [], [])
        assert found.operators == (person.key,)
        assert detect(change(author=person), [], []).kind == "undeclared"


def test_quotations_are_short_and_on_one_line() -> None:
    found = detect(change("<!-- gh-aw-agentic-workflow: a\x1b[31m\n" + "x" * 500 + " -->"), [], [])
    assert len(found.signals[0].saw) <= 100
    assert found.signals[0].saw.isprintable()


def test_the_surer_sighting_of_a_signal_is_kept() -> None:
    weak = Signal("Cursor", "m", "author", "B", "weak", sha(1))
    sure = Signal("Cursor", "m", "author", "A", "sure", sha(1))
    assert join([weak], [sure]) == join([sure], [weak]) == (sure,)


MARKS = st.sampled_from(
    [CLAUDE, "Assisted-by: x:y", "Signed-off-by: a <b@c.d>", "Co-authored-by", "`", "```", "<!--", "-->", ">", "---"]
)
TEXT = st.lists(st.one_of(st.text(max_size=12), MARKS, st.just("\n\n")), max_size=12).map("\n".join)


@st.composite
def changes(draw: st.DrawFn) -> tuple[Change, list[Commit], list[ChangedFile]]:
    who = person(draw(TEXT), draw(TEXT))
    made = [commit(draw(TEXT), who, sha=sha(n), note=draw(st.none() | TEXT)) for n in range(draw(st.integers(0, 2)))]
    files = [file("a.py", opening=draw(st.none() | TEXT), marked=draw(st.booleans()))]
    labels = tuple(draw(st.lists(st.sampled_from(["human-written", "codex", "x"]), max_size=2)))
    return change(draw(TEXT), title=draw(TEXT), head_ref=draw(TEXT), labels=labels), made, files


SIGNALS = st.builds(
    Signal,
    agent=st.sampled_from(["Cursor", "Devin"]),
    mark=st.just("m"),
    carrier=st.sampled_from(["body", "author", "note"]),
    grade=st.sampled_from(["A", "B", "C", "D", "E"]),
    saw=st.just(""),
    commit=st.sampled_from([None, sha(0), sha(77)]),
    path=st.sampled_from([None, "a.py", "gone.py"]),
    assisted=st.booleans(),
)


@given(changes(), st.lists(SIGNALS, max_size=3), SIGNALS)
def test_detection_never_fails_and_a_further_signal_never_lowers_it(
    made: tuple[Change, list[Commit], list[ChangedFile]], before: list[Signal], more: Signal
) -> None:
    at, commits, files = made
    first = detect(at, commits, files, [], before)
    then = detect(at, commits, files, [], [*before, more])
    assert {signal.key for signal in first.signals} <= {signal.key for signal in then.signals}
    order = ("human-declared", "undeclared", "generated")
    assert order.index(then.kind) >= order.index(first.kind)
    assert not then.generated or then.covers_all or then.paths or then.commits
    assert detect(at, commits, files, [], then.signals) == then
