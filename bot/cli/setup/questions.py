"""The questions of `llmgate init`, in the order in which a person can answer them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import typer

from bot.cli.setup import answers
from bot.cli.setup.answers import BadAnswer

Known = Mapping[str, str]
"""Values by setting: what the file holds and what was answered so far."""


@dataclass(frozen=True, slots=True)
class Question:
    """One setting. `fits` says whether it is asked at all; Enter gives `default`, and without one leaves the setting open."""

    key: str
    words: str
    read: Callable[[str], str]
    secret: bool = False
    default: str = ""
    fits: Callable[[Known], bool] = lambda _: True


def _github(known: Known) -> bool:
    return "github.app_id" in known


def _socket(known: Known) -> bool:
    return "slack.bot_token" in known and known.get("slack.mode") != "http"


def _http(known: Known) -> bool:
    return "slack.bot_token" in known and known.get("slack.mode") == "http"


QUESTIONS = (
    Question("web.public_url", "Address under which GitHub reaches this server, https://…", answers.public_url),
    Question("github.host", "GitHub host", answers.host, default="github.com"),
    Question("github.webhook_secret", "Webhook secret (Enter makes one)", answers.webhook_secret, secret=True),
    Question("github.app_id", "GitHub App id", answers.app_id),
    Question("github.private_key_file", "Path of the App's private key (.pem)", answers.private_key_file, fits=_github),
    Question("slack.bot_token", "Slack bot token, xoxb-…", answers.bot_token, secret=True),
    Question("slack.mode", "Slack over socket (nothing exposed) or http", answers.mode, default="socket",
             fits=lambda known: "slack.bot_token" in known),
    Question("slack.app_token", "Slack app-level token, xapp-…", answers.app_token, secret=True, fits=_socket),
    Question("slack.signing_secret", "Slack signing secret", answers.signing_secret, secret=True, fits=_http),
    Question("slack.channel", "Slack channel id for cards, C…", answers.channel, fits=lambda known: "slack.bot_token" in known),
)  # fmt: skip
NEEDS = {
    "github.private_key_file": "github.app_id",
    "slack.app_token": "slack.bot_token",
    "slack.signing_secret": "slack.bot_token",
}
"""Without the first, the second would be settings that `serve` refuses: it is then left open too."""


def ask_missing(held: Known) -> dict[str, str]:
    """Ask for what the file does not hold; the new values. A bad answer is refused and asked again."""
    fresh: dict[str, str] = {}
    for question in QUESTIONS:
        known = {**held, **fresh}
        if question.key in known or not question.fits(known):
            continue
        answer = _ask(question)
        if answer:
            fresh[question.key] = answer
        elif fresh.pop(NEEDS.get(question.key, ""), ""):
            typer.echo(f"  {NEEDS[question.key]} is left open too: it cannot be used without {question.key}")
    return fresh


def _ask(question: Question) -> str:
    hint = "" if question.default or "Enter" in question.words else " (Enter: later)"
    while True:
        given: str = typer.prompt(
            f"{question.words}{hint}",
            default=question.default,
            show_default=bool(question.default),
            hide_input=question.secret,
        )
        given = given.strip()
        if not given:
            return ""
        try:
            return question.read(given)
        except BadAnswer as refused:
            typer.echo(f"  {refused}", err=True)
