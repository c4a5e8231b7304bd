"""What no policy may say, whoever wrote it: a tier that asks less than the one below it, a high tier one person can pass."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations

from bot.core.approval import STRENGTHS, TIERS
from bot.core.ids import RoleName
from bot.core.policy.file import Figure, TierFile
from bot.core.policy.model import PolicyProblem

SECURITY = RoleName("security")
Where = Callable[[str], tuple[str, int]]
"""The file and line that state the key of this path."""


def in_tiers(tiers: Sequence[TierFile], where: Where) -> tuple[PolicyProblem, ...]:
    """The contradictions among what is said; what is unsaid contradicts nothing."""
    problems: list[PolicyProblem] = []
    for said in tiers:
        problems += _within(said, where)
    ordered = sorted(tiers, key=lambda said: TIERS.index(said.tier))
    for lower, upper in combinations(ordered, 2):
        problems += _between(lower, upper, where)
    return tuple(problems)


def _problem(where: Where, path: str, *, saw: str, wanted: str, cure: str) -> PolicyProblem:
    file, line = where(path)
    return PolicyProblem(file, line, f"`{path}`: {saw}", wanted, cure)


def _within(said: TierFile, where: Where) -> list[PolicyProblem]:
    path = f"tiers.{said.tier}"
    found: list[PolicyProblem] = []
    people = sum(seat.count for seat in said.seats)
    if said.tier == "high" and said.seats and people < 2:
        cure = "ask for another person under `tiers.high.approvals`"
        found.append(_problem(where, f"{path}.approvals", saw=f"{people} person", wanted="two people at least", cure=cure))
    if said.tier == "high" and said.seats and not any(seat.role == SECURITY for seat in said.seats):
        saw, wanted = "no seat for `security`", "one person of the role `security` at least"
        found.append(_problem(where, f"{path}.approvals", saw=saw, wanted=wanted, cure="add `security: 1`"))
    if said.auto_approve and said.tier != "low":
        wanted = "approval by policy alone for the tier low only"
        found.append(_problem(where, f"{path}.auto_approve", saw="true", wanted=wanted, cure="remove it"))
    if said.auto_merge and said.tier == "high":
        wanted = "a person to merge what is high"
        found.append(_problem(where, f"{path}.auto_merge", saw="true", wanted=wanted, cure="remove it"))
    if said.forge_approvals and said.strength not in (None, "witnessed"):
        saw = f"true, while the tier asks for {said.strength}, which the forge's own button never gives"
        found.append(_problem(where, f"{path}.forge_approvals", saw=saw, wanted="false, or witnessed", cure="remove it"))
    return found


def _between(lower: TierFile, upper: TierFile, where: Where) -> list[PolicyProblem]:
    path, than = f"tiers.{upper.tier}", f"than `tiers.{lower.tier}`"
    found: list[PolicyProblem] = []
    fewer, more = sum(seat.count for seat in upper.seats), sum(seat.count for seat in lower.seats)
    if lower.seats and upper.seats and fewer < more:
        cure = f"ask for {more} or more"
        saw = f"{fewer} people, fewer {than} ({more})"
        found.append(_problem(where, f"{path}.approvals", saw=saw, wanted="as many people, or more", cure=cure))
    if lower.strength and upper.strength and STRENGTHS.index(upper.strength) < STRENGTHS.index(lower.strength):
        saw = f"{upper.strength}, weaker {than} ({lower.strength})"
        cure = f"ask for {lower.strength} or stronger"
        found.append(_problem(where, f"{path}.strength", saw=saw, wanted="as strong a signature, or stronger", cure=cure))
    if upper.forge_approvals and lower.forge_approvals is False:
        saw = f"true, and so without the checklist, unlike `tiers.{lower.tier}`"
        cure = f"write it for {lower.tier} too, or remove it"
        found.append(_problem(where, f"{path}.forge_approvals", saw=saw, wanted="the checklist, as below", cure=cure))
    if lower.tests and upper.tests is False:
        found.append(_problem(where, f"{path}.evidence.tests", saw=f"false, less {than}", wanted="true", cure="write true"))
    below = dict(lower.figures)
    if below.get("mutation_score") is None:
        below.pop("min_mutants", None)  # it only says when a score is one
    for figure, value in upper.figures:
        if figure in below and looser(figure, value, below[figure]):
            saw = f"{spelled(value)}, looser {than} ({spelled(below[figure])})"
            wanted, cure = "as strict a threshold, or a stricter one", f"write {spelled(below[figure])} or stricter"
            found.append(_problem(where, f"{path}.evidence.{figure}", saw=saw, wanted=wanted, cure=cure))
    return found


def looser(figure: Figure, value: float | None, floor: float | None) -> bool:
    """Whether a figure asks for less than the floor. None asks for nothing."""
    if floor is None:
        return False
    if value is None:
        return True
    return value > floor if figure in ("max_errors", "max_warnings") else value < floor


def spelled(value: float | None) -> str:
    """A figure as it is written in a policy."""
    return "off" if value is None else f"{value:g}"
