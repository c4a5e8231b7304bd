"""Which agent an identity is: by the forge's number, by the whole address, by a bot's login; never by a display name alone."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.core.detection.marks.exempt import NON_AI_ACCOUNTS, NON_AI_LOGINS, NON_AI_MAILS
from bot.core.detection.marks.row import Mark
from bot.core.detection.marks.table import MarkTable
from bot.core.detection.spelling import plain
from bot.core.facts import CommitIdentity
from bot.core.ids import ForgeAccount

NOREPLY = re.compile(r"(?:(\d{1,12})\+)?(.+)@users\.noreply\.github\.com")
NOREPLY_END = "@users.noreply.github.com"
WEB_FLOW = "noreply@github.com"
SMALL_NUMBER = 10_000_000
"""GitHub's numbers are those of github.com. A server of one's own counts from one: only large numbers cannot be its people."""


@dataclass(frozen=True, slots=True)
class Address:
    """A mail address taken apart: `number` and `login` where it is one of GitHub's no-reply addresses."""

    mail: str
    number: int | None = None
    login: str = ""


def read_address(mail: str) -> Address:
    mail = plain(mail).strip().lower()
    if not mail.endswith(NOREPLY_END):
        return Address(mail)
    match = NOREPLY.fullmatch(mail)
    if match is None:
        return Address(mail)
    return Address(mail, int(match[1]) if match[1] else None, match[2])


def mark_of_account(account: ForgeAccount, table: MarkTable) -> Mark | None:
    """The row of this account, by number first. A pattern on the login holds for a bot alone: people may be called anything."""
    mark = _by_number(account.id, (account.login,), table) if numbered(account) else None
    if mark:
        return mark
    login = account.login.lower()
    bots = table.matching("bot-login", login, login) if account.kind == "bot" else ()
    rows = (table.logins.get(login), *(row for row, _ in bots))
    return next((row for row in rows if row and (row.forge or "github") == account.forge), None)


def numbered(account: ForgeAccount) -> bool:
    """Whether the account's number says who it is everywhere, as numbers of github.com do."""
    return account.forge == "github" and (account.id >= SMALL_NUMBER or account.host == "github.com")


def mark_of_address(name: str, mail: str, table: MarkTable) -> Mark | None:
    """The row of `Name <mail>`. The name only ever narrows a match, or is a tool's own suffix."""
    address = read_address(mail)
    if address.number is not None:
        mark = _by_number(address.number, (name, address.login), table)
        if mark:
            return mark
    if address.login.endswith("[bot]") and (mark := table.logins.get(address.login)):
        return mark
    return table.mails.get(address.mail) or table.domains.get(address.mail.rpartition("@")[2])


def mark_of(identity: CommitIdentity, table: MarkTable) -> Mark | None:
    """The row of a commit's author or committer: account, then address, then the name's suffix."""
    mark = mark_of_account(identity.account, table) if identity.account else None
    return mark or mark_of_address(identity.name, identity.email, table) or mark_of_name(identity.name, table)


def mark_of_name(name: str, table: MarkTable) -> Mark | None:
    if "(" not in name and name.isascii() and all(needle for needle, _ in table.texts["name"]):
        return None
    name = plain(name)
    return next((mark for mark, _ in table.matching("name", name, name.lower())), None)


def person_key(identity: CommitIdentity) -> str | None:
    """Account key or address of a human identity; None for a robot of any kind."""
    if identity.account is None:
        return address_key(identity.email)
    return account_key(identity.account)


def account_key(account: ForgeAccount) -> str | None:
    named = account.forge == "github" and (account.login.lower() in NON_AI_LOGINS or account.login.endswith("[bot]"))
    return None if named or account.kind == "bot" else account.key


def address_key(mail: str) -> str | None:
    """`github:github.com:<id>` for a no-reply address that carries the number, else the address; None for a robot's."""
    address = read_address(mail)
    if "@" not in address.mail or address.mail in NON_AI_MAILS:
        return None
    if address.login in NON_AI_LOGINS or address.login.endswith("[bot]") or address.number in NON_AI_ACCOUNTS:
        return None
    return address.mail if address.number is None else f"github:github.com:{address.number}"


def _by_number(number: int, names: tuple[str, ...], table: MarkTable) -> Mark | None:
    for mark in table.accounts.get(number, ()):
        if not mark.name or any(re.search(mark.name, plain(name), re.IGNORECASE) for name in names):
            return mark
    return None
