"""Policy files: what is refused, where, and how to mend it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.policy.file import PolicyFile
from bot.core.policy.join import join
from bot.core.policy.keys import POLICY_KEYS
from bot.core.policy.model import PolicyProblem
from bot.core.policy.text import parse_policy

EXAMPLE = Path(__file__).resolve().parents[3] / "deploy" / "policy.example.yaml"
HEAD = "version: 1\n"

REFUSED = [
    ("", 1, "an empty file"),
    ("# nothing\n", 1, "an empty file"),
    ("version: 1\n", 1, "nothing but a version"),
    ("mode: warn\n", 1, "no version"),
    ("version: 2\nmode: warn\n", 1, "`version`: `2`"),
    ("- a\n", 1, "a list of 1"),
    ("just words\n", 1, "`just words`"),
    ("version: 1\nmode: [\n", 3, "no YAML"),
    ("version: 1\nmod: warn\n", 2, "an unknown key"),
    ("version: 1\nmode: Enforce\n", 2, "`Enforce`"),
    ("version: 1\nmode: warn\nmode: observe\n", 3, "`mode` twice, first on line 2"),
    ("version: 1\nroles: &r\n  a: {people: [x]}\n", 2, "an anchor"),
    ("version: 1\nmode: *x\n", 2, "an anchor or alias"),
    ("version: 1\nmode: !!python/object/apply:os.system [x]\n", 2, "a tag"),
    ("version: 1\n<<: {mode: warn}\n", 2, "a key that is no plain word"),
    ("version: 1\nmode: warn\n---\nversion: 1\n", 3, "a second document"),
    ("version: 1\nrisk: {}\n", 2, "an empty mapping"),
    ("version: 1\nroles:\n", 2, "nothing"),
    ("version: 1\nroles:\n  anyone: {people: [x]}\n", 3, "a role named `anyone`"),
    ("version: 1\nroles:\n  a: {people: [x], team: o/t}\n", 3, "two sources: people, team"),
    ("version: 1\nroles:\n  a: {people: []}\n", 3, "an empty list"),
    ("version: 1\nroles:\n  a: {people: [x, x]}\n", 3, "`x` twice"),
    ("version: 1\nroles:\n  a: {team: solo}\n", 3, "`solo`"),
    ("version: 1\nroles:\n  a b: {people: [x]}\n", 3, "the name `a b`"),
    ("version: 1\nrisk:\n  r: {tier: high}\n", 3, "no condition"),
    ("version: 1\nrisk:\n  r: {paths: [x]}\n", 3, "no tier"),
    ("version: 1\nrisk:\n  r: {tier: high, paths: [x], lines_over: 1}\n", 3, "paths and lines_over"),
    ("version: 1\nrisk:\n  r:\n    tier: high\n    paths:\n      - a//b\n", 6, "empty folder name"),
    ("version: 1\nrisk:\n  r: {tier: high, lines_over: many}\n", 3, "`many`"),
    ("version: 1\ntiers:\n  huge: {strength: passkey}\n", 3, "an unknown tier"),
    ("version: 1\ntiers:\n  low: {}\n", 3, "an empty mapping"),
    ("version: 1\ntiers:\n  low: {approvals: {}}\n", 3, "an empty mapping"),
    ("version: 1\ntiers:\n  low: {approvals: {anyone: 0}}\n", 3, "`0`"),
    ("version: 1\ntiers:\n  low: {strength: strong}\n", 3, "`strong`"),
    ("version: 1\ntiers:\n  low: {checklist: []}\n", 3, "an empty list"),
    ("version: 1\ntiers:\n  low: {checklist: [nonsense]}\n", 3, "`nonsense`"),
    ("version: 1\ntiers:\n  low: {checklist: [tests, tests]}\n", 3, "`tests` twice"),
    ("version: 1\ntiers:\n  low: {checklist: [{id: tests, text: mine}]}\n", 3, "the built-in id `tests`"),
    ("version: 1\ntiers:\n  low: {checklist: [{id: mine}]}\n", 3, "an item without text"),
    ("version: 1\ntiers:\n  low: {evidence: {line_coverage: 101}}\n", 3, "`101`"),
    ("version: 1\ntiers:\n  low: {evidence: {line_coverage: -1}}\n", 3, "`-1`"),
    ("version: 1\ntiers:\n  low: {evidence: {min_mutants: off}}\n", 3, "`off`"),
    ("version: 1\ntiers:\n  low: {auto_approve: yes}\n", 3, "`yes`"),
    ("version: 1\ntiers:\n  medium:\n    auto_approve: true\n", 4, "true"),
    ("version: 1\ntiers:\n  high:\n    auto_merge: true\n", 4, "true"),
    ("version: 1\ntiers:\n  low: {strength: passkey, forge_approvals: true}\n", 3, "while the tier asks for passkey"),
    ("version: 1\ntiers:\n  low: {forge_approvals: no}\n", 3, "`no`"),
    ("version: 1\ntiers:\n  low: {forge_approvals: false}\n  high: {forge_approvals: true}\n", 4, "unlike `tiers.low`"),
    ("version: 1\ntiers:\n  high:\n    approvals: {security: 1}\n", 4, "1 person"),
    ("version: 1\ntiers:\n  high:\n    approvals: {codeowner: 2}\n", 4, "no seat for `security`"),
    ("version: 1\ntiers:\n  low: {approvals: {anyone: 3}}\n  medium: {approvals: {anyone: 2}}\n", 4, "2 people, fewer"),
    ("version: 1\ntiers:\n  low: {strength: passkey}\n  high: {strength: witnessed}\n", 4, "weaker"),
    ("version: 1\ntiers:\n  low: {evidence: {max_errors: 0}}\n  high: {evidence: {max_errors: off}}\n", 4, "off, looser"),
    ("version: 1\nprovenance: {signed: maybe}\n", 2, "`maybe`"),
    ("version: 1\nprovenance: {signers: [{identity: x}]}\n", 2, "identity"),
    ("version: 1\nprovenance: {signers: [{key_sha256: abc}]}\n", 2, "`abc`"),
    ("version: 1\nprovenance: {models: []}\n", 2, "an empty list"),
    ("version: 1\nundeclared: human\n", 2, "`human`"),
]


@pytest.mark.parametrize(("text", "line", "saw"), REFUSED, ids=[f"{number}" for number in range(len(REFUSED))])
def test_a_faulty_policy_is_refused_with_file_line_and_cure(text: str, line: int, saw: str) -> None:
    problems = parse_policy(text, "p.yaml")
    assert isinstance(problems, tuple)
    found = [problem for problem in problems if saw in problem.saw]
    assert found, problems
    assert (found[0].file, found[0].line) == ("p.yaml", line)
    assert found[0].wanted
    assert found[0].cure


def test_all_faults_are_told_at_once_in_the_order_of_their_lines() -> None:
    problems = parse_policy("version: 1\nmode: x\nundeclared: y\nrisk: []\n", "p")
    assert isinstance(problems, tuple)
    assert [problem.line for problem in problems] == [2, 3, 4]


@pytest.mark.parametrize(
    "text",
    [
        "version: 1\nchannel: " + "x" * 300_000,
        "version: 1\nroles: " + "[" * 5000,
        "version: 1\nroles: {" + ", ".join(f"r{n}: {{people: [x]}}" for n in range(9000)) + "}",
        "version: 1\nchannel: \x00",
        "version: 1\nchannel: \ud800",
        "a: &a [x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n",
    ],
)
def test_a_file_made_to_hurt_is_one_problem(text: str) -> None:
    problems = parse_policy(text, "p")
    assert isinstance(problems, tuple)
    assert len(problems) == 1


@given(st.text(alphabet="version: 1\n-[]{}&*!'\"ab#|>", max_size=80))
def test_no_text_makes_the_reader_stumble(text: str) -> None:
    read = parse_policy(text, "p")
    assert isinstance(read, PolicyFile) or all(isinstance(problem, PolicyProblem) for problem in read)
    assert read != ()


def test_quotes_and_yaml_words_are_taken_as_they_stand() -> None:
    read = parse_policy("version: 1\nchannel: no\nroles:\n  ops: {people: ['1', 2.50]}\n", "p")
    assert isinstance(read, PolicyFile)
    assert (read.channel, read.roles[0].people) == ("no", ("1", "2.50"))


def test_the_example_uses_every_key_and_is_a_good_policy() -> None:
    read = parse_policy(EXAMPLE.read_text(), "policy.example.yaml")
    assert isinstance(read, PolicyFile), read
    assert join(None, read, "example").problems == ()
    used = {path for path, _ in read.lines}
    for key in POLICY_KEYS:
        parts = key.split(".")
        assert (
            any(
                all(want == have or want.startswith("<") for want, have in zip(parts, path.split("."), strict=True))
                for path in used
                if path.count(".") == key.count(".")
            )
            or parts[-1] in EXAMPLE.read_text()
        ), f"the example lacks {key}"


def test_every_key_has_a_meaning_of_one_line() -> None:
    assert all(meaning.endswith(".") and "\n" not in meaning for meaning in POLICY_KEYS.values())
