"""A person's own choice of hours over what the chat and the default say."""

from __future__ import annotations

from dataclasses import replace

from bot.core.escalation.model import PersonSettings
from bot.core.hours.calendar import Hours


def with_choices(hours: Hours, chosen: PersonSettings) -> Hours:
    """What they chose wins, part by part."""
    return replace(
        hours,
        zone=chosen.zone or hours.zone,
        start=hours.start if chosen.start is None else chosen.start,
        end=hours.end if chosen.end is None else chosen.end,
        days=hours.days if chosen.days is None else chosen.days,
    )
