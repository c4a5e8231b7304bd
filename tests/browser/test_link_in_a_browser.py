"""Linking an account as a person sees it: from the private word in Slack through the forge's own page and back, on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.cli.layout import Layout
from bot.cli.playground import Playground, build_playground
from bot.core.ids import ForgeName
from integrations.sandbox.clock import FakeClock
from tests.browser.chromium import Chromium, Page
from tests.browser.passkeys import Visitor
from tests.scenarios.browsers import ask_for_link
from tests.scenarios.tying import links

PHONE = {"width": 360, "height": 740, "deviceScaleFactor": 2, "mobile": True}


@pytest.fixture(params=["github", "gitlab"])
def world(request: pytest.FixtureRequest, sqlite_url: str, tmp_path: Path, clock: FakeClock) -> Iterator[Playground]:
    forge: ForgeName = request.param
    playground = build_playground(Layout(tmp_path / "world", sqlite_url, forge=forge), clock)
    assert playground.slack.connected()
    try:
        yield playground
    finally:
        playground.close()


@pytest.fixture
def phone(browser: Chromium) -> Iterator[Page]:
    """A tab of the size of a phone, in which nothing may have failed."""
    with browser.page() as page:
        page.call("Emulation.setDeviceMetricsOverride", **PHONE)
        yield page
        assert page.faults == []


def fits(page: Page) -> bool:
    """Nothing has to be scrolled to from the side."""
    return page.until("document.documentElement.scrollWidth <= innerWidth || 'wider'") is True


def test_a_person_links_on_a_phone_without_any_script(world: Playground, phone: Page) -> None:
    visitor = Visitor(phone)
    visitor.open(ask_for_link(world, "eve"))
    assert "Eve (U0EVE) in workspace T0SANDBOX" in visitor.sees("Link your forge account")
    assert fits(phone)
    visitor.sign_in_as("eve", f"{world.forge.title} ({world.forge.host})")
    said = visitor.sees("Are both of these you?")
    assert "Eve (U0EVE) in workspace T0SANDBOX" in said
    assert "eve (id 507)" in said
    assert fits(phone)
    visitor.leave_by("Yes, both are me: link them")
    visitor.sees("You are linked")
    assert [row.account.id for row in links(world)] == [507]


def test_the_pages_are_dark_where_the_reader_is(world: Playground, phone: Page) -> None:
    url = ask_for_link(world, "eve")
    grounds = []
    for scheme in ("light", "dark"):
        phone.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        phone.go(url)
        grounds.append(phone.until("getComputedStyle(document.body).backgroundColor"))
    assert grounds == ["rgb(242, 244, 247)", "rgb(17, 22, 27)"]
