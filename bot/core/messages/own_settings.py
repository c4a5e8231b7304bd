"""What a person chose for themselves: how it is shown, and the dialogue in which it is changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.core.escalation.model import Delivery, PersonSettings
from bot.core.hours.calendar import Hours
from bot.core.hours.span import zone_of
from bot.core.ids import ChatUser
from bot.core.notice import Code, Field, Form, Notice, Option, Section, Text, flat, text

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
START, END, ON, ZONE, DELIVERY, DIGEST = "start", "end", "days", "zone", "delivery", "digest"
SINCE, UNTIL, DELEGATE = "since", "until", "delegate"
HOW: dict[Delivery, str] = {
    "dm": "a direct message",
    "mention": "a mention in the thread of the change",
    "digest": "only in the morning's list",
}
ZONES = (
    "Pacific/Honolulu", "America/Anchorage", "America/Los_Angeles", "America/Denver", "America/Phoenix", "America/Chicago",
    "America/Mexico_City", "America/New_York", "America/Toronto", "America/Bogota", "America/Lima", "America/Caracas",
    "America/Halifax", "America/Santiago", "America/Sao_Paulo", "America/Argentina/Buenos_Aires", "America/St_Johns",
    "Atlantic/Azores", "Atlantic/Reykjavik", "Europe/Lisbon", "Europe/Dublin", "Europe/London", "Africa/Casablanca",
    "Africa/Accra", "Africa/Lagos", "Europe/Madrid", "Europe/Paris", "Europe/Brussels", "Europe/Amsterdam", "Europe/Zurich",
    "Europe/Berlin", "Europe/Rome", "Europe/Vienna", "Europe/Prague", "Europe/Copenhagen", "Europe/Oslo",
    "Europe/Stockholm", "Europe/Warsaw", "Europe/Budapest", "Europe/Belgrade", "Africa/Johannesburg", "Africa/Cairo",
    "Europe/Athens", "Europe/Bucharest", "Europe/Sofia", "Europe/Helsinki", "Europe/Tallinn", "Europe/Riga",
    "Europe/Vilnius", "Europe/Kyiv", "Asia/Jerusalem", "Asia/Beirut", "Europe/Istanbul", "Africa/Nairobi", "Asia/Riyadh",
    "Europe/Moscow", "Asia/Tehran", "Asia/Dubai", "Asia/Baku", "Asia/Tbilisi", "Asia/Yerevan", "Asia/Kabul", "Asia/Karachi",
    "Asia/Tashkent", "Asia/Kolkata", "Asia/Colombo", "Asia/Kathmandu", "Asia/Dhaka", "Asia/Almaty", "Asia/Yangon",
    "Asia/Bangkok", "Asia/Ho_Chi_Minh", "Asia/Jakarta", "Asia/Shanghai", "Asia/Hong_Kong", "Asia/Taipei", "Asia/Manila",
    "Asia/Singapore", "Asia/Kuala_Lumpur", "Australia/Perth", "Asia/Tokyo", "Asia/Seoul", "Australia/Adelaide",
    "Australia/Brisbane", "Australia/Sydney", "Pacific/Auckland", "UTC",
)  # fmt: skip
"""A menu holds a hundred; any other zone of the IANA database is set with `/llmgate hours`."""


@dataclass(frozen=True, slots=True)
class Own:
    """A person's settings with what holds where they chose nothing: `hours` as they are, `delegate` by name and account."""

    settings: PersonSettings
    hours: Hours
    delegate_name: str = ""
    delegate_chat: ChatUser | None = None

    def absent(self, now: datetime) -> bool:
        until = self.settings.absent_until
        begun = self.settings.absent_since is not None
        return begun and (until is None or until > now)


