"""`llmgate log …`: arguments only, as in `main`.

Exit codes of each: 0 all is well, 1 something is not as it was signed, 2 the command line or a file cannot be used, 3 something
could not be reached.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

log_app = typer.Typer(help="The transparency log: verify it, prove a record, sign a head, be a witness.", no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help="JSON for programs instead of sentences.")]


@log_app.command("verify")
def log_verify(
    anchor: Annotated[
        list[Path] | None, typer.Option("--anchor", help="A checkpoint kept elsewhere, as copied from the channel; repeatable.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Look at every record, and compare every signed head. Exit 1 if anything is not as it was signed, 3 if unsure."""
    from bot.cli.logbook.verify import run_log_verify

    run_log_verify(tuple(anchor or ()), as_json)


@log_app.command("prove")
def log_prove(
    what: Annotated[str, typer.Argument(metavar="RECORD_OR_CHANGE", help="A record's id, or a change as in acme/shop#7.")],
    out: Annotated[Path | None, typer.Option("--out", help="Folder to write to; made if missing.")] = None,
) -> None:
    """Prove that a record is in the log. Each record with a proof that verifies offline (c2sp.org/tlog-proof)."""
    from bot.cli.logbook.prove import run_log_prove

    run_log_prove(what, out)


@log_app.command("checkpoint")
def log_checkpoint() -> None:
    """Sign the log as it is now, print the signed head, and put it at every anchor."""
    from bot.cli.logbook.checkpoint import run_log_checkpoint

    run_log_checkpoint()


@log_app.command("witness")
def log_witness(
    log: Annotated[str, typer.Option("--log", help="Where the log is served, as in https://gate.example.org/log.")],
    vkey: Annotated[str, typer.Option("--vkey", help="The log's verifier key, got from its operator by another way.")],
    key: Annotated[Path, typer.Option("--key", help="The witness's own Ed25519 key; made if missing.")],
    state: Annotated[Path, typer.Option("--state", help="What was seen last; keep it, and keep it apart from the gate.")],
    post: Annotated[bool, typer.Option("--post", help="Give the cosignature to the log.")] = False,
) -> None:
    """Watch somebody's log, and sign that it only grew. Exit 1, loudly, if it was rolled back or forked."""
    from bot.cli.logbook.witness import Watched, run_log_witness

    run_log_witness(Watched(log, vkey), key, state, post)
