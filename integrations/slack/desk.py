"""The desk behind Slack's counter: each thing a person does is acknowledged, put to the application, and answered.

Slack waits three seconds. Clicks are acknowledged at once. A command or a submission is answered in the acknowledgement
itself where the application is quick, which it is, since it only reads its store; where it is not, Slack is told in time
and the answer follows as a private word. Whatever fails, the person hears it, and the log learns what failed and never
what was said.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as LateError
from dataclasses import dataclass
from typing import TypeVar

import structlog

from bot.core.actions import ShowHome, Whisper
from bot.core.events import CommandGiven, FormSubmitted
from bot.core.ids import ChatUser
from bot.core.notice import Form, FormErrors, Home, Notice, text
from bot.ports.chat import ChatDesk, ChatProfile
from bot.ports.errors import WorldError
from integrations.slack.blocks.element import Block
from integrations.slack.blocks.form import Origin, errors_response, form_view, notice_view
from integrations.slack.blocks.message import message
from integrations.slack.chat import SlackChat
from integrations.slack.connection import Connection
from integrations.slack.inbound import Click
from integrations.slack.payload import Payload

PATIENCE_S = 2.0
"""How long an answer may take before Slack is told to wait; a second is left for the way back."""

T = TypeVar("T")
Acknowledge = Callable[[Block], None]
_log = structlog.get_logger("llmgate.slack")


@dataclass(frozen=True, slots=True)
class Surface:
    """What the desk answers with."""

    connection: Connection
    chat: SlackChat


class FrontDesk:
    """Puts what people do to the application and shows what it says."""

    def __init__(self, desk: ChatDesk, surface: Surface, patience_s: float = PATIENCE_S) -> None:
        self._desk = desk
        self._surface = surface
        self._patience_s = patience_s
        self._workers = ThreadPoolExecutor(max_workers=8, thread_name_prefix="slack-desk")

    def close(self) -> None:
        """Let what is being answered finish."""
        self._workers.shutdown(wait=True)

    # clicks: already acknowledged when they come here

    def press(self, click: Click) -> None:
        press = click.press
        try:
            answer = self._desk.press(press)
            if isinstance(answer, Form):
                origin = Origin(answer.token, press.channel, click.thread)
                self._surface.connection.call("views.open", trigger_id=press.trigger, view=form_view(answer, origin))
            elif isinstance(answer, Home):
                self._surface.chat.publish(ShowHome(press.user, answer), press.interaction)
            elif isinstance(answer, Notice):
                self._tell_presser(click, answer)
        except Exception as error:
            _report("press", press.interaction, error)
            self._tell_presser(click, failed("open that", error))

    def _tell_presser(self, click: Click, notice: Notice) -> None:
        press = click.press
        whisper = Whisper(press.user, press.channel, notice, press.interaction, click.thread)
        try:
            if press.channel:
                self._surface.chat.whisper(whisper, whisper.key)
            else:  # the home page has no channel to whisper in
                view = notice_view(notice, "llmgate")
                self._surface.connection.call("views.open", trigger_id=press.trigger, view=view)
        except WorldError as error:
            _report("answer to a press", press.interaction, error)

    # submissions

    def submit(self, form: FormSubmitted, origin: Origin, view: Payload, acknowledge: Acknowledge) -> None:
        """Errors stay in the dialogue with everything typed; a refusal closes it and is said privately."""
        work = self._workers.submit(self._submitted, form)
        try:
            answer = work.result(timeout=self._patience_s)
        except LateError:
            acknowledge({"response_action": "update", "view": notice_view(_LATE, "llmgate")})
            self._follow_up(form, origin, work.result())
            return
        if isinstance(answer, FormErrors):
            acknowledge(errors_response(answer, view))
        elif isinstance(answer, Notice) and not origin.channel:
            acknowledge({"response_action": "update", "view": notice_view(answer, "llmgate")})
        else:
            acknowledge({})
            self._follow_up(form, origin, answer)

    def _submitted(self, form: FormSubmitted) -> FormErrors | Notice | None:
        try:
            return self._desk.submit(form)
        except Exception as error:
            _report("submission", form.interaction, error)
            return FormErrors((("form", failed("take this", error).summary),))

    def _follow_up(self, form: FormSubmitted, origin: Origin, answer: FormErrors | Notice | None) -> None:
        if isinstance(answer, FormErrors):
            said = " ".join(words for _, words in answer.errors)
            answer = Notice(f"Your answer was not taken: {said}", "bad", text("Your answer was not taken: ", said))
        if answer is not None:
            self._whisper(Whisper(form.user, origin.channel, answer, form.interaction, origin.thread))

    # words

    def command(self, given: CommandGiven, acknowledge: Acknowledge) -> None:
        """Answered where it was typed, to the one who typed it."""
        work = self._workers.submit(self._noticed, self._desk.command, given)
        try:
            notice = work.result(timeout=self._patience_s)
        except LateError:
            acknowledge({})
            self._whisper(Whisper(given.user, given.channel, work.result(), given.interaction))
            return
        words, blocks = message(notice, given.interaction)
        acknowledge({"response_type": "ephemeral", "text": words, "blocks": blocks})

    def mention(self, given: CommandGiven) -> None:
        notice = self._noticed(self._desk.mention, given)
        self._whisper(Whisper(given.user, given.channel, notice, given.interaction, given.thread))

    def _noticed(self, ask: Callable[[CommandGiven], Notice], given: CommandGiven) -> Notice:
        try:
            return ask(given)
        except Exception as error:
            _report("command", given.interaction, error)
            return failed("answer that", error)

    # home

    def home(self, user: ChatUser, interaction: str) -> None:
        try:
            self._surface.chat.publish(ShowHome(user, self._desk.home(user)), interaction)
        except Exception as error:
            _report("home page", interaction, error)

    # members

    def member_changed(self, profile: ChatProfile, interaction: str) -> None:
        self._surface.chat.hear(profile)
        try:
            self._desk.member_changed(profile, interaction)
        except Exception as error:
            _report("change of a member", interaction, error)

    def _whisper(self, whisper: Whisper) -> None:
        try:
            self._surface.chat.whisper(whisper, whisper.key)
        except WorldError as error:
            _report("private answer", whisper.key, error)


def failed(what: str, error: Exception) -> Notice:
    """The honest word about a failure: nothing happened, and what to do."""
    said = f"llmgate could not {what}, and nothing was recorded. Try again; `/llmgate status` shows where the change stands."
    if isinstance(error, WorldError):
        said = f"llmgate could not {what} ({error}); nothing was recorded. Try again."
    return Notice(said, "bad", text(said))


def _report(what: str, interaction: str, error: Exception) -> None:
    """Port errors speak of methods and codes; of any other only the kind is written down, its text may quote people."""
    detail = str(error) if isinstance(error, WorldError) else type(error).__name__
    _log.error("slack: could not handle", what=what, interaction=interaction, error=detail)


_SAID_LATE = "llmgate is still working on this. You will be told privately how it ended; the card shows it too."
_LATE = Notice(_SAID_LATE, "waiting", text(_SAID_LATE))
