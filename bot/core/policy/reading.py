"""From the tree of a policy file to its typed meaning. Refuses what no key allows; never guesses and never raises."""

from __future__ import annotations

from bot.core.approval import STRENGTHS, TIERS, Strength, Tier
from bot.core.ids import RoleName
from bot.core.policy import values
from bot.core.policy.chains import read_chain, read_fatigue
from bot.core.policy.contradictions import in_tiers
from bot.core.policy.defaults import CHECKLIST
from bot.core.policy.file import COUNTS, PERCENTAGES, Figure, PolicyFile, ProvenanceFile, TierFile
from bot.core.policy.model import ChecklistItem, Mode, OverrideRules, RiskRule, RoleSource, Seat, SignerRule
from bot.core.policy.nodes import Mapping, Place, Scalar, Sequence, shown

MODES: tuple[Mode, ...] = ("observe", "warn", "enforce")
BUILT_IN_ROLES = ("anyone", "codeowner")
MOST_PEOPLE = 20


def read_policy(place: Place) -> PolicyFile | None:
    """Read the whole file. None, and a refusal, where it is no mapping; other problems are listed at the place."""
    top = dict(place.below())
    if not top:
        return None
    for key, entry in top.items():
        values.known(entry, "", key)
    if "version" in top:
        values.word(top["version"], ("1",))
        if len(top) == 1:
            place.refuse("nothing but a version", "at least one key that decides", "write a policy, or delete the file")
    else:
        place.refuse("no version", "`version: 1`", "write `version: 1` as the first line")
    undeclared = values.word(top["undeclared"], ("as-generated", "as-human")) if "undeclared" in top else None
    tiers = _tiers(top["tiers"]) if "tiers" in top else ()
    read = PolicyFile(
        file=place.file,
        mode=values.word(top["mode"], MODES) if "mode" in top else None,
        channel=(values.text(top["channel"], 80) or "") if "channel" in top else "",
        undeclared_as_generated=None if undeclared is None else undeclared == "as-generated",
        roles=_roles(top["roles"]) if "roles" in top else (),
        risk=_risk(top["risk"]) if "risk" in top else (),
        tiers=tiers,
        provenance=_provenance(top["provenance"]) if "provenance" in top else ProvenanceFile(),
        override=_override(top["override"]) if "override" in top else None,
        prefer_authors=_prefer_authors(top["routing"]) if "routing" in top else None,
        fatigue=read_fatigue(top["fatigue"]) if "fatigue" in top else None,
        lines=tuple(_lines(place)),
    )
    place.problems.extend(in_tiers(tiers, lambda path: (place.file, read.line_of(path))))
    return read


def _lines(place: Place) -> list[tuple[str, int]]:
    """The path and line of every key."""
    found: list[tuple[str, int]] = []
    waiting = [place]
    while waiting:
        current = waiting.pop()
        if isinstance(current.node, Mapping):
            for key, node in current.node.entries:
                below = current.at(key.text, node)
                found.append((below.path, key.line))
                waiting.append(below)
    return sorted(found)


def _roles(place: Place) -> tuple[RoleSource, ...]:
    roles: list[RoleSource] = []
    for role, entry in place.below():
        if role in BUILT_IN_ROLES:
            entry.refuse(f"a role named `{role}`", "a name that is not built in", "choose another name")
            continue
        if not values.name(entry, role):
            continue
        said = {key: one for key, one in entry.below() if values.known(one, "roles.<role>", key)}
        if len(said) != 1:
            saw = "no source" if not said else "two sources: " + ", ".join(said)
            entry.refuse(saw, "exactly one of people, team, chat_group", "keep the one that counts, or make two roles")
            continue
        roles.append(
            RoleSource(
                RoleName(role),
                people=values.lines_of_text(said["people"]) if "people" in said else (),
                team=_team(said["team"]) if "team" in said else "",
                chat_group=(values.text(said["chat_group"], 80) or "") if "chat_group" in said else "",
            )
        )
    return tuple(roles)


