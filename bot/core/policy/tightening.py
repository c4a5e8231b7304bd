"""Where a repository's file asks for less than the organisation's floor. Each loosening names both lines and its cure."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.core.approval import STRENGTHS, TIERS
from bot.core.globs import name_matches
from bot.core.policy.chain_laying import stand_ins
from bot.core.policy.contradictions import looser, spelled
from bot.core.policy.defaults import ANYONE
from bot.core.policy.file import COUNTS, PERCENTAGES, PolicyFile, figure_of
from bot.core.policy.model import (
    ChecklistItem,
    EvidenceFloor,
    FatigueRules,
    Mode,
    OverrideRules,
    Policy,
    PolicyProblem,
    RiskRule,
    Seat,
    TierRules,
)

_MODES: tuple[Mode, ...] = ("observe", "warn", "enforce")


@dataclass(frozen=True, slots=True)
class _Notes:
    """Collects the loosenings of one repository's file under one floor."""

    repo: PolicyFile
    floor: PolicyFile
    found: list[PolicyProblem] = field(default_factory=list)

    def add(self, path: str, saw: str, floor: str, cure: str) -> None:
        line = self.floor.line_of(path)
        told = f"line {line} of {self.floor.file}" if line else f"a default under {self.floor.file}"
        saw = f"`{path}`: {saw}, looser than the organisation's floor"
        self.found.append(PolicyProblem(self.repo.file, self.repo.line_of(path), saw, f"{floor} ({told})", cure))


def loosenings(base: Policy, joined: Policy, repo: PolicyFile, floor: PolicyFile) -> tuple[PolicyProblem, ...]:
    """Everything in `joined` (the repository's file over `base`) that asks for less than `base`."""
    notes = _Notes(repo, floor)
    if _MODES.index(joined.mode) < _MODES.index(base.mode):
        notes.add("mode", joined.mode, base.mode, f"remove the key, or write {base.mode}")
    if base.undeclared_as_generated and not joined.undeclared_as_generated:
        notes.add("undeclared", "as-human", "as-generated", "remove the key")
    _roles(base, joined, notes)
    for rule in base.risk:
        _risk(rule, next(own for own in joined.risk if own.name == rule.name), notes)
    for tier in TIERS:
        _tier(base.tier(tier), joined.tier(tier), notes)
    _provenance(base, joined, notes)
    _override(base.override, joined.override, notes)
    if floor.fatigue is not None:
        _fatigue(floor.fatigue, joined.fatigue, notes)
    return tuple(notes.found)


def _override(floor: OverrideRules, own: OverrideRules, notes: _Notes) -> None:
    strangers = [role for role in own.roles if role not in floor.roles]
    if strangers:
        allowed = ", ".join(floor.roles) or "nobody"
        notes.add("override.roles", f"`{strangers[0]}`", allowed, "remove the role")
    if own.roles and floor.roles and own.minutes > floor.minutes:
        notes.add("override.minutes", str(own.minutes), f"at most {floor.minutes}", f"write {floor.minutes} or less")


def _fatigue(floor: FatigueRules, own: FatigueRules, notes: _Notes) -> None:
    """Only what the floor states binds here: the default only warns."""
    if own.per_day > floor.per_day:
        least = floor.per_day
        notes.add("fatigue.per_day", str(own.per_day), f"at most {least}", f"write {least} or less")
    if own.seconds < floor.seconds:
        least = floor.seconds
        notes.add("fatigue.seconds", str(own.seconds), f"at least {least}", f"write {least} or more")
    if floor.then == "stronger" != own.then:
        notes.add("fatigue.then", own.then, "stronger", "write stronger")


def _roles(base: Policy, joined: Policy, notes: _Notes) -> None:
    """Who fills a role is the floor's to say: another list could let anyone in."""
    for role in base.roles:
        if role not in joined.roles:
            notes.add(f"roles.{role.role}", "another source", "the floor's own", "remove it, or use another name")


def _risk(floor: RiskRule, own: RiskRule, notes: _Notes) -> None:
    path = f"risk.{floor.name}"
    cure = "remove the rule, or add one under another name"
    if TIERS.index(own.tier) < TIERS.index(floor.tier):
        notes.add(f"{path}.tier", own.tier, floor.tier, cure)
    dropped = [pattern for pattern in floor.paths if pattern not in own.paths]
    if dropped:
        notes.add(f"{path}.paths", f"without `{dropped[0]}`", "every path of the floor", cure)
    if floor.lines_over is not None and (own.lines_over is None or own.lines_over > floor.lines_over):
        notes.add(f"{path}.lines_over", spelled(own.lines_over), f"at most {floor.lines_over}", cure)
    if floor.files_over is not None and (own.files_over is None or own.files_over > floor.files_over):
        notes.add(f"{path}.files_over", spelled(own.files_over), f"at most {floor.files_over}", cure)


