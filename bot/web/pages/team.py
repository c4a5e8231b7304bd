"""The page of who waits on whom: read once, by whoever asked for it in the chat and leads there. Nothing is done on it."""

from __future__ import annotations

from datetime import datetime, tzinfo

from fastapi.responses import HTMLResponse

from bot.core.hours.span import zone_of
from bot.core.messages.handing import spell_minutes
from bot.core.messages.team import Wait
from bot.core.messages.words import TIER_WORDS, counted
from bot.handlers.counter.team import TeamView, open_team_page
from bot.handlers.identity.visits import Closed
from bot.web.pages.caller import Caller, closed
from bot.web.pages.shell import Html, Page, joined, tag


def show_team(caller: Caller) -> HTMLResponse:
    """`GET /visit/TOKEN` of an errand to see the team: the link is used up by this."""
    found = open_team_page(caller.kit, caller.visit)
    if isinstance(found, Closed):
        return closed(found)
    return caller.show(Page("Who waits on whom", _body(found)))


def _body(view: TeamView) -> tuple[Html, ...]:
    zone = zone_of(view.zone)
    at = tag("time", f"{view.at.astimezone(zone):%H:%M}", datetime=view.at.isoformat(timespec="minutes"))
    stand = tag(
        "p",
        joined("As it stood at ", at, f" ({view.zone}). Ages are in the working hours of whoever is waited for."),
        class_="soft",
    )
    if not view.waits:
        return (tag("p", "Nobody waits for anybody."), stand)
    people = len({wait.who for wait in view.waits})
    said = f"{counted(len(view.waits), 'turn')}, {counted(people, 'person', 'people')} waited for. The oldest stands first."
    rows = [_row(wait, view.at, zone) for wait in view.waits]
    return (tag("p", said), tag("ol", *rows, class_="waits"), stand)


def _row(wait: Wait, now: datetime, zone: tzinfo) -> Html:
    """Who, since when, for what: one below the other, so that a phone shows all of it."""
    since = wait.since.astimezone(zone)
    later = wait.snoozed_until if wait.snoozed_until and wait.snoozed_until > now else None
    put_off = (tag("p", f"Snoozed until {later.astimezone(zone):%a %-d %b, %H:%M}", class_="soft"),) if later else ()
    head = tag("p", tag("strong", wait.who), tag("span", spell_minutes(wait.minutes), class_="age"), class_="head")
    change = tag("p", tag("a", wait.ref, href=wait.url, rel="noreferrer"), f" {wait.title}")
    asked = f"{TIER_WORDS[wait.tier]}, {wait.wanted}, for {wait.author}, since "
    told = tag(
        "p", asked, tag("time", f"{since:%a %-d %b, %H:%M}", datetime=wait.since.isoformat(timespec="minutes")), class_="soft"
    )
    return tag("li", head, change, told, *put_off)
