"""What the bot says of passkeys: which a person has, that one came or went, and to a second person that all were taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.core.notice import Code, Control, Moment, Notice, Section, Strong, Text, text

NOT_YOU = "Not you? Remove it now, change your password at the forge, and tell an admin."


@dataclass(frozen=True, slots=True)
class KeyLine:
    """A passkey as its owner knows it."""

    label: str
    enrolled_at: datetime
    last_used_at: datetime | None = None
    synced: bool = False


def render_passkeys(keys: Sequence[KeyLine], url: str) -> Notice:
    """The person's own keys, and the private way to add one; `url` empty: no page to add one at."""
    summary = f"You have {len(keys)} passkey{'' if len(keys) == 1 else 's'}" if keys else "You have no passkey here yet"
    sections = [Section(tuple(_line(key) for key in keys), heading="Your passkeys", bullets=True)] if keys else []
    lines = [text("Add one on each device that you approve from: then a lost one locks you out of nothing.")]
    if keys:
        lines.append(text(Code("/llmgate passkey remove NAME"), " takes one away."))
    add = Control("open", "Add a passkey", url=url, style="primary", described="Add a passkey at llmgate's own page")
    return Notice(
        summary=summary,
        tone="neutral",
        headline=text(summary),
        sections=(*sections, Section(tuple(lines))),
        controls=(add,) if url else (),
        footnote=text("The link works once, for ten minutes, and for you alone.") if url else (),
    )


def _line(key: KeyLine) -> Text:
    used = (" · last used ", Moment(key.last_used_at)) if key.last_used_at else (" · never used",)
    synced = " · synced among your devices" if key.synced else ""
    return text(Strong(key.label), " · added ", Moment(key.enrolled_at), *used, synced)


def render_added(label: str, at: datetime) -> Notice:
    """To the person in whose name it was added, wherever it was done."""
    summary = f"A passkey was added to your name: {label}"
    return Notice(
        summary=summary,
        tone="neutral",
        headline=text("A passkey was added to your name: ", Strong(label)),
        sections=(
            Section((text("Added ", Moment(at), ". From now on it can sign approvals as you."),)),
            Section((text(NOT_YOU), text(Code(f"/llmgate passkey remove {label}")))),
        ),
    )


def render_removed(label: str) -> Notice:
    summary = f"Your passkey {label} was removed: it signs nothing any more"
    again = text("What it signed before still counts. ", Code("/llmgate passkey"), " adds a new one.")
    return Notice(summary=summary, tone="neutral", headline=text(summary), sections=(Section((again,)),))


@dataclass(frozen=True, slots=True)
class Reset:
    """Who took whose keys away, and why."""

    person: str
    by: str
    reason: str
    labels: tuple[str, ...]
    told: str


def render_reset(reset: Reset) -> Notice:
    """To the person whose keys went."""
    summary = f"{reset.by} removed your passkeys: {', '.join(reset.labels)}"
    why = text("Reason given: ", Strong(reset.reason), f". {reset.told} was told too.")
    next_step = text("If you did not ask for this, tell them both now. ", Code("/llmgate passkey"), " adds a new one.")
    return Notice(summary=summary, tone="bad", headline=text(summary), sections=(Section((why, next_step)),))


def render_reset_told(reset: Reset) -> Notice:
    """To the second person, who was named so that nobody does this unseen."""
    summary = f"{reset.by} removed the passkeys of {reset.person}, and named you to know of it"
    why = text("Reason given: ", Strong(reset.reason), f". Removed: {', '.join(reset.labels)}.")
    ask = text(f"Ask {reset.person} by another way than Slack whether that is right: whoever enrols next can sign as them.")
    return Notice(summary=summary, tone="bad", headline=text(summary), sections=(Section((why, ask)),))
