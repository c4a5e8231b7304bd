"""What `llmgate people link` and `unlink` do."""

from __future__ import annotations

import typer

from bot.cli.outcome import USAGE, fail
from bot.cli.roll.named import named_account, named_chat
from bot.cli.settings import loaded
from bot.core.messages.markdown import visible
from bot.handlers.identity.admin_links import Word, link_by_admin, unlink_by_admin
from bot.handlers.identity.visits import Closed
from bot.ports.errors import WorldError

UNRECORDED = "saw no {} in --{}; wanted one: it stands in the record"


def run_people_link(person: str, account: str, word: Word) -> None:
    """Tie `person` (an id, or a Slack account) to `account` (`HOST:NUMBER`). Leaves with 1 where it is refused, 2 where words
    cannot be read, 3 where Slack or the forge does not answer."""
    _complete(word)
    number = named_account(account)
    gate = loaded()
    try:
        link = link_by_admin(gate.kit, named_chat(gate, person), number, word)
    except WorldError as error:
        fail(str(error), 3)
    finally:
        gate.close()
    if isinstance(link, Closed):
        fail(f"{link.because}; {link.cure}")
    typer.echo(
        f"Linked {link.chat.team}/{link.chat.id} to {visible(link.account.login)} ({link.account.key}) as {link.person}."
    )
    typer.echo(f"Record {link.id}. The gate tells them in Slack, with a button to undo it.")


def run_people_unlink(person: str, account: str, word: Word) -> None:
    """End all links of `person`, or the one to `account`. Leaves with 1 where there is none; else as for linking."""
    _complete(word)
    number = named_account(account) if account else None
    gate = loaded()
    try:
        ended = unlink_by_admin(gate.kit, named_chat(gate, person), number, word)
    except WorldError as error:
        fail(str(error), 3)
    finally:
        gate.close()
    if not ended:
        fail(f"saw no link of {person} that could end; `llmgate people list` shows them; the file of people is yours to edit")
    for link in ended:
        typer.echo(f"Unlinked {link.chat.team}/{link.chat.id} from {visible(link.account.login)} ({link.account.key}).")


def _complete(word: Word) -> None:
    for value, name in ((word.by, "by"), (word.reason, "reason")):
        if not value.strip():
            fail(UNRECORDED.format("word", name), USAGE)
