"""`llmgate log checkpoint`: a head now, without waiting for the next tick."""

from __future__ import annotations

import typer

from bot.cli.logbook.connected import connected_log
from bot.cli.outcome import fail


def run_log_checkpoint() -> None:
    """The note on standard output; where it stands by now on standard error. Exit 1 where the log may not be signed."""
    with connected_log() as (gate, connected):
        made = connected.log.checkpoint()
        if made is None:
            fail("saw an empty log; wanted a record to sign for; the first approval makes one")
        connected.anchoring.tick()
        with gate.kit.store.look() as unit:
            stands = {anchor.place: anchor.reference for anchor in unit.anchors() if anchor.size == made.size}
    typer.echo(made.note, nl=False)
    for place in connected.anchoring.places:
        where = stands.get(place.place)
        typer.echo(f"{place.place}: {where or 'on its way; the next tick looks again'}", err=True)
