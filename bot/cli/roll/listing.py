"""What `llmgate people list` shows."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.cli.outcome import fail
from bot.cli.settings import loaded
from bot.core.address import masked
from bot.core.ids import ForgeAccount, Person, PersonId
from bot.core.messages.markdown import visible
from bot.handlers.kit import Kit
from bot.ports.errors import WorldError
from bot.ports.identity import Link

COLUMNS = ("person", "name", "Slack", "account", "known by", "looked at", "state", "e-mail")
METHODS = {"login": "their sign-in", "identity-provider": "the identity provider", "admin": "an admin"}


@dataclass(frozen=True, slots=True)
class Row:
    """One account of one person, or a person without any."""

    person: str
    name: str
    slack: str
    account: str
    login: str
    known_by: str
    looked_at: str
    state: str
    email: str = ""
    """Masked, where it is known."""


def run_people_list(as_json: bool) -> None:
    """Print everybody, a line an account. Leaves with 1 where the file of people cannot be read, with 3 without a database."""
    gate = loaded()
    try:
        rows, problem = rows_of(gate.kit), gate.kit.people.problem
    except WorldError as error:
        fail(str(error), 3)
    finally:
        gate.close()
    if as_json:
        typer.echo(json.dumps([asdict(row) for row in rows], indent=2))
    else:
        _show(rows)
    if problem:
        fail(problem, 1)


def rows_of(kit: Kit) -> list[Row]:
    """Everybody in the order of the file, then those known by links alone; last the links that the file contradicts."""
    joined = kit.people.joined()
    with kit.store.look() as unit:
        links = {link.account.key: link for link in unit.links()}
    listed = {account.key for person in kit.people.listed() for account in person.accounts}
    rows = []
    for person in joined.people:
        state = "unavailable" if person.id in joined.unavailable else "counts"
        rows += [_row(person, account, links, (listed, state)) for account in person.accounts]
        if not person.accounts:
            rows.append(Row(person.id, person.name, _slack(person), "", "", "the file", "", "no account"))
    for one in joined.contradictions:
        link = one.link
        chat = f"{link.chat.team}/{link.chat.id}"
        told = (link.account.key, link.account.login, METHODS[link.method], f"{link.checked_at:%Y-%m-%d}")
        rows.append(Row(link.person, "", chat, *told, f"ties nobody: {one.because}"))
    addresses = kit.people.addresses()
    return [replace(row, email=masked(addresses.get(PersonId(row.person), ""))) for row in rows]


def _row(person: Person, account: ForgeAccount, links: dict[str, Link], known: tuple[set[str], str]) -> Row:
    listed, state = known
    link = links.get(account.key)
    by = "the file" if account.key in listed else METHODS[link.method] if link else "a link that ended"
    looked_at = f"{link.checked_at:%Y-%m-%d}" if link else ""
    return Row(person.id, person.name, _slack(person), account.key, account.login, by, looked_at, state)


def _slack(person: Person) -> str:
    return f"{person.chat.team}/{person.chat.id}" if person.chat else ""


def _show(rows: list[Row]) -> None:
    if not rows:
        typer.echo("Nobody is known: fill the file of people, or let people say `/llmgate link` in Slack.")
        return
    table = Table(*COLUMNS, box=None, pad_edge=False)
    for row in rows:
        account = f"{row.login} ({row.account})" if row.account else ""
        cells = (row.person, row.name, row.slack, account, row.known_by, row.looked_at, row.state, row.email)
        table.add_row(*(Text(visible(cell)) for cell in cells))
    Console().print(table)
