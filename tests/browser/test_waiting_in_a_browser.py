"""Somebody who is asked, at the sandbox's page: put it off, hand it on, choose hours, be reminded in private; and the page of
who waits on whom, on a phone and in the dark."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from bot.cli.hands import Hands
from bot.cli.layout import CHANNEL, POLICY
from bot.cli.playground import Playground
from bot.cli.sandbox import running
from integrations.sandbox.clock import FakeClock
from tests.browser.chromium import Chromium, Page
from tests.browser.desk import Desk

LEADS = POLICY + "  leads:\n    people: [cid]\n"
PHONE = {"width": 360, "height": 740, "deviceScaleFactor": 2, "mobile": True}
SCHEMES = {"light": "rgb(242, 244, 247)", "dark": "rgb(17, 22, 27)"}


@dataclass
class Story:
    world: Playground
    desk: Desk
    page: Page
    url: str

    def look(self, name: str, place: str = CHANNEL, thread: str = "") -> None:
        """Look at the page as somebody, at one place, once it shows what there is now."""
        self.page.go(f"{self.url}/?user={self.world.members[name]}&place={place}&thread={thread}")
        self.page.until("shown.size > 0")

    def thread(self, name: str) -> None:
        self.look(name, thread=self.world.card(1).ts)

    def menu(self, entry: str) -> None:
        """Choose from the menu of the ask that is last in the thread."""
        self.page.until(
            "(() => { const menu = [...document.querySelectorAll('#thread details.menu')].at(-1);"
            " if (menu) menu.open = true; return Boolean(menu); })()"
        )
        self.desk.press(entry, "#thread button")
        self.page.until("document.querySelector('#dialog .field')")


@pytest.fixture(params=["github", "gitlab"])
def story(request: pytest.FixtureRequest, browser: Chromium, tmp_path: Path) -> Iterator[Story]:
    """A change that waits for an owner and for one of security, in a world whose clock the story moves."""
    with running(tmp_path / "world", 0, request.param, FakeClock()) as (world, url), browser.page() as page:
        world.push_policy(LEADS)
        world.open_generated()
        assert world.slack.until(lambda: any("is wanted on" in one.text for one in world.slack.workspace.messages), 15)
        yield Story(world, Desk(page, str(world.ref(1))), page, url)
        page.go("about:blank")
        assert page.faults == []
        assert world.slack.unmodelled == []


def asked(story: Story) -> str:
    """Who is asked last in the thread."""
    found = [one for one in story.world.slack.thread(CHANNEL, story.world.card(1).ts) if "is wanted on" in one.text]
    user = re.search(r"<@(\w+)>", str(found[-1].blocks))
    assert user
    return next(name for name, known in story.world.members.items() if known == user[1])


def test_an_ask_is_put_off_in_a_dialogue_and_stands_on_the_home_page_as_such(story: Story) -> None:
    name = asked(story)
    story.thread(name)
    story.menu("Snooze …")
    assert "nothing is approved by waiting" in story.desk.sees("put this off", "#dialog")
    story.desk.send()
    story.desk.gone("#dialog form")
    story.desk.sees("you are reminded after", "#thread .message.private")
    story.desk.sees("wants to be reminded later", "#thread .message")
    story.look(name, "home")
    assert "snoozed until" in story.desk.sees("1 snoozed", "#stream .home")


def test_a_review_is_handed_on_to_somebody_who_may_and_to_nobody_else(story: Story) -> None:
    name = asked(story)
    story.thread(name)
    story.menu("Delegate …")
    pick = "(() => {{ document.querySelector('#dialog select').value = '{}'; return true; }})()"
    story.page.until(pick.format(story.world.members["ann"]))
    story.desk.send()
    story.desk.sees("may not decide", "#dialog .error")
    other = {"sue": "sam", "sam": "sue", "bob": "dee", "dee": "bob"}[name]
    story.page.until(pick.format(story.world.members[other]))
    story.desk.send()
    story.desk.gone("#dialog form")
    story.desk.sees(f"handed the review on to @{other.capitalize()}", "#thread .message")


def open_settings(story: Story, name: str) -> None:
    """The page may be published anew at that moment, and the stand-in refuses a button of the one before: they press again."""
    slack, user = story.world.slack, story.world.members[name]
    for _ in range(5):
        story.desk.press("Settings")
        if slack.until(lambda: bool(slack.open_views(user)), 3):
            break
    story.page.until("document.querySelector('#dialog form')")


def test_hours_and_days_are_chosen_with_the_browsers_own_fields(story: Story) -> None:
    story.look("bob", "home")
    story.desk.sees("Your settings", "#stream .home")
    open_settings(story, "bob")
    story.page.until(
        "(() => { document.querySelector('#dialog input[type=time]').value = '07:45';"
        " document.querySelector('#dialog input[type=date]').value = '2026-03-20'; return true; })()"
    )
    story.desk.send()
    story.desk.sees("07:45 to 17:30", "#dialog")
    story.page.until("(document.querySelector('#dialog [data-verb=close_view]').click(), true)")


def test_a_reminder_comes_in_private_and_can_be_answered_there(story: Story) -> None:
    name = asked(story)
    story.world.clock.advance(timedelta(minutes=75))
    story.world.gate.tick_all()
    direct = story.world.slack.workspace.direct(story.world.members[name]).id
    assert story.world.slack.until(lambda: bool(story.world.slack.messages(direct)), 15)
    story.look(name, direct)
    story.desk.sees("of working time", "#stream .message")
    story.desk.press("Review & approve")
    story.page.until("document.querySelector('#dialog .field')")


def team_page(story: Story) -> str:
    """The address that Cid, who leads, is told in private."""
    cid = Hands(story.world, "cid")
    cid.say("/llmgate queue team")
    found = re.search(r"http://localhost:\d+/visit/[\w-]+", str(story.world.slack.ephemerals(cid.user)[-1].blocks))
    assert found
    return found[0]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_page_of_who_waits_on_whom_fits_a_phone_by_day_and_night(story: Story, scheme: str) -> None:
    story.world.clock.advance(timedelta(hours=2, minutes=20))
    story.page.call("Emulation.setDeviceMetricsOverride", **PHONE)
    story.page.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    url = team_page(story)
    story.page.go(url)
    assert story.page.until("getComputedStyle(document.body).backgroundColor") == SCHEMES[scheme]
    assert story.page.until("document.documentElement.scrollWidth <= innerWidth || 'wider'") is True
    said = str(story.page.until("document.body.innerText"))
    assert "Who waits on whom" in said
    assert f"{asked(story).capitalize()}\n2 h 20 min" in said
    story.page.go(url)
    assert "used already" in str(story.page.until("document.body.innerText"))