def _team(place: Place) -> str:
    team = values.text(place, 200) or ""
    if team and "/" not in team.strip("@/"):
        place.refuse(f"`{team}`", "`org/team`", "write the organisation before the team's name")
    return team.removeprefix("@")


def _risk(place: Place) -> tuple[RiskRule, ...]:
    rules: list[RiskRule] = []
    for rule, entry in place.below():
        said = {key: one for key, one in entry.below() if values.known(one, "risk.<rule>", key)}
        if not values.name(entry, rule):
            continue
        conditions = [key for key in said if key != "tier"]
        if "tier" not in said or len(conditions) != 1:
            saw = "no tier" if "tier" not in said else "no condition" if not conditions else " and ".join(conditions)
            entry.refuse(saw, "a tier and exactly one of paths, lines_over, files_over", "split the rule, or complete it")
            continue
        rules.append(
            RiskRule(
                rule,
                values.word(said["tier"], TIERS) or "high",
                paths=values.patterns(said["paths"]) if "paths" in said else (),
                lines_over=values.whole(said["lines_over"], 0, 1_000_000) if "lines_over" in said else None,
                files_over=values.whole(said["files_over"], 0, 1_000_000) if "files_over" in said else None,
                line=entry.node.line,
            )
        )
    return tuple(rules)


def _tiers(place: Place) -> tuple[TierFile, ...]:
    read: dict[Tier, TierFile] = {}
    for key, entry in place.below():
        tier: Tier | None = next((one for one in TIERS if one == key), None)
        if tier is None:
            entry.refuse("an unknown tier", "low, medium or high", "use one of these")
        else:
            read[tier] = _tier(tier, entry)
    return tuple(read[tier] for tier in TIERS if tier in read)


def _tier(tier: Tier, place: Place) -> TierFile:
    said = {key: one for key, one in place.below() if values.known(one, "tiers.<tier>", key)}
    strength: Strength | None = values.word(said["strength"], STRENGTHS) if "strength" in said else None
    tests, figures = _evidence(said["evidence"]) if "evidence" in said else (None, ())
    return TierFile(
        tier,
        seats=_seats(said["approvals"]) if "approvals" in said else (),
        strength=strength,
        checklist=_checklist(said["checklist"]) if "checklist" in said else (),
        tests=tests,
        figures=figures,
        auto_approve=values.truth(said["auto_approve"]) if "auto_approve" in said else None,
        auto_merge=values.truth(said["auto_merge"]) if "auto_merge" in said else None,
        forge_approvals=values.truth(said["forge_approvals"]) if "forge_approvals" in said else None,
        strength_of=_strength_of(said["strength_of"]) if "strength_of" in said else (),
        login_minutes=values.whole(said["login_minutes"], 1, 1440) if "login_minutes" in said else None,
        carry_over=values.truth(said["carry_over"]) if "carry_over" in said else None,
        chain=read_chain(said),
    )


def _strength_of(place: Place) -> tuple[tuple[RoleName, Strength], ...]:
    found: list[tuple[RoleName, Strength]] = []
    for role, entry in place.below():
        strength: Strength | None = values.word(entry, STRENGTHS)
        if values.name(entry, role) and strength is not None:
            found.append((RoleName(role), strength))
    return tuple(sorted(found))


def _override(place: Place) -> OverrideRules:
    said = {key: one for key, one in place.below() if values.known(one, "override", key)}
    if "roles" not in said:
        place.refuse("no roles", "`roles`, a list of who may", "name the roles, or remove `override`")
        return OverrideRules()
    roles = tuple(RoleName(role) for role in values.lines_of_text(said["roles"]))
    return OverrideRules(roles, (values.whole(said["minutes"], 5, 1440) if "minutes" in said else None) or 240)


def _prefer_authors(place: Place) -> bool | None:
    said = {key: one for key, one in place.below() if values.known(one, "routing", key)}
    return values.truth(said["prefer_authors"]) if "prefer_authors" in said else None


