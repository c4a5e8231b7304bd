"""What people choose for themselves: when they work, how they are reminded, when they are away and who is asked then.

It is theirs alone, so it is saved at once, together with the instant of their next list.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time
from typing import get_args

from bot.core.escalation.bundles import next_day
from bot.core.escalation.model import Delivery, PersonSettings
from bot.core.events import FormSubmitted
from bot.core.hours.calendar import Hours
from bot.core.hours.chosen import with_choices
from bot.core.hours.span import zone_of
from bot.core.hours.typed import NotRead, read_absence, read_hours
from bot.core.ids import ChatUser, Person, PersonId
from bot.core.messages.answers import render_refusal
from bot.core.messages.own_settings import (
    DELEGATE,
    DELIVERY,
    DIGEST,
    END,
    ON,
    SINCE,
    START,
    UNTIL,
    ZONE,
    Own,
    away_line,
    hours_line,
    render_own,
    render_settings_form,
    settings_lines,
)
from bot.core.notice import Form, FormErrors, Notice, Text
from bot.handlers.counter.named import find_member, find_person, sentence
from bot.handlers.decision import Refusal
from bot.handlers.escalation.calendars import calendars_of
from bot.handlers.escalation.digesting import wants_digest
from bot.handlers.escalation.leaving import plan_leave
from bot.handlers.kit import Kit
from bot.ports.store import Unit

DAY_MINUTES = 24 * 60


def own_of(kit: Kit, person: Person) -> Own:
    """What they chose, and what holds where they chose nothing."""
    with kit.store.look() as unit:
        settings = _settings(unit, person.id)
        hours = with_choices(calendars_of(kit, unit, {person.id})[person.id].hours, settings)
    delegate = next((one for one in kit.people.people() if one.id == settings.delegate), None) if settings.delegate else None
    return Own(settings, hours, delegate.name if delegate else "", delegate.chat if delegate else None)


def own_lines(kit: Kit, person: Person) -> tuple[Text, ...]:
    """For the home page."""
    return settings_lines(own_of(kit, person), kit.clock.now())


def open_settings(kit: Kit, person: Person) -> Form:
    return render_settings_form(own_of(kit, person), kit.clock.now())


def _settings(unit: Unit, person: PersonId) -> PersonSettings:
    return next(iter(unit.settings_of([person])), PersonSettings(person))


def _save(kit: Kit, settings: PersonSettings) -> None:
    """With the next list planned by the hours that hold from now on."""
    now = kit.clock.now()
    with kit.store.begin() as unit:
        unit.save_settings(settings, now)
        known = calendars_of(kit, unit, {settings.person})[settings.person]
        calendar = replace(known, hours=with_choices(known.hours, settings))
        planned = unit.planned_digests([settings.person]).get(settings.person)
        unit.plan_digest(settings.person, next_day(calendar, now) if wants_digest(settings) else None, planned)
        if settings.absent_since is not None:
            plan_leave(unit, settings.person, settings.absent_since, now)
        unit.commit()


# the dialogue


def submit_settings(kit: Kit, person: Person, form: FormSubmitted) -> FormErrors | Notice:
    """Saved, or what is wrong by field."""
    before = own_of(kit, person)
    hours = _hours(form, before.hours)
    away = _away(form, hours.zone, kit.clock.now(), before.settings)
    delegate = _delegate(kit, person, form)
    errors = [
        *_wrong_hours(hours, form),
        *(away if isinstance(away, list) else []),
        *(delegate if isinstance(delegate, list) else []),
    ]
    if errors or isinstance(away, list) or isinstance(delegate, list):
        return FormErrors(tuple(errors))
    settings = _chosen(before, hours)
    delivery: Delivery = next((one for one in get_args(Delivery) if one == form.one_of(DELIVERY)), "dm")
    _save(
        kit,
        replace(
            settings,
            delivery=delivery,
            digest=bool(form.all_of(DIGEST)),
            absent_since=away[0],
            absent_until=away[1],
            delegate=delegate,
        ),
    )
    return render_own(own_lines(kit, person))


def _hours(form: FormSubmitted, before: Hours) -> Hours:
    start, end = _minutes(form.one_of(START), before.start), _minutes(form.one_of(END), before.end)
    days = tuple(sorted(int(day) for day in form.all_of(ON) if day.isdigit()))
    return Hours(form.one_of(ZONE) or before.zone, start, end or DAY_MINUTES, days)


def _minutes(clock: str, otherwise: int) -> int:
    hours, colon, minutes = clock.partition(":")
    return int(hours) * 60 + int(minutes) if colon and hours.isdigit() and minutes.isdigit() else otherwise


def _wrong_hours(hours: Hours, form: FormSubmitted) -> list[tuple[str, str]]:
    found = []
    if not form.all_of(ON):
        found.append((f"field:{ON}", "Choose at least one day; to be away for a while, fill in the dates below."))
    if hours.start == hours.end:
        found.append((f"field:{END}", "Your day ends when it begins: choose another time."))
    return found


def _chosen(before: Own, hours: Hours) -> PersonSettings:
    """Only what differs from what holds anyway becomes a choice: the rest goes on following the chat."""
    held, kept = before.hours, before.settings
    return replace(
        kept,
        zone=hours.zone if hours.zone != held.zone else kept.zone,
        start=hours.start if hours.start != held.start else kept.start,
        end=hours.end if hours.end != held.end else kept.end,
        days=hours.days if hours.days != held.days else kept.days,
    )


Span = tuple[datetime | None, datetime | None]
Wrong = list[tuple[str, str]]


def _away(form: FormSubmitted, zone: str, now: datetime, before: PersonSettings) -> Span | Wrong:
    """From when until when, as instants: a day begins at midnight where they are. Both None: they are here."""
    since, until = _midnight(form.one_of(SINCE), zone), _midnight(form.one_of(UNTIL), zone)
    if since is None and until is None:
        return None, None
    begun = before.absent_since if before.absent_since and before.absent_since <= now else now
    begins = since or begun
    if until is not None and until <= max(begins, now):
        return [(f"field:{UNTIL}", "That is over before it begins: choose a later day, or leave both days empty.")]
    return begins, until


def _midnight(day: str, zone: str) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(day), time(), zone_of(zone)) if day else None
    except ValueError:
        return None


def _delegate(kit: Kit, person: Person, form: FormSubmitted) -> PersonId | Wrong | None:
    chosen = form.one_of(DELEGATE)
    if not chosen:
        return None
    found = find_member(kit, ChatUser(form.user.team, chosen))
    if isinstance(found, Refusal):
        return [(f"field:{DELEGATE}", f"{found.because} {found.cure}")]
    if found.id == person.id:
        return [(f"field:{DELEGATE}", "You cannot stand in for yourself: choose somebody else, or nobody.")]
    return found.id


# words


def answer_hours(kit: Kit, person: Person, words: str) -> Notice:
    """`/llmgate hours` shows them, with words behind it they are set."""
    before = own_of(kit, person)
    if words:
        read = read_hours(words, before.hours)
        if isinstance(read, NotRead):
            return render_refusal(sentence(read.because), "For example: /llmgate hours 9-17:30 mon-fri Europe/Berlin")
        _save(kit, _chosen(before, read))
    own = own_of(kit, person)
    return render_own((hours_line(own), away_line(own, kit.clock.now())))


def answer_away(kit: Kit, person: Person, user: ChatUser, words: str) -> Notice:
    """`/llmgate away until friday for @person`, `away off`; alone it says how it stands."""
    before, now = own_of(kit, person), kit.clock.now()
    if not words:
        return render_own((away_line(before, now),))
    span, named, name = words.partition(" for ")
    away = read_absence(span, now, before.hours.zone)
    if isinstance(away, NotRead):
        return render_refusal(sentence(away.because), "For example: /llmgate away until friday for @person")
    settings = replace(before.settings, absent_since=away.since, absent_until=away.until)
    if named:
        stand_in = find_person(kit, name.strip(), user)
        if isinstance(stand_in, Person) and stand_in.id == person.id:
            stand_in = Refusal("You cannot stand in for yourself.", "Name somebody else, or nobody.")
        if isinstance(stand_in, Refusal):
            return render_refusal(stand_in.because, stand_in.cure)
        settings = replace(settings, delegate=stand_in.id)
    _save(kit, settings)
    return render_own((away_line(own_of(kit, person), now),))
