"""`llmgate people …`: who is who, and how that is known.

Exit codes of each: 0 all is well, 1 something is wrong or was refused, 2 the command line or a file cannot be used, 3 something
could not be reached.
"""

from __future__ import annotations

from typing import Annotated

import typer

people_app = typer.Typer(help="Who is who: list, link, unlink, and audit what ties people to accounts.", no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help="JSON for programs instead of a table.")]
Who = Annotated[str, typer.Argument(metavar="PERSON", help="A person's id, or a Slack account as T0123/U0456.")]
By = Annotated[str, typer.Option("--by", help="You: stands in the record.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; stands in the record.")]


@people_app.command("list")
def people_list(as_json: AsJson = False) -> None:
    """List everybody with their accounts. How each is known: the file, a sign-in, the identity provider, an admin."""
    from bot.cli.roll.listing import run_people_list

    run_people_list(as_json)


@people_app.command("link")
def people_link(
    person: Who,
    account: Annotated[str, typer.Argument(help="The forge account by its number, as in github.com:1001.")],
    by: By,
    reason: Reason,
) -> None:
    """Tie a Slack account to a forge account. Recorded in the log; the person is told in Slack."""
    from bot.cli.roll.ties import run_people_link
    from bot.handlers.identity.admin_links import Word

    run_people_link(person, account, Word(by, reason))


@people_app.command("unlink")
def people_unlink(
    person: Who,
    by: By,
    reason: Reason,
    account: Annotated[str, typer.Option("--account", help="Only this one, as in github.com:1001; empty: all.")] = "",
) -> None:
    """End a person's links. Recorded in the log; the person is told in Slack."""
    from bot.cli.roll.ties import run_people_unlink
    from bot.handlers.identity.admin_links import Word

    run_people_unlink(person, account, Word(by, reason))


@people_app.command("audit")
def people_audit(as_json: AsJson = False) -> None:
    """Hold all ties against what Slack and the forges say now. Changes nothing; exit 1 if something is wrong."""
    from bot.cli.roll.audit import run_people_audit

    run_people_audit(as_json)
