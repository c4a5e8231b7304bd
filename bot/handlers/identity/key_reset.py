"""All passkeys of a person are lost: an admin takes them away, and a second person is told of it.

Whoever enrols next signs as that person, so a reset must not happen unseen. Three people are in it: whose keys go, the admin
who takes them, and one more, named by the admin, who is neither of them. The first and the last are told in private, and every
removed key's record names all three and the reason.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.actions import Whisper
from bot.core.ids import Person
from bot.core.messages.passkeys import Reset, render_reset, render_reset_told
from bot.handlers.identity.enrolment import remove_key, sign_removal
from bot.handlers.identity.linking import about
from bot.handlers.kit import Kit
from bot.ports.identity import Passkey
from bot.ports.records import NewRecord

LEAST_REASON = 10


@dataclass(frozen=True, slots=True)
class Wanted:
    """Ids of people: whose keys go, who takes them, who else is told; and why."""

    person: str
    by: str
    told: str
    reason: str


@dataclass(frozen=True, slots=True)
class NotReset:
    """Nothing was removed: what was seen, what was wanted, what to do."""

    problem: str


def reset_passkeys(kit: Kit, wanted: Wanted) -> Reset | NotReset:
    """Remove every live passkey of a person, with records, and queue both private words: all or nothing.

    Raises WorldError where the organisation's key does not answer.
    """
    people = {str(one.id): one for one in kit.people.people()}
    problem = _problem(kit, people, wanted)
    if problem:
        return NotReset(problem)
    person, by, told = (people[name] for name in (wanted.person, wanted.by, wanted.told))
    with kit.store.look() as unit:
        keys = unit.passkeys(person.id)
    if not keys:
        return NotReset(f"saw no passkey of {person.name}; wanted at least one; there is nothing to reset")
    details = {"by": by.id, "because": wanted.reason, "told": told.id}
    removals = [(key, sign_removal(kit, key, details)) for key in keys]
    reset = Reset(person.name, by.name, wanted.reason, tuple(key.label for key in keys), told.name)
    _store(kit, reset, removals, (person, told))
    return reset


def _problem(kit: Kit, people: dict[str, Person], wanted: Wanted) -> str:
    strangers = [name for name in (wanted.person, wanted.by, wanted.told) if name not in people]
    if strangers:
        return f"saw {', '.join(strangers)}, whom nobody knows here; wanted people of `llmgate people`; name them as it does"
    if len({wanted.person, wanted.by, wanted.told}) < 3:
        saw = f"{wanted.person}'s keys taken by {wanted.by} and told to {wanted.told}"
        return f"saw {saw}; wanted three different people; have another admin do it, or tell somebody else"
    if kit.chat is None or people[wanted.told].chat is None:
        return f"saw no chat in which {wanted.told} could be told; wanted one; name somebody who has a Slack account"
    if len(wanted.reason.strip()) < LEAST_REASON:
        return f"saw a reason of {len(wanted.reason.strip())} characters; wanted {LEAST_REASON} at least; say what happened"
    return ""


def _store(kit: Kit, reset: Reset, removals: list[tuple[Passkey, NewRecord]], heard: tuple[Person, Person]) -> None:
    now, key = kit.clock.now(), removals[0][1].id[:32]
    person, told = heard
    with kit.store.begin() as unit:
        for passkey, removal in removals:
            remove_key(kit, unit, passkey, removal)
        if person.chat:
            unit.add_action(about(person.id), Whisper(person.chat, "", render_reset(reset), f"reset:{key}"), now)
        if told.chat:
            unit.add_action(about(person.id), Whisper(told.chat, "", render_reset_told(reset), f"reset-told:{key}"), now)
        unit.commit()
