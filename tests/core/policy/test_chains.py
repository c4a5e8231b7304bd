"""What a policy says of what happens while nobody answers: how it is spelled, refused and joined, and that it voids nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.escalation.model import Chain, ChainStep
from bot.core.ids import RoleName
from bot.core.policy.file import Parsed, PolicyFile
from bot.core.policy.join import digest_of, join
from bot.core.policy.model import FatigueRules, Policy
from bot.core.policy.text import parse_policy

ROLES = "version: 1\nroles:\n  security: {people: [sam]}\n  leads: {people: [lea]}\n  oncall: {people: [oli]}\n"


def parsed(text: str, file: str = "p") -> Parsed:
    return parse_policy(ROLES + text, file)


def policy(text: str, floor: str | None = None) -> Policy:
    return join(parsed(floor, "floor") if floor is not None else None, parsed(text), "test")


def chain(steps: str, **more: str) -> str:
    rest = "".join(f"    {key}: {value}\n" for key, value in more.items())
    return f"tiers:\n  medium:\n    escalation: {steps}\n{rest}"


WHOLE = (
    "[{after: 30m, do: nudge}, {after: 4h, do: lead, role: leads}, {after: 2d, do: fallback, role: oncall}, "
    "{after: 3d, do: expire}]"
)


def test_a_chain_is_spelled_in_minutes_hours_and_days_of_eight_hours() -> None:
    read = policy(chain(WHOLE, quiet="0m", snoozes="0", snooze_most="1d", at_night="true"))
    assert read.problems == ()
    assert read.tier("medium").chain == Chain(
        (
            ChainStep(30, "nudge"),
            ChainStep(240, "lead", RoleName("leads")),
            ChainStep(960, "fallback", RoleName("oncall")),
            ChainStep(1440, "expire"),
        ),
        quiet=0,
        snoozes=0,
        snooze_most=480,
        at_night=True,
    )


def test_a_chain_can_be_switched_off() -> None:
    assert policy(chain("off")).tier("medium").chain.steps == ()


REFUSED = [
    (chain("[]"), 8, "an empty list", "add an item"),
    (chain("[nudge]"), 8, "`nudge`", "write a step as"),
    (chain("[{after: 4h}]"), 8, "a step without `do`", "write both"),
    (chain("[{do: nudge}]"), 8, "a step without `after`", "write both"),
    (chain("[{after: 4, do: nudge}]"), 8, "`4`", "write a number and its unit"),
    (chain("[{after: 0m, do: nudge}]"), 8, "`0m`", "write a number and its unit"),
    (chain("[{after: 61d, do: nudge}]"), 8, "`61d`", "write a number and its unit"),
    (chain("[{after: 4h, do: approve}]"), 8, "`approve`", "choose one of them"),
    (chain("[{after: 4h, do: nudge, who: bob}]"), 8, "an unknown key", "check the spelling"),
    (chain("[{after: 4h, do: nudge, role: leads}]"), 8, "a role for nudge", "remove it"),
    (chain("[{after: 4h, do: lead}]"), 8, "lead without a name", "say who or what it is"),
    (chain("[{after: 4h, do: webhook}]"), 8, "webhook without a name", "say who or what it is"),
    (chain("[{after: 4h, do: lead, role: nobody}]"), 8, "an unknown role `nobody`", "define `roles.nobody`"),
    (chain("[{after: 4h, do: fallback, role: anyone}]"), 8, "an unknown role `anyone`", "define `roles.anyone`"),
    (
        chain("[{after: 4h, do: nudge}, {after: 2h, do: widen}]"),
        8,
        "widen after 2h, below a step after 4h",
        "put it further up",
    ),
    (chain("[{after: 4h, do: expire}, {after: 8h, do: widen}]"), 8, "widen after expire", "move expire to the end"),
    (chain("[{after: 4h, do: widen}, {after: 4h, do: expire}]"), 8, "expire after 4h, like the step", "leave people time"),
    (chain("off", quiet="soon"), 9, "`soon`", "write a number and its unit"),
    (chain("off", snoozes="11"), 9, "`11`", "write such a number"),
    ("routing: {prefer: true}\n", 6, "an unknown key", "check the spelling"),
    ("fatigue: {per_day: 0}\n", 6, "`0`", "write such a number"),
    ("fatigue: {then: block}\n", 6, "`block`", "choose one of them"),
    ("fatigue: {then: lead}\n", 6, "lead without a name", "say who is told"),
    ("fatigue: {then: lead, lead: nobody}\n", 6, "an unknown role `nobody`", "define `roles.nobody`"),
]


@pytest.mark.parametrize(("text", "line", "saw", "cure"), REFUSED)
def test_a_refusal_names_the_line_and_the_cure(text: str, line: int, saw: str, cure: str) -> None:
    problems = policy(text).problems
    assert [(problem.file, problem.line) for problem in problems] == [("p", line)], problems
    assert saw in problems[0].saw
    assert cure in problems[0].cure


def test_steps_may_come_at_the_same_time() -> None:
    assert policy(chain("[{after: 4h, do: nudge}, {after: 4h, do: webhook, role: pager}]")).problems == ()


def test_the_built_in_chains_tell_leads_only_where_there_are_some() -> None:
    told = [step.deed for step in policy("mode: warn\n").tier("high").chain.steps]
    untold = [step.deed for step in join(None, None, "").tier("high").chain.steps]
    assert (told, untold) == (["nudge", "widen", "lead"], ["nudge", "widen"])


def test_a_repository_replaces_a_chain_and_keeps_the_organisations_where_it_says_nothing() -> None:
    floor = chain("[{after: 1h, do: nudge}, {after: 2h, do: fallback, role: oncall}]", quiet="30m")
    kept, own = policy("mode: enforce\n", floor), policy("tiers: {medium: {escalation: off}}\n", floor)
    assert kept.problems == own.problems == ()
    assert [step.deed for step in kept.tier("medium").chain.steps] == ["nudge", "fallback"]
    assert (own.tier("medium").chain.steps, own.tier("medium").chain.quiet) == ((), 30)


def test_under_a_floor_a_repository_lets_nobody_else_stand_in() -> None:
    (problem,) = policy(chain("[{after: 1h, do: fallback, role: leads}]"), "mode: enforce\n").problems
    assert "fallback to `leads`, looser than the organisation's floor" in problem.saw
    assert problem.cure == "remove the step"


def test_under_a_floor_that_speaks_of_fatigue_a_repository_only_tightens() -> None:
    floor = "fatigue: {per_day: 20, seconds: 30, then: stronger}\n"
    looser = policy("fatigue: {per_day: 21, seconds: 29, then: warn}\n", floor)
    assert [problem.saw.partition(":")[0] for problem in looser.problems] == [
        "`fatigue.per_day`",
        "`fatigue.seconds`",
        "`fatigue.then`",
    ]
    assert policy("fatigue: {per_day: 5, seconds: 60, then: stronger}\n", floor).fatigue == FatigueRules(5, 60, "stronger")
    assert policy("fatigue: {per_day: 50}\n", "mode: enforce\n").problems == ()


def test_who_wrote_the_lines_comes_first_where_a_policy_says_so() -> None:
    assert policy("routing: {prefer_authors: true}\n").routing.prefer_authors
    assert policy("mode: warn\n", "routing: {prefer_authors: true}\n").routing.prefer_authors
    assert not policy("routing: {prefer_authors: false}\n", "routing: {prefer_authors: true}\n").routing.prefer_authors


NOTHING_DECIDED = [
    chain("off"),
    chain("[{after: 30m, do: nudge}, {after: 60m, do: webhook, role: pager}, {after: 2d, do: expire}]"),
    chain("[{after: 4h, do: lead, role: leads}]", quiet="1h", snoozes="1", snooze_most="1h", at_night="true"),
    "routing: {prefer_authors: true}\n",
    "fatigue: {per_day: 3, seconds: 60, then: lead, lead: leads}\n",
]


@pytest.mark.parametrize("text", NOTHING_DECIDED)
def test_what_reminds_people_is_no_part_of_the_digest(text: str) -> None:
    assert policy(text).problems == ()
    assert policy(text).digest == policy("mode: enforce\n").digest


def test_the_role_of_a_fallback_is_part_of_the_digest() -> None:
    leads, oncall = (policy(chain(f"[{{after: 1h, do: fallback, role: {role}}}]")).digest for role in ("leads", "oncall"))
    later = policy(chain("[{after: 2h, do: nudge}, {after: 3h, do: fallback, role: leads}]")).digest
    assert len({leads, oncall, policy("mode: enforce\n").digest}) == 3
    assert later == leads


def test_a_policy_without_these_keys_keeps_the_digest_it_had() -> None:
    assert join(None, None, "").digest == "7949ed2f1c47b786c485e3498655e5bd5d7d803fe8e7c083968f83cb4929ced6"


steps = st.lists(
    st.tuples(st.sampled_from(["30m", "1h", "4h", "1d", "2d"]), st.sampled_from(["nudge", "widen", "expire", "lead"])),
    min_size=1,
    max_size=6,
)


@given(steps)
def test_a_chain_that_is_taken_goes_forward_and_ends_once(made: list[tuple[str, str]]) -> None:
    spelled = [f"{{after: {after}, do: {deed}{', role: leads' if deed == 'lead' else ''}}}" for after, deed in made]
    read = parsed(chain(f"[{', '.join(spelled)}]"))
    if not isinstance(read, PolicyFile):
        return
    taken = read.tiers[0].chain.steps or ()
    assert len(taken) == len(made)
    assert [step.after for step in taken] == sorted(step.after for step in taken)
    assert all(step.deed != "expire" for step in taken[:-1])


def test_the_digest_of_any_chain_is_that_of_its_stand_ins_alone() -> None:
    whole: dict[str, Any] = {"quiet": 5, "snoozes": 9, "snooze_most": 7, "at_night": True}
    base = policy("mode: enforce\n")
    for key, value in whole.items():
        tiers = tuple(replace(rules, chain=replace(rules.chain, **{key: value})) for rules in base.tiers)
        assert digest_of(replace(base, tiers=tiers)) == base.digest
