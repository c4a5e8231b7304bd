"""The questions of `llmgate init`, in the order in which a person can answer them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import typer

from bot.cli.setup import answers
from bot.cli.setup.answers import BadAnswer
from bot.cli.setup.forges import sections

Known = Mapping[str, str]
"""Values by setting: what the file holds and what was answered so far."""


@dataclass(frozen=True, slots=True)
class Question:
    """One setting. `fits` says whether it is asked at all.

    Enter gives `default`, or what `make` makes; without either it leaves the setting open.
    """

    key: str
    words: str
    read: Callable[[str], str]
    secret: bool = False
    default: str = ""
    make: Callable[[], str] | None = None
    fits: Callable[[Known], bool] = lambda _: True


def _github(known: Known) -> bool:
    return "github.app_id" in known


def _addressed(known: Known) -> bool:
    """People come back from signing in to the public address: without one nobody can."""
    return "github.app_id" in known and "web.public_url" in known


def _socket(known: Known) -> bool:
    return "slack.bot_token" in known and known.get("slack.mode") != "http"


def _http(known: Known) -> bool:
    return "slack.bot_token" in known and known.get("slack.mode") == "http"


FORGE = Question("", "Forge: github, gitlab or both", str, default="github")
ADDRESS = Question("web.public_url", "Address under which the forge reaches this server, https://…", answers.public_url)
GITHUB = (
    Question("github.host", "GitHub host", answers.host, default="github.com"),
    Question("github.webhook_secret", "Webhook secret (Enter makes one)", answers.webhook_secret, secret=True,
             make=answers.made_secret),
    Question("github.app_id", "GitHub App id", answers.app_id),
    Question("github.private_key_file", "Path of the App's private key (.pem)", answers.private_key_file, fits=_github),
    Question("github.client_id", "The App's client id, so that people can sign in", answers.client_id, fits=_addressed),
    Question("github.client_secret", "A client secret of the App", answers.client_secret, secret=True,
             fits=lambda known: "github.client_id" in known),
)  # fmt: skip
SLACK = (
    Question("slack.bot_token", "Slack bot token, xoxb-…", answers.bot_token, secret=True),
    Question("slack.mode", "Slack over socket (nothing exposed) or http", answers.mode, default="socket",
             fits=lambda known: "slack.bot_token" in known),
    Question("slack.app_token", "Slack app-level token, xapp-…", answers.app_token, secret=True, fits=_socket),
    Question("slack.signing_secret", "Slack signing secret", answers.signing_secret, secret=True, fits=_http),
    Question("slack.channel", "Slack channel id for cards, C…", answers.channel, fits=lambda known: "slack.bot_token" in known),
)  # fmt: skip


def gitlab(section: str, known: Known) -> tuple[Question, ...]:
    """The questions about one GitLab host.

    Its webhook's secret token is made without being asked for. A signing token is for GitLab to make, and only a newer one
    can: where one is set that GitLab does not sign with, every delivery is refused.
    """
    others = {value for key, value in known.items() if key.startswith("gitlab.") and key.endswith(".host")}
    return (
        Question(f"{section}.host", "GitLab host", partial(answers.gitlab_host, taken=others), default="gitlab.com"),
        Question(f"{section}.token", "GitLab token of the bot, scope api", answers.gitlab_token, secret=True),
        Question(f"{section}.client_id", "Id of an OAuth application there, so that people can sign in", answers.client_id,
                 fits=lambda known: f"{section}.token" in known and "web.public_url" in known),
        Question(f"{section}.client_secret", "That application's secret", answers.client_secret, secret=True,
                 fits=lambda known: f"{section}.client_id" in known),
    )  # fmt: skip


def questions(forges: Sequence[str], known: Known) -> Iterator[Question]:
    """Every question, where these forges are to be connected."""
    yield ADDRESS
    for section in forges:
        yield from GITHUB if section == "github" else gitlab(section, known)
    yield from SLACK


NEEDS = {
    "github.private_key_file": "github.app_id",
    "slack.app_token": "slack.bot_token",
    "slack.signing_secret": "slack.bot_token",
}
"""Without the first, the second would be settings that `serve` refuses: it is then left open too."""


def _needed(key: str) -> str:
    section, _, name = key.rpartition(".")
    return f"{section}.client_id" if name == "client_secret" else NEEDS.get(key, "")


def ask_forges() -> tuple[str, ...]:
    """The sections of the forges to connect."""
    while True:
        try:
            return sections(_ask(FORGE))
        except BadAnswer as refused:
            typer.echo(f"  {refused}", err=True)


def ask_missing(held: Known, forges: Sequence[str]) -> dict[str, str]:
    """Ask for what the file does not hold; the new values. A bad answer is refused and asked again."""
    fresh: dict[str, str] = {}
    for question in questions(forges, held):
        known = {**held, **fresh}
        if question.key in known or not question.fits(known):
            continue
        answer = _ask(question)
        if answer:
            fresh[question.key] = answer
        elif fresh.pop(needed := _needed(question.key), ""):
            typer.echo(f"  {needed} is left open too: it cannot be used without {question.key}")
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
            return question.make() if question.make else ""
        try:
            return question.read(given)
        except BadAnswer as refused:
            typer.echo(f"  {refused}", err=True)
