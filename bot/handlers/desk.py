"""The desk: what a chat adapter asks while a person waits. Answers come from the store alone, in a few milliseconds.

Nothing here decides. A press opens a form or says why not; a submission is checked, stored as an event and answered; the
worker then looks at the forge afresh and decides.
"""

from __future__ import annotations

from dataclasses import replace

from bot.core.commands import Command, Misunderstood, Places, read_command
from bot.core.events import ButtonPressed, CommandGiven, FormSubmitted, PersonChanged
from bot.core.forges import FORGES
from bot.core.ids import ChangeRef, ChatUser, ForgeName
from bot.core.messages.answers import render_help, render_refusal, render_review_button, render_status, render_why
from bot.core.messages.linking import render_known
from bot.core.messages.queue import render_queue
from bot.core.notice import Form, FormErrors, Home, Notice
from bot.handlers.counter import own, turns
from bot.handlers.counter.board import queue_for
from bot.handlers.counter.figures import answer_metrics
from bot.handlers.counter.homes import HomePages, named
from bot.handlers.counter.opened import Opened, open_request, standing_of
from bot.handlers.counter.reviewing import (
    DECISIONS,
    UNLINKED,
    lead_to_link,
    may_decide,
    note,
    open_review,
    submit_decision,
)
from bot.handlers.counter.team import answer_team
from bot.handlers.glass import offer_override, open_override, submit_override, submit_review
from bot.handlers.glass import open_review as open_override_review
from bot.handlers.identity.enrolment import answer_passkey
from bot.handlers.identity.linking import Errand, missing_places
from bot.handlers.identity.roster import unfit_words
from bot.handlers.identity.unlinking import unlink_all, unlink_one
from bot.handlers.kit import Kit
from bot.ports.chat import ChatProfile
from bot.ports.inbound import PEOPLE_LANE

LOOKS = ("status", "why", "open")
"""Buttons that show something, and change nothing."""