def _seats(place: Place) -> tuple[Seat, ...]:
    seats: list[Seat] = []
    for role, entry in place.below():
        count = values.whole(entry, 1, MOST_PEOPLE)
        if values.name(entry, role) and count is not None:
            seats.append(Seat(RoleName(role), count))
    return tuple(seats)


def _checklist(place: Place) -> tuple[ChecklistItem, ...]:
    built_in = {item.id: item for item in CHECKLIST}
    items: list[ChecklistItem] = []
    seen: set[str] = set()
    for entry in place.each():
        item = _own_item(entry, built_in) if isinstance(entry.node, Mapping) else None
        if isinstance(entry.node, Scalar):
            item = built_in.get(entry.node.text)
            if item is None:
                wanted = "a built-in item (" + ", ".join(built_in) + ") or `id` and `text`"
                entry.refuse(shown(entry.node), wanted, "correct the name, or write the item out")
        elif isinstance(entry.node, Sequence):
            entry.refuse(shown(entry.node), "an item's name, or `id` and `text`", "write one item a line")
        if item and values.unique("id", entry, item.id, seen):
            items.append(item)
    return tuple(items)


def _own_item(place: Place, built_in: dict[str, ChecklistItem]) -> ChecklistItem | None:
    said = {key: one for key, one in place.below() if values.known(one, "tiers.<tier>.checklist", key)}
    if set(said) != {"id", "text"}:
        place.refuse("an item without " + " and ".join(sorted({"id", "text"} - set(said))), "`id` and `text`", "complete it")
        return None
    ident, sentence = values.text(said["id"], 64), values.text(said["text"], 300)
    if ident is None or sentence is None or not values.name(said["id"], ident):
        return None
    if ident in built_in:
        said["id"].refuse(f"the built-in id `{ident}`", "an id of your own", "choose another id, or use the built-in item")
        return None
    return ChecklistItem(ident, sentence)


def _evidence(place: Place) -> tuple[bool | None, tuple[tuple[Figure, float | None], ...]]:
    said = {key: one for key, one in place.below() if values.known(one, "tiers.<tier>.evidence", key)}
    figures: list[tuple[Figure, float | None]] = []
    for figure in PERCENTAGES:
        if figure in said:
            figures.append((figure, None if values.is_off(said[figure]) else values.percentage(said[figure])))
    for figure in COUNTS:
        if figure in said:
            off = values.is_off(said[figure]) and figure != "min_mutants"
            lowest = 1 if figure == "min_mutants" else 0
            figures.append((figure, None if off else values.whole(said[figure], lowest, 100_000)))
    return (values.truth(said["tests"]) if "tests" in said else None), tuple(figures)


def _provenance(place: Place) -> ProvenanceFile:
    said = {key: one for key, one in place.below() if values.known(one, "provenance", key)}
    signers = [_signer(entry) for entry in said["signers"].each()] if "signers" in said else []
    return ProvenanceFile(
        required=values.truth(said["required"]) if "required" in said else None,
        signed=values.truth(said["signed"]) if "signed" in said else None,
        signers=tuple(signer for signer in signers if signer),
        models=values.lines_of_text(said["models"]) if "models" in said else (),
        licenses=values.lines_of_text(said["licenses"]) if "licenses" in said else (),
    )


def _signer(place: Place) -> SignerRule | None:
    said = {key: one for key, one in place.below() if values.known(one, "provenance.signers", key)}
    read = {key: values.text(one) or "" for key, one in said.items()}
    if set(read) == {"key_sha256"}:
        digest = read["key_sha256"].lower()
        if len(digest) == 64 and all(character in "0123456789abcdef" for character in digest):
            return SignerRule(key_sha256=digest)
        said["key_sha256"].refuse(f"`{digest[:80]}`", "64 hex digits", "`llmgate doctor` shows the key's SHA-256")
        return None
    if set(read) == {"identity", "issuer"}:
        return SignerRule(identity=read["identity"], issuer=read["issuer"])
    saw = " and ".join(read) or "no signer"
    place.refuse(saw, "key_sha256 alone, or identity and issuer", "name a key, or a keyless identity and who vouches for it")
    return None
