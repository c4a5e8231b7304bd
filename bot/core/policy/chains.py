"""Reads what happens while nobody answers, and what follows when somebody answers too much."""

from __future__ import annotations

from itertools import pairwise

from bot.core.escalation.model import ChainStep, Deed
from bot.core.ids import RoleName
from bot.core.policy import values
from bot.core.policy.file import ChainFile
from bot.core.policy.model import FatigueRules, FatigueThen
from bot.core.policy.nodes import Mapping, Place, shown
from bot.core.policy.values import spelled_minutes

DEEDS: tuple[Deed, ...] = ("nudge", "widen", "lead", "fallback", "webhook", "expire")
NAMES: dict[Deed, str] = {"lead": "a role", "fallback": "a role", "webhook": "an endpoint of the settings"}
"""What `role` names; the other deeds need none."""
THENS: tuple[FatigueThen, ...] = ("warn", "lead", "stronger")
LONGEST = 60 * 480
MOST_STEPS = 12


def read_chain(said: dict[str, Place]) -> ChainFile:
    """From the keys of a tier: its chain as far as it is said."""
    return ChainFile(
        steps=_steps(said["escalation"]) if "escalation" in said else None,
        quiet=values.duration(said["quiet"], 0, LONGEST) if "quiet" in said else None,
        snoozes=values.whole(said["snoozes"], 0, 10) if "snoozes" in said else None,
        snooze_most=values.duration(said["snooze_most"], 1, LONGEST) if "snooze_most" in said else None,
        at_night=values.truth(said["at_night"]) if "at_night" in said else None,
    )


def _steps(place: Place) -> tuple[ChainStep, ...]:
    if values.is_off(place):
        return ()
    entries = list(place.each())
    if len(entries) > MOST_STEPS:
        place.refuse(f"{len(entries)} steps", f"{MOST_STEPS} at most", "keep those that help")
    steps = [_step(entry) for entry in entries]
    for (before, step), entry in zip(pairwise(steps), entries[1:], strict=True):
        if before and step:
            _in_order(entry, before, step)
    return tuple(step for step in steps if step)


def _step(place: Place) -> ChainStep | None:
    if not isinstance(place.node, Mapping):
        place.refuse(shown(place.node), "`after` and `do`", "write a step as `{after: 4h, do: nudge}`")
        return None
    said = {key: one for key, one in place.below() if values.known(one, "tiers.<tier>.escalation", key)}
    missing = [f"`{key}`" for key in ("after", "do") if key not in said]
    if missing:
        place.refuse(f"a step without {' and '.join(missing)}", "`after` and `do`", "write both")
        return None
    after, deed = values.duration(said["after"], 1, LONGEST), values.word(said["do"], DEEDS)
    if after is None or deed is None:
        return None
    if "role" not in said:
        if deed in NAMES:
            place.refuse(f"{deed} without a name", f"`role`: {NAMES[deed]}", "say who or what it is")
        return ChainStep(after, deed)
    role = values.text(said["role"], 64) or ""
    if deed not in NAMES:
        said["role"].refuse(f"a role for {deed}", "one for lead, fallback or webhook only", "remove it")
    return ChainStep(after, deed, RoleName(role)) if role and values.name(said["role"], role) else None


def _in_order(place: Place, before: ChainStep, step: ChainStep) -> None:
    """A step that comes sooner than the one before it, or after the end."""
    earlier = spelled_minutes(before.after)
    if before.deed == "expire":
        place.refuse(f"{step.deed} after expire", "expire as the last step", "move expire to the end, or remove this step")
    elif step.after < before.after:
        saw = f"{step.deed} after {spelled_minutes(step.after)}, below a step after {earlier}"
        place.refuse(saw, "steps in the order of their times", f"put it further up, or write {earlier} or more")
    elif step.deed == "expire" and step.after == before.after:
        place.refuse(f"expire after {earlier}, like the step before it", "a later time", "leave people time to answer")


def read_fatigue(place: Place) -> FatigueRules:
    """The rules at `fatigue`; what the file leaves out keeps its default, and what is wrong is refused at its line."""
    said = {key: one for key, one in place.below() if values.known(one, "fatigue", key)}
    own = FatigueRules()
    role = values.text(said["lead"], 64) if "lead" in said else None
    then = (values.word(said["then"], THENS) if "then" in said else None) or own.then
    if then == "lead" and "lead" not in said:
        said["then"].refuse("lead without a name", "`fatigue.lead`: a role", "say who is told")
    return FatigueRules(
        per_day=(values.whole(said["per_day"], 1, 1000) if "per_day" in said else None) or own.per_day,
        seconds=(values.whole(said["seconds"], 1, 600) if "seconds" in said else None) or own.seconds,
        then=then,
        lead=RoleName(role) if role else None,
    )
