"""`llmgate approve --keyless`: a reviewer signs on their own machine what the gate's page showed them, as themselves.

The command needs no settings of the gate: the page's link leads to the bytes, and they are shown once more before they are
signed. What it must not do is sign about another change than was named, or as somebody else than the statement says.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.cli.outcome import USAGE, fail
from bot.core.approval import Approval
from bot.core.commands import Misunderstood, Places, read_reference
from bot.core.in_toto import NotAStatement, statement_id
from bot.core.messages.statement_words import bytes_words, statement_rows
from bot.core.statement import read_statement
from integrations.sigstore.keyless_signer import CannotSign, Holder, KeylessSigner

TIMEOUT_S = 30.0
MAX_STATEMENT = 1024 * 1024
BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json"
LOGS = {"public": "rekor.sigstore.dev", "staging": "rekor.sigstage.dev"}
"""The public instances' logs, which everybody reads and nobody can take anything out of."""
PUBLIC_DOMAINS = (".sigstore.dev", ".sigstage.dev")
NOTHING = "nothing was signed"


@dataclass(frozen=True, slots=True)
class Means:
    """With what to sign: an instance of Sigstore (`public`, `staging`, or a file), whether a token comes on standard input, and
    whether the person agreed beforehand that their address is published."""

    instance: str
    token_on_stdin: bool
    publish: bool


def as_asked(keyless: bool, identity_token: str) -> None:
    """Ends the command where it is asked for what it cannot do. A token never stands on a command line: others can read it."""
    if not keyless:
        fail("saw no --keyless; wanted it: passkeys and sign-ins are given at the page that the link leads to", USAGE)
    if identity_token not in ("", "-"):
        fail("saw a token on the command line, where other programs see it; wanted `-` and the token on standard input", USAGE)


def run_approve(change: str, link: str, means: Means) -> None:
    """Fetch, show, sign, send. Ends the command with a reason wherever one of these is not as it must be."""
    statement = fetch(link)
    approval = _checked(statement, change)
    show(statement)
    signer = KeylessSigner(means.instance)
    try:
        holder = signer.identify(sys.stdin.readline().strip() if means.token_on_stdin else "")
        _refuse_another(holder, approval)
        _ask_before_publishing(holder, means)
        bundle = signer.sign(statement, holder.token)
    except CannotSign as error:
        fail(f"{error}; {NOTHING}")
    typer.echo(send(link, bundle))


def fetch(link: str) -> bytes:
    """The bytes behind the link of the gate's page."""
    parts = urlsplit(link)
    local = parts.hostname in ("localhost", "127.0.0.1", "::1")
    if not (parts.scheme == "https" or (parts.scheme == "http" and local)) or "/visit/" not in parts.path:
        fail("saw a link that is none of the gate's pages; wanted https://…/visit/…, as the page shows it", USAGE)
    answer = _asked("GET", f"{link.rstrip('/')}/statement")
    if answer.status_code != 200 or len(answer.content) > MAX_STATEMENT:
        fail(f"{_said(answer)}; {NOTHING}")
    return answer.content


def send(link: str, bundle: bytes) -> str:
    """Give the signature to the gate: what it says of it. Ends the command where it refuses."""
    answer = _asked("POST", f"{link.rstrip('/')}/bundle", bundle)
    if answer.status_code != 200:
        fail(f"the gate did not take it: {_said(answer)}")
    return _said(answer)


def _asked(method: str, url: str, content: bytes = b"") -> httpx.Response:
    """No redirect is followed: the statement comes from where the link leads, or not at all."""
    try:
        return httpx.request(method, url, content=content, headers={"content-type": BUNDLE}, timeout=TIMEOUT_S)
    except httpx.HTTPError as error:
        fail(f"saw no answer of {urlsplit(url).netloc} ({type(error).__name__}); wanted the gate there; {NOTHING}", 3)


def _said(answer: httpx.Response) -> str:
    """What the gate says, as one safe line; a page of something else is told by its status alone."""
    plain = answer.headers.get("content-type", "").startswith("text/plain")
    words = " ".join(answer.text[:600].split()) if plain else f"saw status {answer.status_code}; wanted 200"
    return "".join(character for character in words if character.isprintable())


def _checked(statement: bytes, change: str) -> Approval:
    try:
        approval = read_statement(statement)
    except NotAStatement as error:
        fail(f"{error}; {NOTHING}")
    repo = approval.change.repo
    named = read_reference(change, Places.among([(repo.forge, repo.host)], {repo}))
    if isinstance(named, Misunderstood) or named != approval.change:
        fail(f"saw a statement about {approval.change} on {repo.host}; wanted one about {change}; {NOTHING}")
    if approval.strength != "keyless" or approval.identity is None:
        saw = f"saw a statement that asks for strength {approval.strength}"
        fail(f"{saw}; wanted keyless; open the link in a browser instead; {NOTHING}")
    return approval


def show(statement: bytes) -> None:
    """The statement in words and in bytes. Texts of strangers are never read as markup."""
    console = Console()
    table = Table(show_header=False, box=None, pad_edge=False)
    for name, lines in statement_rows(statement):
        table.add_row(Text(name, "bold"), Text("\n".join(lines)))
    console.print(Text("This is what you sign, for ever and for anybody to read:\n"))
    console.print(table)
    console.print(
        Text(f"\n{bytes_words(statement)}\n\n{len(statement):,} bytes, SHA-256 {statement_id(statement)}\n"), soft_wrap=True
    )


def _refuse_another(holder: Holder, approval: Approval) -> None:
    if (holder.issuer, holder.identity) != approval.identity:
        issuer, identity = approval.identity or ("", "")
        saw = f"saw a login as {holder.identity} (by {holder.issuer})"
        fail(f"{saw}; wanted {identity} (by {issuer}), whom the statement names; log in as yourself; {NOTHING}")


def _ask_before_publishing(holder: Holder, means: Means) -> None:
    log = publishes_at(means.instance)
    if not log or means.publish:
        return
    typer.echo(f"{holder.identity}, and that you signed this, will stand in the public log {log} for ever.")
    if means.token_on_stdin or not sys.stdin.isatty():
        fail(f"saw nobody to ask whether that may be; wanted --publish-my-address; {NOTHING}", USAGE)
    if not typer.confirm("Publish it?"):
        fail(f"you said no; {NOTHING}")


def publishes_at(instance: str) -> str:
    """The public log that a signature of this instance would stand in; empty for a private one. A file that cannot be read is
    told when it is used."""
    if instance in LOGS:
        return LOGS[instance]
    try:
        listed = json.loads(Path(instance).read_text())["signingConfig"]["rekorTlogUrls"]
        hosts = [urlsplit(str(one["url"])).hostname or "" for one in listed]
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    return next((host for host in hosts if host.endswith(PUBLIC_DOMAINS)), "")