def _tier(floor: TierRules, own: TierRules, notes: _Notes) -> None:
    path = f"tiers.{floor.tier}"
    lost = _lost_seat(floor.seats, own.seats)
    if lost:
        notes.add(f"{path}.approvals", f"fewer of {lost.role}", f"{lost.role}: {lost.count}", "ask for as many, or more")
    if STRENGTHS.index(own.strength) < STRENGTHS.index(floor.strength):
        notes.add(f"{path}.strength", own.strength, floor.strength, f"write {floor.strength} or stronger")
    missing = _lost_items(floor.checklist, own.checklist)
    if missing:
        notes.add(f"{path}.checklist", f"without `{missing[0].id}`", "every item of the floor", f"add `{missing[0].id}`")
    _evidence(f"{path}.evidence", floor.evidence, own.evidence, notes)
    _latitude(path, floor, own, notes)


def _latitude(path: str, floor: TierRules, own: TierRules, notes: _Notes) -> None:
    """What a tier may let happen only where the floor does."""
    switches = (
        ("auto_approve", floor.auto_approve, own.auto_approve),
        ("auto_merge", floor.auto_merge, own.auto_merge),
        ("forge_approvals", floor.forge_approvals, own.forge_approvals),
        ("carry_over", floor.carry_over, own.carry_over),
    )
    for key, allowed, wanted in switches:
        if wanted and not allowed:
            notes.add(f"{path}.{key}", "true", "false", "remove the key")
    if own.login_minutes > floor.login_minutes:
        least = floor.login_minutes
        notes.add(f"{path}.login_minutes", str(own.login_minutes), f"at most {least}", f"write {least} or less")
    strangers = [role for role in stand_ins(own.chain) if role not in stand_ins(floor.chain)]
    if strangers:
        may = ", ".join(stand_ins(floor.chain)) or "nobody"
        notes.add(f"{path}.escalation", f"fallback to `{strangers[0]}`", f"fallback to {may}", "remove the step")
    for role, weakest in floor.strength_of:
        now = own.strength_for((role,))
        if STRENGTHS.index(now) < STRENGTHS.index(weakest):
            notes.add(f"{path}.strength_of.{role}", now, weakest, f"write {weakest} or stronger")


def _evidence(path: str, floor: EvidenceFloor, own: EvidenceFloor, notes: _Notes) -> None:
    if floor.tests and not own.tests:
        notes.add(f"{path}.tests", "false", "true", "remove the key")
    for figure in (*PERCENTAGES, *COUNTS):
        if figure == "min_mutants" and floor.mutation_score is None:
            continue  # it only says when a score is one
        least, value = figure_of(floor, figure), figure_of(own, figure)
        if looser(figure, value, least):
            notes.add(f"{path}.{figure}", spelled(value), spelled(least), f"write {spelled(least)} or stricter")


def _lost_seat(floor: tuple[Seat, ...], own: tuple[Seat, ...]) -> Seat | None:
    """A seat of the floor that is not asked for in full. More of any role also serves where the floor asks for anyone."""
    counts = {seat.role: seat.count for seat in own}
    spare = sum(counts.values())
    for seat in floor:
        if seat.role == ANYONE:
            continue
        if counts.get(seat.role, 0) < seat.count:
            return seat
        spare -= seat.count
    return next((seat for seat in floor if seat.role == ANYONE and spare < seat.count), None)


def _lost_items(floor: tuple[ChecklistItem, ...], own: tuple[ChecklistItem, ...]) -> list[ChecklistItem]:
    return [item for item in floor if item not in own]


def _provenance(base: Policy, joined: Policy, notes: _Notes) -> None:
    floor, own = base.provenance, joined.provenance
    if floor.required and not own.required:
        notes.add("provenance.required", "false", "true", "remove the key")
    if floor.signed and not own.signed:
        notes.add("provenance.signed", "false", "true", "remove the key")
    strangers = [signer for signer in own.signers if floor.signers and signer not in floor.signers]
    if strangers:
        who = strangers[0].identity or strangers[0].key_sha256[:16]
        notes.add("provenance.signers", f"`{who}`", "signers of the floor only", "remove the signer")
    models = [model for model in own.models if floor.models and not any(_within(model, allowed) for allowed in floor.models)]
    if models:
        notes.add("provenance.models", f"`{models[0]}`", "models of the floor only", "remove the model")
    foreign = [name for name in own.licenses if floor.licenses and name not in floor.licenses]
    if foreign:
        notes.add("provenance.licenses", f"`{foreign[0]}`", "licences of the floor only", "remove the licence")


def _within(narrow: str, wide: str) -> bool:
    """Whether all that the one pattern matches, the other matches too.

    With `*` as the only wildcard, matching one pattern's text against the other proves that; where `?` is involved only
    the same text will do.
    """
    if "?" in wide:
        return narrow == wide
    return name_matches(wide, narrow)
