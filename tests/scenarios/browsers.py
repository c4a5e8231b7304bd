"""A person's browser at the gate's own pages: it keeps cookies, reads forms, presses their buttons, and signs in elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from typing import Self

import httpx

from bot.cli.hands import Hands
from bot.cli.playground import Playground
from integrations.sandbox.slack.workspace import Message

SignIn = Callable[[str, str], str]
"""(address of the provider's page, as whom) -> where the browser goes then."""


@dataclass
class Form:
    action: str
    fields: dict[str, str] = field(default_factory=dict)
    label: str = ""


class _Forms(HTMLParser):
    """The forms of a page, the text that people read, and where its links lead."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.words: list[str] = []
        self._skipped = False
        self._in_form = False
        self._in_button = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(given["action"]))
            self._in_form = True
        elif tag == "input":
            self.forms[-1].fields[given["name"]] = given.get("value", "")
        elif tag == "a":
            self.links.append(given["href"])
        self._in_button = tag == "button"
        self._skipped = tag in ("style", "script", "title")

    def handle_endtag(self, tag: str) -> None:
        self._skipped = self._skipped and tag not in ("style", "script", "title")
        self._in_button = self._in_button and tag != "button"
        self._in_form = self._in_form and tag != "form"

    def handle_data(self, data: str) -> None:
        if self._skipped:
            return
        self.words.append(data)
        if self._in_button and self._in_form:
            self.forms[-1].label += data


@dataclass
class Browser:
    """One person's browser. `text` is what the last page says."""

    world: Playground
    client: httpx.Client = field(default_factory=lambda: httpx.Client(trust_env=False, follow_redirects=True))
    answer: httpx.Response | None = None

    @property
    def status(self) -> int:
        assert self.answer is not None
        return self.answer.status_code

    @property
    def page(self) -> _Forms:
        assert self.answer is not None
        read = _Forms()
        read.feed(self.answer.text)
        return read

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.page.words).split())

    @property
    def buttons(self) -> list[str]:
        return [form.label for form in self.page.forms]

    def go(self, url: str) -> Self:
        self.answer = self.client.get(url)
        return self

    def press(self, label: str, **changed: str) -> Self:
        """Press the button of that label; `changed` are fields that a forger fills differently."""
        form = next(form for form in self.page.forms if form.label == label)
        assert self.answer is not None
        self.answer = self.client.post(self.answer.url.join(form.action), data={**form.fields, **changed})
        return self

    def leave(self, label: str) -> str:
        """Press a button that leads to a provider: the address of the provider's page."""
        self.press(label)
        assert self.answer is not None
        found = re.search(r'http-equiv="refresh" content="0;url=([^"]+)"', self.answer.text)
        assert found, self.text
        return unescape(found[1])

    def sign_in(self, label: str, as_whom: str, at: SignIn | None = None) -> Self:
        """Sign in at a provider, the story's own forge unless another is named, and come back."""
        return self.go((at or self.world.forge.sign_in)(self.leave(label), as_whom))

    def close(self) -> None:
        self.client.close()


def browsers(world: Playground) -> Iterator[Callable[[], Browser]]:
    """For a fixture: browsers of different people, closed at the end."""
    opened: list[Browser] = []

    def new() -> Browser:
        opened.append(Browser(world))
        return opened[-1]

    yield new
    for browser in opened:
        browser.close()


def address_in(message: Message) -> str:
    """Where the link of a private word leads."""
    (url,) = [e["url"] for block in message.blocks for e in block.get("elements", ()) if isinstance(e, dict) and e.get("url")]
    return str(url)


def ask_for_link(world: Playground, name: str) -> str:
    """Say `/llmgate link`: the address that only this person is told."""
    hands = Hands(world, name)
    hands.say("/llmgate link")
    return address_in(world.slack.ephemerals(hands.user)[-1])
