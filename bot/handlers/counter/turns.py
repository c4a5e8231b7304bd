"""Turns passed on at the desk: put off, handed to somebody else, declined, asked for again.

The desk says at once what is plainly wrong; who may do what is found out afresh by whoever performs it
(`bot.handlers.escalation`), and everybody reads in the thread what came of it.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.escalation.model import Escalation
from bot.core.events import AskedAgain, Delegated, Event, FormSubmitted, NotMine, Reassigned, Snoozed
from bot.core.hours.typed import NotRead, read_length
from bot.core.ids import ChatUser, Person, PersonId
from bot.core.leads import leads_of
from bot.core.messages.answers import render_refusal
from bot.core.messages.dialogue import who_else
from bot.core.messages.handing import (
    FOR,
    TO,
    Taken,
    render_delegate_form,
    render_not_me_form,
    render_snooze_form,
    render_taken,
    spell_minutes,
)
from bot.core.messages.words import listed, people_words
from bot.core.notice import Form, FormErrors, Notice
from bot.handlers.counter.named import find_member, find_person, sentence
from bot.handlers.counter.opened import Opened
from bot.handlers.decision import Refusal
from bot.handlers.kit import Kit

BUTTONS = ("snooze", "delegate", "not-me", "ask-again")
FORMS = ("snooze", "delegate", "not-me")
VERBS = ("snooze", "delegate", "reassign")


@dataclass(frozen=True, slots=True)
class Turn:
    """A request, somebody who acts on it, and what the store says of whose turn it is."""

    opened: Opened
    person: Person
    user: ChatUser
    interaction: str
    asked: tuple[PersonId, ...]
    rows: tuple[Escalation, ...]
    """The seats that wait for this person."""

    @property
    def ref(self) -> str:
        return str(self.opened.request.change)

    @property
    def token(self) -> str:
        return self.opened.request.token

    def names(self, people: tuple[PersonId, ...]) -> str:
        return people_words(self.opened.standing.facts.directory, people)


def turn_of(kit: Kit, opened: Opened, person: Person, user: ChatUser, interaction: str) -> Turn:
    with kit.store.look() as unit:
        assigned = unit.assignments(opened.request.token)
        rows = unit.escalations(opened.request.token)
    gone = {one.person for one in assigned if one.gone}
    named = [who for seat in opened.standing.verdict.routing.seats if seat.open for who in seat.asked]
    asked = dict.fromkeys((*(one.person for one in assigned), *named))
    waiting = tuple(row for row in rows if row.person == person.id and not row.ended)
    return Turn(opened, person, user, interaction, tuple(who for who in asked if who not in gone), waiting)


def open_turn(kit: Kit, name: str, turn: Turn) -> Form | Notice:
    """What a button of an ask leads to."""
    if name == "ask-again":
        return _ask_again(kit, turn)
    refusal = _may_snooze(turn) if name == "snooze" else _is_asked(turn)
    if refusal is not None:
        return _told(refusal)
    facts = turn.opened.standing.facts
    if name == "snooze":
        chain = turn.rows[0].chain
        return render_snooze_form(facts, chain, chain.snoozes - _snoozes(turn), turn.token)
    return render_delegate_form(facts, turn.token) if name == "delegate" else render_not_me_form(facts, turn.token)


def submit_turn(kit: Kit, kind: str, turn: Turn, form: FormSubmitted) -> FormErrors | Notice:
    """A dialogue that was sent: stored for the worker, or what is wrong with it."""
    if kind == "snooze":
        chosen = form.one_of(FOR)
        if not chosen.isdigit():
            return FormErrors(((f"field:{FOR}", "Choose for how long."),))
        return _snooze(kit, turn, int(chosen))
    if kind == "not-me":
        return _not_mine(kit, turn, form.reason)
    to = find_member(kit, ChatUser(form.user.team, form.one_of(TO)))
    problem = to if isinstance(to, Refusal) else _cannot_take(turn, to, turn.person.id)
    if isinstance(to, Person) and problem is None:
        return _delegate(kit, turn, to, form.reason)
    said = f"{problem.because} {problem.cure}" if problem else "Choose who should be asked."
    return FormErrors(((f"field:{TO}", said.strip()),))


def say_turn(kit: Kit, verb: str, turn: Turn, words: str) -> Notice:
    """What `/llmgate snooze PR 2h`, `delegate PR @person` and `reassign PR @from @to` answer."""
    if verb == "snooze":
        return _say_snooze(kit, turn, words)
    return _say_delegate(kit, turn, words) if verb == "delegate" else _say_reassign(kit, turn, words)


def _say_snooze(kit: Kit, turn: Turn, words: str) -> Notice:
    minutes = read_length(words)
    if isinstance(minutes, NotRead):
        return render_refusal(f"How long? {sentence(minutes.because)}", f"For example: /llmgate snooze {turn.ref} 2h")
    return _snooze(kit, turn, minutes)


def _say_delegate(kit: Kit, turn: Turn, words: str) -> Notice:
    name, _, reason = words.partition(" ")
    to = find_person(kit, name, turn.user) if name else Refusal("“delegate” needs a person: saw none.")
    if isinstance(to, Refusal):
        return render_refusal(to.because, to.cure or f"For example: /llmgate delegate {turn.ref} @person")
    problem = _is_asked(turn) or _cannot_take(turn, to, turn.person.id)
    return _told(problem) if problem else _delegate(kit, turn, to, reason)


def _say_reassign(kit: Kit, turn: Turn, words: str) -> Notice:
    """With one name it is the only person asked whose place is taken."""
    names = words.split()
    if len(names) == 1 and len(turn.asked) == 1:
        names = [str(turn.asked[0]), *names]
    if len(names) < 2:
        who = f" ({turn.names(turn.asked)})" if turn.asked else ""
        saw = f"“reassign” needs who is asked now{who} and who is to be asked: saw “{words[:60]}”."
        return render_refusal(saw, f"For example: /llmgate reassign {turn.ref} @from @to")
    found = [find_person(kit, name, turn.user) for name in names[:2]]
    unknown = next((one for one in found if isinstance(one, Refusal)), None)
    people = [one for one in found if isinstance(one, Person)]
    if unknown is not None or len(people) < 2:
        return _told(unknown or Refusal("I know not who is meant."))
    problem = _may_reassign(turn) or _is_asked(turn, people[0]) or _cannot_take(turn, people[1], people[0].id)
    if problem is not None:
        return _told(problem)
    event = Reassigned(turn.token, turn.user, people[0].id, people[1].id, " ".join(names[2:]), turn.interaction)
    return _taken(kit, turn, event, f"{people[1].name} is asked in place of {people[0].name}.")


# what is taken down


def _snooze(kit: Kit, turn: Turn, minutes: int) -> Notice:
    refusal = _may_snooze(turn)
    if refusal is not None:
        return _told(refusal)
    most = turn.rows[0].chain.snooze_most
    if not 0 < minutes <= most:
        saw = f"{spell_minutes(minutes)} is more than this tier lets anybody put it off: at most {spell_minutes(most)}."
        return render_refusal(saw, f"For example: /llmgate snooze {turn.ref} {most // 60}h" if most >= 60 else "")
    event = Snoozed(turn.token, turn.user, minutes, interaction=turn.interaction)
    return _taken(kit, turn, event, f"you are reminded after {spell_minutes(minutes)} of your working time.")


def _delegate(kit: Kit, turn: Turn, to: Person, reason: str) -> Notice:
    event = Delegated(turn.token, turn.user, to.id, reason.strip(), turn.interaction)
    return _taken(kit, turn, event, f"{to.name} is asked in your stead.")


def _not_mine(kit: Kit, turn: Turn, reason: str) -> Notice:
    refusal = _is_asked(turn)
    if refusal is not None:
        return _told(refusal)
    event = NotMine(turn.token, turn.user, reason.strip(), turn.interaction)
    return _taken(kit, turn, event, "somebody else is asked, and you are named no more.")


def _ask_again(kit: Kit, turn: Turn) -> Notice:
    if turn.opened.request.state != "expired":
        return render_refusal(f"The request about {turn.ref} has not expired: people are asked.", "See /llmgate status.")
    return _taken(kit, turn, AskedAgain(turn.token, turn.user, turn.interaction), "people are asked once more.")


def _taken(kit: Kit, turn: Turn, event: Event, words: str) -> Notice:
    kit.store.accept(event, turn.opened.request.change.key, f"chat:{turn.interaction}")
    return render_taken(Taken(turn.ref, words))


# who may


def _may_snooze(turn: Turn) -> Refusal | None:
    """Only whoever is waited for, and only as often as the tier allows."""
    if not turn.rows:
        return Refusal(f"Nobody waits for you on {turn.ref} now, so there is nothing to put off.", _whose(turn))
    chain = turn.rows[0].chain
    if _snoozes(turn) >= chain.snoozes:
        saw = f"You put {turn.ref} off {_snoozes(turn)} times already, and this tier allows {chain.snoozes}."
        return Refusal(saw, f"Decide, or hand it on: /llmgate delegate {turn.ref} @person")
    return None


def _snoozes(turn: Turn) -> int:
    return max(row.snoozes for row in turn.rows)


def _is_asked(turn: Turn, person: Person | None = None) -> Refusal | None:
    who = person or turn.person
    if who.id in turn.asked:
        return None
    saw = "You are" if who.id == turn.person.id else f"{who.name} is"
    return Refusal(f"{saw} not asked to review {turn.ref}, so there is nothing to hand on.", _whose(turn))


def _whose(turn: Turn) -> str:
    return (
        f"Asked now: {turn.names(turn.asked)}." if turn.asked else "Nobody is asked now: /llmgate status says what is missing."
    )


def _cannot_take(turn: Turn, to: Person, person: PersonId) -> Refusal | None:
    """Why somebody cannot be asked in place of `person`."""
    facts, verdict = turn.opened.standing.facts, turn.opened.standing.verdict
    if to.id == person:
        return Refusal(f"{to.name} is asked already.", "Name somebody else.")
    barred = next((one for one in verdict.routing.disqualified if one.person == to.id), None)
    if barred is not None:
        return Refusal(f"{to.name} may not decide about {turn.ref}: {to.name} {barred.because}.", who_else(facts, verdict))
    if not verdict.routing.roles_of(to.id):
        return Refusal(f"{to.name} fills no role that {turn.ref} asks for.", who_else(facts, verdict))
    return None


def _may_reassign(turn: Turn) -> Refusal | None:
    facts, verdict = turn.opened.standing.facts, turn.opened.standing.verdict
    leads = leads_of(facts, verdict.tier)
    is_author = any(account.key == facts.change.author.key for account in turn.person.accounts)
    if is_author or turn.person.id in leads:
        return None
    who = listed(["its author", *([turn.names(leads)] if leads else [])])
    return Refusal(
        f"Only {who} may choose who reviews {turn.ref}.", "Ask one of them, or hand on what you were asked yourself."
    )


def _told(refusal: Refusal) -> Notice:
    return render_refusal(refusal.because, refusal.cure)