class Desk:
    """Implements `bot.ports.chat.ChatDesk`."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self.pages = HomePages(kit)

    def press(self, press: ButtonPressed) -> Form | Notice | Home | None:
        if press.name in ("unlink", "override-review", "settings", "home-page"):
            return self._own_press(press)
        opened = open_request(self._kit, press.token)
        if isinstance(opened, Notice):
            return opened
        if press.name in LOOKS:
            return self._look(press, opened)
        if press.name == "override":
            return open_override(opened.standing, self._kit.people.by_chat(press.user))
        if press.name in turns.BUTTONS:
            turn = self._turn(opened, press.user, press.interaction)
            if isinstance(turn, Notice):
                return turn
            return turns.open_turn(self._kit, press.name, turn)
        return open_review(self._kit, opened, press)

    def _own_press(self, press: ButtonPressed) -> Form | Notice | Home:
        """Buttons whose token is no request's."""
        if press.name == "unlink":
            return unlink_one(self._kit, press.user, press.token)
        if press.name == "home-page":
            return self.pages.of(press.user, int(press.token) if press.token.isdigit() else 0)
        person = self._kit.people.by_chat(press.user)
        if press.name == "settings":
            return own.open_settings(self._kit, person) if person else self._unknown(Errand(press.user))
        return open_override_review(self._kit, press.token, person)

    def _look(self, press: ButtonPressed, opened: Opened) -> Notice | None:
        """That they looked is noted; a link opens by itself."""
        note(self._kit, opened, press.user, "evidence")
        if press.name == "open":
            return None
        return render_status(opened.standing) if press.name == "status" else render_why(opened.standing)

    def _turn(self, opened: Opened, user: ChatUser, interaction: str) -> turns.Turn | Notice:
        person = self._kit.people.by_chat(user)
        if person is None:
            return self._unknown(Errand(user, opened.request.token))
        return turns.turn_of(self._kit, opened, person, user, interaction)

    def submit(self, form: FormSubmitted) -> FormErrors | Notice | None:
        kind, _, token = form.token.partition(":")
        if kind == "override-review":
            return submit_review(self._kit, token, form)
        if kind == "settings":
            person = self._kit.people.by_chat(form.user)
            return own.submit_settings(self._kit, person, form) if person else self._unknown(Errand(form.user))
        opened = open_request(self._kit, token)
        if isinstance(opened, Notice):
            return opened
        if kind == "override":
            return submit_override(self._kit, opened.standing, form)
        if kind in turns.FORMS:
            turn = self._turn(opened, form.user, form.interaction)
            return turn if isinstance(turn, Notice) else turns.submit_turn(self._kit, kind, turn, form)
        if kind not in DECISIONS:
            return render_refusal("This form is not one of mine.")
        return submit_decision(self._kit, opened, form, DECISIONS[kind])

    def command(self, command: CommandGiven) -> Notice:
        return self._answer(command, None)

    def mention(self, command: CommandGiven) -> Notice:
        with self._kit.store.look() as unit:
            key = unit.card_of(command.channel, command.thread) if command.thread else None
        return self._answer(command, ChangeRef.from_key(key) if key else None)

    def home(self, user: ChatUser) -> Home:
        return self.pages.opened(user)

    def member_changed(self, profile: ChatProfile, interaction: str) -> None:
        """Members change all day long (a status, a picture): only who may approve, or may not any more, is looked at."""
        person = self._kit.people.by_chat(profile.user)
        if person is not None and bool(unfit_words(profile)) != (person.id in self._kit.people.unavailable()):
            self._kit.store.accept(PersonChanged(profile.user), PEOPLE_LANE, f"chat:{interaction}")

    def _answer(self, command: CommandGiven, thread: ChangeRef | None) -> Notice:
        read = read_command(command.words, self._places(command, thread))
        if isinstance(read, Misunderstood):
            return render_help(self._forges(), read.because)
        if read.verb in ("link", "unlink", "passkey"):
            return self._about_accounts(read, command)
        if read.verb in ("queue", "away", "hours", "metrics"):
            return self._about_person(read, command)
        if read.verb == "help" or read.change is None:
            return render_help(self._forges())
        return self._about(read, read.change, command)

    def _about_accounts(self, read: Command, command: CommandGiven) -> Notice:
        if read.verb == "passkey":
            return answer_passkey(self._kit, command.user, read.words)
        if read.verb == "unlink":
            return unlink_all(self._kit, command.user)
        person = self._kit.people.by_chat(command.user)
        if person is not None and not missing_places(self._kit, person):
            return render_known(f"You are {named(person)}.")
        known = f"You are {named(person)}." if person else "You are linked to no forge account yet."
        return lead_to_link(self._kit, Errand(command.user, channel=command.channel), known)

    def _about_person(self, read: Command, command: CommandGiven) -> Notice:
        person = self._kit.people.by_chat(command.user)
        if read.verb == "queue" and read.words == "team":
            return answer_team(self._kit, command.user, person)
        if read.verb == "queue":
            return self._queue(read.words, command)
        if read.verb == "metrics":
            return answer_metrics(self._kit, person)
        if person is None:
            return self._unknown(Errand(command.user, channel=command.channel))
        if read.verb == "hours":
            return own.answer_hours(self._kit, person, read.words)
        return own.answer_away(self._kit, person, command.user, read.words)

    def _queue(self, words: str, command: CommandGiven) -> Notice:
        if words not in ("", "all"):
            saw = f"“queue {words[:40]}” is none I know: wanted nothing behind it, `all`, or `team`."
            return render_refusal(saw, "For example: /llmgate queue all")
        return render_queue(queue_for(self._kit, self._kit.people.by_chat(command.user)), words == "all")

    def _unknown(self, errand: Errand) -> Notice:
        """What somebody is told who acts and is nobody to the gate yet."""
        return lead_to_link(self._kit, errand)

    def _about(self, read: Command, change: ChangeRef, command: CommandGiven) -> Notice:
        with self._kit.store.look() as unit:
            record = unit.change(change)
            request = unit.request_of(change)
            behind = unit.behind(change.key)
        if record is None or not record.verdict:
            unseen = FORGES[change.repo.forge].unseen
            return render_refusal(f"I have not seen {change} yet.", f"{unseen} A push wakes me too.")
        standing = replace(standing_of(self._kit, record, request), delayed=behind)
        if read.verb == "status":
            return render_status(standing)
        if read.verb == "why":
            return render_why(standing)
        if read.verb == "override":
            return offer_override(standing, self._kit.people.by_chat(command.user))
        if request is None or not standing.token:
            return render_review_button(standing)
        opened = Opened(request, standing)
        return self._act(read, opened, command) if read.verb in turns.VERBS else self._offer_review(opened, command)

    def _act(self, read: Command, opened: Opened, command: CommandGiven) -> Notice:
        turn = self._turn(opened, command.user, command.interaction)
        return turn if isinstance(turn, Notice) else turns.say_turn(self._kit, read.verb, turn, read.words)

    def _offer_review(self, opened: Opened, command: CommandGiven) -> Notice:
        """The private button that `approve` leads to."""
        refusal = may_decide(self._kit, opened, command.user, "approved")
        if refusal is UNLINKED:
            return lead_to_link(self._kit, Errand(command.user, opened.request.token, command.channel, command.thread))
        return render_refusal(refusal.because, refusal.cure) if refusal else render_review_button(opened.standing)

    def _forges(self) -> frozenset[ForgeName]:
        return frozenset(forge for forge, _ in self._kit.forges)

    def _places(self, command: CommandGiven, thread: ChangeRef | None) -> Places:
        with self._kit.store.look() as unit:
            records = unit.open_changes()
        shown = {record.ref.repo for record in records if record.request and record.request.channel == command.channel}
        default = shown.pop() if len(shown) == 1 else None
        return Places.among(self._kit.forges, {record.ref.repo for record in records}, default, thread)
