"""Facts about who may be asked, was asked and is there, and what routing makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.core.attendance import Assignment, Attendance, How, Presence
from bot.core.detection.detect import detect
from bot.core.escalation.model import Chain, ChainStep
from bot.core.facts import Facts
from bot.core.hours.calendar import Calendar, Hours
from bot.core.ids import PersonId, RoleName
from bot.core.policy.model import RoutingRules, Seat
from bot.core.routing.route import route
from bot.core.verdict import Routing, SeatState
from tests.core.build import MEDIUM, NOW, facts

OWNER, ANYONE, SECURITY = RoleName("codeowner"), RoleName("anyone"), RoleName("security")
TEAM = ("bob", "cid", "dee", "sam", "sue")
OWNERS = "* @bob @cid @dee @sam @sue\n"
EVENING = Calendar(Hours(start=18 * 60, end=22 * 60))
FALLBACK = Chain((ChainStep(60, "fallback", SECURITY),))


def here(name: str, presence: Presence = "active", load: float = 0.0, why: str = "") -> Attendance:
    """As if looked at now: whoever is out of hours works in the evening."""
    hours = EVENING if presence == "out-of-hours" else Calendar()
    return Attendance(PersonId(name), presence, why, hours, load)


def asked(name: str, how: How = "routed", **more: str) -> Assignment:
    by = PersonId(more["by"]) if "by" in more else None
    return Assignment(PersonId(name), how, NOW, by, seat=more.get("seat", ""), gone=more.get("gone", ""))


def about(*there: Attendance, was: Sequence[Assignment] = (), owners: str = OWNERS) -> Facts:
    return replace(facts(MEDIUM, owners_text=owners), attendance=there, assignments=tuple(was))


def routed(of: Facts, *seats: Seat, chain: Chain | None = None) -> Routing:
    rules = replace(of.policy.tier("medium"), seats=seats or (Seat(OWNER, 1),), chain=chain or Chain())
    return route(of, rules, detect(of.change, of.commits, of.files, of.documents, of.seen_before))


def seat(of: Facts, *seats: Seat, chain: Chain | None = None) -> SeatState:
    return routed(of, *seats, chain=chain).seats[0]


def preferring_authors(of: Facts, **wrote: int) -> Facts:
    policy = replace(of.policy, routing=RoutingRules(prefer_authors=True))
    return replace(of, policy=policy, wrote=tuple((PersonId(name), lines) for name, lines in wrote.items()))
