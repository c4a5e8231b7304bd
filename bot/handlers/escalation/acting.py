"""What a person does about a request that waits: looked at afresh, refused in words, or recorded together with a look.

Nothing here decides about the change. Whoever may act is found out from the forge and the store as they are now; the button
that was pressed only says where to look.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from bot.core.attendance import Assignment
from bot.core.evaluate import evaluate
from bot.core.facts import Facts
from bot.core.ids import ChatUser, Person, PersonId
from bot.core.verdict import Verdict
from bot.handlers.asking import OVER, Superseded
from bot.handlers.conclude import NOTHING, Aside, conclude
from bot.handlers.decision import ATTEMPTS, Refusal, tell
from bot.handlers.gather import Gathered, Gatherer, recall
from bot.handlers.kit import Kit
from bot.ports.errors import Conflict
from bot.ports.store import ApprovalRequest


class Act(Protocol):
    """What the events of this package have in common."""

    @property
    def token(self) -> str: ...

    @property
    def user(self) -> ChatUser: ...

    @property
    def interaction(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Scene:
    """A request as it stands now, and who wants to do something about it."""

    gathered: Gathered
    verdict: Verdict
    request: ApprovalRequest
    person: Person

    @property
    def facts(self) -> Facts:
        return self.gathered.facts

    @property
    def asked(self) -> tuple[PersonId, ...]:
        """Who is asked now, or will be once nothing else is in the way."""
        gone = {one.person for one in self.facts.assignments if one.gone}
        kept = [one.person for one in self.facts.assignments if not one.gone]
        named = [who for seat in self.verdict.routing.seats if seat.open for who in seat.asked]
        return tuple(who for who in dict.fromkeys((*kept, *named)) if who not in gone)

    def assignment(self, person: PersonId) -> Assignment | None:
        return next((one for one in self.facts.assignments if one.person == person), None)

    def name(self, person: PersonId) -> str:
        known = self.facts.directory.by_id(person)
        return known.name if known else str(person)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an act makes of the scene: who is asked from now on, and what commits with the look that shows it."""

    assigned: tuple[Assignment, ...] = ()
    aside: Aside = NOTHING
    forgets_expiry: bool = False


Perform = Callable[[Scene], "Outcome | Refusal | None"]
"""None: this very act was performed before, and its worker died after that."""


def act(kit: Kit, gatherer: Gatherer, event: Act, perform: Perform) -> None:
    """Look, perform, and show what follows; or refuse in private. Raises WorldError: the job is tried again."""
    name = type(event).__name__.lower()
    for _ in range(ATTEMPTS):
        with kit.store.look() as unit:
            request = unit.request(event.token)
        if request is None:
            return  # a made-up token: nobody to answer, nothing to do
        try:
            refusal = _act(kit, gatherer, event, perform, request)
        except Superseded:
            continue
        if refusal is not None:
            tell(kit, event.user, request, refusal, f"{event.interaction or event.token}:{name}")
        return
    raise Conflict(f"saw {event.token[:6]}… move {ATTEMPTS} times while somebody acted on it; wanted it to rest")


def _act(kit: Kit, gatherer: Gatherer, event: Act, perform: Perform, request: ApprovalRequest) -> Refusal | None:
    person = kit.people.by_chat(event.user)
    gathered = gatherer.gather(recall(kit, request.change))
    if person is None:
        conclude(kit, gathered)  # the look was paid for: show what it saw
        return Refusal("Your chat account is tied to no forge account here.", "Say `/llmgate link` first.")
    scene = Scene(gathered, evaluate(gathered.facts), request, person)
    done = perform(scene)
    if done is None or isinstance(done, Refusal):
        conclude(kit, gathered)
        return done
    facts = replace(gathered.facts, assignments=_merged(gathered.facts.assignments, done.assigned))
    if done.forgets_expiry:
        facts = replace(facts, expired_at=None)
    conclude(kit, replace(gathered, facts=gatherer.seek(facts)), aside=replace(done.aside, assigned=done.assigned))
    return None


def _merged(before: tuple[Assignment, ...], new: tuple[Assignment, ...]) -> tuple[Assignment, ...]:
    """One entry a person; a later one of the same person takes the place of the earlier."""
    return tuple({one.person: one for one in (*before, *new)}.values())


def stale(scene: Scene) -> Refusal | None:
    """Why nothing can be done about this request any more."""
    change, request = scene.facts.change, scene.request
    if change.state != "open":
        return Refusal(f"{change.ref} is {change.state}: nobody is waited for.")
    if request.state in OVER or change.head_sha != request.head_sha:
        return Refusal(f"This request about {request.head_sha[:12]} of {change.ref} is over.", "Use the newest card.")
    return None