def spell_time(minutes: int) -> str:
    """Minutes after midnight as `09:30`."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def spell_days(days: tuple[int, ...]) -> str:
    """`Mon to Fri`, `Mon, Wed, Fri`, `no day`."""
    listed = sorted(days)
    if len(listed) > 2 and listed == list(range(listed[0], listed[-1] + 1)):
        return f"{DAYS[listed[0]]} to {DAYS[listed[-1]]}"
    return ", ".join(DAYS[day] for day in listed) or "no day"


def spell_hours(hours: Hours) -> str:
    """`09:00 to 17:30, Mon to Fri, Europe/Berlin`"""
    return f"{spell_time(hours.start)} to {spell_time(hours.end)}, {spell_days(hours.days)}, {hours.zone}"


def hours_line(own: Own) -> Text:
    """With whose word it is: their own, or the chat's and the default."""
    chosen = own.settings
    said = any(part is not None for part in (chosen.zone, chosen.start, chosen.end, chosen.days))
    return text(
        f"You work {spell_hours(own.hours)}" + ("." if said else " (the time zone as Slack says, the hours by default).")
    )


def settings_lines(own: Own, now: datetime) -> tuple[Text, ...]:
    """What stands on the home page."""
    digest = "with a list of what waits when your day begins" if own.settings.digest else "with no morning list"
    return (
        hours_line(own),
        text(f"Reminders: {HOW[own.settings.delivery]}, {digest}."),
        away_line(own, now),
    )


def away_line(own: Own, now: datetime) -> Text:
    """Whether they are away, until when in their own days, and who is asked meanwhile."""
    if not own.absent(now):
        return text("You are not away.")
    since, until = own.settings.absent_since, own.settings.absent_until
    meanwhile = f"; {own.delegate_name} is asked meanwhile" if own.delegate_name else ""
    if until is None:
        return text("You are away until you say ", Code("/llmgate away off"), f"{meanwhile}.")
    if since is not None and since > now:
        return text(f"You will be away from {_day(own, since)} on, and back on {_day(own, until)}{meanwhile}.")
    return text(f"You are away, and back on {_day(own, until)}{meanwhile}.")


def _day(own: Own, at: datetime) -> str:
    """As a clock on their wall would show it; midnight is left out."""
    local = at.astimezone(zone_of(own.hours.zone))
    return f"{local:%a %-d %b %Y}" + ("" if (local.hour, local.minute) == (0, 0) else f" {local:%H:%M}")


def render_settings_form(own: Own, now: datetime) -> Form:
    hours, chosen = own.hours, own.settings
    zones = ZONES if hours.zone in ZONES else (hours.zone, *ZONES)
    away = own.absent(now)
    return Form(
        title="Your settings",
        submit="Save",
        token="settings:own",  # noqa: S106 - what the form is about
        sections=(Section((text("Deadlines and reminders follow your own working time."),)),),
        fields=(
            Field(START, "Your day begins", "time", given=(spell_time(hours.start),)),
            Field(END, "Your day ends", "time", given=(spell_time(hours.end % 1440),)),
            Field(ON, "You work on", "boxes", _options(dict(enumerate(DAYS))), tuple(str(day) for day in hours.days)),
            Field(ZONE, "Time zone", "menu", tuple(Option(zone, zone.replace("_", " ")) for zone in zones), (hours.zone,)),
            Field(DELIVERY, "Reminders come as", "choice", _options(HOW), (chosen.delivery,)),
            Field(
                DIGEST, "Every morning", "boxes", (Option("on", "a list of what waits for you"),), ("on",) * chosen.digest, True
            ),
            Field(SINCE, "Away from", "day", given=_dates(own, chosen.absent_since, away), optional=True),
            Field(
                UNTIL,
                "Back on",
                "day",
                given=_dates(own, chosen.absent_until, away),
                optional=True,
                hint="Leave both empty if you are here.",
            ),
            Field(DELEGATE, "Who is asked meanwhile", "person", given=_member(own), optional=True),
        ),
    )


def _options(named: object) -> tuple[Option, ...]:
    return tuple(Option(str(value), str(words)) for value, words in named.items()) if isinstance(named, dict) else ()


def _dates(own: Own, at: datetime | None, away: bool) -> tuple[str, ...]:
    return (f"{at.astimezone(zone_of(own.hours.zone)):%Y-%m-%d}",) if at is not None and away else ()


def _member(own: Own) -> tuple[str, ...]:
    return (own.delegate_chat.id,) if own.delegate_chat else ()


def render_own(lines: tuple[Text, ...]) -> Notice:
    """The private answer to `hours` and `away`: how it stands now."""
    first = lines[0]
    return Notice(flat(first), "neutral", first, (Section(lines[1:]),) if lines[1:] else ())
