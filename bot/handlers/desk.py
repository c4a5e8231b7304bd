"""The desk: what a chat adapter asks while a person waits. Answers come from the store alone, in a few milliseconds.

Nothing here decides. A press opens a form or says why not; a submission is checked, stored as an event and answered; the
worker then looks at the forge afresh and decides.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.core.approval import Strength
from bot.core.commands import Misunderstood, Places, Verb, read_command
from bot.core.events import ButtonPressed, CommandGiven, DecisionGiven, FormSubmitted, PersonChanged
from bot.core.facts import Facts
from bot.core.forges import FORGES
from bot.core.ids import ChangeRef, ChatUser, ForgeName, Person
from bot.core.messages.answers import (
    Standing,
    render_help,
    render_refusal,
    render_review_button,
    render_status,
    render_why,
)
from bot.core.messages.dialogue import check_form, render_request_changes, render_review
from bot.core.messages.home import Profile, render_home
from bot.core.messages.linking import render_known
from bot.core.messages.queue import Item, Queue, queue_of, render_queue
from bot.core.notice import Form, FormErrors, Home, Notice
from bot.core.verdict import Verdict
from bot.handlers.decision import Refusal, already, check_person
from bot.handlers.glass import offer_override, open_override, open_review, submit_override, submit_review
from bot.handlers.identity.enrolment import answer_passkey
from bot.handlers.identity.linking import NO_LOGINS, Errand, begin_linking, can_link, missing_places
from bot.handlers.identity.roster import unfit_words
from bot.handlers.identity.unlinking import unlink_all, unlink_one
from bot.handlers.identity.visits import Closed
from bot.handlers.kit import Kit
from bot.ports.chat import ChatProfile
from bot.ports.inbound import PEOPLE_LANE
from bot.ports.store import ApprovalRequest, ChangeRecord, Unit

DECISIONS = {"review": "approved", "changes": "changes-requested"}
UNLINKED = Refusal("Your chat account is tied to no forge account here, so nothing you press can count.", NO_LOGINS.cure)


@dataclass(frozen=True, slots=True)
class Opened:
    """A request with what is known of its change."""

    request: ApprovalRequest
    standing: Standing


class Desk:
    """Implements `bot.ports.chat.ChatDesk`."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit

    def press(self, press: ButtonPressed) -> Form | Notice | None:
        if press.name == "unlink":
            return unlink_one(self._kit, press.user, press.token)
        if press.name == "override-review":
            return open_review(self._kit, press.token, self._kit.people.by_chat(press.user))
        opened = self._open(press.token)
        if isinstance(opened, Notice):
            return opened
        if press.name in ("status", "why", "override"):
            return self._pressed(press, opened.standing)
        decision = "changes-requested" if press.name == "request-changes" else "approved"
        refusal = self._may(opened, press.user, decision)
        if refusal is UNLINKED:
            return self._unlinked(Errand(press.user, press.token, press.channel))
        if refusal is not None:
            return render_refusal(refusal.because, refusal.cure)
        facts, verdict = opened.standing.facts, opened.standing.verdict
        if decision == "changes-requested":
            return render_request_changes(facts, press.token)
        return render_review(facts, verdict, press.token, self._strength(opened.standing, press.user))

    def _strength(self, standing: Standing, user: ChatUser) -> Strength:
        """What this person will have to sign with."""
        person = self._kit.people.by_chat(user)
        facts, verdict = standing.facts, standing.verdict
        return facts.policy.tier(verdict.tier).strength_for(verdict.routing.roles_of(person.id) if person else ())

    def _pressed(self, press: ButtonPressed, standing: Standing) -> Form | Notice:
        """What decides nothing yet."""
        if press.name == "override":
            return open_override(standing, self._kit.people.by_chat(press.user))
        return render_status(standing) if press.name == "status" else render_why(standing)

    def submit(self, form: FormSubmitted) -> FormErrors | Notice | None:
        kind, _, token = form.token.partition(":")
        if kind == "override-review":
            return submit_review(self._kit, token, form)
        decision = DECISIONS.get(kind)
        opened = self._open(token)
        if kind == "override" and isinstance(opened, Opened):
            return submit_override(self._kit, opened.standing, form)
        if isinstance(opened, Notice) or decision is None:
            return opened if isinstance(opened, Notice) else render_refusal("This form is not one of mine.")
        refusal = self._may(opened, form.user, decision)
        if refusal is UNLINKED:
            return self._unlinked(Errand(form.user, token))
        if refusal is not None:
            return render_refusal(refusal.because, refusal.cure)
        facts, verdict = opened.standing.facts, opened.standing.verdict
        errors = check_form(facts, verdict, decision, form.ticked, form.reason)
        if errors is not None:
            return errors
        event = DecisionGiven(token, form.user, decision, form.ticked, form.reason, form.interaction)
        self._kit.store.accept(event, facts.change.ref.key, f"chat:{form.interaction}")
        return None

    def command(self, command: CommandGiven) -> Notice:
        return self._answer(command, None)

    def mention(self, command: CommandGiven) -> Notice:
        with self._kit.store.look() as unit:
            key = unit.card_of(command.channel, command.thread) if command.thread else None
        return self._answer(command, ChangeRef.from_key(key) if key else None)

    def home(self, user: ChatUser) -> Home:
        person = self._kit.people.by_chat(user)
        cure = "Say /llmgate link to link one." if can_link(self._kit) else UNLINKED.cure
        linked = f"You are {_named(person)}" if person else f"{UNLINKED.because} {cure}"
        return render_home(self._queue(person), Profile(linked))

    def member_changed(self, profile: ChatProfile, interaction: str) -> None:
        """Members change all day long (a status, a picture): only who may approve, or may not any more, is looked at."""
        person = self._kit.people.by_chat(profile.user)
        if person is not None and bool(unfit_words(profile)) != (person.id in self._kit.people.unavailable()):
            self._kit.store.accept(PersonChanged(profile.user), PEOPLE_LANE, f"chat:{interaction}")

    def _answer(self, command: CommandGiven, thread: ChangeRef | None) -> Notice:
        read = read_command(command.words, self._places(command, thread))
        if isinstance(read, Misunderstood):
            return render_help(self._forges(), read.because)
        if read.verb in ("queue", "link", "unlink"):
            return self._about_person(read.verb, command)
        if read.verb == "passkey":
            return answer_passkey(self._kit, command.user, read.words)
        if read.verb == "help" or read.change is None:
            return render_help(self._forges())
        return self._about(read.verb, read.change, command)

    def _about_person(self, verb: Verb, command: CommandGiven) -> Notice:
        person = self._kit.people.by_chat(command.user)
        if verb == "queue":
            return render_queue(self._queue(person), command.words.endswith("all"))
        if verb == "unlink":
            return unlink_all(self._kit, command.user)
        known = f"You are {_named(person)}." if person else "You are linked to no forge account yet."
        if person is not None and not missing_places(self._kit, person):
            return render_known(known)
        return self._unlinked(Errand(command.user, channel=command.channel), known)

    def _unlinked(self, errand: Errand, because: str = UNLINKED.because) -> Notice:
        """The private way to link an account, where there is one."""
        notice = begin_linking(self._kit, errand, because)
        return render_refusal(because, notice.cure) if isinstance(notice, Closed) else notice

    def _about(self, verb: Verb, change: ChangeRef, command: CommandGiven) -> Notice:
        with self._kit.store.look() as unit:
            record = unit.change(change)
            request = unit.request_of(change)
            behind = unit.behind(change.key)
        if record is None or not record.verdict:
            unseen = FORGES[change.repo.forge].unseen
            return render_refusal(f"I have not seen {change} yet.", f"{unseen} A push wakes me too.")
        opened = replace(self._opened(record, request), delayed=behind)
        if verb == "status":
            return render_status(opened)
        if verb == "why":
            return render_why(opened)
        if verb == "override":
            return offer_override(opened, self._kit.people.by_chat(command.user))
        refusal = self._may(Opened(request, opened), command.user, "approved") if request else None
        if request and refusal is UNLINKED:
            return self._unlinked(Errand(command.user, request.token, command.channel, command.thread))
        return render_refusal(refusal.because, refusal.cure) if refusal else render_review_button(opened)

    def _forges(self) -> frozenset[ForgeName]:
        return frozenset(forge for forge, _ in self._kit.forges)

    def _places(self, command: CommandGiven, thread: ChangeRef | None) -> Places:
        with self._kit.store.look() as unit:
            records = unit.open_changes()
        shown = {record.ref.repo for record in records if record.request and record.request.channel == command.channel}
        default = shown.pop() if len(shown) == 1 else None
        return Places.among(self._kit.forges, {record.ref.repo for record in records}, default, thread)

    def _open(self, token: str) -> Opened | Notice:
        with self._kit.store.look() as unit:
            request = unit.request(token)
            record = unit.change(request.change) if request else None
            newest = unit.request_of(request.change) if request else None
        if request is None or record is None or not record.verdict:
            return render_refusal("This button leads nowhere any more.", "Use the newest card, or /llmgate status.")
        if request.state in ("void", "closed") or (newest and newest.token != request.token):
            ref = request.change
            return render_refusal(
                f"This button is about {request.head_sha[:12]} of {ref}, which is over.", "Use the newest card."
            )
        return Opened(request, self._opened(record, request))

    def _opened(self, record: ChangeRecord, request: ApprovalRequest | None) -> Standing:
        facts = self._kit.codec.load(Facts, record.facts)
        verdict = self._kit.codec.load(Verdict, record.verdict)
        live = request is not None and request.state not in ("void", "closed")
        return Standing(facts, verdict, request.token if request and live else "")

    def _may(self, opened: Opened, user: ChatUser, decision: str) -> Refusal | None:
        person = self._kit.people.by_chat(user)
        if person is None:
            return UNLINKED
        facts, verdict = opened.standing.facts, opened.standing.verdict
        refusal = check_person(facts, verdict, person)
        if refusal is not None:
            return refusal
        twice = already(facts, verdict, person, decision)
        return Refusal(twice) if twice else None

    def _queue(self, person: Person | None) -> Queue:
        with self._kit.store.look() as unit:
            standings = [self._waiting(unit, record) for record in unit.open_changes()]
        return queue_of(person, [Item(standing) for standing in standings if standing], self._kit.clock.now())

    def _waiting(self, unit: Unit, record: ChangeRecord) -> Standing | None:
        if record.request is None or not record.verdict:
            return None
        standing = self._opened(record, unit.request_of(record.ref))
        return standing if standing.verdict.state in ("waiting", "blocked") else None


def _named(person: Person) -> str:
    return f"{person.name}: " + ", ".join(f"@{account.login} on {account.host}" for account in person.accounts)
