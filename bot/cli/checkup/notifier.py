"""The other way to people, for when Slack does not answer: is the mail server there, and does it let us in?"""

from __future__ import annotations

from collections.abc import Iterator

from bot.cli.checkup.premises import listed
from bot.cli.checkup.row import Row, parted
from bot.cli.checkup.waiting import Waiting
from bot.handlers.identity.people import BadMapping, Mapped, read_mapping
from bot.main import BadSettings, Settings, SystemClock
from bot.main.notify import connect_notifier
from bot.ports.errors import Refused, WorldError
from integrations.notify.smtp import SmtpNotifier

WAY, ADDRESSES = "Another way to people", "Addresses"


def look_at_notifier(settings: Settings, waiting: Waiting) -> Iterator[Row]:
    """Connects and logs in; sends nothing."""
    try:
        notifier = connect_notifier(settings.notify, SystemClock())
    except BadSettings as error:
        yield parted(Row(WAY, "problem", str(error), "a mail server or an Apprise URL that can be used", "correct [notify]"))
        return
    if notifier is None:
        yield Row(WAY, "ok", "none is set: while Slack does not answer nobody is written to, and reminders wait for it")
        return
    if not isinstance(notifier, SmtpNotifier):
        yield Row(WAY, "ok", f"{notifier.name}; its URL can be read, and only a real message would show more")
        return
    try:
        with waiting.on(f"asking {notifier.name}"):
            notifier.probe()
    except WorldError as error:
        wanted, cure = "a mail server that answers and lets us in", "check host, port and firewall, and the login"
        row = Row(WAY, "problem", str(error), wanted, cure)
        yield parted(row) if isinstance(error, Refused) else row
        return
    yield Row(WAY, "ok", f"{notifier.name} answers{' and takes the login' if notifier.logs_in else ''}")
    yield from _addresses(settings)


def _addresses(settings: Settings) -> Iterator[Row]:
    mapped = _mapped(settings)
    missing = [person.id for person in mapped.people if person.id not in mapped.addresses]
    if missing:
        cure = f"add `email:` in {settings.people.file}"
        yield Row(ADDRESSES, "warning", f"none for {listed(missing)}", "one each, to be written to while Slack is down", cure)


def _mapped(settings: Settings) -> Mapped:
    """What cannot be read has a row of its own already."""
    try:
        return read_mapping(settings.people.file.read_text()) if settings.people.file else Mapped()
    except (BadMapping, OSError, UnicodeDecodeError):
        return Mapped()
