"""`llmgate passkeys …`: who has which passkey, and the way out for a person who lost all of theirs."""

from __future__ import annotations

from typing import Annotated

import typer

passkeys_app = typer.Typer(
    help="People's passkeys: list them, or reset those of a person who lost theirs.", no_args_is_help=True
)


@passkeys_app.command("list")
def passkeys_list(
    person: Annotated[str, typer.Argument(help="Only this person, by id; empty: everybody.")] = "",
) -> None:
    """List live passkeys: whose, what they call it, since when, last used, and the record of its enrolment."""
    from bot.cli.passkeys import run_passkeys_list

    run_passkeys_list(person)


@passkeys_app.command("reset")
def passkeys_reset(
    person: Annotated[str, typer.Argument(help="Whose passkeys are lost, by id.")],
    by: Annotated[str, typer.Option("--by", help="You, by id: the admin who takes them away.")],
    tell: Annotated[str, typer.Option("--tell", help="A second person, by id, who is told in Slack: neither of you two.")],
    reason: Annotated[str, typer.Option("--reason", help="What happened; stands in the records and in what both are told.")],
) -> None:
    """Remove every passkey of a person. Recorded; the person and the second one named are told in Slack."""
    from bot.cli.passkeys import run_passkeys_reset
    from bot.handlers.identity.key_reset import Wanted

    run_passkeys_reset(Wanted(person, by, tell, reason))
