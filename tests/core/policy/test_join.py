"""The floor and the repository's file: who may ask for what, and which policy decides."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.approval import TIERS
from bot.core.ids import RoleName
from bot.core.policy import defaults
from bot.core.policy.file import Parsed, PolicyFile
from bot.core.policy.join import digest_of, join
from bot.core.policy.model import Policy, Seat
from bot.core.policy.text import parse_policy

FLOOR = """\
version: 1
mode: warn
undeclared: as-generated
roles:
  security: {people: [sam]}
risk:
  pricing: {tier: high, paths: [pricing/, tariffs/]}
  size: {tier: medium, lines_over: 100}
tiers:
  low:
    approvals: {anyone: 2}
    strength: witnessed
    checklist: [tests, {id: mine, text: I did it.}]
  medium:
    approvals: {codeowner: 1, anyone: 1}
    evidence: {line_coverage: 70, max_warnings: 5}
  high:
    approvals: {security: 1, codeowner: 1}
    strength: passkey
provenance:
  required: true
  signed: true
  signers: [{identity: https://ci/*, issuer: https://issuer}]
  models: [anthropic/*, internal/coder-1, openai/gpt-?]
  licenses: [MIT, Apache-2.0]
override: {roles: [security], minutes: 60}
"""


def parsed(text: str) -> Parsed:
    return parse_policy("version: 1\n" + text, "repo.yaml")


def floor() -> Parsed:
    return parse_policy(FLOOR, "floor.yaml")


def joined(text: str) -> Policy:
    return join(floor(), parsed(text), "test")


LOOSER = [
    ("mode: observe", "`mode`", 2),
    ("undeclared: as-human", "`undeclared`", 3),
    ("roles: {security: {people: [eve]}}", "`roles.security`", 5),
    ("risk: {pricing: {tier: medium, paths: [pricing/, tariffs/]}}", "`risk.pricing.tier`", 7),
    ("risk: {pricing: {tier: high, paths: [pricing/]}}", "`risk.pricing.paths`", 7),
    ("risk: {pricing: {tier: high, lines_over: 1}}", "`risk.pricing.paths`", 7),
    ("risk: {size: {tier: medium, lines_over: 101}}", "`risk.size.lines_over`", 8),
    ("risk: {ci: {tier: low, paths: [.github/]}}", "`risk.ci.tier`", 6),
    ("tiers: {low: {approvals: {anyone: 1}}}", "`tiers.low.approvals`", 11),
    ("tiers: {medium: {approvals: {anyone: 2}}}", "`tiers.medium.approvals`", 15),
    ("tiers: {medium: {approvals: {codeowner: 1, security: 1}}, low: {approvals: {security: 1}}}", "`tiers.low.approvals`", 11),
    ("tiers: {low: {evidence: {tests: false}}}", "`tiers.low.evidence.tests`", 10),
    ("tiers: {high: {strength: witnessed}}", "`tiers.high.strength`", 19),
    ("tiers: {low: {checklist: [tests]}}", "`tiers.low.checklist`", 13),
    ("tiers: {low: {checklist: [tests, {id: mine, text: Whatever.}]}}", "`tiers.low.checklist`", 13),
    ("tiers: {medium: {evidence: {line_coverage: 69.9}}}", "`tiers.medium.evidence.line_coverage`", 16),
    ("tiers: {medium: {evidence: {line_coverage: off}}}", "`tiers.medium.evidence.line_coverage`", 16),
    ("tiers: {medium: {evidence: {max_warnings: 6}}}", "`tiers.medium.evidence.max_warnings`", 16),
    ("tiers: {medium: {evidence: {mutation_score: 10}}}", "`tiers.medium.evidence.mutation_score`", 16),
    ("tiers: {low: {auto_approve: true}}", "`tiers.low.auto_approve`", 10),
    ("tiers: {low: {auto_merge: true}}", "`tiers.low.auto_merge`", 10),
    ("tiers: {low: {forge_approvals: true}}", "`tiers.low.forge_approvals`", 10),
    ("tiers: {low: {carry_over: true}}", "`tiers.low.carry_over`", 10),
    ("tiers: {low: {login_minutes: 11}}", "`tiers.low.login_minutes`", 10),
    ("override: {roles: [codeowner]}", "`override.roles`", 26),
    ("override: {roles: [security], minutes: 61}", "`override.minutes`", 26),
    ("provenance: {required: false}", "`provenance.required`", 21),
    ("provenance: {signed: false}", "`provenance.signed`", 22),
    ("provenance: {signers: [{identity: 'https://*', issuer: https://issuer}]}", "`provenance.signers`", 23),
    ("provenance: {models: ['*']}", "`provenance.models`", 24),
    ("provenance: {models: ['internal/*']}", "`provenance.models`", 24),
    ("provenance: {models: ['openai/gpt-*']}", "`provenance.models`", 24),
    ("provenance: {licenses: [MIT, GPL-3.0-only]}", "`provenance.licenses`", 25),
]


@pytest.mark.parametrize(("text", "path", "line"), LOOSER, ids=[path + str(at) for at, (_, path, _) in enumerate(LOOSER)])
def test_a_repository_cannot_loosen_the_floor_and_is_told_both_lines(text: str, path: str, line: int) -> None:
    policy = joined(text)
    found = [problem for problem in policy.problems if problem.saw.startswith(path)]
    assert found, policy.problems
    assert found[0].file == "repo.yaml"
    assert found[0].line == 2
    assert f"line {line} of floor.yaml" in found[0].wanted
    assert found[0].cure


@pytest.mark.parametrize("text", [text for text, _, _ in LOOSER])
def test_a_repository_that_tries_to_loosen_is_judged_by_the_floor_alone(text: str) -> None:
    alone = join(floor(), None, "test")
    assert replace(joined(text), problems=(), digest="") == replace(alone, digest="")


TIGHTER = [
    "mode: enforce",
    "roles: {ops: {people: [bob]}}",
    "risk: {own: {tier: medium, paths: [x]}, pricing: {tier: high, paths: [more/, pricing/, tariffs/]}}",
    "risk: {size: {tier: high, lines_over: 50}}",
    "tiers: {low: {approvals: {codeowner: 1, security: 1}}}",
    "tiers: {medium: {approvals: {codeowner: 1, security: 1}}}",
    "tiers: {low: {checklist: [tests, design, {id: mine, text: I did it.}]}}",
    "tiers: {medium: {evidence: {line_coverage: 71, max_warnings: 0}}}",
    "tiers: {high: {strength: keyless}}",
    "tiers: {high: {login_minutes: 5, strength_of: {security: keyless}}}",
    "override: {roles: [security], minutes: 30}",
    "provenance: {models: [anthropic/claude-*]}",
    "provenance: {licenses: [MIT]}",
]


@pytest.mark.parametrize("text", TIGHTER)
def test_a_repository_may_ask_for_more(text: str) -> None:
    policy = joined(text)
    assert policy.problems == ()
    assert policy.digest != join(floor(), None, "test").digest or "mode" in text


def test_without_a_floor_the_repository_speaks_for_the_organisation() -> None:
    text = "mode: observe\nrisk: {dependencies: {tier: low, paths: [x]}}\ntiers: {low: {auto_approve: true}}"
    policy = join(None, parsed(text), "test")
    assert policy.problems == ()
    assert (policy.mode, policy.tier("low").auto_approve) == ("observe", True)
    assert next(rule for rule in policy.risk if rule.name == "dependencies").tier == "low"


def test_what_a_floor_leaves_out_is_the_default_and_binds() -> None:
    floor_alone = parse_policy("version: 1\nmode: enforce\n", "floor.yaml")
    policy = join(floor_alone, parsed("tiers: {medium: {evidence: {line_coverage: 10}}}"), "test")
    assert "a default under floor.yaml" in policy.problems[0].wanted


def test_the_defaults_are_a_good_policy() -> None:
    policy = join(None, None, "")
    assert policy.problems == ()
    assert policy.source == "defaults"
    assert policy.mode == "enforce"
    assert policy.tier("high").seats == (Seat(defaults.SECURITY, 1), Seat(defaults.CODEOWNER, 1))
    assert not any(rules.auto_approve or rules.auto_merge for rules in policy.tiers)
    assert policy.provenance.required


@pytest.mark.parametrize(
    ("floor_text", "repo_text"), [("nonsense", None), (None, "nonsense"), ("nonsense", "nonsense"), (FLOOR, "version: 1")]
)
def test_a_file_that_cannot_be_read_leaves_safe_tiers_and_a_problem(floor_text: str | None, repo_text: str | None) -> None:
    read = [None if text is None else parse_policy(text, "p.yaml") for text in (floor_text, repo_text)]
    policy = join(read[0], read[1], "test")
    assert policy.problems
    assert sum(seat.count for seat in policy.tier("high").seats) >= 2


@pytest.mark.parametrize(
    ("text", "saw"),
    [
        ("tiers: {medium: {approvals: {anyone: 3}}}", "`tiers.high.approvals`: 2 people, fewer"),
        ("tiers: {medium: {approvals: {wizard: 1}}}", "an unknown role"),
        ("provenance: {signed: true}", "nobody may sign"),
        (
            "tiers: {low: {evidence: {line_coverage: 95}}, high: {evidence: {line_coverage: 90}}}",
            "looser than `tiers.low` (95)",
        ),
    ],
)
def test_a_file_that_contradicts_the_rest_is_a_problem(text: str, saw: str) -> None:
    policy = join(None, parsed(text), "test")
    assert any(saw in problem.saw for problem in policy.problems), policy.problems
    assert policy.tiers == join(None, None, "").tiers


def test_raising_a_tier_raises_those_above_it_that_say_nothing_of_their_own() -> None:
    policy = join(None, parsed("tiers: {low: {strength: passkey, evidence: {line_coverage: 95, max_warnings: 3}}}"), "test")
    assert policy.problems == ()
    assert [rules.strength for rules in policy.tiers] == ["passkey"] * 3
    assert [rules.evidence.line_coverage for rules in policy.tiers] == [95, 95, 95]
    assert [rules.evidence.max_warnings for rules in policy.tiers] == [3, 3, 3]


def test_one_person_does_not_serve_for_two_seats_of_the_floor() -> None:
    two = parse_policy("version: 1\ntiers: {medium: {approvals: {codeowner: 1, anyone: 1}}}", "floor.yaml")
    policy = join(two, parsed("tiers: {medium: {approvals: {codeowner: 1}}}"), "test")
    assert [problem.saw[:24] for problem in policy.problems] == ["`tiers.medium.approvals`"]


def test_a_comment_in_the_file_voids_nothing() -> None:
    text = "risk: {own: {tier: medium, paths: [x]}}"
    assert joined(text).digest == joined("# why\n" + text).digest


def test_the_digest_follows_what_decides_and_nothing_else() -> None:
    plain = joined("mode: enforce")
    assert plain.digest == digest_of(replace(plain, source="elsewhere", channel="#c", mode="observe"))
    assert plain.digest != joined("roles: {ops: {people: [bob]}}").digest
    assert len(plain.digest) == 64


def test_a_key_that_asks_nothing_leaves_the_digest_as_it_was_before_there_was_one() -> None:
    said = joined("tiers: {low: {forge_approvals: false}}")
    assert said.digest == join(floor(), None, "test").digest
    asked = replace(said.tier("low"), forge_approvals=True)
    assert digest_of(replace(said, tiers=(asked, *said.tiers[1:]))) != said.digest


def test_the_line_of_a_key_is_the_files_own() -> None:
    read = floor()
    assert isinstance(read, PolicyFile)
    assert (read.line_of("tiers.high.strength"), read.line_of("tiers.high.evidence.tests"), read.line_of("channel")) == (
        19,
        17,
        0,
    )


@given(st.sets(st.sampled_from(TIGHTER[1:]), max_size=1), st.sampled_from(TIERS))
def test_no_accepted_file_asks_for_fewer_people_than_the_floor(texts: set[str], tier: str) -> None:
    base = join(floor(), None, "test")
    for text in texts:
        policy = joined(text)
        for rules in policy.tiers:
            floor_seats = sum(seat.count for seat in base.tier(rules.tier).seats)
            assert sum(seat.count for seat in rules.seats) >= floor_seats


def test_a_role_signs_no_weaker_than_the_floor_asks_of_it() -> None:
    under = parse_policy("version: 1\ntiers: {high: {strength_of: {security: passkey}}}\n", "floor.yaml")
    own = join(under, parsed("tiers: {high: {strength_of: {security: reauthenticated}}}"), "test")
    (problem,) = own.problems
    assert problem.saw.startswith("`tiers.high.strength_of.security`: reauthenticated")
    assert own.tier("high").strength_for([RoleName("security")]) == "passkey"
    assert own.tier("high").strength_for([RoleName("codeowner")]) == "witnessed"


def test_what_a_role_signs_with_holds_in_the_tiers_above_too() -> None:
    policy = join(None, parsed("tiers: {medium: {strength_of: {codeowner: passkey}}}"), "test")
    assert policy.tier("high").strength_for([RoleName("codeowner")]) == "passkey"
    assert policy.tier("low").strength_for([RoleName("codeowner")]) == "witnessed"


def test_who_may_override_is_a_role_that_exists() -> None:
    (problem,) = join(None, parsed("override: {roles: [nobody]}"), "test").problems
    assert "`override.roles.nobody`: an unknown role" in problem.saw


def test_a_policy_that_asks_nothing_new_keeps_its_digest() -> None:
    assert join(None, parsed("tiers: {low: {carry_over: false, login_minutes: 10}}"), "test").digest == digest_of(
        join(None, None, "test")
    )
